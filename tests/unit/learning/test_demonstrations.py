"""The demonstrations, asked from a simulated lab."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from grader.errors import EnvironmentFault
from grader.kube import Kube, resource
from labs.learning.demonstrations import admission, providers, running
from labs.learning.demonstrations.effects import EFFECTS
from labs.learning.demonstrations.scene import Row, Scene, scene, table
from labs.learning.demonstrations.scene import row as make_row
from labs.learning.demonstrations.world import module_of
from labs.platform.images import Choice
from tests.demonstrated import PLAYGROUND, TRIAL, ready, state, wait, world
from tests.sim_lab import COURSE, MODULE, NAMES, TAG, Lab, sim_lab

REFERENCE = next(one for one in MODULE.solutions if one.name == "1-reference")
FILE = "verify-providers.yaml"
CHOICES = (
    Choice("crossplane", "Chainguard, the free latest", {"crossplane": "cgr.dev/chainguard/crossplane:latest"},
           ("cgr.dev/chainguard/crossplane:v1.15.0: needs an account at its registry",)),
)  # fmt: skip


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A lab where nothing was done yet."""
    with sim_lab(tmp_path_factory.mktemp("bare")) as made:
        yield made


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A lab where the reference policy is in force, and Crossplane was asked for two providers."""
    with sim_lab(tmp_path_factory.mktemp("guarded")) as made:
        made.kyverno()
        made.push(REFERENCE)
        made.change("applications", "argoproj.io", "argocd", "platform", _REFRESH)
        wait(made, "kyverno.io/v1", "clusterpolicies", ready)
        made.providers("signed", "unsigned")
        wait(made, "pkg.crossplane.io/v1", "providers", told_of_both)
        yield made


_REFRESH = {"metadata": {"annotations": {"argocd.argoproj.io/refresh": "normal"}}}


def told_of_both(found: tuple[Any, ...]) -> bool:
    return sorted(state(one, "Healthy") for one in found) == ["False", "True"]


def effect(lab: Lab, number: int) -> Scene:
    with world(lab) as found:
        return admission.show(found, number)


def answers(found: Scene) -> dict[str, str]:
    return {one.cells[1]: one.cells[0] for one in found.tables[-1].rows}


def details(one: Row) -> dict[str, str]:
    return dict(one.details)


def test_without_kyverno_everything_is_let_in_and_told_so(lab: Lab) -> None:
    found = effect(lab, 4)
    assert set(answers(found).values()) == {"let in"}
    assert "Kyverno is not there, so nobody is asked" in found.answer
    assert "nothing verified it" in found.answer
    assert "Decided by" not in found.answer


def test_nothing_is_left_in_the_cluster(lab: Lab) -> None:
    def names(kube: Kube) -> set[str]:
        paths = (resource("v1", "pods"), resource("apps/v1", "deployments"))
        return {one["metadata"]["name"] for path in paths for one in kube.list(path)}

    with world(lab) as found:
        before = names(found.kube)
        for one in EFFECTS:
            admission.show(found, one.number)
        assert names(found.kube) == before


def test_every_way_to_make_a_pod_is_refused_but_elsewhere(guarded: Lab) -> None:
    found = effect(guarded, 1)
    asked = answers(found)
    assert asked.pop("Pod with unsigned, in default") == "let in"
    assert "Pod with unsigned, ephemeral container" in asked
    assert set(asked.values()) == {"refused"}
    assert any("pods" in one.cells[1] and "CREATE" in one.cells[2] for one in found.tables[0].rows)


def test_the_request_is_the_one_that_was_answered(guarded: Lab) -> None:
    found = effect(guarded, 4)
    assert f"run trial --dry-run=server --image={NAMES['unsigned']}:{TAG}" in found.request
    assert "no signatures found" in found.answer
    assert "In force is your policy verify-provider-images." in found.answer


def test_the_line_of_the_learners_file_decides(guarded: Lab) -> None:
    rows = {one.cells[1]: one for one in effect(guarded, 3).tables[0].rows}
    workflow = details(rows["Pod with other-workflow"])
    assert rows["Pod with other-workflow"].cells[2].startswith(FILE)
    text = next(REFERENCE.rglob(FILE)).read_text().splitlines()
    assert "subject" in text[int(workflow["line"].split(":")[1]) - 1]
    assert "subject mismatch" in workflow["refused by"]
    assert workflow["again"].startswith("kubectl create --dry-run=server")


def test_a_good_signature_pins_the_image(guarded: Lab) -> None:
    found = effect(guarded, 2)
    asked = answers(found)
    assert found.tables[0].rows[0].cells[3] == "verify-provider-images/signed-by-the-release-pipeline"
    assert asked["Pod with signed"] == "let in, at its digest"
    assert asked["Pod with unrelated"] == "let in"


def test_a_trial_policy_is_asked_where_it_looks(tmp_path: Path) -> None:
    with sim_lab(tmp_path) as lab:
        lab.kyverno()
        lab.create(PLAYGROUND, TRIAL)
        wait(lab, "kyverno.io/v1", "clusterpolicies", ready)
        with world(lab) as found:
            assert admission.namespace(found) == "playground"
            assert admission.standing(found) == (
                "Your policy is not in force yet. Also in force, from elsewhere: check-image-signature."
            )


def test_two_providers_by_crossplanes_own_words(guarded: Lab) -> None:
    with world(guarded) as found:
        shown = providers.show(found)
    came = {one.cells[1]: one for one in shown.tables[0].rows}
    assert came["signed"].cells[4] == "Healthy: it runs"
    assert came["unsigned"].cells[4] == "refused by your policy verify-provider-images"
    assert "Crossplane: Healthy is False" in shown.answer
    assert "@sha256:" in details(came["signed"])["Pods"]
    assert details(came["unsigned"])["Pods"] == "none"


def test_no_provider_yet(lab: Lab) -> None:
    with world(lab) as found:
        shown = providers.show(found)
    assert "no Provider of a sample yet" in shown.answer
    assert not shown.tables


def test_where_images_came_from(guarded: Lab) -> None:
    with world(guarded, CHOICES) as found:
        shown = running.show(found)
    rows = {one.title: one.rows for one in shown.tables}
    assert list(rows) == ["namespace argocd", "namespace crossplane-system", "namespace kyverno"]
    sources = {one.cells[0]: one.cells[1] for one in rows["namespace crossplane-system"]}
    assert sources[next(image for image in sources if NAMES["signed"] in image)] == "a sample of the lab"
    kyverno = details(rows["namespace kyverno"][0])
    assert "kyverno 3.9.1 names it" in kyverno["why"]
    assert "A simulated lab pulls nothing" in kyverno["digest"]


def test_no_kyverno_is_told(lab: Lab) -> None:
    with world(lab) as found:
        assert "No Kyverno runs yet" in running.show(found).answer


def container(image: str, identifier: str = "", namespace: str = "crossplane-system") -> running.Container:
    return running.Container("pod", namespace, "main", image, identifier, False)


def test_a_fall_back_is_told_with_what_was_passed_over(lab: Lab) -> None:
    with world(lab, CHOICES) as found:
        source, why = running.origin(found, container("cgr.dev/chainguard/crossplane:latest"))
        assert (source, "needs an account" in why) == ("Chainguard, the free latest", True)
        assert running.origin(found, container("cgr.dev/chainguard/crossplane:v9"))[0] == "not the lab's choice"


@pytest.mark.parametrize(
    ("image", "identifier", "digest", "words"),
    [
        ("a/b@sha256:" + "1" * 64, "", "sha256:" + "1" * 64, "Pod itself"),
        ("a/b:v1", "a/b@sha256:" + "2" * 64, "sha256:" + "2" * 64, "pulled it"),
        ("a/b:v1", "sha256:" + "3" * 64, "sha256:" + "3" * 64, "loaded into the node"),
        ("a/b:v1", "docker.io/library/import-2026@sha256:" + "4" * 64, "sha256:" + "4" * 64, "loaded into the node"),
        ("a/b:v1", "", "", "has not told"),
    ],
)
def test_digests_as_nodes_tell_them(image: str, identifier: str, digest: str, words: str) -> None:
    found, told = running.digest_of(container(image, identifier), simulated=False)
    assert (found, words in told) == (digest, True)


def test_texts_are_cleaned() -> None:
    hostile = "a\x1b[31m\u202e b"
    one = make_row([hostile], [("label", hostile), ("empty", "")])
    shown = scene(hostile, hostile, hostile, hostile, [table(hostile, ("x",), [one])])
    assert one == Row(("a b",), (("label", "a b"),))
    assert {shown.title, shown.request, shown.answer, shown.tables[0].title} == {"a b"}


def test_the_module_is_the_one_about_signatures() -> None:
    assert module_of(COURSE).id == MODULE.id


def test_a_cluster_that_is_away_is_a_fault_of_the_surroundings(tmp_path: Path) -> None:
    with sim_lab(tmp_path) as lab:
        pass
    with world(lab) as found, pytest.raises(EnvironmentFault):
        admission.show(found, 1)
