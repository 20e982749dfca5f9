"""The two Providers of task 7, as Crossplane 1.15 leaves them: the oracle answers for the cluster."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import yaml

from grader.course import ProbeSpec
from grader.kyverno import oracle
from grader.kyverno.review import PolicyReview
from labs.platform import manifests
from labs.registry.samples import SAMPLES
from tests.content import probing

SPACE = "crossplane-system"
Object = dict[str, Any]


def asked(sample: str, kind: Literal["Pod", "Deployment"] = "Deployment") -> ProbeSpec:
    """Crossplane's own request for a sample."""
    return ProbeSpec(
        id="provider", check="enforcement.provider", sample=sample, namespace=SPACE, kind=kind, identity="crossplane",
        expect="admitted",
    )  # fmt: skip


def facts() -> Object:
    """What a lab with all samples says of itself."""
    samples = {}
    for one in SAMPLES:
        image = probing.question(asked(one.name)).image
        name, _, tag = image.reference.rpartition(":")
        samples[one.name] = {"image": name, "tag": tag, "digest": image.digest, "signature": one.signature}
    return dict(manifests.facts("test", "kind", samples))


def made(reviews: Sequence[PolicyReview], *samples: str) -> dict[str, tuple[Object, ...]]:
    """The Providers `trial-SAMPLE` and their Deployments, by kind, after Crossplane tried under these policies."""
    pairs = [_made(list(reviews), sample) for sample in samples]
    return {
        "Provider": tuple(provider for provider, _ in pairs),
        "Deployment": tuple(one for _, deployment in pairs if (one := deployment)),
    }


def _made(reviews: list[PolicyReview], sample: str) -> tuple[Object, Object | None]:
    by_deployment = oracle.answer(reviews, probing.question(asked(sample)), probing.LAB)
    by_pod = oracle.answer(reviews, probing.question(asked(sample, "Pod")), probing.LAB)
    image = probing.question(asked(sample)).image.reference
    if by_deployment.answer is oracle.Answer.DENIED:
        why = "post establish runtime hook failed for package: cannot apply provider package deployment: "
        return provider(
            sample, image, f"{why}cannot create object: {refusal('Deployment', by_deployment.denials)}"
        ), None
    if by_pod.answer is oracle.Answer.DENIED:
        why = (
            "post establish runtime hook failed for package: provider package deployment is unavailable with message: "
        )
        unavailable = provider(sample, image, f"{why}Deployment does not have minimum availability.")
        return unavailable, deployment(sample, image, refusal("Pod", by_pod.denials))
    return provider(sample, image), deployment(sample, image)


def refusal(kind: str, denials: Any) -> str:
    """What the API server says where Kyverno refused."""
    listed = yaml.safe_dump({policy: dict(rules) for policy, rules in denials.items()})
    return (
        f'admission webhook "mutate.kyverno.svc-fail" denied the request: \n\nresource {kind}/{SPACE}/x was blocked '
        f"due to the following policies \n\n{listed}"
    )


def provider(sample: str, image: str, trouble: str = "") -> Object:
    """A Provider that Crossplane has tried to install; `trouble` is why it is not Healthy."""
    healthy = {"type": "Healthy", "status": "False" if trouble else "True"}
    return {
        "metadata": {"name": f"trial-{sample}"},
        "spec": {"package": image, "revisionActivationPolicy": "Automatic"},
        "status": {
            "currentRevision": f"trial-{sample}-555555555555",
            "currentIdentifier": image,
            "conditions": [
                {**healthy, "message": trouble} if trouble else healthy,
                {"type": "Installed", "status": "True"},
            ],
        },
    }


def deployment(sample: str, image: str, trouble: str = "") -> Object:
    """The Deployment of a Provider's revision; `trouble` is what kept its Pods out."""
    owner = {"kind": "ProviderRevision", "name": f"trial-{sample}-555555555555"}
    failure = [{"type": "ReplicaFailure", "status": "True", "message": trouble}] if trouble else []
    return {
        "metadata": {"name": owner["name"], "namespace": SPACE, "ownerReferences": [owner]},
        "spec": {"replicas": 1, "template": {"spec": {"containers": [{"image": image}]}}},
        "status": {"conditions": failure} if trouble else {"availableReplicas": 1, "conditions": []},
    }
