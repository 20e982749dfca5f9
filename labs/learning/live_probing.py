"""Probes asked beside the marks: one round at a time, and only when what they rest on has changed."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from grader.collect import with_answers, written
from grader.course import Exercise
from grader.errors import LabsError
from grader.evidence.canary import Clock
from grader.evidence.cluster import version_of
from grader.evidence.dig import name
from grader.evidence.model import Answer, Canary, Evidence, Json, ProbeAnswer
from grader.kube import Kube
from labs.learning.live_mark import mark

QUIET = 0.15
"""Seconds without a change before a round begins: a policy is followed by its webhook's rules."""

_FIRST_RETRY, _LONGEST_RETRY = 5.0, 60.0


@dataclass(frozen=True, slots=True)
class Answers:
    """One round's answers, and the state of the cluster (`mark`) that they were asked in."""

    mark: str = ""
    canary: Canary = field(default_factory=Canary)
    probes: tuple[ProbeAnswer, ...] = ()
    specs: Mapping[str, Json] | None = None
    notes: tuple[str, ...] = ()

    @property
    def doubtful(self) -> bool:
        """Whether a fault of the surroundings kept an answer away, which no watch tells the end of."""
        unknown = any(one.answer is Answer.UNKNOWN and one.attempts for one in self.probes)
        return unknown or (self.canary.ok is not True and self.canary.problem != "missing-lab")

    def within(self, evidence: Evidence) -> Evidence:
        """The evidence with these answers; a policy counts as probed where its spec is still the one asked."""
        live = evidence.cluster.all("ClusterPolicy") if evidence.cluster else ()
        specs = self.specs or {}
        probed = {name(one): version_of(one) for one in live if specs.get(name(one), ()) == written(one)}
        notes = (*evidence.notes, *self.notes)
        return replace(evidence, canary=self.canary, probes=self.probes, probed_versions=probed, notes=notes)


NOTHING = Answers()


class Prober:
    """Asks in a thread of its own, from `start` to `stop`; `answered` is told from there after each round."""

    def __init__(self, exercise: Exercise, answered: Callable[[], None]) -> None:
        self.answers: Answers | None = None
        self.since: float | None = None
        self._exercise = exercise
        self._answered = answered
        self._wanted: tuple[Evidence, Kube, str] | None = None
        self._asking = ""
        self._again = False
        self._failures = 0
        self._news = threading.Condition()
        self._stopping = threading.Event()
        self._clock = Clock(sleep=lambda seconds: void(self._stopping.wait(seconds)))
        self._thread = threading.Thread(target=self._run, name="probes", daemon=True)

    def start(self) -> None:
        """Begins to wait for what is to be asked."""
        self._thread.start()

    def stop(self) -> None:
        """Has it end; the client of a round that runs has to be interrupted first. `join` waits for the end."""
        self._stopping.set()
        with self._news:
            self._news.notify()

    def join(self, seconds: float) -> None:
        """Waits for the end, at most so long."""
        if self._thread.is_alive():
            self._thread.join(seconds)

    def again(self) -> None:
        """Has everything asked anew at the next `wanted`; the answers that there are hold until then."""
        self._again = True

    def wanted(self, evidence: Evidence, kube: Kube | None) -> Answers | None:
        """The answers that hold for this evidence; None while they are asked for, or cannot be."""
        state = mark(evidence, self._exercise)
        if not state:
            return NOTHING
        found = self.answers if self.answers and self.answers.mark == state else None
        if (found is None or self._again) and kube is not None:
            self._again = False
            self._want(evidence, kube, state)
        return found

    def _want(self, evidence: Evidence, kube: Kube, state: str) -> None:
        with self._news:
            if state == (self._wanted[2] if self._wanted else self._asking):
                return
            self._wanted = evidence, kube, state
            self.since = self.since or time.time()
            self._news.notify()

    def retry_after(self) -> float | None:
        """Seconds after which doubtful answers are worth asking for again, or None."""
        if self.answers is None or not self.answers.doubtful:
            return None
        return min(_FIRST_RETRY * 2.0 ** min(self._failures - 1, 8), _LONGEST_RETRY)

    def _run(self) -> None:
        while (wanted := self._next()) is not None:
            try:
                found = round_of(self._exercise, *wanted, self._clock)
            except LabsError as fault:
                found = Answers(wanted[2], Canary(False, "other", fault.message))
            except Exception as error:  # whatever it is, the marks have to go on
                found = Answers(wanted[2], Canary(False, "other", f"the probes broke off: {type(error).__name__}"))
            self._keep(found)
            self._answered()

    def _next(self) -> tuple[Evidence, Kube, str] | None:
        """What is wanted, once nothing else was for a moment; None at the end."""
        with self._news:
            while not self._stopping.is_set():
                found = self._wanted
                self._news.wait(None if found is None else QUIET)
                if found is not None and found is self._wanted:
                    self._wanted, self._asking = None, found[2]
                    return None if self._stopping.is_set() else found
        return None

    def _keep(self, found: Answers) -> None:
        self._failures = self._failures + 1 if found.doubtful else 0
        with self._news:
            self.answers, self._asking = found, ""
            self.since = self.since if self._wanted else None


def round_of(exercise: Exercise, evidence: Evidence, kube: Kube, state: str, clock: Clock) -> Answers:
    """One round: canary and probes. Raises LabsError."""
    found = with_answers(evidence, exercise, kube, clock)
    live = found.cluster.all("ClusterPolicy") if found.cluster else ()
    specs = {name(one): written(one) for one in live if name(one) in found.probed_versions}
    return Answers(state, found.canary, found.probes, specs, found.notes)


def void(_: object) -> None:
    """Nothing."""
