"""Where a clone pushes to: the settings of `origin` and of the branch `main`, as `git clone` makes them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from labs.platform.manifests import BRANCH

if TYPE_CHECKING:
    from dulwich.config import ConfigFile
    from dulwich.repo import Repo

_ORIGIN = (b"remote", b"origin")
_MAIN = (b"branch", BRANCH.encode())
_ALL = b"+refs/heads/*:refs/remotes/origin/*"


def mend(clone: Repo, remote: Path) -> tuple[str, ...] | None:
    """Has `origin` lead to the remote, and `main` follow it; all else that is set stays.

    Returns where `origin` led; empty: nowhere. None where it led to the remote.
    """
    config = clone.get_config()
    pushes = _values(config, _ORIGIN, b"pushurl")
    urls = _values(config, _ORIGIN, b"url")
    led = tuple(os.fsdecode(url) for url in [*urls, *pushes] if not _is(url, remote))
    wanted = {(_MAIN, b"remote"): b"origin", (_MAIN, b"merge"): b"refs/heads/" + BRANCH.encode()}
    if led or not urls:
        wanted[_ORIGIN, b"url"] = os.fsencode(remote)
    changed = {key: value for key, value in wanted.items() if _values(config, *key) != [value]}
    for (section, name), value in changed.items():
        config.set(section, name, value)
    if missing := _ALL not in _values(config, _ORIGIN, b"fetch"):
        config.add(_ORIGIN, b"fetch", _ALL)
    if led and pushes:
        config.remove(_ORIGIN, b"pushurl")
    if led or changed or missing:
        config.write_to_path()
    return led if led or not urls else None


def _values(config: ConfigFile, section: tuple[bytes, ...], name: bytes) -> list[bytes]:
    try:
        return list(config.get_multivar(section, name))
    except KeyError:
        return []


def _is(url: bytes, remote: Path) -> bool:
    return Path(os.fsdecode(url).removeprefix("file://")).resolve() == remote.resolve()
