"""Judging: the exercise's order, what waits for what, and who gets the blame."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import pytest

from grader.course import CheckSpec, Exercise, Step
from grader.errors import CourseError, EnvironmentFault, InputError
from grader.evidence.model import Evidence
from grader.grade import judge
from grader.outcome import Report, Status, Verdict
from tests import worlds

P, F, B, E = Status.PASSED, Status.FAILED, Status.BLOCKED, Status.ERROR
EVIDENCE = Evidence("m", "cluster", "2026-01-01T00:00:00+00:00", "0", "0")
BOTH: tuple[Literal["repository", "cluster"], ...] = ("repository", "cluster")
NEEDS: dict[str, tuple[str, ...]] = {"one": (), "two": ("one",), "three": ("two",), "apart": ()}


def _step(index: int, name: str) -> Step:
    return Step(id=name, task=index + 1, title=name, anchor=name, checks=(name,))


class FakeModule:
    """A module of four checks."""

    id = "m"
    folder = worlds.MODULE.folder

    def __init__(self, needs: Mapping[str, tuple[str, ...]], repository: tuple[str, ...] = ()) -> None:
        self.exercise = Exercise(
            format=1,
            title="t",
            steps=tuple(_step(index, name) for index, name in enumerate(needs)),
            checks=tuple(
                CheckSpec(id=name, points=5, needs=wanted, profiles=BOTH if name in repository else BOTH[1:])
                for name, wanted in needs.items()
            ),
        )  # fmt: skip


def judged(statuses: Mapping[str, Any], module: Any = None, evidence: Evidence = EVIDENCE) -> Report:
    """The report where each check ends so, or raises the exception given."""

    def check(name: str) -> Any:
        def ask(_: object) -> Verdict:
            found = statuses.get(name, P)
            if isinstance(found, BaseException):
                raise found
            return found if isinstance(found, Verdict) else Verdict(found, seen=f"{name} seen", next=f"look at {name}")

        return ask

    module = module or FakeModule(NEEDS)
    return judge(module, evidence, checks={name: check(name) for name in NEEDS})


def statuses(report: Report) -> dict[str, Status]:
    return {one.check: one.status for one in report.outcomes}


def test_outcomes_stand_in_the_exercises_order_with_task_and_points() -> None:
    report = judged({})
    assert [(one.check, one.task, one.points) for one in report.outcomes] == [
        ("one", 1, 5), ("two", 2, 5), ("three", 3, 5), ("apart", 4, 5)
    ]  # fmt: skip
    assert report.exit_code == 0


def test_what_needs_a_failed_check_is_blocked_down_the_line_and_the_rest_is_asked() -> None:
    report = judged({"one": F})
    assert statuses(report) == {"one": F, "two": B, "three": B, "apart": P}
    assert report.outcome("three").needs == ("two",)
    assert report.outcome("three").seen == "Waits for two, which waits for one."
    assert report.outcome("three").next == "look at one"
    assert (report.score, report.max_score, report.exit_code) == (5, 20, 1)


def test_what_rests_on_something_unknown_is_unknown() -> None:
    report = judged({"one": E})
    assert statuses(report) == {"one": E, "two": E, "three": E, "apart": P}
    assert "rests on one, which could not be told" in report.outcome("two").seen
    assert (report.conclusive, report.exit_code) == (False, 3)


def test_a_sure_failure_among_the_needs_blocks_whatever_else_is_unknown() -> None:
    module = FakeModule({**NEEDS, "three": ("one", "two"), "two": ()})
    report = judged({"one": E, "two": F}, module)
    assert (report.outcome("three").status, report.outcome("three").needs) == (B, ("two",))


def test_a_check_may_block_itself_by_a_later_one() -> None:
    waiting = Verdict(B, seen="Not live.", needs=("apart",))
    report = judged({"one": waiting, "apart": F})
    assert report.outcome("one").seen == "Not live. Waits for apart."
    assert report.outcome("two").seen == "Waits for one, which waits for apart."


def test_a_chain_names_each_check_once() -> None:
    module = FakeModule({**NEEDS, "apart": ("two", "three")})
    report = judged({"one": F}, module)
    assert report.outcome("apart").seen == "Waits for two and three, which waits for one."


def test_checks_that_wait_for_each_other_come_to_an_end() -> None:
    report = judged({"one": Verdict(B, needs=("three",))})
    assert report.outcome("three").seen == "Waits for two, which waits for one, which waits for three."


def test_a_fault_of_the_surroundings_is_an_error_with_its_advice() -> None:
    report = judged({"one": EnvironmentFault("no answer", where="Pod/x", advice="labs doctor")})
    found = report.outcome("one")
    assert (found.status, found.seen, found.where, found.next) == (E, "no answer", "Pod/x", "labs doctor")


def test_a_check_that_breaks_off_is_the_graders_fault_and_stops_nothing() -> None:
    report = judged({"one": ZeroDivisionError("secret")})
    assert (report.outcome("one").status, report.outcome("apart").status) == (E, P)
    assert "ZeroDivisionError" in report.outcome("one").seen
    assert "secret" not in report.outcome("one").seen
    assert "grader's own fault" in report.outcome("one").why


def test_the_courses_own_mistakes_are_not_swallowed() -> None:
    with pytest.raises(CourseError):
        judged({"one": CourseError("no parameter")})


def test_a_check_that_there_is_not_is_the_courses_mistake() -> None:
    with pytest.raises(CourseError, match="does not have"):
        judge(FakeModule({"unheard.of": ()}), EVIDENCE)  # type: ignore[arg-type]


def test_the_profile_decides_what_is_asked_and_a_need_it_leaves_out_holds_nothing() -> None:
    module = FakeModule(NEEDS, repository=("two", "apart"))
    report = judged({"one": F}, module, Evidence("m", "repository", "", "0", "0"))
    assert statuses(report) == {"two": P, "apart": P}
    assert report.max_score == 10
    assert any("Graded without a cluster" in note for note in report.notes)


def test_a_profile_that_there_is_not_is_wrong_input() -> None:
    with pytest.raises(InputError, match="the profile “best”"):
        judged({}, evidence=Evidence("m", "best", "", "0", "0"))


def test_nothing_that_a_terminal_obeys_passes() -> None:
    hostile = "a\x1b[31mb\u202ec"
    verdict = Verdict(F, seen=hostile, expected=hostile, where=hostile, why=hostile, next=hostile, notes=(hostile,))
    report = judged({"one": verdict})
    found = report.outcome("one")
    assert {found.seen, found.expected, found.where, found.why, found.next, *found.notes} == {"abc"}
