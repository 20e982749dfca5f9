"""What the cluster's answer to a probe means.

Formats: Kyverno 1.19.1 pkg/webhooks/utils/block.go (blocked by a ClusterPolicy or Policy),
pkg/webhooks/resource/ivpol/handler.go (by an ImageValidatingPolicy), pkg/engine/api/imageverifymetadata.go
(annotations); Kubernetes apiserver pkg/admission/plugin/webhook/errors/statuserror.go.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from grader.errors import EnvironmentFault, ManifestError
from grader.evidence.dig import mapping, mappings, text
from grader.evidence.faults import fault
from grader.evidence.model import Answer, Json
from grader.kube import Refusal, Unreachable
from grader.manifest import Limits, load
from grader.text import clean

Told = Mapping[str, Mapping[str, str]]

ANNOTATION = "kyverno.io/verify-images"
SCOPED_ANNOTATION = "kyverno.io/verify-images-scoped"

_MESSAGE = 2000
_LIMITS = Limits(size=1 << 16, documents=1, depth=4, nodes=1000)
_DENIED = re.compile(r'admission webhook "([^"]{1,300})" denied the request: ?')
_BLOCKED = "was blocked due to the following policies"
_CEL = re.compile(r"(?:^|; )Policy (\S{1,253}) (?:failed|error): ")
_WORST = ("fail", "skip", "pass")


@dataclass(frozen=True, slots=True)
class Said:
    """One answer, understood. `again`: a fault that may pass, worth asking once more."""

    answer: Answer
    message: str = ""
    denials: Told = field(default_factory=dict)
    looked: Told = field(default_factory=dict)
    images: tuple[str, ...] = ()
    again: bool = False


def admission(found: Json, repository: str) -> Said:
    """An object that was let in; `looked` tells of images of this repository."""
    annotations = mapping(found, "metadata", "annotations")
    return Said(Answer.ADMITTED, looked=_looked(annotations, repository), images=_images(found))


def failure(error: EnvironmentFault) -> Said:
    """No object: a denial by Kyverno, or whatever else kept the cluster from an answer."""
    if isinstance(error, Unreachable):
        return Said(Answer.UNKNOWN, clean(str(error), _MESSAGE), again=True)
    words = error.words if isinstance(error, Refusal) else str(error)
    message = clean(words, _MESSAGE)
    denials = _denials(words)
    if denials:
        broken = any(fault(reason) for rules in denials.values() for reason in rules.values())
        return Said(Answer.UNKNOWN if broken else Answer.DENIED, message, denials, again=broken)
    busy = isinstance(error, Refusal) and error.status in (429, 503, 504)
    return Said(Answer.UNKNOWN, message, again=busy or fault(words) is not None)


def told(words: str) -> Told:
    """Policy → rule → reason of a denial by Kyverno that is repeated within other words, or nothing."""
    start = words.find('admission webhook "')
    return _denials(words[start : start + _LIMITS.size]) if start >= 0 else {}


def strangers(denials: Told, own: frozenset[str]) -> list[str]:
    """The policies of a denial that are no ClusterPolicy among `own`: one without rules is of another kind, whatever
    its name."""
    return [policy for policy, rules in denials.items() if policy not in own or "" in rules]


def _denials(words: str) -> Told:
    """Policy → rule → reason, or nothing where Kyverno did not deny by name."""
    found = _DENIED.match(words)
    if not found or ".kyverno.svc" not in found[1]:
        return {}
    _, blocked, listed = words[found.end() :].partition(_BLOCKED)
    return _rules(listed) if blocked else _cel(words[found.end() :])


def _rules(listed: str) -> Told:
    try:
        documents = load(listed.encode(), "answer", _LIMITS)
    except ManifestError:
        return {}
    value = documents[0].value if len(documents) == 1 else None
    if not isinstance(value, dict):
        return {}
    told = {
        clean(policy, 253): {clean(rule, 253): clean(str(reason), _MESSAGE) for rule, reason in rules.items()}
        for policy, rules in value.items()
        if isinstance(rules, dict) and rules
    }
    return told if len(told) == len(value) else {}


def _cel(words: str) -> Told:
    """Policies written in CEL have no rules: their one reason stands under an empty name."""
    starts = list(_CEL.finditer(words))
    ends = [start.start() for start in starts[1:]] + [len(words)]
    return {
        clean(start[1], 253): {"": clean(words[start.end() : end], _MESSAGE)}
        for start, end in zip(starts, ends, strict=True)
    }


def _looked(annotations: Mapping[str, object], repository: str) -> Told:
    """Policy → rule → pass, fail or skip; both names are empty where Kyverno did not write them (before 1.19)."""
    policies = mapping(_json(annotations.get(SCOPED_ANNOTATION)), "policies")
    if policies:
        scoped = {
            clean(policy.removeprefix("/"), 320): {
                clean(rule, 253): status
                for rule in rules
                if (status := _status(mapping(rules, rule), repository)) is not None
            }
            for policy in list(policies)[:100]
            if (rules := mapping(policies, policy))
        }
        return {policy: rules for policy, rules in scoped.items() if rules}
    status = _status(mapping(_json(annotations.get(ANNOTATION))), repository)
    return {"": {"": status}} if status else {}


def _status(images: Mapping[str, object], repository: str) -> str | None:
    """The worst that was found of the images of one repository."""
    found = {status for image, status in images.items() if image.startswith((f"{repository}:", f"{repository}@"))}
    return next((status for status in _WORST if status in found), None)


def _json(value: object) -> object:
    try:
        return json.loads(value) if isinstance(value, str) and len(value) <= _LIMITS.size else None
    except (ValueError, RecursionError):
        return None


def _images(found: Json) -> tuple[str, ...]:
    """All images of a Pod or of a Deployment's Pods, in order."""
    spec = mapping(found, "spec", "template", "spec") or mapping(found, "spec")
    lists = ("initContainers", "containers", "ephemeralContainers")
    images = (text(one, "image") for key in lists for one in mappings(spec, key))
    return tuple(clean(image, 500) for image in images if image)[:100]
