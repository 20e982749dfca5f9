"""Progress in a file: whole at every moment, shared by several programs, carried from machine to machine.

Schema `platform-labs/progress/v1`: `{"schema": …, "here": ID, "seen": SECONDS SINCE 1970, "modules": {ID: {"step",
"passed", "score", "max_score", "hints", "seconds", "solutions_shown", "done"}}}`.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from grader.errors import EnvironmentFault, InputError
from grader.text import one_line
from labs import state
from labs.learning.module_progress import ModuleProgress, merged

SCHEMA = "platform-labs/progress/v1"
_SIZE = 1 << 20
_NAME = re.compile(r"[a-z0-9]+([.-][a-z0-9]+)*\Z")
_MOST = 10**10
PAUSE = 600.0
"""Seconds after which somebody who does nothing counts as away."""
Modules = dict[str, ModuleProgress]


@dataclass
class Account:
    """All that the file tells: of each module, the module one was `here` in last, and when one was `seen` last."""

    modules: Modules = field(default_factory=dict)
    here: str | None = None
    seen: float = 0.0

    def copy(self) -> Account:
        """One of its own, that changes by itself."""
        return Account({name: one.copy() for name, one in self.modules.items()}, self.here, self.seen)


def default_file() -> Path:
    """Where this person's progress is kept."""
    return state.home() / "progress.json"


class Progress:
    """What a learner has done of every module. Changes reach the file by `save`."""

    def __init__(self, file: Path, account: Account | None = None, problem: str | None = None) -> None:
        self.file = file
        self.problem = problem
        self._mine = account or Account()
        self._base = self._mine.copy()

    @classmethod
    def load(cls, file: Path | None = None) -> Progress:
        """Reads a progress, empty where there is none. Never raises: `problem` tells what could not be read.

        A file of another shape is kept beside as `progress.json.corrupt-…`.
        """
        place = file or default_file()
        try:
            return cls(place, _read(place))
        except FileNotFoundError:
            return cls(place)
        except OSError as error:
            return cls(place, None, f"{place} cannot be read: {error.strerror}")
        except ValueError as wrong:
            return cls(place, None, _put_aside(place, str(wrong)))

    @classmethod
    def imported(cls, path: Path) -> Progress:
        """Reads a progress that was exported elsewhere. Raises InputError."""
        try:
            return cls(path, _read(path))
        except OSError as error:
            raise InputError(f"cannot be read: {error.strerror}", where=one_line(str(path))) from None
        except ValueError as wrong:
            advice = "labs progress export FILE writes one that can be read."
            raise InputError(f"is no progress: {wrong}", where=one_line(str(path)), advice=advice) from None

    @property
    def modules(self) -> Modules:
        """Every module that there is something to tell of."""
        return self._mine.modules

    @property
    def here(self) -> str | None:
        """The module that one was in last."""
        return self._mine.here

    def module(self, identifier: str) -> ModuleProgress:
        """The progress in one module, empty at first; what is changed in it is part of this progress."""
        return self.modules.setdefault(identifier, ModuleProgress())

    def enter(self, module: str, step: str | None = None) -> None:
        """Notes where one is: in a module, at a step of it."""
        self._mine.here = module
        if step:
            self.module(module).step = step

    def tick(self, now: float, module: str, step: str) -> None:
        """Counts the time since the last tick, of any program, to a step; of a longer pause the first `PAUSE`.

        `now` is in seconds since 1970.
        """
        if 0 < self._mine.seen < now:
            self.module(module).spent(step, min(now - self._mine.seen, PAUSE))
        self._mine.seen = now

    def adopt(self, other: Progress) -> None:
        """Takes in another progress: what either has gained stays. Times are not added: the longer one counts.

        Where one is stays too; the other says it only of what was not begun here.
        """
        for name, theirs in other.modules.items():
            mine = self.module(name)
            times = {step: max(mine.seconds.get(step, 0.0), time) for step, time in theirs.seconds.items()}
            self.modules[name] = replace(merged(ModuleProgress(), theirs, mine), step=mine.step or theirs.step)
            self.modules[name].seconds = {**mine.seconds, **times}
        self._mine.here = self.here or other.here

    def save(self) -> None:
        """Writes the file whole. What another program wrote since is kept, and taken in. Raises EnvironmentFault."""
        with _locked(self.file):
            try:
                there = _read(self.file)
            except (OSError, ValueError):
                there = Account()
            self._take(there)
            state.write(self.file, _as_bytes(self._mine))
        self._base = self._mine.copy()

    def _take(self, there: Account) -> None:
        """Lays what changed here over what is there, within the very objects that others hold."""
        nothing = ModuleProgress()
        for name in self.modules.keys() | there.modules.keys():
            mine = self.module(name)
            theirs = there.modules.get(name, nothing)
            vars(mine).update(vars(merged(self._base.modules.get(name, nothing), mine, theirs)))
        if self._mine.here == self._base.here:
            self._mine.here = there.here
        self._mine.seen = max(self._mine.seen, there.seen)

    def export(self, path: Path) -> None:
        """Writes a copy to carry elsewhere. Raises EnvironmentFault, also where its folder is not there."""
        if not path.absolute().parent.is_dir():
            raise EnvironmentFault("there is no such folder", where=str(path.parent), advice="Make it first: mkdir -p.")
        state.write(path.absolute(), _as_bytes(self._mine), 0o644)

    def text(self) -> str:
        """What `export` writes."""
        return _as_bytes(self._mine).decode()


@contextmanager
def _locked(file: Path) -> Iterator[None]:
    """Waits for its turn; the system gives the lock back when its holder dies (flock(2))."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(file.with_name(f".{file.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise EnvironmentFault(f"cannot be written: {error.strerror}", where=str(file)) from None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _put_aside(file: Path, wrong: str) -> str:
    aside = file.with_name(f"{file.name}.corrupt-{state.now().replace(':', '')}")
    try:
        file.replace(aside)
    except OSError as error:
        return f"{file} could not be read ({wrong}), nor be put aside: {error.strerror}"
    return f"{file} could not be read ({wrong}); it was kept as {aside.name}."


def _as_bytes(account: Account) -> bytes:
    modules = {name: one.as_json() for name, one in sorted(account.modules.items())}
    plain = {"schema": SCHEMA, "here": account.here, "seen": round(account.seen, 1), "modules": modules}
    return json.dumps(plain, indent=1).encode() + b"\n"


def _read(file: Path) -> Account:
    """What a file tells. Raises OSError, and ValueError with the reason where it is no progress."""
    with file.open("rb") as opened:
        content = opened.read(_SIZE + 1)
    if len(content) > _SIZE:
        raise ValueError("it is too large")
    try:
        data = json.loads(content)
    except (ValueError, RecursionError):
        raise ValueError("it is no JSON") from None
    if not isinstance(data, dict) or data.get("schema") != SCHEMA:
        raise ValueError(f"its schema is not {SCHEMA}")
    modules = {name: _module(one) for name, one in _mapping(data, "modules").items()}
    return Account(modules, _name_or_none(data, "here"), _number(data.get("seen", 0)))


def _module(data: Any) -> ModuleProgress:
    """One module's progress; fields that are missing are empty, others are left aside."""
    if not isinstance(data, dict):
        raise ValueError("a module is no object")
    passed = data.get("passed", [])
    if not isinstance(passed, list) or not all(map(_is_name, passed)):
        raise ValueError("passed is no list of names")
    return ModuleProgress(
        step=_name_or_none(data, "step"),
        passed=set(passed),
        score=_whole(data.get("score", 0)),
        max_score=_whole(data.get("max_score", 0)),
        hints={name: _whole(value) for name, value in _mapping(data, "hints").items()},
        seconds={name: _number(value) for name, value in _mapping(data, "seconds").items()},
        solutions_shown=_whole(data.get("solutions_shown", 0)),
        done=data.get("done") is True,
    )


def _mapping(data: dict[str, Any], key: str) -> dict[str, Any]:
    found = data.get(key, {})
    if not isinstance(found, dict) or not all(map(_is_name, found)):
        raise ValueError(f"{key} has the wrong shape")
    return found


def _name_or_none(data: dict[str, Any], key: str) -> str | None:
    found = data.get(key)
    if found is not None and not _is_name(found):
        raise ValueError(f"{key} is no name")
    return found


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= 80 and bool(_NAME.match(value))


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= _MOST:
        raise ValueError("a number in it is none that can be")
    return float(value)


def _whole(value: Any) -> int:
    return int(_number(value))
