"""The branch of a learner's remote: as the clone last saw it, or asked from the remote itself."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
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
SECONDS = 20.0
"""How long a remote over the network may take to answer."""
_SCHEMES = ("https", "http", "git")


def tracked(refs: Refs, objects: Objects, branch: str, commit: bytes | None, folder: str) -> Remote:
    """The remote's branch as the clone last saw it (`refs/remotes/origin/BRANCH`)."""
    prefix = f"refs/remotes/{ORIGIN}/"
    head = refs.get(prefix + branch)
    if head is None:
        return Remote(ORIGIN, branch, asked=False, elsewhere=_elsewhere(refs.under(prefix), objects, branch, commit))
    found = _seen([objects], objects, head, commit, folder)
    elsewhere = () if found[0] else _elsewhere(refs.under(prefix), objects, branch, commit)
    return Remote(ORIGIN, branch, False, head.decode(), found[0], found[1], elsewhere=elsewhere)


def at_path(
    name: str, refs: Refs, theirs: Objects, ours: Objects, branch: str, commit: bytes | None, folder: str
) -> Remote:
    """The branch of a remote that is a repository on this machine."""
    heads = "refs/heads/"
    head = refs.get(heads + branch)
    if head is None:
        elsewhere = _elsewhere(refs.under(heads), theirs, branch, commit)
        return Remote(name, branch, asked=True, elsewhere=elsewhere)
    found = _seen([theirs, ours], theirs, head, commit, folder)
    elsewhere = () if found[0] else _elsewhere(refs.under(heads), theirs, branch, commit)
    return Remote(name, branch, True, head.decode(), found[0], found[1], elsewhere=elsewhere)


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
        return Remote(name, branch, asked=True, error=one_line(f"{type(error).__name__}: {error}"))
    if head is None:
        return Remote(name, branch, asked=True)
    try:
        contained, files = _seen([ours], ours, head, commit, folder)
    except (Missing, InputError):
        contained, files = None, ()
    return Remote(name, branch, True, head.decode(), contained, files)


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


def _elsewhere(heads: dict[str, bytes], objects: Objects, branch: str, commit: bytes | None) -> tuple[str, ...]:
    """Other branches of the remote that have the graded commit."""
    if commit is None:
        return ()
    others = [(name, sha) for name, sha in heads.items() if name not in (branch, "HEAD")]
    return tuple(name for name, sha in others[:20] if contains([objects], sha, commit))


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


def _shown(url: str) -> str:
    """An address without the user name and password that it may carry."""
    return re.sub(r"(?<=://)[^/@]*@", "", one_line(url, 300))
