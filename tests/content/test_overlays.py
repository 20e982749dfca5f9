"""Accepted solutions and known mistakes: every folder is complete, and what it declares fits the exercise."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from grader import course
from grader.errors import ManifestError
from grader.manifest import load
from grader.outcome import Profile, Status

MODULE = course.read().module("01-chainguard-images")
EXERCISE = MODULE.exercise
ACTIONS = {"uncommitted", "unpushed", "other-branch", "kubectl-apply"}
SOLUTION = pytest.mark.parametrize("folder", MODULE.solutions, ids=lambda path: path.name)
MUTANT = pytest.mark.parametrize("folder", MODULE.mutants, ids=lambda path: path.name)


def about(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = load((folder / "about.yaml").read_bytes(), str(folder))[0].value
    return found


def files(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.rglob("*")) if path.is_file() and path != folder / "about.yaml"]


def test_there_are_enough_of_them() -> None:
    assert MODULE.solutions[0].name == "1-reference"
    assert len(MODULE.solutions) >= 6
    assert len(MODULE.mutants) >= 45


@SOLUTION
def test_solution_is_described_and_readable(folder: Path) -> None:
    told = about(folder)
    assert set(told) == {"title", "note"}
    assert files(folder)
    documents = [one for path in files(folder) for one in load(path.read_bytes(), str(path))]
    assert any(one.kind in ("ClusterPolicy", "List") for one in documents)


@SOLUTION
def test_solution_lies_in_the_exercises_folder(folder: Path) -> None:
    inside = folder / EXERCISE.parameters["folder"]
    assert all(path.is_relative_to(inside) for path in files(folder))


def test_solutions_differ() -> None:
    """No two are the same but for names."""
    bodies = {folder.name: b"".join(path.read_bytes() for path in files(folder)) for folder in MODULE.solutions}
    assert len(set(bodies.values())) == len(bodies)


@MUTANT
def test_mutant_is_described(folder: Path) -> None:
    told = about(folder)
    assert set(told) - {"action"} == {"title", "note", "catalogue", "outcomes"}
    assert isinstance(told["catalogue"], int)
    assert folder.name.startswith(f"{told['catalogue']:02}-")
    assert told.get("action", "uncommitted") in ACTIONS
    assert files(folder)


@MUTANT
def test_mutant_declares_outcomes_that_can_be(folder: Path) -> None:
    """Something fails, nothing is an environment's fault, and only checks that there are are named."""
    outcomes = about(folder)["outcomes"]
    assert set(outcomes) == set(Profile)
    for declared in outcomes.values():
        assert Status.FAILED in declared.values()
        assert set(declared.values()) <= {Status.FAILED, Status.BLOCKED}
        assert set(declared) <= {check.id for check in EXERCISE.checks}


@MUTANT
def test_what_needs_an_open_check_is_blocked(folder: Path) -> None:
    outcomes = about(folder)["outcomes"]
    for profile, declared in outcomes.items():
        for check in EXERCISE.checks:
            asked = profile == Profile.CLUSTER or EXERCISE.task_of(check.id) in range(2, 7)
            if asked and any(need in declared for need in check.needs):
                assert declared.get(check.id) == Status.BLOCKED, f"{profile}: {check.id}"


@MUTANT
def test_one_mistake_fails_one_check(folder: Path) -> None:
    for declared in about(folder)["outcomes"].values():
        assert list(declared.values()).count(Status.FAILED) == 1


@MUTANT
def test_full_marks_are_out_of_reach(folder: Path) -> None:
    """On a cluster every mistake also costs the last check, which proves the whole chain."""
    assert "enforcement.live" in about(folder)["outcomes"]["cluster"]


def test_mutants_reach_every_check_that_a_learners_files_can_fail() -> None:
    failed = {
        check
        for folder in MODULE.mutants
        for check, status in about(folder)["outcomes"]["cluster"].items()
        if status == Status.FAILED
    }
    assert failed == {check.id for check in EXERCISE.checks if EXERCISE.task_of(check.id) in range(2, 7)}


def test_only_syntax_mutants_are_unreadable() -> None:
    """Those that YAML itself refuses, or that hide a key behind another of the same name."""
    unreadable = {folder.name for folder in MODULE.mutants for path in files(folder) if not _readable(path)}
    assert unreadable == {"64-tab", "64-star-without-quotes", "64-bad-indentation", "64-key-twice"}


def _readable(path: Path) -> bool:
    try:
        load(path.read_bytes(), str(path))
    except ManifestError:
        return False
    return True
