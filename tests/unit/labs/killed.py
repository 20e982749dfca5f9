"""A program of its own: kills the making of authority and repositories at many points, and makes them again.

A child stops dead at the n-th change to the disk, as `kill -9` would: nothing is cleaned up. Then the same
steps run again in the same folder. Prints one line for each point at which they did not come out whole.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

from labs.platform.manifests import BRANCH
from labs.steps import repository, trust
from labs.steps.context import Context
from tests.unit.labs.working import context

POINTS = 8
_CHANGES = ("os.mkdir", "os.rename", "os.remove", "os.chmod", "os.truncate", "shutil.rmtree")


class Fuse:
    """Counts changes to the disk, and ends the process at the one that is named."""

    def __init__(self, last: int) -> None:
        self.last = last
        self.seen = 0

    def __call__(self, event: str, arguments: tuple[object, ...]) -> None:
        writes = event == "open" and isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR)
        if writes or event in _CHANGES:
            self.seen += 1
            if self.seen == self.last:
                os._exit(137)


def make(made: Context) -> None:
    """The two steps that write the most."""
    trust.make(made)
    repository.make(made)


def changes(folder: Path) -> int:
    """How many changes to the disk the steps make."""
    reader, writer = os.pipe()
    if os.fork() == 0:
        fuse = Fuse(0)
        sys.addaudithook(fuse)
        make(context(folder))
        os.write(writer, str(fuse.seen).encode())
        os._exit(0)
    os.wait()
    return int(os.read(reader, 20))


def killed_at(folder: Path, point: int) -> bool:
    """Whether the steps were killed there, in `folder`."""
    if os.fork() == 0:
        sys.addaudithook(Fuse(point))
        make(context(folder))
        os._exit(0)
    return os.waitstatus_to_exitcode(os.wait()[1]) == 137


def faults(made: Context) -> Iterator[str]:
    """What is not as it has to be."""
    from dulwich import porcelain
    from dulwich.repo import Repo

    if not (trust.held(made) and repository.held(made)):
        yield "a step does not hold"
    with Repo(str(made.folder.remote)) as remote, Repo(str(made.folder.clone)) as clone:
        heads = {one.refs[f"refs/heads/{BRANCH}".encode()] for one in (remote, clone)}  # type: ignore[index]
        if len(heads) != 1:
            yield f"other heads: {heads}"
        status = porcelain.status(clone)
        if any(status.staged.values()) or status.unstaged or status.untracked:
            yield f"the clone is not clean: {status}"
        for sha in remote.object_store:
            remote[sha].check()
    if left := sorted(path.name for path in made.folder.root.rglob("*.making")):
        yield f"left behind: {left}"


def main(folder: Path) -> None:
    """Kills at some points, spread over all of them."""
    total = changes(folder / "whole")
    print(f"{total} changes")
    for point in range(1, total + 1, max(1, total // POINTS)):
        place = folder / str(point)
        if not killed_at(place, point):
            print(f"{point}: not killed")
        made = context(place)
        make(made)
        for fault in faults(made):
            print(f"{point}: {fault}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
