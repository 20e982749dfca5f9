"""The platform repository: the bare remote with its first commit, and the learner's clone (dulwich)."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, cast

from labs.errors import EnvironmentFault
from labs.platform.git_objects import commit_tree, tree
from labs.platform.manifests import BRANCH

if TYPE_CHECKING:
    from dulwich.refs import Ref
    from dulwich.repo import Repo

LEARNER = ("Platform learner", "learner@platform-labs.invalid")
FIRST_MESSAGE = b"Start the platform repository\n"
_HEAD = cast("Ref", f"refs/heads/{BRANCH}".encode())
_FETCHED = cast("Ref", f"refs/remotes/origin/{BRANCH}".encode())
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
            listing = tree(repository, ((path, 0o100644, content) for path, content in sorted(files.items())))
            repository.refs[_HEAD] = commit_tree(repository, listing, (), FIRST_MESSAGE, when)
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
