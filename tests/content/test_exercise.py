"""The exercises: points, what waits for what, hints that help without giving the answer away."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest

from grader import course
from grader.checks import argocd
from grader.course import Module

COURSE = course.read()
MODULES = [module for module in COURSE.modules if module.written]
EVERY = pytest.mark.parametrize("module", MODULES, ids=lambda module: module.id)
MODULE = COURSE.module("01-chainguard-images")
WINDOW = 60  # characters that a hint may share with the solution, white space aside
TASKS = {
    1: {"kyverno.installed", "kyverno.ready"},
    2: {"policy.present", "policy.valid"},
    3: {"policy.scope"},
    4: {"policy.images", "policy.identity", "policy.enforced"},
    5: {"repository.path"},
    6: {"repository.committed", "repository.pushed"},
    7: {"argocd.synced", "policy.active", "enforcement.live", "enforcement.provider"},
    8: set(),
}


def test_module_01_asks_the_tasks_of_its_outline() -> None:
    steps = MODULE.exercise.steps
    assert {step.task: set(step.checks) for step in steps} == TASKS
    assert [step.task for step in steps] == sorted(TASKS)


def test_module_01_is_worth_a_hundred_points() -> None:
    assert sum(check.points for check in MODULE.exercise.checks) == 100
    assert all(check.points > 0 for check in MODULE.exercise.checks)


def test_repository_profile_asks_what_files_and_history_show() -> None:
    asked = {check.id for check in MODULE.exercise.checks if "repository" in check.profiles}
    assert asked >= TASKS[2] | TASKS[5] | TASKS[6]
    assert not asked & (TASKS[1] | TASKS[7])


def test_no_task_waits_for_a_later_one() -> None:
    exercise = MODULE.exercise
    for check in exercise.checks:
        for need in check.needs:
            assert exercise.task_of(need) <= exercise.task_of(check.id), f"{check.id} needs {need}"


def test_every_behaviour_is_asked_both_ways() -> None:
    """A check that only expects refusals is passed by a policy that refuses everything, and the other way round."""
    expected = {
        check: {probe.expect for probe in MODULE.exercise.probes if probe.check == check}
        for check in ("policy.scope", "policy.images", "policy.identity", "enforcement.live")
    }
    assert expected == {
        "policy.scope": {"touched", "untouched"},
        "policy.images": {"touched", "untouched"},
        "policy.identity": {"admitted", "denied"},
        "enforcement.live": {"admitted", "denied"},
    }


def test_refusal_is_asked_everywhere() -> None:
    """An unsigned image is tried in every place, by tag and by digest, and by Crossplane's own account."""
    asked = [probe for probe in MODULE.exercise.probes if probe.check == "policy.enforced"]
    assert {probe.where for probe in asked} == {"container", "second", "init", "ephemeral"}
    assert {probe.kind for probe in asked} == {"Pod", "Deployment"}
    assert {probe.reference for probe in asked} == {"tag", "digest"}
    assert {probe.identity for probe in asked} == {"administrator", "crossplane"}
    assert {probe.sample for probe in asked} == {"unsigned"}


def test_quick_matrix_leaves_the_public_log_alone() -> None:
    """A signature without a log entry makes Kyverno ask the public log, past the webhook's time."""
    assert "no-log" not in {probe.sample for probe in MODULE.exercise.probes}


def test_crossplane_is_asked_only_what_it_may_do() -> None:
    """Its account may create Deployments and no Pods (crossplane chart 1.15.0, templates/clusterrole.yaml)."""
    assert {probe.kind for probe in MODULE.exercise.probes if probe.identity == "crossplane"} == {"Deployment"}


def test_probes_say_what_they_ask() -> None:
    said = [probe.says for probe in MODULE.exercise.probes]
    assert all(said)
    assert len(set(said)) == len(said)


@EVERY
def test_steps_with_checks_have_three_tiers_and_a_hint_for_each_check(module: Module) -> None:
    for step in module.exercise.steps:
        if step.checks:
            assert len([hint for hint in step.hints if hint.check is None]) == 3, step.id
            assert list(dict.fromkeys(hint.check for hint in step.hints if hint.check)) == list(step.checks), step.id


def test_hints_of_module_00_say_of_which_words_of_the_check_they_speak() -> None:
    """The check fails for several reasons, and a hint is not chosen by them."""
    module = COURSE.module("00-getting-started")
    hints = [hint.text for step in module.exercise.steps for hint in step.hints if hint.check == "platform.synced"]
    words = ("the folder holds what it held at the start: ", "Argo CD cannot work out what to apply: ")
    assert [hint.startswith(f"If the check says that {said}") for hint, said in zip(hints, words, strict=True)] == [
        True, True
    ]  # fmt: skip
    spoken = Path(argocd.__file__).read_text()
    assert all(said.removesuffix(": ").removeprefix("the folder ") in spoken for said in words)


def test_hints_do_not_give_the_solution_away() -> None:
    solution = "".join(_squeezed(path.read_text()) for path in _manifests(MODULE.solutions[0]))
    for step in MODULE.exercise.steps:
        for hint in step.hints:
            text = _squeezed(hint.text)
            windows = (text[at : at + WINDOW] for at in range(len(text) - WINDOW + 1))
            assert not any(window in solution for window in windows), f"{step.id}: {hint.text}"


def test_starter_of_module_00_is_what_the_platform_holds() -> None:
    """The exercise knows the folder's files as Git would name them before the learner's first commit."""
    parameters = COURSE.module("00-getting-started").exercise.parameters
    files = [path for path in (COURSE.platform / parameters["folder"]).rglob("*") if path.is_file()]
    blobs = {path.relative_to(COURSE.platform).as_posix(): _blob(path.read_bytes()) for path in files}
    assert parameters["starter"] == blobs


def _blob(content: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


def _squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)


def _manifests(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.rglob("*.yaml")) if path.name != "about.yaml"]
