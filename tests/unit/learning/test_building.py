"""The state before each step of the real course."""

import pytest
import yaml

from grader import course as courses
from grader.course import Module
from grader.errors import UsageError
from labs.learning.building import before, index_of, keeps_files


@pytest.fixture(scope="module")
def module() -> Module:
    return courses.read().module("01-chainguard-images")


def rule(files: dict[str, bytes]) -> dict[str, object]:
    """Of the one policy: where it lies, which namespaces and which images it looks at."""
    ((path, content),) = files.items()
    found = yaml.safe_load(content)["spec"]["rules"][0]
    about = found["match"]["any"][0]["resources"]
    return {"path": path, "in": about.get("namespaces"), "of": found["verifyImages"][0]["imageReferences"]}


def test_nothing_comes_before_the_first_step(module: Module) -> None:
    found = before(module, 0)
    assert (found.kyverno, found.files, found.pushed) == (False, {}, False)


def test_kyverno_is_there_after_the_first(module: Module) -> None:
    assert [before(module, index).kyverno for index in range(8)] == [False, *[True] * 7]


def test_the_policy_grows_step_by_step(module: Module) -> None:
    loose, placed = "verify-providers.yaml", "gitops-bootstrap/apps/platform/verify-providers.yaml"
    any_image, providers = ["cgr.dev/chainguard/*"], ["cgr.dev/chainguard/provider-*"]
    inside = ["crossplane-system"]
    assert before(module, 1).files == {}
    assert [rule(before(module, index).files) for index in range(2, 8)] == [
        {"path": loose, "in": None, "of": any_image},
        {"path": loose, "in": inside, "of": any_image},
        {"path": loose, "in": inside, "of": providers},
        {"path": placed, "in": inside, "of": providers},
        {"path": placed, "in": inside, "of": providers},
        {"path": placed, "in": inside, "of": providers},
    ]


def test_it_is_pushed_after_the_sixth(module: Module) -> None:
    assert [before(module, index).pushed for index in range(8)] == [*[False] * 6, True, True]


def test_a_step_that_only_moves_or_pushes_leaves_one_s_own_files(module: Module) -> None:
    assert [index + 1 for index in range(8) if keeps_files(module, index)] == [5, 6, 7, 8]


def test_a_step_is_named_by_its_number_or_its_name(module: Module) -> None:
    assert index_of(module, "4") == index_of(module, "verify-providers") == 3
    with pytest.raises(UsageError, match="no such step"):
        index_of(module, "verify")
