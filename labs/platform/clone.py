"""The platform repository: the bare remote, the learner's clone, and what is kept of them at the end.

The only place of the labs that writes Git repositories (dulwich). No hook runs, and no
configuration of a learner's repository is followed.
"""

from __future__ import annotations

import shlex
import stat
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, cast

from labs.errors import EnvironmentFault
from labs.platform.manifests import BRANCH

if TYPE_CHECKING:
    from dulwich.objects import Commit, ObjectID
    from dulwich.refs import Ref
    from dulwich.repo import Repo

AUTHOR = b"Platform Labs <platform-labs@platform-labs.invalid>"
LEARNER = ("Platform learner", "learner@platform-labs.invalid")
FIRST_MESSAGE = b"Start the platform repository\n"
_HEAD = cast("Ref", f"refs/heads/{BRANCH}".encode())
_FETCHED = cast("Ref", f"refs/remotes/origin/{BRANCH}".encode())
_FILE_LIMIT = 10 << 20
_HOOK = """\
#!/bin/sh
# Tells Argo CD that there is something new; it also looks by itself every few seconds.
({command} >/dev/null 2>&1 </dev/null &)
"""


def seed(remote: Path, files: Mapping[str, bytes], when: int) -> str:
    """Makes the bare remote with one commit of these files; returns its head.

    `when` is the commit's time in seconds since 1970. A remote that has commits stays as it is.
    """
    from dulwich.repo import Repo

    if (remote / "HEAD").exists():
        repository = Repo(str(remote))
    else:
        remote.mkdir(parents=True, exist_ok=True)
        repository = Repo.init_bare(str(remote), default_branch=BRANCH.encode())
    with repository:
        if _HEAD not in repository.refs:
            tree = _tree(repository, ((path, 0o100644, content) for path, content in sorted(files.items())))
            repository.refs[_HEAD] = _commit(repository, tree, (), FIRST_MESSAGE, when)
        return repository.refs[_HEAD].decode()


def hook(remote: Path, kubectl: Path | str, kubeconfig: Path, application: tuple[str, str]) -> None:
    """After a push, asks Argo CD to look at once; a push never waits for it nor fails with it."""
    namespace, name = application
    asks = [str(kubectl), "--kubeconfig", str(kubeconfig), "--request-timeout=5s", "-n", namespace, "annotate"]
    asks += ["--overwrite", "application.argoproj.io", name, "argocd.argoproj.io/refresh=normal"]
    script = _HOOK.format(command=shlex.join(asks))
    file = remote / "hooks" / "post-receive"
    file.parent.mkdir(exist_ok=True)
    file.write_text(script)
    file.chmod(0o755)


def clone(remote: Path, target: Path) -> None:
    """Makes the learner's clone, with the remote's path as `origin`; an existing clone stays.

    Where the person's own Git knows no name to commit by, the clone is given one.
    """
    from dulwich import porcelain
    from dulwich.repo import Repo

    if (target / ".git" / "HEAD").exists() and _has_head(target):
        return
    if target.exists() and any(one.name != ".git" for one in target.iterdir()):
        raise EnvironmentFault(
            "something is there already that is no Git repository", where=str(target), advice="Move it away."
        )
    if not (target / ".git" / "HEAD").exists():
        porcelain.clone(str(remote), str(target), errstream=BytesIO(), branch=BRANCH.encode()).close()
    with Repo(str(target)) as repository:
        _checkout(repository)
        _configure(repository)


def _checkout(repository: Repo) -> None:
    """Finishes a clone that was cut short: branch and files from the remote's."""
    if _HEAD not in repository.refs:
        repository.refs[_HEAD] = repository.refs[_FETCHED]
        repository.refs.set_symbolic_ref(cast("Ref", b"HEAD"), _HEAD)
    repository.get_worktree().reset_index()


def _has_head(target: Path) -> bool:
    from dulwich.repo import Repo

    with Repo(str(target)) as repository:
        return _HEAD in repository.refs and (target / ".git" / "index").exists()


def _configure(repository: Repo) -> None:
    from dulwich.config import StackedConfig

    own = repository.get_config()
    known = StackedConfig.default()
    for key, value in zip((b"name", b"email"), LEARNER, strict=True):
        try:
            known.get((b"user",), key)
        except KeyError:
            own.set((b"user",), key, value.encode())
    own.set((b"push",), b"default", b"simple")
    own.set((b"pull",), b"ff", b"only")
    own.write_to_path()


@dataclass(frozen=True, slots=True)
class Kept:
    """What of a learner's work was kept: the repository and its references. Empty: there was nothing."""

    repository: Path
    references: tuple[str, ...] = ()


def keep(clone: Path, remote: Path, backup: Path, label: str) -> Kept:
    """Puts every branch of clone and remote, and uncommitted files, into the bare repository `backup`.

    References become `refs/heads/LABEL/clone/…`, `…/remote/…` and `…/uncommitted`. What is exactly the lab's own
    first commit is not worth keeping. Raises EnvironmentFault where a repository cannot be read.
    """
    found: list[str] = []
    for place, path in (("clone", clone), ("remote", remote)):
        if (path / ".git" / "HEAD").exists() or (path / "HEAD").exists():
            found += _keep_one(path, backup, f"{label}/{place}")
    return Kept(backup, tuple(found))


def _keep_one(path: Path, backup: Path, prefix: str) -> list[str]:
    from dulwich.errors import NotGitRepository
    from dulwich.repo import Repo

    try:
        with Repo(str(path)) as source:
            wanted = {name: tip for name, tip in _branches(source).items() if not _is_first(source, tip)}
            if not source.bare and (dirty := _uncommitted(source)):
                wanted[b"uncommitted"] = dirty
            if not wanted:
                return []
            with _opened(backup) as target:
                source.fetch(target, determine_wants=lambda *_: list(wanted.values()))
                for name, tip in wanted.items():
                    target.refs[cast("Ref", b"refs/heads/" + prefix.encode() + b"/" + name)] = tip
        return [f"{prefix}/{name.decode(errors='replace')}" for name in wanted]
    except (NotGitRepository, KeyError, ValueError, OSError) as error:
        raise EnvironmentFault(
            f"its commits cannot be kept: {type(error).__name__}: {error}",
            where=str(path),
            advice="Save it by hand, then run labs down --discard.",
        ) from None


def _opened(backup: Path) -> Repo:
    from dulwich.repo import Repo

    if (backup / "HEAD").exists():
        return Repo(str(backup))
    backup.mkdir(parents=True, exist_ok=True)
    return Repo.init_bare(str(backup), default_branch=BRANCH.encode())


def _branches(source: Repo) -> dict[bytes, ObjectID]:
    return {
        bytes(name)[len(b"refs/heads/") :]: tip
        for name, tip in source.get_refs().items()
        if name.startswith(b"refs/heads/")
    }


def _is_first(source: Repo, tip: ObjectID) -> bool:
    """Whether a commit is the one that the lab itself made."""
    from dulwich.objects import Commit

    commit = source[tip]
    return isinstance(commit, Commit) and not commit.parents and commit.author == AUTHOR


def _uncommitted(source: Repo) -> ObjectID | None:
    """A commit of the working tree as it lies there, where it differs from HEAD; None where not."""
    from dulwich.objects import Commit

    try:
        head = source.head()
    except KeyError:
        head = None
    tree = _tree(source, _working_files(Path(source.path)))
    commit = source[head] if head else None
    if isinstance(commit, Commit) and commit.tree == tree:
        return None
    return _commit(source, tree, (head,) if head else (), b"What was not committed\n", int(time.time()))


def _working_files(root: Path) -> Iterable[tuple[str, int, bytes]]:
    """Files of a working tree: plain ones up to 10 MiB, read as they lie there; links are not followed."""
    for path in sorted(root.rglob("*")):
        relative = path.relative_to(root)
        if ".git" in relative.parts:
            continue
        about = path.lstat()
        if stat.S_ISREG(about.st_mode) and about.st_size <= _FILE_LIMIT:
            yield relative.as_posix(), 0o100755 if about.st_mode & 0o100 else 0o100644, path.read_bytes()
        elif stat.S_ISLNK(about.st_mode):
            yield relative.as_posix(), 0o120000, str(path.readlink()).encode()


def _tree(repository: Repo, files: Iterable[tuple[str, int, bytes]]) -> ObjectID:
    from dulwich.index import commit_tree
    from dulwich.objects import Blob

    entries = []
    for path, mode, content in files:
        blob = Blob.from_string(content)
        repository.object_store.add_object(blob)
        entries.append((path.encode(), blob.id, mode))
    return commit_tree(repository.object_store, entries)


def _commit(repository: Repo, tree: ObjectID, parents: Iterable[ObjectID], message: bytes, when: int) -> ObjectID:
    from dulwich.objects import Commit

    commit: Commit = Commit()
    commit.tree = tree
    commit.parents = list(parents)
    commit.author = commit.committer = AUTHOR
    commit.author_time = commit.commit_time = when
    commit.author_timezone = commit.commit_timezone = 0
    commit.encoding = b"UTF-8"
    commit.message = message
    repository.object_store.add_object(commit)
    return commit.id
