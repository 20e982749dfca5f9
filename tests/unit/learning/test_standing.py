"""Where a learner stands, in the real course."""

from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest

from grader import course as courses
from grader.course import Course, Module
from grader.outcome import Outcome, Report, Status
from labs.learning.module_progress import ModuleProgress
from labs.learning.progress import Progress
from labs.learning.standing import next_module, stand
from tests.reports import report


@pytest.fixture(scope="module")
def course() -> Course:
    return courses.read()


@pytest.fixture(scope="module")
def module(course: Course) -> Module:
    return course.module("01-chainguard-images")


def states(module: Module, mine: ModuleProgress, told: dict[str, str] | None, order: Literal["gated", "free"]) -> str:
    """One letter a step: done, current, open, locked, read."""
    found = stand(module, mine, report(told) if told is not None else None, order)
    return "".join(one.state[0] for one in found.steps)


def passed(module: Module, steps: int) -> dict[str, str]:
    """All checks, of which those of the first `steps` steps passed."""
    return {
        check: "passed" if index < steps else "failed"
        for index, step in enumerate(module.exercise.steps)
        for check in step.checks
    }


def test_at_the_beginning_the_first_step_is_current(module: Module) -> None:
    assert states(module, ModuleProgress(), None, "free") == "coooooor"
    assert states(module, ModuleProgress(), None, "gated") == "clllllll"


def test_a_grading_decides(module: Module) -> None:
    assert states(module, ModuleProgress(), passed(module, 3), "free") == "dddcooor"
    assert states(module, ModuleProgress(), passed(module, 3), "gated") == "dddcllll"


def test_what_once_passed_counts_where_there_is_no_grading(module: Module) -> None:
    mine = ModuleProgress(passed={"kyverno.installed", "kyverno.ready"})
    assert states(module, mine, None, "gated") == "dcllllll"


def test_what_once_passed_and_fails_is_open_again(module: Module) -> None:
    mine = ModuleProgress(passed=set(passed(module, 9)))
    assert states(module, mine, {**passed(module, 9), "policy.valid": "failed"}, "free") == "dcdddddr"


def test_a_fault_of_the_surroundings_takes_nothing_away(module: Module) -> None:
    mine = ModuleProgress(passed=set(passed(module, 9)))
    told = dict.fromkeys(passed(module, 9), "error")
    assert states(module, mine, told, "gated") == "dddddddr"
    assert states(module, ModuleProgress(), told, "gated") == "clllllll"


def test_all_passed_is_done_with_a_step_to_read_left(module: Module) -> None:
    found = stand(module, ModuleProgress(), report(passed(module, 9)), "gated")
    assert found.done
    assert found.next is not None
    assert found.next.step.id == "beyond"


def test_after_the_last_step_nothing_is_left(module: Module) -> None:
    found = stand(module, ModuleProgress(step="beyond"), report(passed(module, 9)), "free")
    assert (found.done, found.next) == (True, None)


def test_steps_to_read_are_passed_by_going_on(course: Course) -> None:
    first = course.module("00-getting-started")
    assert [one.step.task for one in [stand(first, ModuleProgress(), None, "free").next] if one] == [1]
    here = ModuleProgress(step="look-around")
    assert [one.step.task for one in [stand(first, here, None, "free").next] if one] == [2]
    assert states(first, ModuleProgress(step="harmless-commit"), None, "free") == "rrc"


def waiting(module: Module, failed: set[str]) -> Report:
    """What a grading says of a policy that is right and not pushed: all that the cluster would prove is blocked."""
    told = dict.fromkeys(("kyverno.installed", "kyverno.ready", "policy.present", "policy.valid"), "passed")
    found = report({**passed(module, 0), **told})
    return replace(found, outcomes=tuple(_blocked(one, failed) for one in found.outcomes))


def _blocked(one: Outcome, failed: set[str]) -> Outcome:
    if one.status is Status.PASSED or one.check in failed:
        return one
    needs = ("repository.path",) if one.check == "policy.active" else ("policy.active",)
    return replace(one, status=Status.BLOCKED, needs=needs)


def test_a_step_that_only_a_later_one_proves_is_passed_by_going_on(module: Module) -> None:
    told = waiting(module, {"repository.path"})

    def at(step: str, order: Literal["gated", "free"]) -> str:
        found = stand(module, ModuleProgress(step=step), told, order)
        assert found.next is not None
        return "".join(one.state[0] for one in found.steps) + f" {found.next.step.task}"

    assert at("match-namespace", "free") == "ddcoooor 3"
    assert at("verify-providers", "free") == "ddocooor 4"
    assert at("add-to-gitops", "free") == "ddoocoor 5"
    assert at("match-namespace", "gated") == "ddcoolll 3"


def test_a_step_s_status_is_the_worst_of_its_checks_and_its_points_their_sum(module: Module) -> None:
    found = stand(module, ModuleProgress(), report({"policy.present": "passed", "policy.valid": "failed"}), "free")
    step = found.of("write-policy")
    assert (step.status, step.points, step.max_points) == (Status.FAILED, 5, 10)
    assert found.of("install-kyverno").status is None


def test_the_next_module_is_where_one_was(course: Course, tmp_path: Path) -> None:
    mine = Progress.load(tmp_path / "p.json")
    assert next_module(course, mine).id == "00-getting-started"
    mine.enter("01-chainguard-images")
    assert next_module(course, mine).id == "01-chainguard-images"
    mine.module("01-chainguard-images").done = True
    assert next_module(course, mine).id == "00-getting-started"
    mine.module("00-getting-started").done = True
    assert next_module(course, mine).id == "01-chainguard-images"
