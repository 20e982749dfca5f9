"""What is asked of a cluster: a probe, and the admission request that it becomes.

The defaults are those of the course's lab: Kyverno 1.19.1 by its chart 3.9.1 in the namespace `kyverno`.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from grader.kyverno.kinds import EPHEMERAL, POD, Resource

PLACES = ("containers", "initContainers", "ephemeralContainers")
DEPLOYMENT = Resource("apps", "v1", "Deployment")
UNSPECIFIED_DIGEST = "sha256:" + "0" * 64


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature that the registry holds for an image.

    `authority` made its certificate: `lab` is the one that Kyverno trusts. `log`: its entry in the transparency log
    is there (`yes`), missing (`no`) or not the log's (`forged`). `digest`: it speaks of this image (`same`) or of
    another one. `legacy` and `bundle` tell in which formats it is there: cosign's `.sig` tag, a Sigstore bundle.
    `annotations` are those of its payload, `extensions` further ones of its certificate (None: not known).
    `current`: the certificate is valid today. `expired`: it no more was when the log took the signature.
    `key`: it was made by a key without a certificate; what a policy writes of that key, as JSON.
    """

    subject: str
    issuer: str
    authority: str = "lab"
    log: str = "yes"
    digest: str = "same"
    legacy: bool = True
    bundle: bool = False
    annotations: Mapping[str, str] = field(default_factory=dict)
    extensions: Mapping[str, str] | None = None
    current: bool = True
    expired: bool = False
    key: str = ""


@dataclass(frozen=True, slots=True)
class Image:
    """An image of a probe: its reference, where it stands, and what the registry holds of it.

    `digest` is that of its manifest. `exists` is False for one that the registry does not have.
    """

    reference: str
    where: str = "containers"
    digest: str = UNSPECIFIED_DIGEST
    signatures: tuple[Signature, ...] = ()
    exists: bool = True


@dataclass(frozen=True, slots=True)
class Identity:
    """Who asks. `roles` are `namespace:name`; None for what is not known of them."""

    username: str
    groups: tuple[str, ...] = ()
    roles: tuple[str, ...] | None = None
    cluster_roles: tuple[str, ...] | None = None


ADMINISTRATOR = Identity(
    "kubernetes-admin",
    ("kubeadm:cluster-admins", "system:authenticated"),
    (),
    ("cluster-admin", "system:basic-user", "system:discovery", "system:public-info-viewer"),
)


def identity(name: str) -> Identity:
    """`administrator`, `crossplane`, a service account's `system:serviceaccount:…`, or any user's name."""
    if name in ("", "administrator", ADMINISTRATOR.username):
        return ADMINISTRATOR
    if name == "crossplane":
        name = "system:serviceaccount:crossplane-system:crossplane"
    if name.startswith("system:serviceaccount:") and name.count(":") == 3:
        namespace = name.split(":")[2]
        groups = ("system:serviceaccounts", f"system:serviceaccounts:{namespace}", "system:authenticated")
        return Identity(name, groups)
    return Identity(name, ("system:authenticated",))


@dataclass(frozen=True, slots=True)
class Probe:
    """One question: may this Pod or Deployment with this image be created, or this ephemeral container be added?

    `beside` are further images of the same Pod. `labels` and `annotations` are the Pod's (for a Deployment its own
    and its template's). `namespace_labels` default to those that Kubernetes itself gives a namespace.
    `operation` defaults to what `where` needs: UPDATE for an ephemeral container, else CREATE.
    """

    name: str
    image: Image
    namespace: str = "default"
    kind: str = "Pod"
    identity: Identity = ADMINISTRATOR
    operation: str = ""
    beside: tuple[Image, ...] = ()
    object_name: str = "probe"
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)
    namespace_labels: Mapping[str, str] | None = None

    @property
    def images(self) -> tuple[Image, ...]:
        """All images of the object."""
        return (self.image, *self.beside)

    @property
    def resource(self) -> Resource:
        """What the API server is asked about."""
        if self.kind == "Deployment":
            return DEPLOYMENT
        return POD._replace(subresource=EPHEMERAL) if self.image.where == "ephemeralContainers" else POD


@dataclass(frozen=True, slots=True)
class Request:
    """One admission request, as Kyverno's engine sees it.

    `known` tells whether `object` is the whole object; a probe's is only what the probe says.
    """

    resource: Resource
    operation: str
    namespace: str
    name: str
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    namespace_labels: Mapping[str, str]
    identity: Identity
    images: tuple[Image, ...]
    object: Mapping[str, Any]
    known: bool = False
    memo: dict[int, Any] = field(default_factory=dict, compare=False, repr=False)
    """What `match.mismatch` found, by rule."""


def of(probe: Probe) -> Request:
    """The admission request that a probe makes."""
    own = {"kubernetes.io/metadata.name": probe.namespace}
    operation = probe.operation or ("UPDATE" if probe.resource.subresource else "CREATE")
    metadata: dict[str, Any] = {"name": probe.object_name, "namespace": probe.namespace}
    if probe.labels:
        metadata["labels"] = dict(probe.labels)
    if probe.annotations:
        metadata["annotations"] = dict(probe.annotations)
    body: dict[str, Any] = {"metadata": metadata, "spec": _pod_spec(probe.images)}
    if probe.kind == "Deployment":
        body = {"metadata": metadata, "spec": {"template": {"metadata": _template(metadata), "spec": body["spec"]}}}
    body.update(apiVersion="apps/v1" if probe.kind == "Deployment" else "v1", kind=probe.kind)
    return Request(
        probe.resource, operation, probe.namespace, probe.object_name, probe.labels, probe.annotations,
        own if probe.namespace_labels is None else {**own, **probe.namespace_labels},
        probe.identity, probe.images, body,
    )  # fmt: skip


def mutated(asked: Request, images: Sequence[str], annotations: Mapping[str, str]) -> Request:
    """The request as the mutating webhooks leave it: other references for its images, further annotations."""
    if not annotations and list(images) == [image.reference for image in asked.images]:
        return asked
    found = copy.deepcopy(dict(asked.object))
    holder = found.get("spec") or {}
    holder = (holder.get("template") or {}).get("spec") or holder
    left = dict(zip(((image.where, image.reference) for image in asked.images), images, strict=True))
    for where in PLACES:
        for container in holder.get(where) or []:
            container["image"] = left.get((where, container.get("image")), container.get("image"))
    every = {**asked.annotations, **annotations}
    if every:
        found.setdefault("metadata", {})["annotations"] = every
    return replace(asked, object=found, annotations=every, memo={})


def _template(metadata: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in metadata.items() if key in ("labels", "annotations")}


def _pod_spec(images: tuple[Image, ...]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for index, image in enumerate(images):
        found.setdefault(image.where, []).append({"name": f"probe-{index}", "image": image.reference})
    return found
