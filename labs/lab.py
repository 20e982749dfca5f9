"""One lab as one thing: brought up, looked at, used, and taken down by its name."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from grader.errors import UsageError
from labs import overrides, process, state
from labs.backends.base import Backend
from labs.backends.kind import OnKind
from labs.backends.simulated import FOLDER as SIMULATED_FOLDER
from labs.backends.simulated import OnSimulated
from labs.cluster.interface import Condition
from labs.command import Runner
from labs.docker import Engine
from labs.doctor.backend import KIND, SIMULATED, choose
from labs.errors import EnvironmentFault, NoLab
from labs.overrides import Overrides
from labs.platform import backup
from labs.platform.backup import Kept
from labs.state import Folder, State
from labs.steps.work import Work

if TYPE_CHECKING:
    from labs.steps.graph import Event

_HERE = Path(sys.executable).parent
BACKENDS: dict[str, type[Backend]] = {KIND: OnKind, SIMULATED: OnSimulated}


@dataclass(frozen=True)
class Lab:
    """A lab that exists, at whatever point of its making. `problem` tells of a state that could not be read."""

    folder: Folder
    state: State

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def recorded(self) -> str | None:
        """What the cluster is made of, `kind` or `simulated`; None where that was never settled.

        Where the state was lost, what lies in the folder tells it.
        """
        said = self.state.get("backend")
        if said in BACKENDS:
            return str(said)
        if (self.folder.root / SIMULATED_FOLDER).is_dir():
            return SIMULATED
        return KIND if self.folder.trusted_hosts.is_dir() else None

    @property
    def is_simulated(self) -> bool:
        """Whether a model stands in for the cluster."""
        return self.recorded == SIMULATED

    @property
    def called(self) -> str:
        """What it is called in a sentence, which says so where it is simulated."""
        return f"simulated lab {self.name}" if self.is_simulated else f"lab {self.name}"

    @property
    def backend(self) -> Backend:
        """All that depends on what the cluster is made of."""
        runner = Runner(self.folder.logs, self.folder.children)
        made = BACKENDS[self.recorded or KIND](self.folder, self.state, self.overrides, runner, Engine())
        if made.path:
            runner.environment["PATH"] = _path(made.path)
        return made

    @property
    def complete(self) -> bool:
        """Whether every step of the bring-up once ended well."""
        return all(self.state.step(step.name) for step in self.backend.steps)

    @property
    def overrides(self) -> Overrides:
        """What the lab takes from elsewhere, as it was recorded."""
        return Overrides.from_json(self.state.get("overrides"))

    def context(self, say: Callable[[str], None] = lambda _: None) -> Work:
        """What the steps and commands work with."""
        return self.backend.context(say)

    def variables(self) -> dict[str, str]:
        """What the lab's shell knows beside the session's own variables and PATH."""
        return {**self.backend.variables(), "KUBECONFIG": str(self.folder.kubeconfig), "PLATFORM_LAB": self.name}

    @property
    def path(self) -> tuple[Path, ...]:
        """Folders of programs that come before all others: the lab's own, then those of this installation."""
        return (*self.backend.path, _HERE)

    def environment(self) -> dict[str, str]:
        """All variables of the lab's shell."""
        return {**_surroundings(), **self.variables(), "PATH": _path(self.path)}


def without_lab() -> dict[str, str]:
    """All variables of a shell where there is no lab yet: it finds this installation's programs, and no cluster."""
    return {**_surroundings(), "KUBECONFIG": os.devnull, "PATH": _path((_HERE,))}


def _surroundings() -> dict[str, str]:
    """The session's variables, but for those that lead Helm to another cluster."""
    return {name: value for name, value in os.environ.items() if not name.startswith("HELM_KUBE")}


def _path(first: tuple[Path, ...]) -> str:
    return os.pathsep.join([*map(str, first), os.environ.get("PATH", os.defpath)])


def names() -> list[str]:
    """The labs that there are."""
    found = (state.home() / "labs").glob("[!.]*/state.json")
    return sorted(file.parent.name for file in found if file.is_file())


def noted(name: str) -> Lab | None:
    """The lab of that name, if there is one, by what is written; nothing is started. Raises EnvironmentFault."""
    folder = Folder.of(name)
    return Lab(folder, State.load(folder.state)) if folder.state.is_file() else None


def find(name: str) -> Lab:
    """The lab of that name; a simulated cluster that died comes back. Raises NoLab."""
    lab = noted(name)
    if lab is None:
        known = f"There are: {', '.join(names())}." if names() else "There is none yet."
        raise NoLab(f"there is no lab {name}", advice=f"{known} labs up {name} makes it.")
    with suppress(EnvironmentFault):  # what cannot come back is told by what needs it
        lab.backend.revive()
    return lab


def up(
    name: str,
    file: str | None,
    listener: Callable[[Event], None],
    say: Callable[[str], None],
    tick: Callable[[], None] = lambda: None,
    *,
    backend: str | None = None,
) -> Lab:
    """Makes the lab, or goes on where an earlier bring-up stopped. Raises StepFailed, Interrupted, Busy.

    `file` are overrides; without it those of `LABS_OVERRIDES` count, else those that the lab was made with.
    `backend` is `kind` or `simulated`; without it the machine decides, once in a lab's life (UsageError for the
    other one later). `listener` is told of every step, `tick` several times a second while nothing happens.
    """
    from labs.steps import record
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
        _settle(lab, backend, say)
        for line in record.overrides(lab.state, named if named.file else lab.overrides):
            say(line)
        lab.backend.prepare()
        made = lab.backend
        context = made.context(say)
        Graph(made.steps, context, lab.state, listener, context.runner.stop, tick).run()
        return lab


def _settle(lab: Lab, wanted: str | None, say: Callable[[str], None]) -> None:
    """Decides what the cluster is made of, writes it down, and says which and why."""
    from labs.steps import record

    recorded = lab.recorded
    if recorded and wanted not in (None, recorded):
        raise UsageError(
            f"the lab {lab.name} is on {recorded}, and stays so",
            advice=f"labs down {lab.name} removes it; or make another one: labs up NAME --cluster {wanted}",
        )
    if recorded:
        chosen, reason = recorded, "as it was made"
    elif wanted:
        chosen, reason = wanted, "as asked for"
    else:
        choice = choose(Engine())
        chosen, reason = choice.backend, choice.reason
    say(f"cluster    {chosen}: {reason}")
    record.backend(lab.state, chosen)


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
        lab.backend.cluster.delete()
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
        cluster = lab.backend.cluster
        _whole(lab, cluster.condition())
        cluster.stop()


def start(name: str, say: Callable[[str], None]) -> None:
    """Starts the lab's node and waits until its API answers. Raises NoLab where there is no whole cluster, Busy."""
    lab = find(name)
    with process.held(lab.folder.lock, f"the lab {name}"):
        backend = lab.backend
        _whole(lab, backend.cluster.condition())
        if not backend.awake(backend.context(say)):
            raise NoLab(f"the cluster of the lab {name} has to be made anew", advice=f"labs up {name} does it.")


def _whole(lab: Lab, condition: Condition) -> None:
    if condition is Condition.ABSENT or (condition is Condition.PARTIAL and not lab.is_simulated):
        raise NoLab(f"the cluster of the lab {lab.name} is {condition.value}", advice=f"labs up {lab.name} makes it.")


def _orphaned(folder: Folder) -> bool:
    """Whether a cluster of this lab runs although the lab's folder is gone."""
    lab = Lab(folder, State(folder.state, {}))
    try:
        return lab.backend.cluster.condition() is not Condition.ABSENT
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
    condition = lab.backend.cluster.condition()
    if condition is not Condition.RUNNING:
        raise NoLab(f"the lab {name} is {condition.value}", advice=f"labs up {name} brings it up.")
    yield lab
