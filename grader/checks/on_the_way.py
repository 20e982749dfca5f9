"""How far a change of the exercise's folder has come on its way to the remote: edited, committed, pushed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from grader.checks import repairs
from grader.checks.commands import short
from grader.evidence.model import File, Remote, Repository
from grader.text import quoted

_MESSAGE = "Change the platform"


def held_back(repository: Repository | None, folder: str, branch: str) -> str:
    """A sentence, with its repair, on a change of the folder that the remote lacks; empty where there is none."""
    remote = repository.remote if repository else None
    if repository is None or remote is None:
        return ""
    if _unpushed(repository, remote, folder):
        words = f"Commit {short(repository.commit)} of your clone changes {folder} and is not pushed."
        return words + repairs.told(*_push(repository, remote, branch))
    changed = _edited(repository, folder)
    if changed is None:
        return ""
    path, how = changed
    mends = (*repairs.commit(repository, path, _MESSAGE), repairs.push(repository, branch))
    return f"{quoted(path)} in your clone is {how}, and not committed." + repairs.told(*mends)


def untouched(repository: Repository, folder: str, starter: Mapping[str, str]) -> str:
    """A sentence where neither the commits nor the working tree change the folder; empty where they do."""
    if _blobs(repository.files, folder) != starter or _edited(repository, folder):
        return ""
    file = next(iter(starter), folder)
    return (
        f"Nothing in your clone changes {folder} either: edit {quoted(file)}, commit it, and push it. "
        "A commit that changes other files does not count, and what kubectl changes Argo CD puts back."
    )


def _push(repository: Repository, remote: Remote, branch: str) -> tuple[str, ...]:
    push = repairs.push(repository, branch)
    return (repairs.rebase(repository, branch), push) if remote.built_on is False else (push,)


def _unpushed(repository: Repository, remote: Remote, folder: str) -> bool:
    return remote.contains is False and _blobs(repository.files, folder) != _blobs(remote.files, folder)


def _edited(repository: Repository, folder: str) -> tuple[str, str] | None:
    """The first file of the folder that the working tree has otherwise than the commit, and how."""
    if repository.working is None:
        return None
    commit, working = _blobs(repository.files, folder), _blobs(repository.working, folder)
    for path in sorted({*commit, *working}):
        if path not in working:
            return path, "deleted"
        if working[path] and working[path] != commit.get(path):
            return path, "changed" if path in commit else "new"
    return None


def _blobs(files: Iterable[File], folder: str) -> dict[str, str]:
    inside = f"{folder.strip('/')}/"
    return {file.path: file.blob for file in files if file.path.startswith(inside)}
