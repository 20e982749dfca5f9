"""The solutions and mutants of a course, and where the truth about each is kept."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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
        return files_of(self.source)

    @property
    def platform(self) -> Path:
        """What the learner's repository starts from."""
        return course.default_folder() / "platform"

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
        return Truth.model_validate(yaml.load(path.read_text(), Loader=_LOADER)) if path.is_file() else None

    def stale(self, kyverno: str = KYVERNO) -> str:
        """Why the record must be made (anew): it is missing, or was made of other files or for other probes."""
        kept = self.read(kyverno)
        if kept is None:
            return "has no record"
        if kept.files != self.digest:
            return "was changed after it was recorded"
        return "was recorded for other probes" if kept.probes != probes_digest(self.module) else ""

    def write(self, truth: Truth) -> None:
        """Keeps a record, whole or not at all."""
        path = self.path(truth.kyverno)
        path.parent.mkdir(parents=True, exist_ok=True)
        value = {"format": truth.format, **truth.model_dump(mode="json", exclude_defaults=True)}
        text = yaml.dump(value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=118)
        written = path.with_suffix(".part")
        written.write_text(text)
        written.replace(path)


_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Dumper(yaml.SafeDumper):
    """Lists of plain texts in one line."""


def _list(dumper: yaml.SafeDumper, data: list[Any]) -> yaml.Node:
    flow = all(isinstance(one, str) for one in data)
    return dumper.represent_sequence("tag:yaml.org,2002:seq", data, flow_style=flow)


_Dumper.add_representer(list, _list)


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


def files_of(folder: Path) -> tuple[Path, ...]:
    """The files below a folder but for the description, relative to it."""
    found = (path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != ABOUT)
    return tuple(path.relative_to(folder) for path in found)


def command(names: Iterable[str]) -> str:
    """What records the entries of these names."""
    one = list(names)
    only = f" --only {one[0]}" if len(one) == 1 else ""
    return f'labs up truth; labs install kyverno truth; make truth OPTIONS="--lab truth{only}"'


def orphans(kyverno: str = KYVERNO) -> list[Path]:
    """Records of what is not there."""
    known = {one.path(kyverno) for one in entries()}
    return [path for path in sorted((folder() / f"kyverno-{kyverno}").rglob("*.yaml")) if path not in known]


def schema() -> str:
    """The JSON schema of a record."""
    return json.dumps(Truth.model_json_schema(), indent=1) + "\n"
