"""The kinds of objects that a grading reads from a cluster."""

from __future__ import annotations

from dataclasses import dataclass

from grader.kube import resource


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind to read: its plural, and its API versions, the first that is served counts."""

    plural: str
    versions: tuple[str, ...]
    metadata_only: bool = False

    @property
    def paths(self) -> tuple[str, ...]:
        """The collections in all namespaces, by version."""
        return tuple(resource(version, self.plural) for version in self.versions)


KINDS: dict[str, Kind] = {
    "Namespace": Kind("namespaces", ("v1",)),
    "Deployment": Kind("deployments", ("apps/v1",)),
    "CustomResourceDefinition": Kind("customresourcedefinitions", ("apiextensions.k8s.io/v1",), metadata_only=True),
    "ClusterPolicy": Kind("clusterpolicies", ("kyverno.io/v1",)),
    "Policy": Kind("policies", ("kyverno.io/v1",)),
    "ImageValidatingPolicy": Kind(
        "imagevalidatingpolicies", tuple(f"policies.kyverno.io/{version}" for version in ("v1", "v1beta1", "v1alpha1"))
    ),
    "Application": Kind("applications", ("argoproj.io/v1alpha1",)),
    "Provider": Kind("providers", ("pkg.crossplane.io/v1",)),
    "ValidatingWebhookConfiguration": Kind(
        "validatingwebhookconfigurations", ("admissionregistration.k8s.io/v1",)
    ),
    "MutatingWebhookConfiguration": Kind("mutatingwebhookconfigurations", ("admissionregistration.k8s.io/v1",)),
}  # fmt: skip
