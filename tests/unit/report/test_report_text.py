"""The report at a terminal: words before colour, four parts of what is wrong, and no mark where none is known."""

from __future__ import annotations

from dataclasses import replace

from grader.grade import judge
from grader.outcome import Report
from grader.report import text
from tests import worlds
from tests.worlds import MODULE

GOOD = judge(MODULE, worlds.evidence(MODULE.solutions[0]))
MUTANT = next(path for path in MODULE.mutants if path.name == "10-no-namespace")
WRONG = judge(MODULE, worlds.evidence(MUTANT))


def written(report: Report, colour: bool = False) -> str:
    return text.write(report, MODULE.exercise, colour=colour)


def test_full_marks_are_told_by_task() -> None:
    lines = written(GOOD).splitlines()
    assert "1. Install Kyverno  10/10" in lines
    assert "  PASS    policy.scope  10/10" in lines
    assert lines[-1] == "Score: 100 of 100"


def test_a_failure_has_its_four_parts_and_its_place_in_order() -> None:
    lines = [line.split()[0] for line in written(WRONG).splitlines() if line.startswith(" " * 10)]
    assert [word for word in lines if word in ("expected", "seen", "where", "why", "next")][:5] == [
        "expected", "seen", "where", "why", "next"
    ]  # fmt: skip


def test_a_blocked_check_names_what_it_waits_for() -> None:
    assert "BLOCKED enforcement.live" in written(WRONG)
    assert "Waits for policy.scope." in written(WRONG)


def test_what_could_not_be_told_is_no_mark() -> None:
    evidence = worlds.evidence(MODULE.solutions[0])
    report = judge(MODULE, replace(evidence, canary=replace(evidence.canary, ok=False), probes=()))
    told = written(report)
    assert "No mark: it could not be told whether policy.scope, policy.images" in told
    assert "cannot be shown as a mark" in told
    assert "Score:" not in told


def test_one_fault_of_the_surroundings_is_told_once() -> None:
    evidence = worlds.evidence(MODULE.solutions[0])
    canary = replace(evidence.canary, ok=False, problem="trust", message="x509")
    told = written(judge(MODULE, replace(evidence, canary=canary, probes=())))
    assert told.count("x509") == 1
    assert told.count("The same as policy.scope.") == 3


def test_colour_only_where_it_is_asked_for() -> None:
    assert "\x1b" not in written(WRONG)
    assert "\x1b[31mFAIL   \x1b[0m policy.scope" in written(WRONG, colour=True)


def test_a_simulated_cluster_is_named_in_the_first_line_and_noted() -> None:
    evidence = worlds.evidence(MODULE.solutions[0])
    assert evidence.cluster is not None
    told = written(judge(MODULE, replace(evidence, cluster=replace(evidence.cluster, simulated=True))))
    assert "SIMULATED" in told.splitlines()[0]
    assert "Note: The cluster is simulated" in told


def test_predictions_are_marked() -> None:
    evidence = replace(worlds.evidence(MODULE.solutions[0]), profile="repository", cluster=None, probes=())
    told = written(judge(MODULE, evidence))
    assert "policy.scope  10/10  (predicted, not seen on a cluster)" in told
    assert "profile repository" in told.splitlines()[0]


def test_commands_and_places_are_never_broken_and_prose_is() -> None:
    outcome = WRONG.outcome("policy.scope")
    long = replace(outcome, next="kubectl " + "word " * 60, seen="word " * 60)
    lines = written(replace(WRONG, outcomes=(long,))).splitlines()
    assert max(len(line) for line in lines if "next" not in line) <= text.WIDTH
    assert any(line.endswith("word " * 60) for line in lines)


def test_a_command_in_a_sentence_stays_in_one_line() -> None:
    command = "`git -C /home/somebody/a/rather/long/path/to/the/clone push origin HEAD:main`"
    report = replace(WRONG, outcomes=tuple(replace(one, seen=f"{'word ' * 9}{command}") for one in WRONG.outcomes))
    assert any(command in line for line in written(report).splitlines())
