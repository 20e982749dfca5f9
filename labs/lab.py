"""One lab as one thing: brought up, looked at, used, and taken down by its name."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from labs import overrides, process, state
from labs.cluster.interface import Condition, Mount, Port
from labs.cluster.kind import NODE_IMAGE, Kind
from labs.command import Runner
from labs.docker import Engine
from labs.errors import EnvironmentFault, NoLab
from labs.overrides import Overrides
from labs.platform import backup, manifests
from labs.platform.backup import Kept
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

    @property
    def overrides(self) -> Overrides:
        """What the lab takes from elsewhere, as it was recorded."""
        return Overrides.from_json(self.state.get("overrides"))

    @property
    def cluster_name(self) -> str:
        """The name that kind knows the cluster by."""
        return f"platform-labs-{self.name}"

    def context(self, say: Callable[[str], None] = lambda _: None) -> Context:
        """What the steps work with."""
        from grader import course
        from labs.steps.context import Context

        runner = Runner(self.folder.logs, self.folder.children)
        engine = Engine()
        cluster = self._cluster(runner, engine)
        cache = state.home() / "cache" / "charts"
        return Context(self.folder, self.state, self.overrides, course.read(), runner, engine, cluster, cache, say)

    def _cluster(self, runner: Runner, engine: Engine) -> Kind:
        ports = self.state.get("ports") or {}
        return Kind(
            name=self.cluster_name,
            kubeconfig=self.folder.kubeconfig,
            work=self.folder.logs,
            runner=runner,
            engine=engine,
            mounts=self._mounts(),
            ports=[Port(name, int(ports.get(name, 0)), node) for name, node in PORTS.items()],
            image=self.overrides.node_image or NODE_IMAGE,
            patches=self.overrides.kind_patches,
            mark=self._mark,
        )

    def variables(self) -> dict[str, str]:
        """What the lab's shell knows beside the session's own variables."""
        helm = Helm(Runner(self.folder.logs, self.folder.children), self.folder.helm, self.folder.kubeconfig)
        return {**helm.environment(), "KUBECONFIG": str(self.folder.kubeconfig), "PLATFORM_LAB": self.name}

    def environment(self) -> dict[str, str]:
        """All variables of the lab's shell."""
        return {**os.environ, **self.variables()}

    def _mounts(self) -> list[Mount]:
        return [
            Mount(self.folder.remotes, manifests.REMOTES_ON_NODE),
            Mount(self.folder.tuf, manifests.TUF_ON_NODE),
            Mount(self.folder.trusted_hosts, ON_NODE),
            Mount(self.folder.trusted_hosts, self._mark),
        ]

    @property
    def _mark(self) -> str:
        """A path in the node that only a lab in this very folder has."""
        return f"{manifests.MARKS_ON_NODE}/{sha256(str(self.folder.root.resolve()).encode()).hexdigest()[:16]}"


def names() -> list[str]:
    """The labs that there are."""
    found = (state.home() / "labs").glob("[!.]*/state.json")
    return sorted(file.parent.name for file in found if file.is_file())


def find(name: str) -> Lab:
    """The lab of that name. Raises NoLab."""
    folder = Folder.of(name)
    if not folder.state.is_file():
        known = f"There are: {', '.join(names())}." if names() else "There is none yet."
        raise NoLab(f"there is no lab {name}", advice=f"{known} labs up {name} makes it.")
    return Lab(folder, State.load(folder.state))


def up(
    name: str,
    file: str | None,
    listener: Callable[[Event], None],
    say: Callable[[str], None],
    tick: Callable[[], None] = lambda: None,
) -> Lab:
    """Makes the lab, or goes on where an earlier bring-up stopped. Raises StepFailed, Interrupted, Busy.

    `file` are overrides; without it those of `LABS_OVERRIDES` count, else those that the lab was made with.
    `listener` is told of every step, `tick` several times a second while nothing happens.
    """
    from labs.steps import record
    from labs.steps.bringup import STEPS
    from labs.steps.graph import Graph

    folder = Folder.of(name)
    named = overrides.read(file)
    folder.make()
    with process.held(folder.lock, f"the lab {name}"):
        lab = Lab(folder, State.load(folder.state))
        if lab.state.problem:
            say(lab.state.problem)
        for program in process.end_left_over(folder.children):
            say(f"ended a {program} that an earlier session left running")
        for line in record.overrides(lab.state, named if named.file else lab.overrides):
            say(line)
        record.ports(lab.state, Engine(), f"{lab.cluster_name}-control-plane", PORTS)
        context = lab.context(say)
        for mount in lab._mounts():
            mount.host.mkdir(parents=True, exist_ok=True)
        Graph(STEPS, context, lab.state, listener, context.runner.stop, tick).run()
        return lab


def down(name: str, *, discard: bool = False) -> Kept | None:
    """Removes the lab and all that belongs to it; the learner's commits are kept first.

    Half-made labs are removed too, and a cluster whose folder is gone. None: there was nothing.
    """
    folder = Folder.of(name)
    _remove(folder.removed)
    if not folder.root.exists() and not _orphaned(folder):
        return None
    folder.make()
    with process.held(folder.lock, f"the lab {name}"):
        process.end_left_over(folder.children)
        lab = Lab(folder, State.load(folder.state))
        kept = Kept(folder.root) if discard else _keep(lab)
        lab.context().cluster.delete()
        folder.root.rename(folder.removed)
    _remove(folder.removed)
    return kept


def _remove(folder: Path) -> None:
    """Removes a folder that no lab uses. Raises EnvironmentFault."""
    shutil.rmtree(folder, ignore_errors=True)
    if folder.exists():
        raise EnvironmentFault("some files could not be removed", where=str(folder), advice="Remove them by hand.")


def stop(name: str) -> None:
    """Stops the lab's node; all that is in it stays. Raises NoLab where there is no whole cluster, Busy."""
    lab = find(name)
    with process.held(lab.folder.lock, f"the lab {name}"):
        cluster = lab.context().cluster
        _whole(lab, cluster.condition())
        cluster.stop()


def start(name: str, say: Callable[[str], None]) -> None:
    """Starts the lab's node and waits until its API answers. Raises NoLab where there is no whole cluster, Busy."""
    from labs.steps import cluster

    lab = find(name)
    with process.held(lab.folder.lock, f"the lab {name}"):
        context = lab.context(say)
        _whole(lab, context.cluster.condition())
        if not cluster.held(context):
            raise NoLab(f"the cluster of the lab {name} has to be made anew", advice=f"labs up {name} does it.")


def _whole(lab: Lab, condition: Condition) -> None:
    if condition in (Condition.ABSENT, Condition.PARTIAL):
        raise NoLab(f"the cluster of the lab {lab.name} is {condition.value}", advice=f"labs up {lab.name} makes it.")


def _orphaned(folder: Folder) -> bool:
    """Whether a cluster of this lab runs although the lab's folder is gone."""
    lab = Lab(folder, State(folder.state, {}))
    try:
        return lab._cluster(Runner(folder.logs, folder.children), Engine()).condition() is not Condition.ABSENT
    except EnvironmentFault:
        return False


def _keep(lab: Lab) -> Kept:
    label = state.now().replace(":", "").replace("-", "")
    kept = state.home() / "backups" / f"{lab.name}.git"
    return backup.keep(lab.folder.clone, lab.folder.remote, kept, label)


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
