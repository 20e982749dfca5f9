"""What is right in a policy but weak, or worth knowing: notes that never cost points."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from grader.kyverno import autogen, items
from grader.kyverno.items import LEGACY, Check
from grader.kyverno.loose import entries, of_keyless
from grader.kyverno.place import Place
from grader.kyverno.policy import Policy, Rule
from grader.kyverno.review import PolicyReview
from grader.text import one_line, quoted, suspicious


@dataclass(frozen=True, slots=True)
class Note:
    """One sentence, and the line that it speaks of (`file:line:column`)."""

    text: str
    place: Place

    @property
    def where(self) -> str:
        """`file:line:column`."""
        return str(self.place)


def of(review: PolicyReview) -> list[Note]:
    """The notes on one policy, in the order of its text."""
    if review.policy is None:
        return []
    found = [Note(one_line(text, 400), place) for text, place in _all(review, review.policy)]
    return sorted(found, key=lambda note: review.place.document.position(*note.place.path))


_Found = Iterator[tuple[str, Place]]


def _all(review: PolicyReview, policy: Policy) -> _Found:
    if review.warning:
        kind = quoted(str(review.warning.place.value))
        yield (
            f"Kyverno knows no kind {kind}: it looked no further, so further mistakes went unseen",
            review.warning.place,
        )
    yield from _versions(policy)
    yield from _spec(policy)
    yield from _autogen(policy)
    for rule in policy.rules:
        yield from _rule(rule)
        for check in items.of(rule):
            yield from _item(check)


def _versions(policy: Policy) -> _Found:
    if policy.version == "v2beta1":
        yield (
            "kyverno.io/v2beta1 is served, but stored as v1: kyverno.io/v1 says the same",
            policy.place.at("apiVersion"),
        )
    if policy.kind == "Policy":
        text = "a Policy acts in its own namespace only; a ClusterPolicy names its namespaces under match"
        yield text, policy.place.at("kind")
    if policy.kind == "ClusterPolicy" and policy.place.at("metadata", "namespace").value is not None:
        yield "a ClusterPolicy has no namespace: the line is ignored", policy.place.at("metadata", "namespace")


def _spec(policy: Policy) -> _Found:
    spec, place = policy.spec, policy.place.at("spec")
    webhook = spec.get("webhookConfiguration") or {}
    if policy.failure_policy == "Ignore":
        here = (
            place.at("webhookConfiguration", "failurePolicy")
            if "failurePolicy" in webhook
            else place.at("failurePolicy")
        )
        yield "failurePolicy Ignore fails open: when Kyverno does not answer, every image is let in", here
    replacements = {
        "validationFailureAction": "failureAction in each verifyImages item",
        "validationFailureActionOverrides": "failureAction in rules of their own",
        "webhookTimeoutSeconds": "webhookConfiguration.timeoutSeconds",
        "failurePolicy": "webhookConfiguration.failurePolicy",
        "schemaValidation": "nothing",
    }
    for name, instead in replacements.items():
        if place.at(name).value is not None:
            yield f"spec.{name} is deprecated; its place is taken by {instead}", place.at(name)
    if not policy.background:
        yield "background: false: what already runs is not reported on", place.at("background")
    if policy.one_rule_only and len(policy.rules) > 1:
        yield (
            "applyRules One stops at the first rule that applies: further rules may never be asked",
            place.at("applyRules"),
        )


def _autogen(policy: Policy) -> _Found:
    if not any(rule.verifies for rule in policy.rules) or any(rule.generated for rule in autogen.rules(policy)):
        return
    here = policy.place.at("metadata", "annotations", "pod-policies.kyverno.io/autogen-controllers")
    why = "an annotation switches it off"
    if here.value is None:
        found = autogen.obstacle(policy)
        if found is None:
            return
        why, here = found
    yield f"autogen is off ({why}): Deployments are admitted, and only their Pods are denied later", here


def _rule(rule: Rule) -> _Found:
    if rule.match.get("resources"):
        yield "match.resources is deprecated: put it into a list under match.any", rule.place.at("match", "resources")
    if rule.exclude and not rule.section("exclude").own.is_empty:
        yield "exclude without any or all is deprecated", rule.place.at("exclude")
    if rule.verifies and rule.body.get("preconditions") is not None:
        yield "preconditions: where they do not hold, no signature is looked at", rule.place.at("preconditions")
    for block in rule.blocks("match") if rule.verifies else ():
        operations = block.resources.get("operations")
        if operations and "UPDATE" not in operations:
            text = "operations without UPDATE: a running Pod may be given another image, and nobody verifies it"
            yield text, block.place.at("resources", "operations")
    for block in rule.blocks("match"):
        names = block.resources.get("name") or block.resources.get("names")
        if names:
            key = "name" if block.resources.get("name") else "names"
            yield (
                f"{key} narrows the rule to objects of that name: others go unverified",
                block.place.at("resources", key),
            )


def _item(check: Check) -> _Found:
    body, place = check.body, check.place
    for name in LEGACY:
        if body.get(name):
            yield f"{name} directly in verifyImages is deprecated: use imageReferences and attestors", place.at(name)
    if not body["required"]:
        yield "required: false: an image is let in where the mutating webhook was skipped", place.at("required")
    if not body["mutateDigest"]:
        yield "mutateDigest: false: the tag can be moved to another image after the check", place.at("mutateDigest")
    if not body["verifyDigest"] and not body["mutateDigest"]:
        yield "verifyDigest: false: images without a digest are let in", place.at("verifyDigest")
    if body.get("skipImageReferences"):
        yield "skipImageReferences lets images in without a signature", place.at("skipImageReferences")
    if body.get("type") == "SigstoreBundle":
        yield "type SigstoreBundle reads Sigstore bundles only, not cosign's .sig tags", place.at("type")
    if (body.get("imageRegistryCredentials") or {}).get("allowInsecureRegistry"):
        here = place.at("imageRegistryCredentials", "allowInsecureRegistry")
        yield "allowInsecureRegistry: signatures are fetched without TLS being checked", here
    for index, pattern in enumerate(check.references):
        yield from _strange(pattern, place.at("imageReferences", index))
    for place_of, keyless in _keyless(check):
        for one in of_keyless(keyless, place_of):
            yield one.text, one.place
        for name in ("subject", "issuer"):
            yield from _strange(keyless.get(name) or "", place_of.at(name))


def _strange(text: str, place: Place) -> _Found:
    found = suspicious(text)
    if found:
        yield f"{quoted(text)} holds {found}, which looks like something else or like nothing", place
    if text != text.strip():
        yield f"{quoted(text)} begins or ends with a blank, which is compared too", place


def _keyless(check: Check) -> Iterator[tuple[Place, Mapping[str, Any]]]:
    for entry, place in entries(check):
        if entry.get("keyless") is not None:
            yield place.at("keyless"), entry["keyless"]
