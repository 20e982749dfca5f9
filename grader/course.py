"""A course as data: modules, their text, steps, checks and probes.

`content/course.yaml` lists the modules; `content/modules/NN-name/` holds `text.md` and
`exercise.yaml`. Every error names the file and, where YAML gives one, the line.
"""

from __future__ import annotations

import hashlib
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from grader.errors import CourseError, ManifestError
from grader.manifest import Document, Limits, load
from grader.text import quoted

_LIMITS = Limits(size=4 << 20)

Identifier = Annotated[str, Field(pattern=r"^[a-z0-9]+([.-][a-z0-9]+)*$", max_length=80)]


class _Data(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Hint(_Data):
    """One tier of help. With `check` it is shown only while that check is the first not passed."""

    text: str
    check: Identifier | None = None


_Path = Annotated[str, Field(pattern=r"^[A-Za-z0-9][\w-]*(\.[\w-]+)*(/[A-Za-z0-9][\w-]*(\.[\w-]+)*)*$", max_length=200)]


class After(_Data):
    """What a step leaves behind, for whoever jumps over it.

    `installs` names what it puts into the cluster. `files` are those of the learner's that lie in the repository from
    here on (path → file of the course), in place of those of the steps before; `pushed`: they are committed and pushed.
    """

    installs: Literal["kyverno"] | None = None
    files: dict[_Path, _Path] = {}
    pushed: bool = False


class Step(_Data):
    """One step of an exercise. `anchor` is the heading of `text.md` that it belongs to.

    `commands` are what the text tells the learner to run, in the lab's shell, in order; those whose numbers (from 1)
    stand in `refused` are meant to be refused by the cluster. `after` is what the step leaves.
    """

    id: Identifier
    task: int = Field(ge=0, le=99)
    title: str
    anchor: str
    commands: tuple[str, ...] = ()
    refused: tuple[int, ...] = ()
    checks: tuple[Identifier, ...] = ()
    hints: tuple[Hint, ...] = ()
    after: After = After()


class CheckSpec(_Data):
    """One check asked: its points, what it waits for, the profiles it is asked in, its parameters."""

    id: Identifier
    points: int = Field(ge=0)
    needs: tuple[Identifier, ...] = ()
    profiles: tuple[Literal["repository", "cluster"], ...] = ("cluster",)
    parameters: dict[str, Any] = {}


class ProbeSpec(_Data):
    """One question to the live cluster, and the answer expected.

    `sample` names an image of the lab (`grader.evidence.lab`). `where` is the place of that image;
    `second` is the second container beside an unrelated one. Expected answers: `admitted`;
    `denied` (by the learner's policy); `untouched` (admitted, and the policy did not look at it);
    `touched` (the policy looked at it, whatever it said).
    """

    id: Identifier
    check: Identifier
    sample: Identifier
    namespace: str
    kind: Literal["Pod", "Deployment"] = "Pod"
    where: Literal["container", "second", "init", "ephemeral"] = "container"
    reference: Literal["tag", "digest"] = "tag"
    identity: Literal["administrator", "crossplane"] = "administrator"
    expect: Literal["admitted", "denied", "untouched", "touched"]
    says: str = ""


class Exercise(_Data):
    """The exercise of a module. `parameters` are what its checks ask for, by name."""

    format: Literal[1]
    title: str
    parameters: dict[str, Any] = {}
    steps: tuple[Step, ...]
    checks: tuple[CheckSpec, ...] = ()
    probes: tuple[ProbeSpec, ...] = ()

    def check(self, identifier: str) -> CheckSpec:
        """The check of that name; KeyError where the exercise has none."""
        for check in self.checks:
            if check.id == identifier:
                return check
        raise KeyError(identifier)

    def task_of(self, check: str) -> int:
        """The task that a check belongs to: that of the step that lists it."""
        return next((step.task for step in self.steps if check in step.checks), 0)


class ModuleEntry(_Data):
    id: Identifier
    title: str
    written: bool = True
    link: str | None = None


class CourseFile(_Data):
    format: Literal[1]
    title: str
    order: Literal["gated", "free"] = "free"
    modules: tuple[ModuleEntry, ...]


class Module:
    """One module of a course: its text and its exercise, read when first asked for."""

    def __init__(self, course: Path, entry: ModuleEntry) -> None:
        self.id = entry.id
        self.title = entry.title
        self.written = entry.written
        self.folder = course / "modules" / entry.id
        self.solutions_folder = course / "solutions" / entry.id
        self.mutants_folder = course / "mutants" / entry.id

    @cached_property
    def text(self) -> str:
        """The module's Markdown. Raises CourseError where the file is missing."""
        return _read(self.folder / "text.md").decode("utf-8")

    @cached_property
    def exercise(self) -> Exercise:
        """The module's exercise, checked. Raises CourseError with file and line."""
        path = self.folder / "exercise.yaml"
        document = _document(path)
        exercise: Exercise = _validated(Exercise, document)
        _check_references(exercise, document)
        return exercise

    @property
    def solutions(self) -> list[Path]:
        """The accepted solutions' folders; the first is the reference."""
        return _folders(self.solutions_folder)

    @property
    def mutants(self) -> list[Path]:
        """Folders of known-wrong submissions."""
        return _folders(self.mutants_folder)


class Course:
    """A course read from a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._file: CourseFile = _validated(CourseFile, _document(folder / "course.yaml"))
        self.title = self._file.title
        self.order = self._file.order
        self.modules = tuple(Module(folder, entry) for entry in self._file.modules)

    def module(self, identifier: str) -> Module:
        """The module of exactly that name. Raises CourseError naming those there are."""
        for module in self.modules:
            if module.id == identifier:
                return module
        known = ", ".join(module.id for module in self.modules if module.written)
        raise CourseError(f"there is no module {quoted(identifier)}", advice=f"Modules of this course: {known}.")

    @cached_property
    def digest(self) -> str:
        """SHA-256 over the course's files, in the order of their names; what was recorded in `truth/` is none of it."""
        digest, truth = hashlib.sha256(), self.folder / "truth"
        for path in sorted(p for p in self.folder.rglob("*") if p.is_file() and truth not in p.parents):
            digest.update(path.relative_to(self.folder).as_posix().encode() + b"\0")
            digest.update(hashlib.sha256(path.read_bytes()).digest())
        return digest.hexdigest()

    @property
    def platform(self) -> Path:
        """What a learner's platform repository starts from."""
        return self.folder / "platform"


def default_folder() -> Path:
    """The course that is packaged with the program, or the one of the source tree."""
    here = Path(__file__).resolve().parent
    packaged = here / "content"
    return packaged if packaged.is_dir() else here.parent / "content"


def read(folder: Path | None = None) -> Course:
    """Reads a course, by default the one that comes with the program."""
    return Course(folder or default_folder())


def _folders(parent: Path) -> list[Path]:
    return sorted(path for path in parent.iterdir() if path.is_dir()) if parent.is_dir() else []


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CourseError(f"cannot be read: {error.strerror}", where=str(path)) from None


def _document(path: Path) -> Document:
    try:
        documents = load(_read(path), str(path), _LIMITS)
    except ManifestError as error:
        raise CourseError(error.message, where=error.where, advice=error.advice) from None
    if len(documents) != 1 or not isinstance(documents[0].value, dict):
        raise CourseError("must hold exactly one YAML mapping", where=str(path))
    return documents[0]


def _validated(model: type[Any], document: Document) -> Any:
    try:
        return model.model_validate(document.value)
    except ValidationError as error:
        first = error.errors()[0]
        path: tuple[str | int, ...] = tuple(first["loc"])
        name = ".".join(map(str, path)) or "the file"
        raise CourseError(f"{name}: {first['msg']}", where=document.where(*path)) from None


def _check_references(exercise: Exercise, document: Document) -> None:
    """Every name that one part gives must exist in another, and `needs` must not go round."""
    checks = {check.id for check in exercise.checks}
    placed: set[str] = set()
    for index, step in enumerate(exercise.steps):
        for name in step.checks:
            if name not in checks:
                raise CourseError(
                    f"step {step.id} names the unknown check {name}", where=document.where("steps", index, "checks")
                )
            placed.add(name)
        if not set(step.refused) <= set(range(1, len(step.commands) + 1)):
            raise CourseError(
                f"step {step.id} has no such command to be refused", where=document.where("steps", index, "refused")
            )
    seen: set[str] = set()
    for index, check in enumerate(exercise.checks):
        where = document.where("checks", index)
        if check.id in seen:
            raise CourseError(f"the check {check.id} is declared twice", where=where)
        if check.id not in placed:
            raise CourseError(f"no step lists the check {check.id}", where=where)
        for need in check.needs:
            if need not in seen:
                raise CourseError(f"{check.id} needs {need}, which must be declared before it", where=where)
        seen.add(check.id)
    probes: set[str] = set()
    for index, probe in enumerate(exercise.probes):
        if probe.check not in checks or probe.id in probes:
            problem = "is declared twice" if probe.id in probes else f"speaks for the unknown check {probe.check}"
            raise CourseError(f"the probe {probe.id} {problem}", where=document.where("probes", index))
        probes.add(probe.id)
