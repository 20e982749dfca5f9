import pytest

from labs.errors import EnvironmentFault
from labs.platform.images import ARGOCD_TAG, CROSSPLANE_TAG, Choice, choose, named, split, tagged

COURSE = f"cgr.dev/chainguard/crossplane:{CROSSPLANE_TAG}"
LATEST = "cgr.dev/chainguard/crossplane:latest"
UPSTREAM = f"xpkg.crossplane.io/crossplane/crossplane:{CROSSPLANE_TAG}"


def nobody(reference: str) -> str:
    return "dial tcp: lookup cgr.dev: no such host"


def test_an_image_that_the_engine_has_is_taken_unasked() -> None:
    def never(reference: str) -> str:
        raise AssertionError(reference)

    found = choose("crossplane", [COURSE], never)
    assert (found.source, found.images, found.passed_over) == (
        "Chainguard, the course's tag",
        {"crossplane": COURSE},
        (),
    )


def test_the_courses_tag_is_asked_for_first() -> None:
    assert choose("crossplane", [LATEST, UPSTREAM], lambda reference: None).images["crossplane"] == COURSE


def test_without_an_account_the_free_latest_is_taken_and_the_reason_told() -> None:
    found = choose("crossplane", [], lambda reference: None if reference == LATEST else "UNAUTHORIZED: denied")
    assert found.images["crossplane"] == LATEST
    assert found.passed_over == (f"{COURSE}: needs an account at its registry",)


def test_upstream_comes_last() -> None:
    found = choose("crossplane", [UPSTREAM], nobody)
    assert (found.source, found.images["crossplane"]) == ("upstream", UPSTREAM)
    assert found.passed_over == (
        f"{COURSE}: its registry cannot be reached",
        f"{LATEST}: its registry cannot be reached",
    )


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        ("manifest unknown: not found", "not at its registry"),
        ("denied: requested access to the resource is denied", "needs an account at its registry"),
        ("context deadline exceeded: i/o timeout", "its registry cannot be reached"),
        ("teapot", "teapot"),
    ],
)
def test_reasons_are_told_plainly(reason: str, told: str) -> None:
    assert choose("crossplane", [LATEST], lambda _: reason).passed_over == (f"{COURSE}: {told}",)


def test_images_that_must_fit_together_come_from_one_source() -> None:
    alone = f"cgr.dev/chainguard/argocd:{ARGOCD_TAG}"
    upstream = f"quay.io/argoproj/argocd:{ARGOCD_TAG}"
    found = choose("argocd", [alone, upstream], nobody)
    assert found.images == {"argocd": upstream, "repo-server": upstream}


def test_no_image_at_all_is_the_environments_fault() -> None:
    with pytest.raises(EnvironmentFault, match="no image for crossplane"):
        choose("crossplane", [], nobody)


def test_a_choice_survives_the_state() -> None:
    found = Choice("argocd", "upstream", {"argocd": "a:1"}, ("b: no",))
    assert Choice.from_json(found.as_json()) == found


def test_split_keeps_a_registrys_port() -> None:
    assert split("localhost:5000/one:v1") == ("localhost:5000/one", "v1")


@pytest.mark.parametrize(
    ("reference", "listed"),
    [
        ("registry:3", "registry:3"),
        ("registry", "registry:latest"),
        ("docker.io/library/registry:3", "registry:3"),
        ("docker.io/kindest/node:v1", "kindest/node:v1"),
        ("localhost:5000/one", "localhost:5000/one:latest"),
        ("quay.io/a/b@sha256:00", "quay.io/a/b@sha256:00"),
    ],
)
def test_references_as_the_engine_lists_them(reference: str, listed: str) -> None:
    assert tagged(reference) == listed


RENDERED = """\
apiVersion: apps/v1
kind: Deployment
spec:
  template:
    spec:
      initContainers: [{name: i, image: "init:1"}]
      containers: [{name: c, image: "main:1"}]
---
apiVersion: batch/v1
kind: CronJob
spec: {jobTemplate: {spec: {template: {spec: {containers: [{name: c, image: "cron:1"}]}}}}}
---
apiVersion: v1
kind: Pod
metadata: {annotations: {helm.sh/hook: test}}
spec: {containers: [{name: c, image: "test:1"}, {name: d, image: "main:1"}]}
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
spec: {containers: [{name: c, image: "example:1"}]}
---
"""


def test_images_of_workloads_and_of_hooks_are_told_apart() -> None:
    found = named(RENDERED)
    assert found.workloads == {"init:1", "main:1", "cron:1"}
    assert found.hooks == {"test:1"}
