import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from labs.errors import EnvironmentFault, Interrupted, LabsError, StepFailed
from labs.steps.graph import Event, Graph, Phase, Step


@dataclass
class Notes:
    """A journal in memory."""

    done: dict[str, dict[str, object]] = field(default_factory=dict)

    def step_done(self, name: str, seconds: float, note: str) -> None:
        self.done[name] = {"note": note}

    def step_undone(self, name: str) -> None:
        self.done.pop(name, None)

    def step(self, name: str) -> dict[str, object] | None:
        return self.done.get(name)


def step(name: str, *needs: str, run: Callable[[list[str]], str] | None = None, holds: bool = True) -> Step[list[str]]:
    def note(ran: list[str]) -> str:
        ran.append(name)
        return f"{name} made"

    return Step(name, name.title(), run or note, needs, lambda _: holds)


def go(steps: list[Step[list[str]]], notes: Notes | None = None, **more: Any) -> tuple[list[str], list[Event]]:
    ran: list[str] = []
    events: list[Event] = []
    Graph(steps, ran, notes or Notes(), events.append, more.pop("stop", lambda: None), **more).run()
    return ran, events


def fails(_: list[str]) -> str:
    raise StepFailed("b", "cause", "fix")


def test_needs_come_first() -> None:
    ran, _ = go([step("a"), step("b", "a"), step("c", "b")])
    assert ran == ["a", "b", "c"]


def test_each_step_ends_with_one_event() -> None:
    _, events = go([step("a"), step("b", "a")])
    ended = [(event.step, event.phase, event.note) for event in events if event.phase is not Phase.STARTED]
    assert ended == [("a", Phase.DONE, "a made"), ("b", Phase.DONE, "b made")]


def test_independent_steps_run_side_by_side() -> None:
    meeting = threading.Barrier(2, timeout=5)

    def meet(_: list[str]) -> str:
        meeting.wait()
        return ""

    go([step("a", run=meet), step("b", run=meet)])
    assert not meeting.broken


def test_what_was_done_is_kept() -> None:
    notes = Notes({"a": {"note": "earlier"}})
    ran, events = go([step("a"), step("b", "a")], notes)
    assert ran == ["b"]
    assert (events[0].phase, events[0].note) == (Phase.KEPT, "earlier")


def test_what_no_longer_holds_is_done_anew_with_all_that_needs_it() -> None:
    notes = Notes({name: {} for name in "abcd"})
    ran, _ = go([step("a"), step("b", "a", holds=False), step("c", "b"), step("d", "a")], notes)
    assert ran == ["b", "c"]


def test_a_look_that_fails_counts_as_not_there() -> None:
    def broken(_: list[str]) -> bool:
        raise EnvironmentFault("cannot look")

    ran: list[str] = []
    look = Step("a", "A", lambda _: "made", (), broken)
    Graph([look], ran, Notes({"a": {}}), lambda event: ran.append(event.phase), lambda: None).run()
    assert ran == [Phase.STARTED, Phase.DONE]


def test_a_failure_leaves_the_rest_undone_and_the_done_noted() -> None:
    notes = Notes()
    with pytest.raises(StepFailed, match="cause"):
        go([step("a"), step("b", "a", run=fails), step("c", "b")], notes)
    assert set(notes.done) == {"a"}


def test_what_runs_beside_a_failure_ends_and_is_noted() -> None:
    notes = Notes()
    failed = threading.Event()

    def slow(_: list[str]) -> str:
        assert failed.wait(5)
        return ""

    def listen(event: Event) -> None:
        if event.phase is Phase.FAILED:
            failed.set()

    with pytest.raises(StepFailed):
        Graph([step("slow", run=slow), step("b", run=fails)], [], notes, listen, lambda: None).run()
    assert "slow" in notes.done


def test_a_step_is_forgotten_before_it_is_done_anew() -> None:
    notes = Notes({"b": {}})
    bad = Step("b", "B", fails, (), lambda _: False)
    with pytest.raises(StepFailed):
        go([bad], notes)
    assert notes.done == {}


def test_a_fault_of_the_program_is_told_with_its_step() -> None:
    def bug(_: list[str]) -> str:
        raise KeyError("x")

    with pytest.raises(LabsError, match="step a: a fault of this program: KeyError"):
        go([step("a", run=bug)])


def test_ctrl_c_stops_what_runs() -> None:
    stopped = threading.Event()

    def wait(_: list[str]) -> str:
        stopped.wait(5)
        raise Interrupted

    def ctrl_c(event: Event) -> None:
        raise KeyboardInterrupt

    notes = Notes()
    with pytest.raises(Interrupted):
        Graph([step("a", run=wait)], [], notes, ctrl_c, stopped.set).run()
    assert stopped.is_set()
    assert notes.done == {}


def test_ticks_come_while_nothing_happens() -> None:
    ticked = threading.Event()

    def wait(_: list[str]) -> str:
        return "yes" if ticked.wait(5) else "no"

    _, events = go([step("a", run=wait)], tick=ticked.set)
    assert events[-1].note == "yes"


@pytest.mark.parametrize("steps", [[step("a", "b"), step("b")], [step("a"), step("a")], [step("a", "a")]])
def test_steps_that_go_round_are_refused(steps: list[Step[list[str]]]) -> None:
    with pytest.raises(ValueError, match="step a"):
        go(steps)
