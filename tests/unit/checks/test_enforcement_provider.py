"""Task 7, the end: Crossplane installs the signed sample and is refused the unsigned one."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from grader.errors import EnvironmentFault
from grader.evidence.model import Evidence
from grader.grade import judge
from grader.outcome import Status, Verdict
from tests import providers, worlds
from tests.unit.checks.live_contexts import GOOD, Object, cluster_of, verdict, with_objects
from tests.worlds import MODULE

CHECK = "enforcement.provider"
SIGNED, UNSIGNED = cluster_of(GOOD).all("Provider")
RUNNING = providers.deployment("unsigned", UNSIGNED["spec"]["package"])
DENIALS = {"verify-provider-images": {"autogen-x": "failed to verify image y: no signatures found"}}


def said(evidence: Evidence) -> Verdict:
    return verdict(evidence, CHECK)


def trying(*found: Object, deployments: tuple[Object, ...] = ()) -> Evidence:
    """The world with these Providers and Deployments."""
    return with_objects("Deployment", deployments, with_objects("Provider", found))


def but(found: Any, change: Callable[[Any], object]) -> Any:
    other = copy.deepcopy(found)
    change(other)
    return other


def unsigned(trouble: str = "", name: str = "unsigned") -> Object:
    return providers.provider(name, UNSIGNED["spec"]["package"], trouble)


def could_not_tell(evidence: Evidence) -> EnvironmentFault:
    with pytest.raises(EnvironmentFault) as caught:
        said(evidence)
    return caught.value


def test_both_as_they_must_be() -> None:
    found = said(GOOD)
    assert found.status is Status.PASSED
    assert "“trial-signed” is Healthy" in found.seen
    assert "“trial-unsigned” was refused by “verify-provider-images”" in found.seen


def test_nobody_tried_fails_this_check_alone() -> None:
    report = judge(MODULE, trying(deployments=cluster_of(GOOD).all("Deployment")))
    failed = [one for one in report.outcomes if one.status is not Status.PASSED]
    assert [(one.check, one.status) for one in failed] == [(CHECK, Status.FAILED)]
    assert "the signed sample and no Provider whose package is the unsigned sample" in failed[0].seen
    assert failed[0].next == "kubectl get providers.pkg.crossplane.io"
    assert report.score == 93


@pytest.mark.parametrize(("kept", "lacking"), [(SIGNED, "unsigned"), (UNSIGNED, "signed")])
def test_one_of_them_alone(kept: Object, lacking: str) -> None:
    found = said(trying(kept))
    assert found.status is Status.FAILED
    assert found.seen.startswith(f"There is no Provider whose package is the {lacking} sample.")


@pytest.mark.parametrize("by", ["digest", "both"])
def test_packages_by_digest_and_other_names_count(by: str) -> None:
    def renamed(one: Any) -> None:
        tag = one["spec"]["package"]
        digest = "sha256:" + "5" * 64
        one["metadata"]["name"] = "nop"
        one["spec"]["package"] = f"{tag.rpartition(':')[0]}@{digest}" if by == "digest" else f"{tag}@{digest}"
        one["status"]["currentIdentifier"] = one["spec"]["package"]

    assert said(trying(but(SIGNED, renamed), UNSIGNED)).status is Status.PASSED


def test_the_second_signed_sample_counts_too() -> None:
    second = providers.provider("signed-2", "cgr.dev/chainguard/provider-signed2:v1.2.3")
    assert said(trying(second, UNSIGNED)).status is Status.PASSED


def test_another_image_does_not_count() -> None:
    other = providers.provider("nop", "xpkg.upbound.io/crossplane-contrib/provider-nop:v0.2.1")
    assert "the signed sample" in said(trying(other, UNSIGNED)).seen
    look_alike = providers.provider("like", "cgr.dev/chainguard/provider-signed:v1.2.4")
    assert "the signed sample" in said(trying(look_alike, UNSIGNED)).seen


def test_other_providers_are_left_aside() -> None:
    other = providers.provider("nop", "xpkg.upbound.io/crossplane-contrib/provider-nop:v0.2.1")
    assert said(trying(SIGNED, UNSIGNED, other)).status is Status.PASSED


def test_an_unsigned_one_from_before_the_policy() -> None:
    found = said(trying(SIGNED, unsigned(), deployments=(RUNNING,)))
    assert found.status is Status.FAILED
    assert "Delete it, and create it again" in found.seen
    assert found.next == "kubectl delete providers.pkg.crossplane.io trial-unsigned"


def test_an_unsigned_one_that_runs_on_while_its_update_is_refused() -> None:
    refused = unsigned(f"cannot update object: {providers.refusal('Deployment', DENIALS)}")
    assert said(trying(SIGNED, refused, deployments=(RUNNING,))).status is Status.FAILED


def test_an_unsigned_one_running_beside_a_refused_one() -> None:
    older = providers.deployment("older", UNSIGNED["spec"]["package"])
    assert said(trying(SIGNED, UNSIGNED, unsigned(name="older"), deployments=(older,))).status is Status.FAILED


def test_what_an_earlier_one_left_goes_by_itself() -> None:
    """Deleted and made again at once: the new Provider first finds what the old one still owns."""
    again = but(unsigned(), lambda one: one["metadata"].update(creationTimestamp="2026-01-01T00:01:00Z"))
    left = but(RUNNING, lambda one: one["metadata"].update(creationTimestamp="2026-01-01T00:00:59Z"))
    assert "is still being removed" in could_not_tell(trying(SIGNED, again, deployments=(left,))).message
    assert "does not say that your policy" in could_not_tell(trying(SIGNED, again)).message


def test_one_that_is_being_deleted_is_gone() -> None:
    leaving = but(unsigned(), lambda one: one["metadata"].update(deletionTimestamp="2026-01-01T00:00:00Z"))
    assert "the unsigned sample" in said(trying(SIGNED, leaving)).seen


def test_pods_refused_where_the_deployment_was_not() -> None:
    """A policy without generated rules: the refusal stands at the Deployment."""
    weak = next(path for path in MODULE.solutions if path.name.endswith("weak-but-right"))
    evidence = worlds.evidence(weak)
    assert len(cluster_of(evidence).all("Deployment")) == 3
    assert said(evidence).status is Status.PASSED


@pytest.mark.parametrize(
    "trouble",
    [
        "",
        "post establish runtime hook failed for package: provider package deployment is unavailable with message: x",
    ],
)
def test_a_signed_one_that_is_not_healthy_yet(trouble: str) -> None:
    starting = providers.provider("signed", SIGNED["spec"]["package"], trouble or "x")
    if not trouble:
        starting["status"] = {}
    found = could_not_tell(trying(starting, UNSIGNED))
    assert "is not Healthy yet" in found.message
    assert "--wait" in (found.advice or "")


def test_health_of_an_earlier_package_is_none() -> None:
    changed = but(SIGNED, lambda one: one["status"].update(currentIdentifier="cgr.dev/chainguard/provider-x:v1"))
    assert "is not Healthy yet" in could_not_tell(trying(changed, UNSIGNED)).message


def test_a_signed_one_refused_at_the_last_try() -> None:
    refused = providers.provider("signed", SIGNED["spec"]["package"], providers.refusal("Deployment", DENIALS))
    assert "was refused by “verify-provider-images”" in could_not_tell(trying(refused, UNSIGNED)).message


def test_a_refusal_by_somebody_elses_policy_counts_for_nothing() -> None:
    denials = {**DENIALS, "someone-elses": {"x": "no"}}
    refused = unsigned(providers.refusal("Deployment", denials))
    assert "was refused by “someone-elses”, not by yours" in could_not_tell(trying(SIGNED, refused)).message


def test_a_fault_of_the_network_is_no_refusal() -> None:
    denials = {"verify-provider-images": {"x": "failed to verify image y: dial tcp: i/o timeout"}}
    refused = unsigned(providers.refusal("Deployment", denials))
    assert "does not say that your policy refused" in could_not_tell(trying(SIGNED, refused)).message


@pytest.mark.parametrize("change", ["paused", "manual"])
def test_a_provider_that_is_told_to_wait(change: str) -> None:
    def held(one: Any) -> None:
        one["status"]["conditions"] = [{"type": "Installed", "status": "False", "reason": "InactivePackageRevision"}]
        if change == "paused":
            one["metadata"]["annotations"] = {"crossplane.io/paused": "true"}
        else:
            one["spec"]["revisionActivationPolicy"] = "Manual"

    found = said(trying(but(SIGNED, held), UNSIGNED))
    assert found.status is Status.FAILED
    assert "does not install the Provider “trial-signed”" in found.seen


def test_a_pause_after_all_is_done_changes_nothing() -> None:
    paused = but(SIGNED, lambda one: one["metadata"].update(annotations={"crossplane.io/paused": "true"}))
    assert said(trying(paused, UNSIGNED)).status is Status.PASSED


def test_a_cluster_without_crossplane() -> None:
    cluster = replace(cluster_of(GOOD), not_served=("Provider",))
    assert "no Crossplane" in could_not_tell(replace(GOOD, cluster=cluster)).message


def test_a_cluster_that_is_no_lab() -> None:
    assert "does not say which sample" in could_not_tell(with_objects("ConfigMap", [])).message


@pytest.mark.parametrize("hostile", [None, 7, [], {"conditions": "x"}, {"conditions": [7, {"type": "Healthy"}]}])
def test_a_status_that_makes_no_sense(hostile: Any) -> None:
    broken = but(UNSIGNED, lambda one: one.update(status=hostile))
    assert "does not say that your policy refused" in could_not_tell(trying(SIGNED, broken)).message


def test_a_refusal_that_a_pause_keeps_is_an_old_one() -> None:
    """Crossplane tries a paused Provider no more: its condition may be of a policy that is no longer there."""

    def pause(found: Any) -> None:
        found["metadata"].setdefault("annotations", {})["crossplane.io/paused"] = "true"

    found = said(trying(SIGNED, but(UNSIGNED, pause)))
    assert found.status is Status.FAILED
    assert "crossplane.io/paused is true" in found.seen


def test_a_refusal_by_a_policy_of_another_kind_counts_for_nothing() -> None:
    """A ValidatingPolicy may have the ClusterPolicy's name; its refusals name no rule."""
    words = 'admission webhook "vpol.validate.kyverno.svc-fail" denied the request: Policy {} failed: no'
    fault = could_not_tell(trying(SIGNED, unsigned(words.format("verify-provider-images"))))
    assert "not by yours" in str(fault)
