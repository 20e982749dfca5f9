"""The platform repository: the bare remote with its first commit, and the learner's clone (dulwich).

Both are made beside their place and moved there when they are whole: what is there is complete.
"""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
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
_HOOK = """\
#!/bin/sh
# Tells Argo CD that there is something new; it also looks by itself every few seconds.
({command} >/dev/null 2>&1 </dev/null &)
"""


def seed(remote: Path, files: Mapping[str, bytes], when: int) -> str:
    """Makes the bare remote with one commit of these files; returns the head of its branch.

    `when` is the commit's time in seconds since 1970. A remote that is there stays as it is.
    """
    from dulwich.repo import Repo

    if not remote.exists():
        with _placed(remote) as fresh, Repo.init_bare(str(fresh), default_branch=BRANCH.encode()) as repository:
            listing = tree(repository, ((path, 0o100644, content) for path, content in sorted(files.items())))
            repository.refs[_HEAD] = commit_tree(repository, listing, (), FIRST_MESSAGE, when)
    with Repo(str(remote)) as repository:
        return repository.refs[_HEAD].decode()


def hook(remote: Path, kubectl: Path | str, kubeconfig: Path, application: tuple[str, str]) -> None:
    """After a push, asks Argo CD to look at once; a push never waits for it nor fails with it."""
    namespace, name = application
    asks = [str(kubectl), "--kubeconfig", str(kubeconfig), "--request-timeout=5s", "-n", namespace, "annotate"]
    asks += ["--overwrite", "application.argoproj.io", name, "argocd.argoproj.io/refresh=normal"]
    file = remote / "hooks" / "post-receive"
    file.parent.mkdir(exist_ok=True)
    file.write_text(_HOOK.format(command=shlex.join(asks)))
    file.chmod(0o755)


def clone(remote: Path, target: Path) -> None:
    """Makes the learner's clone, with the remote's path as `origin`; a clone that is there stays as it is.

    Where the person's own Git knows no name to commit by, the clone is given one.
    """
    from dulwich import porcelain

    if (target / ".git").exists():
        return
    if target.exists() and any(target.iterdir()):
        raise EnvironmentFault(
            "something is there already that is no Git repository", where=str(target), advice="Move it away."
        )
    if target.exists():
        target.rmdir()
    with (
        _placed(target) as fresh,
        porcelain.clone(str(remote), str(fresh), errstream=BytesIO(), branch=BRANCH.encode()) as repository,
    ):
        _configure(repository)


@contextmanager
def _placed(target: Path) -> Iterator[Path]:
    """A fresh folder beside `target`, which takes its place when the block ends well."""
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = target.with_name(f".{target.name}.making")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir()
    yield fresh
    fresh.rename(target)


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
