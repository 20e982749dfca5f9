"""The branch of a learner's remote: as the clone last saw it, or asked from the remote itself."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from grader.errors import InputError
from grader.evidence.git_files import below
from grader.evidence.git_history import contains
from grader.evidence.git_objects import Missing, Objects
from grader.evidence.git_pack import TooLarge
from grader.evidence.git_refs import Refs
from grader.evidence.model import File, Remote
from grader.text import one_line, quoted

ORIGIN = "origin"
ITSELF = "this bare repository"
_HEADS = "refs/heads/"
_REMOTES = "refs/remotes/"
_OTHERS = 20
SECONDS = 20.0
"""How long a remote over the network may take to answer."""
_SCHEMES = ("https", "http", "git")


def tracked(refs: Refs, objects: Objects, branch: str, commit: bytes | None, folder: str) -> Remote:
    """The remote's branch as the clone last saw it: that of origin, else that of another remote."""
    known = sorted({name.split("/", 1)[0] for name in refs.under(_REMOTES)})
    names = (ORIGIN, *known)
    name = next((name for name in names if refs.get(f"{_REMOTES}{name}/{branch}")), ORIGIN)
    return _told(name, refs, f"{_REMOTES}{name}/", [objects], branch, commit, folder)


def itself(refs: Refs, objects: Objects, branch: str, commit: bytes | None, folder: str) -> Remote:
    """The branch of a bare repository, which is what others push to and Argo CD reads."""
    return _told(ITSELF, refs, _HEADS, [objects], branch, commit, folder)


def at_path(
    name: str, refs: Refs, theirs: Objects, ours: Objects, branch: str, commit: bytes | None, folder: str
) -> Remote:
    """The branch of a remote that is a repository on this machine."""
    return replace(_told(name, refs, _HEADS, [theirs, ours], branch, commit, folder), asked=True)


def over_network(url: str, ours: Objects, branch: str, commit: bytes | None, folder: str) -> Remote:
    """The branch of a remote asked by https or git; what does not answer is in `error`.

    Only the branch's head is asked for. Where the clone does not have that commit, `contains`
    is None. Raises InputError for an address of another kind: nothing is ever run to reach one.
    """
    name = _shown(url)
    if urlsplit(url).scheme not in _SCHEMES:
        raise InputError(
            f"the remote {quoted(name)} cannot be asked",
            advice="Give a folder, or an address that begins with https:// or git://; without --remote "
            "the clone's own record of origin is read.",
        )
    try:
        head = _within(SECONDS, lambda: _head(url, branch))
    except Exception as error:  # urllib3, dulwich and the sockets raise what they like
        return Remote(name, branch, asked=True, error=_shown(f"{type(error).__name__}: {error}"))
    if head is None:
        return Remote(name, branch, asked=True)
    try:
        contained, files = _seen([ours], ours, head, commit, folder)
    except (Missing, InputError):
        contained, files = None, ()
    built_on = contains([ours], commit, head) if commit and contained is False else None
    return Remote(name, branch, True, head.decode(), contained, files, built_on=built_on)


def is_address(remote: str) -> bool:
    """Whether a remote is given by an address rather than a folder (also `host:path`, as Git reads it)."""
    return "://" in remote or bool(re.match(r"[^/.][^/]*:", remote))


def _seen(
    stores: list[Objects], theirs: Objects, head: bytes, commit: bytes | None, folder: str
) -> tuple[bool | None, tuple[File, ...]]:
    try:
        files = below(theirs, head, folder)
    except (Missing, TooLarge):
        files = ()
    return (contains(stores, head, commit) if commit else None), files


def _told(
    name: str, refs: Refs, prefix: str, stores: list[Objects], branch: str, commit: bytes | None, folder: str
) -> Remote:
    """What the references below `prefix` tell; the remote's own objects are in the first store."""
    head = refs.get(prefix + branch)
    contained, files = _seen(stores, stores[0], head, commit, folder) if head else (None, ())
    elsewhere = () if commit is None or contained else _elsewhere(refs.under(prefix), stores, branch, commit)
    built_on = contains(stores, commit, head) if commit and head and contained is False else None
    return Remote(
        name, branch, False, head.decode() if head else None, contained, files, elsewhere=elsewhere, built_on=built_on
    )


def _elsewhere(heads: dict[str, bytes], stores: list[Objects], branch: str, commit: bytes) -> tuple[str, ...]:
    """Other branches that have the commit."""
    others = [(name, sha) for name, sha in heads.items() if name not in (branch, "HEAD")][:_OTHERS]
    return tuple(name for name, sha in others if contains(stores, sha, commit))


def _head(url: str, branch: str) -> bytes | None:
    from dulwich.client import get_transport_and_path_from_url

    client, path = get_transport_and_path_from_url(url, config=None, operation="pull", quiet=True)
    ref = b"refs/heads/" + branch.encode()
    refs: dict[Any, Any] = client.get_refs(path.encode(), ref_prefix=[ref]).refs
    found = refs.get(ref)
    return bytes(found) if found else None


def _within(seconds: float, ask: Callable[[], bytes | None]) -> bytes | None:
    """The answer of `ask`, or TimeoutError after `seconds`; it is left behind then."""
    answers: list[bytes | None] = []
    faults: list[BaseException] = []

    def run() -> None:
        try:
            answers.append(ask())
        except BaseException as error:  # handed over to the caller
            faults.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    if faults:
        raise faults[0]
    if not answers:
        raise TimeoutError(f"no answer within {seconds:g} s")
    return answers[0]


def _shown(text: str) -> str:
    """A text for people, without the user name and password that an address in it may carry."""
    return re.sub(r"(?<=://)[^/@]*@", "", one_line(text, 300))
