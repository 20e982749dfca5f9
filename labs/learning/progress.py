"""Progress in a file: whole at every moment, shared by several programs, carried from machine to machine.

Its text is in labs.learning.progress_text.
"""

from __future__ import annotations

import errno
import fcntl
import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from itertools import chain, count
from pathlib import Path

from grader import files
from grader.errors import EnvironmentFault, InputError
from grader.text import one_line
from labs import state
from labs.learning.module_progress import ModuleProgress, merged
from labs.learning.progress_text import SIZE, Account, Modules, as_bytes, parsed

PAUSE = 600.0
"""Seconds after which somebody who does nothing counts as away."""


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
            return cls(place, parsed(_content(place)))
        except FileNotFoundError:
            return cls(place)
        except OSError as error:
            return cls(place, None, f"{place} cannot be read: {error.strerror}")
        except ValueError as wrong:
            return cls(place, None, _put_aside(place, str(wrong)))

    @classmethod
    def imported(cls, path: Path) -> Progress:
        """Reads a progress that was exported elsewhere. Raises InputError."""
        return cls.told(files.read(path, SIZE >> 20), str(path))

    @classmethod
    def told(cls, content: bytes, name: str) -> Progress:
        """A progress by the text of its file. Raises InputError, which names the text `name`."""
        try:
            return cls(Path(name), parsed(content))
        except ValueError as wrong:
            advice = "labs progress export FILE writes one that can be read."
            raise InputError(f"is no progress: {wrong}", where=one_line(name), advice=advice) from None

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

    def adopt(self, other: Progress, points: Mapping[str, int] | None = None) -> None:
        """Takes in another progress: what either has gained stays. Times are not added: the longer one counts.

        Where one is stays too; the other says it only of what was not begun here. `points` is what can be had in a
        module; no more is taken in.
        """
        for name, theirs in other.modules.items():
            mine = self.module(name)
            times = {step: max(mine.seconds.get(step, 0.0), time) for step, time in theirs.seconds.items()}
            self.modules[name] = replace(merged(ModuleProgress(), theirs, mine), step=mine.step or theirs.step)
            self.modules[name].seconds = {**mine.seconds, **times}
            self.modules[name].bounded((points or {}).get(name))
        self._mine.here = self.here or other.here

    def save(self) -> None:
        """Writes the file whole. What another program wrote since is kept, and taken in.

        Raises EnvironmentFault; what cannot be read, and cannot be kept beside, is not written over.
        """
        with _locked(self.file):
            self._take(self._there())
            state.write(self.file, _written(self._mine, self.file))
        self._base = self._mine.copy()

    def _there(self) -> Account:
        """What the file tells; what was last known of it, where it is gone or was damaged since."""
        try:
            return parsed(_content(self.file))
        except FileNotFoundError:
            return self._base.copy()
        except OSError as error:
            advice = "Nothing is written over it. Make it readable, or move it away."
            raise EnvironmentFault(f"cannot be read: {error.strerror}", where=str(self.file), advice=advice) from None
        except ValueError as wrong:
            self.problem = _put_aside(self.file, str(wrong))
            if self.file.exists():
                raise EnvironmentFault(self.problem, where=str(self.file), advice="Move it away.") from None
            return self._base.copy()

    def _take(self, there: Account) -> None:
        """Lays what changed here over what is there, within the very objects that others hold."""
        nothing = ModuleProgress()
        for name in self.modules.keys() | there.modules.keys():
            mine = self.module(name)
            theirs = there.modules.get(name, nothing)
            vars(mine).update(vars(merged(self._base.modules.get(name, nothing), mine, theirs)))
        if self._mine.here == self._base.here:
            self._mine.here = there.here
        if self._mine.seen == self._base.seen:
            self._mine.seen = there.seen

    def export(self, path: Path) -> None:
        """Writes a copy to carry elsewhere. Raises EnvironmentFault, also where its folder is not there."""
        if not path.absolute().parent.is_dir():
            raise EnvironmentFault("there is no such folder", where=str(path.parent), advice="Make it first: mkdir -p.")
        state.write(path.absolute(), _written(self._mine, path), 0o644)

    def text(self) -> str:
        """What `export` writes. Raises EnvironmentFault."""
        return _written(self._mine, self.file).decode()


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
    """Gives a file that cannot be read another name; says so, or that it could not be done."""
    wanted = f"{file.name}.corrupt-{state.now().replace(':', '')}"
    names = chain((wanted,), (f"{wanted}-{number}" for number in count(2)))
    aside = next(one for name in names if not (one := file.with_name(name)).exists())
    try:
        file.rename(aside)
    except OSError as error:
        return f"{file} could not be read ({wrong}), nor be kept beside: {error.strerror}"
    return f"{file} could not be read ({wrong}); it was kept as {aside.name}."


def _written(account: Account, file: Path) -> bytes:
    """The text for a file. Raises EnvironmentFault where it could not be read again."""
    try:
        return as_bytes(account)
    except ValueError as wrong:
        advice = "What was there before is as it was."
        raise EnvironmentFault(f"cannot be written: {wrong}", where=str(file), advice=advice) from None


def _content(file: Path) -> bytes:
    """The bytes of a plain file, one more than allowed at most; waits for none. Raises OSError."""
    handle = os.open(file, os.O_RDONLY | os.O_NONBLOCK)
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError(errno.EINVAL, "it is no plain file")
        with os.fdopen(handle, "rb", closefd=False) as opened:
            return opened.read(SIZE + 1)
    finally:
        os.close(handle)
