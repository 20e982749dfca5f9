"""An ImageValidatingPolicy in the simulated cluster: what it looks at cannot be told, everything else is let in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from labs.cluster.simulated.api.ask import Ask
from labs.cluster.simulated.api.errors import ApiError
from labs.cluster.simulated.kyverno.admission import SIMULATED
from tests.sim_lab import MODULE
from tests.sim_world import GOOD, TRUST, UNSIGNED, World, deployment, pod, policy

SPACE, ELSEWHERE = "crossplane-system", "default"
MUTANT = MODULE.mutants_folder / "58-image-validating-policy"
PODS = {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE", "UPDATE"], "resources": ["pods"]}
PROVIDERS = [{"glob": "cgr.dev/chainguard/provider-*"}]


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World(tmp_path)
    world.namespace(SPACE)
    world.install("kyverno", "kyverno", "kyverno", TRUST)
    return world


def mutant() -> Any:
    """The policy of the course's text, narrowed to one namespace."""
    return yaml.safe_load((MUTANT / "gitops-bootstrap/apps/platform/verify-providers.yaml").read_text())


def written(world: World, spec: Any) -> None:
    """A policy with these fields of its spec, and no more than it must have besides."""
    least = {"validations": [{"expression": "true"}], "attestors": [{"name": "a", "cosign": {"key": {"data": "x"}}}]}
    value = {"apiVersion": "policies.kyverno.io/v1", "kind": "ImageValidatingPolicy", "metadata": {"name": "images"}}
    world.create({**value, "spec": {**least, **spec}})


def told(world: World, value: Any) -> bool:
    """Whether the request is let in; False where what Kyverno would answer is not known."""
    try:
        world.create(value, Ask(dry_run=True))
    except ApiError as error:
        if error.code != 500 or SIMULATED not in error.message:
            raise
        return False
    return True


@pytest.mark.parametrize("beside", [False, True], ids=["alone", "beside a ClusterPolicy"])
def test_an_image_and_a_namespace_that_it_does_not_look_at(world: World, beside: bool) -> None:
    if beside:
        world.create(policy())
        world.settle()
    world.create(mutant())
    assert told(world, pod("nginx", SPACE))
    assert told(world, pod(UNSIGNED, ELSEWHERE))
    assert told(world, deployment(UNSIGNED, ELSEWHERE))
    assert not told(world, pod(GOOD, SPACE))


def test_what_it_looks_at_says_what_to_do(world: World) -> None:
    world.create(mutant())
    with pytest.raises(ApiError) as caught:
        world.create(pod(GOOD, SPACE), Ask(dry_run=True))
    assert 'calling webhook "ivpol.mutate.kyverno.svc-fail"' in caught.value.message
    assert "ImageValidatingPolicy verify-provider-images looks at it" in caught.value.message
    assert "Write it as a ClusterPolicy" in caught.value.message


def test_a_denial_of_a_cluster_policy_comes_first(world: World) -> None:
    world.create(policy())
    world.settle()
    world.create(mutant())
    with pytest.raises(ApiError, match="no signatures found"):
        world.create(pod(UNSIGNED, SPACE), Ask(dry_run=True))


@pytest.mark.parametrize(
    ("rule", "looks"),
    [
        (PODS, True),
        ({**PODS, "resources": ["*"]}, True),
        ({**PODS, "apiGroups": ["*"], "apiVersions": ["*"], "operations": ["*"], "resources": ["*/*"]}, True),
        ({**PODS, "resources": ["pods/ephemeralcontainers"]}, False),
        ({**PODS, "resources": ["deployments"]}, False),
        ({**PODS, "apiGroups": ["apps"]}, False),
        ({**PODS, "apiVersions": ["v1beta1"]}, False),
        ({**PODS, "operations": ["UPDATE"]}, False),
        ({**PODS, "resourceNames": ["another"]}, False),
        ({**PODS, "resourceNames": ["trial"]}, True),
        ({**PODS, "scope": "Cluster"}, False),
        ({**PODS, "scope": "Namespaced"}, True),
    ],
)
def test_rules_about_a_pod(world: World, rule: Any, looks: bool) -> None:
    written(world, {"matchConstraints": {"resourceRules": [rule]}, "matchImageReferences": PROVIDERS})
    assert told(world, pod(GOOD, SPACE)) is not looks


def test_an_ephemeral_container_is_a_resource_of_its_own(world: World) -> None:
    resource = world.kind("pods")
    world.create(pod("nginx", SPACE))
    written(world, {"matchConstraints": {"resourceRules": [{**PODS, "resources": ["pods/ephemeralcontainers"]}]}})
    more = {"spec": {"ephemeralContainers": [{"name": "look", "image": GOOD}]}}
    with pytest.raises(ApiError, match=SIMULATED):
        world.cluster.patch(
            resource, SPACE, "trial", lambda old: {**old, "spec": {**old["spec"], **more["spec"]}},
            Ask(dry_run=True), subresource="ephemeralcontainers",
        )  # fmt: skip


@pytest.mark.parametrize(
    ("more", "looks"),
    [
        ({}, True),
        ({"namespaceSelector": {}}, True),
        ({"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": SPACE}}}, False),
        ({"objectSelector": {"matchLabels": {"a": "b"}}}, False),
        ({"excludeResourceRules": [{**PODS, "resourceNames": ["x"]}]}, False),
        ({"resourceRules": [{**PODS, "resources": ["pods", "pods/ephemeralcontainers"]}]}, False),
    ],
)
def test_a_rule_about_pods_alone_is_generated_for_deployments(world: World, more: Any, looks: bool) -> None:
    constraints = {"resourceRules": [PODS], **more}
    written(world, {"matchConstraints": constraints, "matchImageReferences": PROVIDERS})
    assert told(world, deployment(GOOD, SPACE)) is not looks


def test_which_controllers_rules_are_generated_for(world: World) -> None:
    autogen = {"podControllers": {"controllers": ["jobs"]}}
    written(world, {"matchConstraints": {"resourceRules": [PODS]}, "autogen": autogen})
    assert told(world, deployment(GOOD, SPACE))


@pytest.mark.parametrize(
    ("more", "looks"),
    [
        ({"objectSelector": {"matchLabels": {"a": "b"}}}, False),
        ({"objectSelector": {"matchExpressions": [{"key": "a", "operator": "DoesNotExist"}]}}, True),
        ({"excludeResourceRules": [PODS]}, False),
        ({"excludeResourceRules": [{**PODS, "operations": ["DELETE"]}]}, True),
    ],
)
def test_selectors_and_exclusions(world: World, more: Any, looks: bool) -> None:
    written(world, {"matchConstraints": {"resourceRules": [PODS], **more}})
    assert told(world, pod(GOOD, SPACE)) is not looks


@pytest.mark.parametrize(
    ("references", "looks"),
    [
        ([{"glob": "cgr.dev/*"}], True),
        ([{"glob": "docker.io/*"}, {"glob": GOOD}], True),
        ([{"glob": "cgr.dev/chainguard/provider-good:v?"}], True),
        ([{"glob": "docker.io/*"}], False),
        ([{"glob": "{cgr.dev,docker.io}/*"}], True),
        ([{"expression": "image.registry() == 'docker.io'"}], True),
        ([], True),
    ],
)
def test_references_of_images(world: World, references: Any, looks: bool) -> None:
    """What is written in CEL, or as a set of alternatives, could fit and so cannot be told."""
    written(world, {"matchConstraints": {"resourceRules": [PODS]}, "matchImageReferences": references})
    assert told(world, pod(GOOD, SPACE)) is not looks


@pytest.mark.parametrize("evaluation", [{"admission": {"enabled": False}}, {"mode": "JSON"}])
def test_a_policy_that_no_request_is_put_to(world: World, evaluation: Any) -> None:
    written(world, {"matchConstraints": {"resourceRules": [PODS]}, "evaluation": evaluation})
    assert told(world, pod(GOOD, SPACE))


def test_images_found_by_an_expression(world: World) -> None:
    rule = {**PODS, "resources": ["configmaps"]}
    written(world, {"matchConstraints": {"resourceRules": [rule]}, "images": [{"name": "x", "expression": "[]"}]})
    value = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x", "namespace": SPACE}}
    assert not told(world, value)


def test_without_constraints_it_may_look_at_every_image(world: World) -> None:
    written(world, {})
    assert not told(world, pod("nginx", SPACE))
    assert told(world, {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x", "namespace": SPACE}})


def test_kyvernos_own_filters_hold(world: World) -> None:
    written(world, {})
    assert told(world, pod(GOOD, "kube-system"))
