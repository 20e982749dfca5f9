"""`verifyImages`: references, attestors, and what must not stand together.

Source: Kyverno 1.19.1 api/kyverno/v1/image_verification_types.go (ImageVerification.Validate and below),
pkg/validation/policy/validate.go (the audit flag, image extractors).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from grader.kyverno import items
from grader.kyverno.items import Check
from grader.kyverno.place import Place
from grader.kyverno.policy import Policy, Rule
from grader.kyverno.problem import Problem, problem

REKOR = "rekor: {url: https://rekor.sigstore.dev}"
_KINDS = ("keys", "certificates", "keyless", "attestor")
_ALGORITHMS = ("", "sha224", "sha256", "sha384", "sha512")


def rule(policy: Policy, one: Rule) -> list[Problem]:
    """All problems of a rule's items. The audit flag goes over from one item to the next that sets no action."""
    audit = policy.spec["validationFailureAction"].lower() != "enforce"
    found: list[Problem] = []
    for check in items.of(one):
        action = check.body.get("failureAction")
        audit = action != "Enforce" if action else audit
        found += _item(policy, check, audit)
    return found


def _item(policy: Policy, check: Check, audit: bool) -> Iterator[Problem]:
    place = check.place
    if audit and check.body["mutateDigest"]:
        reason = f"{place.field}.mutateDigest: mutateDigest must be set to false for ‘Audit’ failure action"
        yield problem(reason, _audit_place(policy, check), _audit_repair(policy, check))
    if not check.references:
        repair = "Add imageReferences, a list of image patterns such as cgr.dev/chainguard/provider-*."
        yield problem(f"{place.field}: An image reference is required", place, repair)
    for index, attestation in enumerate(check.body.get("attestations") or []):
        here = place.at("attestations", index, "attestors")
        for number, one in enumerate(attestation.get("attestors") or []):
            yield from attestor_set(one, here.at(number))
    for index, one in enumerate(check.attestors):
        yield from attestor_set(one, _set_place(check, index))
    if check.body.get("type") == "Notary":
        yield from _notary(check)


def _audit_place(policy: Policy, check: Check) -> Place:
    for place in (check.place.at("failureAction"), policy.place.at("spec", "validationFailureAction")):
        if place.value is not None:
            return place
    return check.place


def _audit_repair(policy: Policy, check: Check) -> str:
    if check.body.get("failureAction") or policy.place.at("spec", "validationFailureAction").value is not None:
        return "Write Enforce: with Audit nothing is ever blocked."
    return "No failure action is set, and the default is Audit: add failureAction: Enforce to this item."


def _set_place(check: Check, index: int) -> Place:
    """A set made from the deprecated fields has no line of its own."""
    return check.attestors_place.at(index) if index < len(check.body.get("attestors") or []) else check.place


def _notary(check: Check) -> Iterator[Problem]:
    for index, one in enumerate(check.body.get("attestors") or []):
        for number, entry in enumerate(one.get("entries") or []):
            for name, shown in (("keyless", "Keyless"), ("keys", "Keys")):
                if entry.get(name) is not None:
                    here = check.place.at("attestors", index, "entries", number, name)
                    reason = f"{check.place.field}.attestors: {shown} field is not allowed for type notary"
                    yield problem(reason, check.place.at("type"), f"Delete type: Notary: it knows no {here.path[-1]}.")


def attestor_set(one: Mapping[str, Any], place: Place) -> Iterator[Problem]:
    """What is wrong with one set of attestors."""
    entries = one.get("entries") or []
    count = one.get("count")
    if count is not None and count > len(entries):
        reason = f"{place.field}: Count cannot exceed length of entries"
        there = "is 1 entry" if len(entries) == 1 else f"are {len(entries)} entries"
        repair = f"There {there}: write `count: {len(entries)}`, or delete count."
        yield problem(reason, place.at("count"), repair)
    if not entries:
        repair = "Add the list entries, and in it an item with keyless."
        yield problem(f"{place.field}: An entry is required", place.at("entries"), repair)
    for index, entry in enumerate(entries):
        yield from _entry(entry, place.at("entries", index))


def _entry(entry: Mapping[str, Any], place: Place) -> Iterator[Problem]:
    given = [name for name in _KINDS if entry.get(name) is not None]
    if len(given) != 1:
        reason = f"{place.field}: keys, certificates, keyless, or a nested attestor is required"
        repair = (
            "Keep one of " + ", ".join(given) + "." if given else "Add keyless with subject and issuer to this entry."
        )
        yield problem(reason, place, repair)
    if entry.get("keys") is not None:
        yield from _keys(entry["keys"], place.at("keys"))
    if entry.get("certificates") is not None:
        certificates = entry["certificates"]
        if not certificates.get("cert") and not certificates.get("certChain"):
            here = place.at("certificates")
            yield problem(f"{here.field}: cert or certChain required", here, "Give cert or certChain.")
    if entry.get("keyless") is not None:
        yield from _keyless(entry["keyless"], place.at("keyless"))
    if entry.get("attestor") is not None:
        yield from _nested(entry, place.at("attestor"))


def _keys(keys: Mapping[str, Any], place: Place) -> Iterator[Problem]:
    if not keys.get("publicKeys") and not keys.get("kms") and keys.get("secret") is None:
        reason = f"{place.field}: A public key, kms key or secret is required"
        yield problem(reason, place, "Give publicKeys, kms or secret.")
    if keys.get("publicKeys") and keys.get("signatureAlgorithm", "") not in _ALGORITHMS:
        reason = f"{place.field}: Invalid signature algorithm provided"
        yield problem(reason, place.at("signatureAlgorithm"), "Write sha224, sha256, sha384 or sha512.")


def _keyless(keyless: Mapping[str, Any], place: Place) -> Iterator[Problem]:
    rekor = keyless.get("rekor")
    if rekor is None and not keyless.get("roots"):
        reason = f"{place.field}: Either Rekor URL or roots are required"
        repair = f"Add `{REKOR}` below keyless, in line with its other fields."
        yield problem(reason, place, repair)
    if rekor is not None and not rekor.get("url"):
        repair = "Write `url: https://rekor.sigstore.dev` below rekor."
        yield problem(f"{place.field}: An URL is required", place.at("rekor", *(["url"] if rekor else [])), repair)


def _nested(entry: Mapping[str, Any], place: Place) -> Iterator[Problem]:
    found = items.nested(entry, place)
    if isinstance(found, Problem):
        yield problem(f"{place.field}: failed to unmarshal attestor set", found.place, found.repair)
    else:
        yield from attestor_set(found, place)


def extractors(one: Rule, index: int) -> Problem | None:
    """A JMESPath over an image cannot stand with digests written in (validateRuleImageExtractorsJMESPath)."""
    configured = (one.body.get("imageExtractors") or {}).values()
    if not any(check.body["mutateDigest"] for check in items.of(one)):
        return None
    if not any(extractor.get("jmesPath") for listed in configured for extractor in listed):
        return None
    reason = "jmespath may not be used in an image extractor when mutating digests with verify images"
    place = one.place.at("imageExtractors")
    return problem(f"path: spec.rules[{index}]: {reason}", place, "Delete jmesPath, or set mutateDigest to false.")
