"""Task 6: the manifest is committed, and the commit has reached the remote's branch."""

from __future__ import annotations

import json
from dataclasses import dataclass

from grader.checks import by_hand, repairs
from grader.checks.candidates import Candidate, Tree
from grader.checks.commands import command, in_clone, short
from grader.checks.context import Context
from grader.checks.policy_file import no_repository, syntax
from grader.checks.repository_path import path
from grader.evidence.model import File, Remote, Repository
from grader.outcome import Status, Verdict
from grader.text import one_line, quoted

__all__ = ["committed", "path", "pushed"]

COMMITTED = "The policy's manifest is in the graded commit, as it lies in the working tree."
_WHY_COMMITTED = "Argo CD reads commits: what is only in your working tree exists on your machine alone."
_WHY_PUSHED = "Argo CD reads the remote: a commit that is only in your clone never reaches the cluster."


def committed(context: Context) -> Verdict:
    """`repository.committed`: the graded commit holds the policy that the learner has."""
    repository = context.repository
    if repository is None:
        return no_repository(COMMITTED)
    held = _held(context)
    if held is None:
        return Verdict(Status.BLOCKED, expected=COMMITTED, needs=("policy.present",))
    verdict = _committed(context, repository, held)
    return (
        verdict
        if verdict.status is Status.PASSED
        else verdict.noting(*by_hand.policy(context, held.policy.name if held.policy else ""))
    )


def _committed(context: Context, repository: Repository, held: _Held) -> Verdict:
    if repository.commit is None:
        return _uncommitted(f"The repository has no commit yet; {quoted(held.path)} lies in it.", held, repository)
    tree, commit = context.submission.current, context.submission.commit
    if tree is commit:
        return _passed(held, repository, *_deleted(context, held))
    same = [one for one in _versions(commit) if one.same(held)]
    if not same:
        return _missing(held, commit, repository)
    best = min(same, key=lambda one: (not commit.deploys(one.file), one.path != held.path))
    if tree.deploys(held.file) and not commit.deploys(best.file):
        return _half(held, best, tree, repository)
    if best.path == held.path:
        return _passed(held, repository)
    return _passed(best, repository, f"The working tree has it at {quoted(held.path)}, which is not committed.")


def pushed(context: Context) -> Verdict:
    """`repository.pushed`: the remote's branch has the graded commit, or at least its manifest."""
    repository = context.repository
    branch = str(context.parameter("branch"))
    expected = f"The graded commit is on the branch {branch} of the remote."
    if repository is None:
        return no_repository(expected)
    held = _held(context, context.submission.commit)
    if held is None or repository.commit is None:
        return Verdict(Status.BLOCKED, expected=expected, needs=("repository.committed",))
    verdict = _Pushed(repository, repository.remote, branch, expected).verdict(held)
    return (
        verdict
        if verdict.status is Status.PASSED
        else verdict.noting(*by_hand.policy(context, held.policy.name if held.policy else ""))
    )


@dataclass(frozen=True, slots=True)
class _Held:
    """The policy in one tree: its file, and its value where it is readable."""

    file: File
    policy: Candidate | None = None

    @property
    def path(self) -> str:
        return self.file.path

    def same(self, other: _Held) -> bool:
        """Whether both hold the same policy: its values, not the bytes around them."""
        if self.policy and other.policy:
            mine, theirs = (json.dumps(one.document.value, sort_keys=True) for one in (self.policy, other.policy))
            return mine == theirs
        return self.file.blob == other.file.blob and self.path == other.path


def _held(context: Context, tree: Tree | None = None) -> _Held | None:
    if tree is None:
        broken = syntax(context)
        if broken:
            return _Held(broken.file)
        return _Held(context.policy.file, context.policy) if context.policy else None
    return next(iter(_versions(tree)), None)


def _versions(tree: Tree) -> list[_Held]:
    readable = [_Held(one.file, one) for one in tree.candidates]
    return readable + [_Held(one.file) for one in tree.broken if one.policy]


def _deleted(context: Context, held: _Held) -> tuple[str, ...]:
    if context.submission.working is None:
        return ()
    return (f"The working tree no longer has {quoted(held.path)}; the next commit would remove it.",)


def _passed(held: _Held, repository: Repository, *notes: str) -> Verdict:
    seen = f"{quoted(held.path)} is in commit {short(repository.commit)}."
    return Verdict(Status.PASSED, expected=COMMITTED, seen=seen, notes=notes)


def _missing(held: _Held, commit: Tree, repository: Repository) -> Verdict:
    if any(file.path == held.path for file in commit.files):
        seen = f"{quoted(held.path)} was changed after commit {short(repository.commit)}."
        seen += repairs.told(*repairs.commit(repository, held.path, "Change the policy"))
        return _failed(seen, f"{held.path}:1:1", in_clone(repository, "diff", "HEAD", "--", held.path))
    return _uncommitted(f"{quoted(held.path)} is not in commit {short(repository.commit)}.", held, repository)


def _half(held: _Held, found: _Held, tree: Tree, repository: Repository) -> Verdict:
    """The commit has the policy, and what makes Argo CD take it is only in the working tree."""
    root = tree.build.root
    if found.path == held.path and root:
        seen = f"The commit holds {quoted(found.path)}, and not yet the {quoted(root)} that lists it."
        seen += repairs.told(*repairs.commit(repository, root, "List the policy"))
        return _failed(seen, f"{root}:1:1", _status(repository, root))
    seen = f"The commit has the policy at {quoted(found.path)}; {quoted(held.path)} is not committed."
    return _uncommitted(seen, held, repository)


def _uncommitted(seen: str, held: _Held, repository: Repository) -> Verdict:
    seen += repairs.told(*repairs.commit(repository, held.path, "Add the policy"))
    return _failed(seen, f"{held.path}:1:1", _status(repository, held.path))


def _status(repository: Repository, path: str) -> str:
    return in_clone(repository, "status", "--short", "--ignored", "--", path)


def _failed(seen: str, where: str, following: str) -> Verdict:
    return Verdict(Status.FAILED, expected=COMMITTED, seen=seen, where=where, why=_WHY_COMMITTED, next=following)


@dataclass(frozen=True, slots=True)
class _Pushed:
    """What the remote says about the graded commit."""

    repository: Repository
    remote: Remote | None
    branch: str
    expected: str

    def verdict(self, held: _Held) -> Verdict:
        remote = self.remote
        if remote is None or (remote.head is None and remote.error is None):
            return self._no_branch()
        if remote.error:
            return self._unknown(f"The remote {quoted(remote.name)} does not answer: {remote.error}.", self._ask())
        if remote.contains or _has(remote, held.file):
            return self._passed(remote, held)
        if remote.contains is None:
            seen = f"The remote is at commit {short(remote.head)}, whose history the clone does not have."
            return self._unknown(seen, in_clone(self.repository, "fetch", "origin", self.branch))
        return self._behind(remote)

    def _passed(self, remote: Remote, held: _Held) -> Verdict:
        notes = [] if remote.asked else [f"The remote was not asked: this is {_tip(remote)} as the clone last saw it."]
        if not remote.contains:
            notes.append("The remote has this manifest by another commit than the graded one.")
        elif remote.files and not _has(remote, held.file):
            notes.append(f"Since then {quoted(held.path)} was changed or removed on the remote.")
        seen = f"{_tip(remote)} is at commit {short(remote.head)}."
        return Verdict(Status.PASSED, expected=self.expected, seen=seen, notes=tuple(notes))

    def _no_branch(self) -> Verdict:
        remote = self.remote
        if remote and remote.asked:
            seen = f"The remote {quoted(remote.name)} has no branch {quoted(remote.branch)}."
            return self._failed(seen + self._elsewhere() + self._mend(), self._ask())
        seen = f"The clone knows no remote with a branch {quoted(self.branch)}."
        return self._failed(
            seen + self._elsewhere() + self._mend(), in_clone(self.repository, "branch", "--all", "--verbose")
        )

    def _behind(self, remote: Remote) -> Verdict:
        commit = self.repository.commit or "HEAD"
        seen = f"{_tip(remote)} is at commit {short(remote.head)} and does not have commit {short(commit)}."
        if remote.built_on is False:
            seen += " The remote has commits that your clone lacks, and refuses a push until you have pulled them."
        log = in_clone(self.repository, "log", "--oneline", f"{remote.name}/{remote.branch}..{short(commit)}")
        return self._failed(seen + self._elsewhere() + self._mend(), self._ask() if remote.asked else log)

    def _mend(self) -> str:
        """The push that is missing; before it the commits that only the remote has."""
        push = repairs.push(self.repository, self.branch)
        if self.remote and self.remote.built_on is False:
            return repairs.told(repairs.rebase(self.repository, self.branch), push)
        return repairs.told(push)

    def _elsewhere(self) -> str:
        here, there = self.repository.branch, self.remote.elsewhere if self.remote else ()
        if there:
            names = ", ".join(one_line(name, 60) for name in there)
            return f" The commit is on the remote's branch {names}, and Argo CD reads {self.branch}."
        if here and here != self.branch:
            return f" Your clone is on branch {quoted(here)}, and Argo CD reads {self.branch}."
        return ""

    def _ask(self) -> str:
        name = self.remote.name if self.remote else "origin"
        return command("git", "ls-remote", "--heads", name)

    def _failed(self, seen: str, following: str) -> Verdict:
        return Verdict(Status.FAILED, expected=self.expected, seen=seen, why=_WHY_PUSHED, next=following)

    def _unknown(self, seen: str, following: str) -> Verdict:
        return Verdict(Status.ERROR, expected=self.expected, seen=seen, why=_WHY_PUSHED, next=following)


def _has(remote: Remote, file: File) -> bool:
    return any(one.path == file.path and one.blob == file.blob for one in remote.files)


def _tip(remote: Remote) -> str:
    if remote.asked:
        return f"The branch {one_line(remote.branch, 100)} of {quoted(remote.name)}"
    return one_line(f"{remote.name}/{remote.branch}", 300)
