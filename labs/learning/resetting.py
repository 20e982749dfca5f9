"""Going back to before a step, and going ahead to one: repository and cluster together.

The learner's work goes to a branch first. What a kill leaves half done is done by the same call again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Literal

from grader.course import Module
from grader.kube import Kube, connect
from labs import kyverno, process, state
from labs import lab as labs
from labs.errors import NoLab
from labs.lab import Lab
from labs.learning import removal, undoing
from labs.learning.building import Before, before, index_of, keeps_files
from labs.learning.earlier import carried
from labs.platform import backup, clone, rewind
from labs.platform.backup import Kept
from labs.platform.rewind import Both, Laid, overlaid
from labs.platform.working_tree import Files

_PATIENCE = 30.0
"""Seconds to wait until Argo CD is at what was laid; it follows by itself afterwards."""
_PATIENCE_WITH_OWN = 3.0
"""The same where the learner's own commits stay, which Argo CD may never be able to apply."""
_CARRIED = "Keep what earlier modules changed"
_MESSAGE = "Build the state before step {} of the exercise"
Say = Callable[[str], None]


@dataclass(frozen=True)
class Lost:
    """A clone that Git could not read: what was `saved` of it, and where it lies. Empty: the clone was whole."""

    saved: Kept | None = None
    broken: Path | None = None


@dataclass(frozen=True)
class Turned:
    """What a reset or a jump did. `kept` names where the learner's work is, `removed` what was taken from the cluster.

    `followed`: Argo CD is there already. `files` says whose the files of the clone are then: `left` as they were, with
    their commits; the learner's `own`, not committed; or the `course`'s, of which `laid` names those that are not in
    the repository that a lab begins with. `carried` are files that an earlier module changed, and that stay so;
    `undone` the earlier modules of which nothing could stay. `clone` tells of the clone, `lost` of one before it.
    """

    kept: Kept
    removed: tuple[str, ...]
    followed: bool
    files: Literal["left", "own", "course"] = "left"
    laid: tuple[str, ...] = ()
    carried: tuple[str, ...] = ()
    undone: tuple[str, ...] = ()
    clone: Laid = field(default_factory=Laid)
    lost: Lost = field(default_factory=Lost)


def reset(
    lab: Lab, module: Module, step: str | None = None, say: Say = lambda _: None, earlier: Sequence[str] = ()
) -> Turned:
    """Goes back to before a step (by name or number), or to before all of them.

    Only what the learner changed is undone. Kyverno goes where the step that installs it is undone. The learner's own
    files stay where the step did not write them, and so do the files that `earlier` modules change
    (labs.learning.earlier). Raises UsageError, NoLab, Busy, EnvironmentFault.
    """
    index = index_of(module, step) if step else 0
    return _turn(lab, module, index, _Way(True, step is None, tuple(earlier)), say)


def jump(lab: Lab, module: Module, step: str, say: Say = lambda _: None, earlier: Sequence[str] = ()) -> Turned:
    """Builds the state before a step, from the reference solution. Raises as `reset`."""
    return _turn(lab, module, index_of(module, step), _Way(False, False, tuple(earlier)), say)


@dataclass(frozen=True)
class _Way:
    """Which way to turn: `back` keeps what is right already, `everything` goes to the very start.

    `earlier` are the files that earlier modules change.
    """

    back: bool
    everything: bool
    earlier: tuple[str, ...]


def _turn(lab: Lab, module: Module, index: int, way: _Way, say: Say) -> Turned:
    wanted = before(module, index)
    with process.held(lab.folder.lock, f"the lab {lab.name}"), labs.running(lab.name) as running:
        turned = _repository(running, module, index, wanted, way)
        with connect(running.folder.kubeconfig) as kube:
            if wanted.kyverno:
                _installed(running, kube, say)
            removed = undoing.undo(kube)
            if way.everything:
                removed += undoing.undo_namespaces(kube, removal.namespaces(kube))
            patience = _PATIENCE_WITH_OWN if turned.files == "left" else _PATIENCE
            followed = undoing.follow(kube, turned.clone.head, patience)
            if not wanted.kyverno and any(one.after.installs for one in module.exercise.steps[index:]):
                removed += removal.remove(running, kube, say)
    if turned.files != "left":
        rewind.told(lab.folder.clone)
    return replace(turned, removed=removed, followed=followed)


def _installed(lab: Lab, kube: Kube, say: Say) -> None:
    """Brings Kyverno into a cluster that has none."""
    if not removal.namespaces(kube):
        say("Kyverno is installed; this takes a minute on a real cluster.")
        say(kyverno.install(lab))


def _repository(lab: Lab, module: Module, index: int, wanted: Before, way: _Way) -> Turned:
    """Turns clone and remote; of the cluster nothing is told."""
    label = state.now().replace(":", "").replace("-", "")
    folder = lab.folder
    if not (folder.remote / "HEAD").is_file():
        raise NoLab("the lab's remote is gone", advice=f"labs up {lab.name} makes it again.")
    lost = _made_anew(lab, label)
    with Both.opened(folder.clone, folder.remote) as both:
        if way.back and wanted.pushed:
            return Turned(Kept(folder.clone), (), False, clone=Laid(both.head()), lost=lost)
        mine = both.working()
        kept = both.keep(label)
        stays = carried(both.pushed(), both.start(), way.earlier)
        base = {**both.start(), **stays}
        own = way.back and keeps_files(module, index)
        working = _unplaced(mine, both.start(), module, index) if own else overlaid(base, wanted.files)
        commits = [(base, _CARRIED)] if stays else []
        if wanted.pushed:
            commits.append((working, _MESSAGE.format(module.exercise.steps[index].task)))
        done = both.lay(working, commits, label)
    files: tuple[str, ...] = () if own else tuple(wanted.files)
    whose: Literal["own", "course"] = "own" if own else "course"
    return Turned(Kept(folder.clone, kept), (), False, whose, files, tuple(stays), clone=done, lost=lost)


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


def _made_anew(lab: Lab, label: str) -> Lost:
    """Makes a clone where there is none that Git could read; what is left of it is kept."""
    path = lab.folder.clone
    if (path / ".git" / "objects").is_dir():
        return Lost()
    saved = backup.keep(path, lab.folder.remote, _backups(lab), label)
    broken = path.rename(path.with_name(f"{path.name}.{label}")) if path.exists() else None
    clone.clone(lab.folder.remote, path)
    return Lost(saved, broken)


def _backups(lab: Lab) -> Path:
    return state.home() / "backups" / f"{lab.name}.git"
