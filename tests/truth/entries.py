"""The solutions and mutants of a course, and where the truth about each is kept."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from grader import course
from grader.course import Module
from tests.truth.model import Truth

KYVERNO = "1.19.1"
ABOUT = "about.yaml"
SCHEMA = "schema.json"


def folder() -> Path:
    """Where everything is kept: one folder a version of Kyverno."""
    return course.default_folder() / "truth"


@dataclass(frozen=True, slots=True)
class Entry:
    """One solution or mutant of a module. `group` is `solutions` or `mutants`."""

    module: Module
    group: str
    source: Path

    @property
    def name(self) -> str:
        """Unique among all."""
        return f"{self.module.id}/{self.group}/{self.source.name}"

    @property
    def files(self) -> tuple[Path, ...]:
        """The files that a learner would have, relative to the folder."""
        found = (path for path in sorted(self.source.rglob("*")) if path.is_file() and path.name != ABOUT)
        return tuple(path.relative_to(self.source) for path in found)

    @property
    def digest(self) -> str:
        """Of the files' names and contents."""
        digest = hashlib.sha256()
        for path in self.files:
            digest.update(path.as_posix().encode() + b"\0" + hashlib.sha256((self.source / path).read_bytes()).digest())
        return digest.hexdigest()

    def path(self, kyverno: str = KYVERNO) -> Path:
        """The record's file."""
        return folder() / f"kyverno-{kyverno}" / self.module.id / self.group / f"{self.source.name}.yaml"

    def read(self, kyverno: str = KYVERNO) -> Truth | None:
        """The record, or None where there is none."""
        path = self.path(kyverno)
        return Truth.model_validate(yaml.safe_load(path.read_text())) if path.is_file() else None

    def write(self, truth: Truth) -> None:
        """Keeps a record."""
        path = self.path(truth.kyverno)
        path.parent.mkdir(parents=True, exist_ok=True)
        text = yaml.safe_dump(truth.model_dump(mode="json"), sort_keys=False, allow_unicode=True, width=118)
        path.write_text(text)


def entries() -> Iterator[Entry]:
    """Every solution and mutant of every module that has an exercise with probes."""
    for module in course.read().modules:
        if module.written and module.exercise.probes:
            yield from (Entry(module, "solutions", one) for one in module.solutions)
            yield from (Entry(module, "mutants", one) for one in module.mutants)


def probes_digest(module: Module) -> str:
    """Of all that is asked of a policy of the module; what is expected is left aside."""
    asked = [one.model_dump(mode="json", exclude={"expect", "says", "check"}) for one in module.exercise.probes]
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()


def schema() -> str:
    """The JSON schema of a record."""
    return json.dumps(Truth.model_json_schema(), indent=1) + "\n"
