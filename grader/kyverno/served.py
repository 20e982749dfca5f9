"""The kinds that a cluster of the course serves: Kubernetes 1.35, Argo CD 3.2, Crossplane 1.15, Kyverno 1.19.

A kind that is not here is taken as unknown to the cluster.
"""

from __future__ import annotations

from typing import NamedTuple


class Served(NamedTuple):
    """One kind of one version, and the subresources that a webhook can be asked about."""

    group: str
    version: str
    kind: str
    subresources: tuple[str, ...] = ()


_KINDS = {
    "/v1": "Binding ComponentStatus ConfigMap Endpoints Event LimitRange Namespace Node PersistentVolume"
    " PersistentVolumeClaim Pod PodTemplate ReplicationController ResourceQuota Secret Service ServiceAccount",
    "apps/v1": "ControllerRevision DaemonSet Deployment ReplicaSet StatefulSet",
    "batch/v1": "CronJob Job",
    "autoscaling/v1": "HorizontalPodAutoscaler",
    "autoscaling/v2": "HorizontalPodAutoscaler",
    "networking.k8s.io/v1": "IPAddress Ingress IngressClass NetworkPolicy ServiceCIDR",
    "policy/v1": "PodDisruptionBudget",
    "rbac.authorization.k8s.io/v1": "ClusterRole ClusterRoleBinding Role RoleBinding",
    "storage.k8s.io/v1": "CSIDriver CSINode CSIStorageCapacity StorageClass VolumeAttachment VolumeAttributesClass",
    "scheduling.k8s.io/v1": "PriorityClass",
    "coordination.k8s.io/v1": "Lease",
    "node.k8s.io/v1": "RuntimeClass",
    "events.k8s.io/v1": "Event",
    "discovery.k8s.io/v1": "EndpointSlice",
    "certificates.k8s.io/v1": "CertificateSigningRequest",
    "resource.k8s.io/v1": "DeviceClass ResourceClaim ResourceClaimTemplate ResourceSlice",
    "flowcontrol.apiserver.k8s.io/v1": "FlowSchema PriorityLevelConfiguration",
    "apiextensions.k8s.io/v1": "CustomResourceDefinition",
    "apiregistration.k8s.io/v1": "APIService",
    "authentication.k8s.io/v1": "SelfSubjectReview TokenReview",
    "authorization.k8s.io/v1": "LocalSubjectAccessReview SelfSubjectAccessReview SelfSubjectRulesReview"
    " SubjectAccessReview",
    "admissionregistration.k8s.io/v1": "MutatingWebhookConfiguration ValidatingAdmissionPolicy"
    " ValidatingAdmissionPolicyBinding ValidatingWebhookConfiguration",
    "argoproj.io/v1alpha1": "AppProject Application ApplicationSet",
    "pkg.crossplane.io/v1": "Configuration ConfigurationRevision Provider ProviderRevision",
    "pkg.crossplane.io/v1beta1": "DeploymentRuntimeConfig Function FunctionRevision Lock",
    "pkg.crossplane.io/v1alpha1": "ControllerConfig",
    "apiextensions.crossplane.io/v1": "CompositeResourceDefinition Composition CompositionRevision",
    "kyverno.io/v1": "ClusterPolicy Policy",
    "kyverno.io/v2beta1": "ClusterPolicy Policy",
    "kyverno.io/v2": "CleanupPolicy ClusterCleanupPolicy PolicyException UpdateRequest",
    "policies.kyverno.io/v1": "DeletingPolicy GeneratingPolicy ImageValidatingPolicy MutatingPolicy ValidatingPolicy",
}
_SCALABLE = {"Deployment", "ReplicaSet", "StatefulSet", "ReplicationController"}
_SUBRESOURCES = {
    "Pod": "attach binding ephemeralcontainers eviction exec log portforward proxy resize status",
    "Node": "proxy status",
    "Service": "proxy status",
    "Namespace": "finalize status",
    "ServiceAccount": "token",
}


def _served() -> tuple[Served, ...]:
    found = []
    for place, kinds in _KINDS.items():
        group, _, version = place.rpartition("/")
        for kind in kinds.split():
            subresources = _SUBRESOURCES.get(kind, "scale status" if kind in _SCALABLE else "status")
            found.append(Served(group, version, kind, tuple(subresources.split())))
    return tuple(found)


SERVED = _served()
BY_KIND = {one.kind: one for one in reversed(SERVED)}
