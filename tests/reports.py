"""Reports made for tests: five points a check."""

from __future__ import annotations

from collections.abc import Mapping

from grader.outcome import Outcome, Profile, Report, Status


def report(states: Mapping[str, str], module: str = "01-chainguard-images") -> Report:
    """A report in which each check ended as told."""
    outcomes = (_outcome(check, Status(state)) for check, state in states.items())
    return Report(module, Profile.CLUSTER, tuple(outcomes))


def _outcome(check: str, status: Status) -> Outcome:
    if status is Status.PASSED:
        return Outcome(check, 1, status, 5, 5)
    return Outcome(
        check, 1, status, 0, 5, expected="a thing", seen="another", why="it matters", next="kubectl get thing"
    )
