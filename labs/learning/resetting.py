"""Going back to before a step, and going ahead to one: repository and cluster together.

The learner's work goes to a branch first. What a kill leaves half done is done by the same call again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from grader.course import Module
from grader.kube import Kube, connect
from labs import kyverno, process, state
from labs import lab as labs
from labs.errors import NoLab
from labs.lab import Lab
from labs.learning import removal, undoing
from labs.learning.building import Before, before, index_of, keeps_files
from labs.platform import backup, clone
from labs.platform.backup import Kept
from labs.platform.rewind import Both, overlaid
from labs.platform.working_tree import Files

PATIENCE = 3.0
"""Seconds to wait for Argo CD; it follows by itself afterwards."""
_MESSAGE = "Build the state before step {} of the exercise"
Say = Callable[[str], None]


@dataclass(frozen=True)
class Turned:
    """What a reset or a jump did. `kept` names where the learner's work is, `removed` what was taken from the cluster.

    `followed`: Argo CD is there already.
    """

    kept: Kept
    removed: tuple[str, ...]
    followed: bool


def reset(lab: Lab, module: Module, step: str | None = None, say: Say = lambda _: None) -> Turned:
    """Goes back to before a step (by name or number), or to before all of them.

    Only what the learner changed is undone. Kyverno goes where the step that installs it is undone. The learner's own
    files stay where the step did not write them. Raises UsageError, NoLab, Busy, EnvironmentFault.
    """
    index = index_of(module, step) if step else 0
    return _turn(lab, module, index, _Way(back=True, everything=step is None), say)


def jump(lab: Lab, module: Module, step: str, say: Say = lambda _: None) -> Turned:
    """Builds the state before a step, from the reference solution. Raises as `reset`."""
    return _turn(lab, module, index_of(module, step), _Way(back=False, everything=False), say)


@dataclass(frozen=True)
class _Way:
    """Which way to turn: `back` keeps what is right already, `everything` goes to the very start."""

    back: bool
    everything: bool


def _turn(lab: Lab, module: Module, index: int, way: _Way, say: Say) -> Turned:
    wanted = before(module, index)
    with process.held(lab.folder.lock, f"the lab {lab.name}"), labs.running(lab.name) as running:
        kept, head = _repository(running, module, index, wanted, way)
        with connect(running.folder.kubeconfig) as kube:
            if wanted.kyverno:
                _installed(running, kube, say)
            removed = undoing.undo(kube)
            if way.everything:
                removed += undoing.undo_namespaces(kube, removal.namespaces(kube))
            followed = undoing.follow(kube, head, PATIENCE)
            if not wanted.kyverno and any(one.after.installs for one in module.exercise.steps[index:]):
                removed += removal.remove(running, kube, say)
    return Turned(kept, removed, followed)


def _installed(lab: Lab, kube: Kube, say: Say) -> None:
    """Brings Kyverno into a cluster that has none."""
    if not removal.namespaces(kube):
        say("Kyverno is installed; this takes a minute on a real cluster.")
        say(kyverno.install(lab))


def _repository(lab: Lab, module: Module, index: int, wanted: Before, way: _Way) -> tuple[Kept, str]:
    """Turns clone and remote; returns what was kept and the head of `main`."""
    label = state.now().replace(":", "").replace("-", "")
    folder = lab.folder
    if not (folder.remote / "HEAD").is_file():
        raise NoLab("the lab's remote is gone", advice=f"labs up {lab.name} makes it again.")
    lost = _made_anew(lab, label)
    with Both.opened(folder.clone, folder.remote) as both:
        if way.back and wanted.pushed:
            return lost, both.head()
        mine = both.working()
        kept = both.keep(label)
        working = overlaid(both.start(), wanted.files)
        if way.back and keeps_files(module, index):
            working = _unplaced(mine, both.start(), module, index)
        head = both.lay(working, working if wanted.pushed else None, _MESSAGE.format(module.exercise.steps[index].task))
    return (Kept(folder.clone, kept) if kept else lost), head


def _unplaced(mine: Files, start: Files, module: Module, index: int) -> Files:
    """The learner's own files; where the step puts files into the GitOps folder, they lie at the top again."""
    if not module.exercise.steps[index].after.files:
        return mine
    placed = PurePosixPath(str(module.exercise.parameters.get("folder", "")))
    found: Files = {}
    for path, file in mine.items():
        inside = PurePosixPath(path).parent == placed and path not in start
        found[PurePosixPath(path).name if inside else path] = file
    return found


def _made_anew(lab: Lab, label: str) -> Kept:
    """Makes a clone where there is none that Git could read; what is left of it is kept."""
    path = lab.folder.clone
    if (path / ".git" / "objects").is_dir():
        return Kept(path)
    kept = backup.keep(path, lab.folder.remote, _backups(lab), label)
    if path.exists():
        path.rename(path.with_name(f"{path.name}.{label}"))
    clone.clone(lab.folder.remote, path)
    return kept


def _backups(lab: Lab) -> Path:
    return state.home() / "backups" / f"{lab.name}.git"
