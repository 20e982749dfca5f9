"""A learner's repository at one commit, and its working tree beside it.

Git objects and references are read, nothing is checked out and nothing of the repository is run:
no hook, no filter, no configuration, no alternate, no link. Bounds: `git_files`, `git_objects`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from grader.errors import InputError
from grader.evidence import git_files, worktree
from grader.evidence.folder import Folder
from grader.evidence.git_files import Listing
from grader.evidence.git_objects import Missing, Objects, format_of
from grader.evidence.git_pack import TooLarge
from grader.evidence.git_refs import Refs
from grader.evidence.model import Remote, Repository
from grader.evidence.remote import at_path, is_address, itself, over_network, tracked
from grader.text import one_line, quoted

_HASH = re.compile(r"[0-9a-f]{4,64}\Z")
_REVISION = re.compile(r"[A-Za-z0-9_][\w./+@=-]*\Z")
_BRANCH = "main"


@dataclass(frozen=True, slots=True)
class _Opened:
    """A repository's own folder, its references and objects; `root` is None where it is bare."""

    refs: Refs
    objects: Objects
    algorithm: str
    root: Folder | None


def collect(
    path: str | Path,
    *,
    revision: str | None = None,
    remote: str | None = None,
    branch: str | None = None,
    folder: str,
) -> Repository:
    """Reads the repository at `path`.

    Without `revision` (a branch, a tag, or a hash of four digits or more) the commit is that of
    HEAD, and the working tree is read too. `folder` is the exercise's, from the root. `branch` is
    the remote's branch, by default the clone's own. With `remote`, a folder or an address of
    https or git, that remote is asked for it; without, the clone's record of origin tells.

    Raises InputError: no folder, not a repository, bare without a revision, no such revision,
    objects damaged or missing. A remote that does not answer is told in `Remote.error`.
    """
    folder = folder.strip("/")
    where = one_line(str(path), 300)
    with _opened(Path(path), where) as opened:
        if revision is None and opened.root is None:
            raise InputError(
                "this is a bare repository, which has no working tree",
                where=where,
                advice=f"Give the clone instead, or add --revision {branch or _BRANCH}.",
            )
        commit = _commit(opened, revision, where)
        listing = Listing(folder)
        if commit is not None:
            _read_commit(opened, commit, listing, where)
        working = _working(opened, folder, revision)
        notes = [*listing.notes, *(working.notes if working else ()), *_unborn(commit)]
        current = opened.refs.branch
        return Repository(
            path=where,
            commit=commit.decode() if commit else None,
            branch=current if revision is None else None,
            files=tuple(listing.files),
            working=tuple(working.files) if working else None,
            remote=_remote(opened, remote, branch or current or _BRANCH, commit, folder),
            notes=tuple(dict.fromkeys(notes)),
        )


def _read_commit(opened: _Opened, commit: bytes, listing: Listing, where: str) -> None:
    try:
        git_files.at_commit(opened.objects, commit, listing)
    except (Missing, TooLarge):
        raise InputError("the graded commit is not in the clone", where=where, advice="Run: git fsck --full") from None


def _unborn(commit: bytes | None) -> Iterator[str]:
    if commit is None:
        yield "the repository has no commit yet: only the working tree was read"


def _working(opened: _Opened, folder: str, revision: str | None) -> Listing | None:
    if revision is not None or opened.root is None:
        return None
    listing = Listing(folder)
    worktree.read(opened.root, listing, opened.algorithm)
    return listing


@contextmanager
def _opened(path: Path, where: str) -> Iterator[_Opened]:
    """Opens a clone (the folder with `.git`) or a bare repository."""
    with _folder(path, where) as root:
        bare = _is_git(root, "")
        if not bare and not _is_git(root, ".git/"):
            raise _not_git(root, path, where)
        with Folder("" if bare else ".git", inside=root) as git:
            _whole(git, where)
            refs = Refs(git)
            form = format_of(refs.get("HEAD") or next(iter(refs.under("refs/").values()), b""))
            objects = Objects(git, form)
            try:
                yield _Opened(refs, objects, form.name, None if bare else root)
            finally:
                objects.close()


def _folder(path: Path, where: str) -> Folder:
    try:
        return Folder(path)
    except FileNotFoundError:
        raise InputError("there is no such folder", where=where, advice="Give the folder of your clone.") from None
    except NotADirectoryError:
        raise InputError("this is a file, not a folder", where=where, advice="Give the folder of your clone.") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it cannot be opened"
        raise InputError(f"the folder cannot be read: {reason}", where=where) from None


def _whole(git: Folder, where: str) -> None:
    """Raises InputError for a repository that borrows another one's objects (gitrepository-layout, info/alternates)."""
    if (git.read("objects/info/alternates", 4096) or b"").strip():
        raise InputError(
            "a part of its objects lies in another repository (objects/info/alternates), and that is not followed",
            where=where,
            advice="In the clone: git repack -a -d && rm .git/objects/info/alternates. Or clone without --shared and "
            "--reference.",
        )


def _is_git(root: Folder, prefix: str) -> bool:
    return root.is_folder(f"{prefix}objects") and root.read(f"{prefix}HEAD", 4096) is not None


def _not_git(root: Folder, path: Path, where: str) -> InputError:
    status = root.status(".git")
    if status is not None:
        return InputError(
            "its .git is not a folder but points elsewhere (a linked worktree, a submodule, a link), "
            "and that is not followed",
            where=where,
            advice="Give the main clone with --revision BRANCH, or make a plain one: git clone.",
        )
    above = next((parent for parent in path.absolute().parents if (parent / ".git").exists()), None)
    advice = (
        f"Its folder {one_line(str(above), 300)} is one: give that."
        if above
        else "Give the folder that git clone made."
    )
    return InputError("this is not a Git repository", where=where, advice=advice)


def _commit(opened: _Opened, revision: str | None, where: str) -> bytes | None:
    """The graded commit; None in a repository without one, where there is a working tree to read."""
    if revision is None:
        return _peeled(opened, opened.refs.get("HEAD"))
    if not _REVISION.match(revision) or ".." in revision:
        raise InputError(
            f"{quoted(revision)} is not the name of a revision",
            where=where,
            advice="Give a branch, a tag or a commit's hash.",
        )
    sha = _peeled(opened, _named(opened, revision, where))
    if sha is None:
        raise _unknown(opened, revision, where)
    return sha


def _named(opened: _Opened, revision: str, where: str) -> bytes | None:
    """What a revision names, in Git's order (gitrevisions): a full hash, a reference, a short hash."""
    if _HASH.match(revision) and len(revision) in (40, 64):
        return revision.encode()
    for form in ("{}", "refs/{}", "refs/tags/{}", "refs/heads/{}", "refs/remotes/{}", "refs/remotes/{}/HEAD"):
        name = form.format(revision)
        found = opened.refs.get(name) if name == "HEAD" or name.startswith("refs/") else None
        if found:
            return found
    hashes = opened.objects.commits_called(revision) if _HASH.match(revision) else []
    if len(hashes) > 1:
        raise InputError(
            f"more than one commit begins with {quoted(revision)}", where=where, advice="Give more digits of its hash."
        )
    return hashes[0] if hashes else None


def _peeled(opened: _Opened, sha: bytes | None) -> bytes | None:
    if sha is None:
        return None
    try:
        return opened.objects.peel(sha)
    except (Missing, TooLarge):
        return None


def _unknown(opened: _Opened, revision: str, where: str) -> InputError:
    branches = [one_line(name, 60) for name in opened.refs.under("refs/heads/")][:5]
    known = f"Its branches: {', '.join(branches)}." if branches else "It has no commits yet."
    return InputError(f"the repository has no revision {quoted(revision)}", where=where, advice=known)


def _remote(opened: _Opened, remote: str | None, branch: str, commit: bytes | None, folder: str) -> Remote:
    if remote is None:
        known = tracked if opened.root else itself
        return known(opened.refs, opened.objects, branch, commit, folder)
    if remote.startswith("file://"):
        remote = remote.removeprefix("file://")
    if is_address(remote):
        return over_network(remote, opened.objects, branch, commit, folder)
    name = one_line(remote, 300)
    try:
        with _opened(Path(remote), name) as theirs:
            return at_path(name, theirs.refs, theirs.objects, opened.objects, branch, commit, folder)
    except InputError as error:
        return Remote(name, branch, asked=True, error=error.message)
