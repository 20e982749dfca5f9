"""An API request as the admission request that the oracle answers, and its answer put into the object."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any

from grader.kyverno.kinds import Resource
from grader.kyverno.request import ADMINISTRATOR, UNSPECIFIED_DIGEST, Identity, Image, Request, Signature
from labs.cluster.simulated.api.admission import Review
from labs.cluster.simulated.api.ask import ADMINISTRATOR as OWNER
from labs.cluster.simulated.images import Images, split

Object = dict[str, Any]

SCOPED = "kyverno.io/verify-images-scoped"
_FIELDS = ("initContainers", "containers", "ephemeralContainers")
_KNOWN = tuple(one.name for one in fields(Signature))


def request(review: Review, labels: Mapping[str, str], images: Images, trusted: bool) -> Request:
    """The admission request. `labels` are the namespace's; `trusted`: Kyverno knows the lab's authority."""
    value = review.object or {}
    metadata = value["metadata"]
    resource = Resource(review.resource.group, review.resource.version, review.resource.kind, review.subresource)
    return Request(
        resource=resource, operation=review.operation, namespace=review.namespace, name=review.name,
        labels=metadata.get("labels") or {}, annotations=metadata.get("annotations") or {}, namespace_labels=labels,
        identity=_identity(review), object=value, known=True,
        images=tuple(_image(where, one["image"], images, trusted) for where, one in asked_containers(review)),
    )  # fmt: skip


def _identity(review: Review) -> Identity:
    user = review.ask.user
    if user == OWNER:
        return ADMINISTRATOR
    return Identity(user.name, user.groups)


def asked_containers(review: Review) -> list[tuple[str, Object]]:
    """Place and container of each image in question: on an update, not those that were verified before."""
    verified = _verified(review.old)
    return [(where, c) for where, c in containers(review.object or {}) if not _known(c["image"], verified)]


def containers(value: Object) -> Iterator[tuple[str, Object]]:
    """Place and container of each image of a Pod, or of what holds a template of Pods."""
    spec = value.get("spec") if isinstance(value.get("spec"), dict) else {}
    for step in ("jobTemplate", "template"):
        below = spec.get(step) if isinstance(spec, dict) else None
        if isinstance(below, dict) and isinstance(below.get("spec"), dict):
            spec = below["spec"]
    for where in _FIELDS:
        for container in (spec or {}).get(where) or ():
            if isinstance(container, dict) and isinstance(container.get("image"), str):
                yield where, container


def _verified(old: Object | None) -> set[str]:
    """Images that the object's annotation says were verified (by the digest that is in them)."""
    text = ((old or {}).get("metadata", {}).get("annotations") or {}).get(SCOPED, "")
    try:
        policies = json.loads(text)["policies"]
        return {
            i
            for rules in policies.values()
            for seen in rules.values()
            for i, s in seen.items()
            if s in ("pass", "skip")
        }
    except (ValueError, KeyError, TypeError, AttributeError):
        return set()


def _known(image: str, verified: set[str]) -> bool:
    name, tag, digest = split(image)
    return f"{name}@{digest}" in verified if digest else f"{name}:{tag or 'latest'}" in verified


def _image(where: str, reference: str, images: Images, trusted: bool) -> Image:
    entry = images.entry(reference) or {}
    signatures = tuple(_signature(one, trusted) for one in entry.get("signatures") or ())
    digest = split(reference)[2] or str(entry.get("digest") or UNSPECIFIED_DIGEST)
    return Image(reference, where, digest, signatures, images.in_registry(reference))


def _signature(given: Mapping[str, Any], trusted: bool) -> Signature:
    fields = {key: given[key] for key in _KNOWN if key in given}
    if not trusted and fields.get("authority", "lab") == "lab":
        fields["authority"] = "other"
    return Signature(**fields)


def answered(review: Review, images: tuple[str, ...], annotations: Mapping[str, str]) -> Object:
    """The object with its images as the webhook leaves them, and with the webhook's annotations."""
    before = [container["image"] for _, container in asked_containers(review)]
    value = review.object or {}
    if list(images) == before and not annotations:
        return value
    changed = copy.deepcopy(value)
    new = dict(zip(before, images, strict=True))
    for _, container in containers(changed):
        container["image"] = new.get(container["image"], container["image"])
    if annotations:
        changed["metadata"]["annotations"] = {**(changed["metadata"].get("annotations") or {}), **annotations}
    return changed
