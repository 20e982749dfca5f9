"""One item of `verifyImages`, the deprecated fields turned into those of today.

Source: Kyverno 1.19.1 api/kyverno/v1/image_verification_types.go (Convert), pkg/engine/internal/utils.go
(matchReferences), pkg/engine/utils/image.go (ImageMatches).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from grader.kyverno import wildcard
from grader.kyverno.place import Place
from grader.kyverno.policy import Item, Rule
from grader.kyverno.problem import Problem
from grader.kyverno.references import Reference
from grader.kyverno.schema import decode
from grader.kyverno.types import Type

LEGACY = ("image", "key", "issuer", "subject", "roots")


@dataclass(frozen=True, slots=True)
class Check:
    """An item as Kyverno works with it. `attestors_place` is where its attestor sets stand."""

    body: Mapping[str, Any]
    place: Place
    references: tuple[str, ...]
    attestors: tuple[Mapping[str, Any], ...]
    attestors_place: Place

    @property
    def verifies(self) -> bool:
        """Whether there is anything to verify a signature or an attestation with."""
        return bool(self.attestors or self.body.get("attestations"))

    def takes_in(self, image: Reference | str) -> bool:
        """Whether one of the image references matches."""
        return wildcard.match_any(self.references, str(image))

    def skips(self, image: Reference | str) -> bool:
        """Whether one of `skipImageReferences` matches."""
        return wildcard.match_any(self.body.get("skipImageReferences") or [], str(image))


def of(rule: Rule) -> list[Check]:
    """The items of a rule."""
    if "checks" not in rule.memo:
        rule.memo["checks"] = [convert(item) for item in rule.items]
    found: list[Check] = rule.memo["checks"]
    return found


def convert(item: Item) -> Check:
    """An item with `image`, `key` and `issuer` put where Kyverno 1.19 keeps them."""
    body = item.body
    references = tuple(body.get("imageReferences") or ())
    attestors = tuple(body.get("attestors") or ())
    place = item.place.at("attestors")
    if body.get("image"):
        references = (*references, body["image"])
    entry = legacy_entry(body)
    if entry and not body.get("attestations"):
        attestors = (*attestors, {"entries": [entry]})
        place = place if body.get("attestors") else item.place
    return Check(body, item.place, references, attestors, place)


def nested(entry: Mapping[str, Any], place: Place) -> Mapping[str, Any] | Problem:
    """The set under `attestor`, or what is wrong with its types.

    It has no schema: the API server takes anything, and Kyverno reads it without being strict.
    """
    decoded = decode(entry["attestor"], Type("object", shape="AttestorSet"), place)
    wrong = [one for one in decoded.problems if "must be of type" in one.reason]
    found: Mapping[str, Any] = decoded.value
    return wrong[0] if wrong else found


def legacy_entry(body: Mapping[str, Any]) -> dict[str, Any] | None:
    """The attestor that the deprecated fields `key` or `issuer` stand for, or None."""
    if not (body.get("image") or body.get("key") or body.get("issuer")):
        return None
    if not (body.get("annotations") or body.get("key") or body.get("issuer")):
        return None
    entry: dict[str, Any] = {"annotations": body.get("annotations")}
    if body.get("key"):
        entry["keys"] = {"publicKeys": body["key"]}
    elif body.get("issuer"):
        fields = ("issuer", "subject", "roots")
        entry["keyless"] = {name: body.get(name) or "" for name in fields}
    return entry
