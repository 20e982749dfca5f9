"""One lab as one thing: brought up, looked at, used, and taken down by its name."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from labs import overrides, process, state
from labs.cluster.interface import Condition, Mount, Port
from labs.cluster.kind import NODE_IMAGE, Kind, free_port, is_free
from labs.command import Runner
from labs.docker import Engine
from labs.errors import NoLab
from labs.overrides import Overrides
from labs.platform import clone, manifests
from labs.platform.clone import Kept
from labs.platform.helm import Helm
from labs.registry import manifests as registry
from labs.registry.node import ON_NODE
from labs.state import Folder, State

if TYPE_CHECKING:
    from labs.steps.context import Context
    from labs.steps.graph import Event

PORTS = {"registry": registry.NODE_PORT, "argocd": manifests.ARGOCD_NODE_PORT}


@dataclass(frozen=True)
class Lab:
    """A lab that exists, at whatever point of its making. `problem` tells of a state that could not be read."""

    folder: Folder
    state: State

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def complete(self) -> bool:
        """Whether every step of the bring-up once ended well."""
        from labs.steps.bringup import STEPS

        return all(self.state.step(step.name) for step in STEPS)

    def context(self, changed: Overrides | None = None, say: Callable[[str], None] = lambda _: None) -> Context:
        """What the steps work with. Without `changed` the overrides are those that the lab was made with."""
        from grader import course
        from labs.steps.context import Context

        used = changed if changed is not None else overrides.read(self.state.get("overrides") or os.devnull)
        runner = Runner(self.folder.logs, self.folder.children)
        engine = Engine()
        cluster = Kind(
            name=f"platform-labs-{self.name}",
            kubeconfig=self.folder.kubeconfig,
            work=self.folder.logs,
            runner=runner,
            engine=engine,
            mounts=self._mounts(),
            ports=[Port(name, int((self.state.get("ports") or {}).get(name, 0)), node) for name, node in PORTS.items()],
            image=used.node_image or NODE_IMAGE,
            patches=used.kind_patches,
        )
        cache = state.home() / "cache" / "charts"
        return Context(self.folder, self.state, used, course.read(), runner, engine, cluster, cache, say)

    def environment(self) -> dict[str, str]:
        """The variables of the lab's shell, over the session's own."""
        runner = Runner(self.folder.logs, self.folder.children)
        helm = Helm(runner, self.folder.helm, self.folder.kubeconfig).environment()
        return {**os.environ, **helm, "KUBECONFIG": str(self.folder.kubeconfig), "PLATFORM_LAB": self.name}

    def _mounts(self) -> list[Mount]:
        return [
            Mount(self.folder.remotes, manifests.REMOTES_ON_NODE),
            Mount(self.folder.tuf, manifests.TUF_ON_NODE),
            Mount(self.folder.trusted_hosts, ON_NODE),
        ]


def names() -> list[str]:
    """The labs that there are."""
    folder = state.home() / "labs"
    return sorted(path.name for path in folder.iterdir() if (path / "state.json").is_file()) if folder.is_dir() else []


def find(name: str) -> Lab:
    """The lab of that name. Raises NoLab."""
    folder = Folder.of(name)
    if not folder.state.is_file():
        known = f"There are: {', '.join(names())}." if names() else "There is none yet."
        raise NoLab(f"there is no lab {name}", advice=f"{known} labs up {name} makes it.")
    return Lab(folder, State.load(folder.state))


def up(name: str, file: str | None, listener: Callable[[Event], None], say: Callable[[str], None]) -> Lab:
    """Makes the lab, or goes on where an earlier bring-up stopped. Raises StepFailed, Interrupted, Busy."""
    from labs.steps.bringup import STEPS
    from labs.steps.graph import Graph

    folder = Folder.of(name)
    found = overrides.read(file or _recorded(folder))
    folder.make()
    with process.held(folder.lock, f"the lab {name}"):
        lab = Lab(folder, State.load(folder.state))
        if lab.state.problem:
            say(lab.state.problem)
        for program in process.end_left_over(folder.children):
            say(f"ended a {program} that an earlier session left running")
        _record(lab, found)
        context = lab.context(found, say)
        for mount in lab._mounts():
            mount.host.mkdir(parents=True, exist_ok=True)
        Graph(STEPS, context, lab.state, listener, context.runner.stop).run()
        return lab


def _recorded(folder: Folder) -> str | None:
    """The overrides that the lab was made with, where none are named now."""
    if os.environ.get("LABS_OVERRIDES") or not folder.state.is_file():
        return None
    kept = State.load(folder.state).get("overrides")
    return kept if isinstance(kept, str) else None


def _record(lab: Lab, found: Overrides) -> None:
    """Writes down what the lab is to be, before anything of it is made."""
    ports: dict[str, int] = dict(lab.state.get("ports") or {})
    made = lab.folder.kubeconfig.exists()
    for port in PORTS:
        if port not in ports or (not made and not is_free(ports[port])):
            ports[port] = free_port()
    lab.state.update(
        name=lab.name,
        backend="kind",
        created=lab.state.get("created") or state.now(),
        ports=ports,
        overrides=str(found.file) if found.file else None,
    )


def down(name: str, *, discard: bool = False) -> Kept | None:
    """Removes the lab and all that belongs to it; the learner's commits are kept first.

    Half-made labs are removed too; where there is none, nothing happens and None is returned.
    """
    folder = Folder.of(name)
    if not folder.root.exists():
        return None
    with process.held(folder.lock, f"the lab {name}"):
        process.end_left_over(folder.children)
        lab = Lab(folder, State.load(folder.state))
        kept = Kept(folder.root) if discard else _keep(lab)
        lab.context(Overrides()).cluster.delete()
        shutil.rmtree(folder.root, ignore_errors=True)
    return kept


def _keep(lab: Lab) -> Kept:
    label = state.now().replace(":", "").replace("-", "")
    backup = state.home() / "backups" / f"{lab.name}.git"
    return clone.keep(lab.folder.clone, lab.folder.remote, backup, label)


@contextmanager
def running(name: str) -> Iterator[Lab]:
    """A lab whose cluster answers. Raises NoLab where it does not run."""
    lab = find(name)
    condition = lab.context().cluster.condition()
    if condition is not Condition.RUNNING:
        raise NoLab(f"the lab {name} is {condition.value}", advice=f"labs up {name} brings it up.")
    yield lab


def remote(lab: Lab) -> Path:
    """The bare repository that the learner pushes to."""
    return lab.folder.remote
