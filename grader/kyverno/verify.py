"""The mutating webhook: signatures verified, tags replaced by digests.

Source: Kyverno 1.19.1 pkg/engine/image_verify.go, pkg/engine/handlers/mutation/mutate_image.go,
pkg/engine/internal/imageverifier.go (Verify, verifyImage, handleMutateDigest), pkg/engine/utils/image.go.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from grader.kyverno import actions, attestors, autogen, conditions, items, trust, variables
from grader.kyverno.attestors import Asked
from grader.kyverno.cache import Cache
from grader.kyverno.doubt import CannotTell
from grader.kyverno.items import Check
from grader.kyverno.match import mismatch
from grader.kyverno.policy import Policy, Rule
from grader.kyverno.references import Reference, parse
from grader.kyverno.request import Image, Request
from grader.kyverno.response import PolicyResponse, Response, Status
from grader.kyverno.trust import Known


@dataclass(frozen=True, slots=True)
class Held:
    """An image of the request: its number, its reference as it stands there, and what the registry holds."""

    index: int
    reference: Reference
    image: Image


def held(request: Request, pinned: Mapping[int, str] | None = None) -> list[Held]:
    """The images of a request, with digests written in where `pinned` has them.

    One reference that Kyverno cannot read keeps it from seeing any image of the object (ExtractImagesFromResource).
    """
    if request.operation not in ("CREATE", "UPDATE"):
        return []
    found = []
    for index, image in enumerate(request.images):
        reference = parse(image.reference)
        if reference is None:
            return []
        if pinned and index in pinned and not reference.digest:
            reference = reference.pinned(pinned[index])
        found.append(Held(index, reference, image))
    return found


def run(policy: Policy, request: Request, known: Known = trust.NOTHING) -> PolicyResponse:
    """What the policy's verifyImages rules answer. Raises CannotTell."""
    out = PolicyResponse(policy)
    for rule in autogen.rules(policy):
        if not rule.verifies or mismatch(rule, request):
            continue
        _rule(rule, request, known, out)
        if out.stopped:
            break
    return out


def matching(rule: Rule, checks: list[Check], images: list[Held], request: Request) -> list[Held]:
    """The images that some item of the rule takes in. Raises CannotTell for extractors of this kind."""
    extractors = rule.body.get("imageExtractors") or {}
    if request.resource.kind in extractors:
        raise CannotTell("imageExtractors are not modelled", rule.place.at("imageExtractors", request.resource.kind))
    return [one for one in images if any(check.takes_in(one.reference) for check in checks)]


def guard(rule: Rule, request: Request) -> Response | None:
    """What keeps a matching rule from being applied: context, preconditions. Raises CannotTell."""
    if rule.body.get("context"):
        raise CannotTell("context variables are not modelled", rule.place.at("context"))
    here = rule.place.at("preconditions")
    try:
        failing = conditions.hold(rule.body.get("preconditions"), request, here)
    except variables.MissingKey as error:
        return Response(rule, Status.ERROR, f"failed to evaluate preconditions: {error}", here)
    return Response(rule, Status.SKIP, "preconditions not met", failing) if failing else None


def _rule(rule: Rule, request: Request, known: Known, out: PolicyResponse) -> None:
    checks = items.of(rule)
    images = matching(rule, checks, held(request), request)
    if not images:
        return
    kept = guard(rule, request) or _unresolved(rule, request)
    if kept:
        out.responses.append(kept)
        return
    _plain(rule)
    cache = Cache(rule, actions.of(out.policy, rule, request).enforces)
    for check in checks:
        _registry(check)
        for one in images:
            _image(rule, check, one, known, out, cache)


def _unresolved(rule: Rule, request: Request) -> Response | None:
    """Every variable of the rule is filled in, also in conditions that were never reached (substituteVariables)."""
    here = rule.place.at("preconditions")
    try:
        variables.substitute(rule.body.get("preconditions"), request, here)
    except variables.MissingKey as error:
        return Response(rule, Status.ERROR, f"failed to substitute variables: {error}", here)
    return None


def _plain(rule: Rule) -> None:
    """Variables in what is verified would have to be filled in first."""
    if "variables" not in rule.memo:
        body = rule.body.get("verifyImages")
        rule.memo["variables"] = next(variables.found_in(body), None) is not None or variables.has_reference(body)
    if rule.memo["variables"]:
        raise CannotTell("variables in verifyImages are not filled in", rule.place.at("verifyImages"))


def _registry(check: Check) -> None:
    credentials = check.body.get("imageRegistryCredentials") or {}
    here = check.place.at("imageRegistryCredentials")
    if credentials.get("secrets"):
        raise CannotTell("the Secrets of a cluster are not known", here.at("secrets"))
    if set(credentials.get("providers") or []) - {"default"}:
        raise CannotTell("a cloud's credentials are not modelled", here.at("providers"))


def _image(rule: Rule, check: Check, one: Held, known: Known, out: PolicyResponse, cache: Cache) -> None:
    """One image by one item: also an image that only another item of the rule takes in."""
    reference = one.reference
    remembered = cache.find(check, reference)
    if remembered:
        cache.sure(check, _verified(rule, check, one, known)[0])
    answer, verified = (remembered, False) if remembered else _verified(rule, check, one, known)
    if not remembered:
        cache.keep(check, reference, answer)
    if check.body["mutateDigest"] and not reference.digest:
        if not verified and not one.image.exists:
            message = "failed to update digest: MANIFEST_UNKNOWN: manifest unknown"
            out.responses.append(Response(rule, Status.ERROR, message, check.place.at("mutateDigest")))
        else:
            out.pinned[one.index] = one.image.digest
            reference = reference.pinned(one.image.digest)
            answer = answer or Response(rule, Status.PASS, "mutated image digest", check.place)
    if answer:
        if check.verifies:
            out.note(rule, str(reference), answer.status)
        out.responses.append(answer)


def _verified(rule: Rule, check: Check, one: Held, known: Known) -> tuple[Response | None, bool]:
    """The answer about the signatures, and whether a digest came with it; None where there is nothing to verify."""
    if not check.verifies:
        return None, False
    image = str(one.reference)
    if not check.takes_in(image) or check.skips(image):
        place = check.place.at("skipImageReferences" if check.takes_in(image) else "imageReferences")
        return Response(rule, Status.SKIP, f"skipping image reference image {image}", place), False
    if check.attestors:
        if not one.image.exists:
            message = f"failed to verify image {image}: image tag not found"
            return Response(rule, Status.FAIL, message, check.place), False
        refused = attestors.refusal(
            Asked(one.image, check.body, check.place, known), list(check.attestors), check.attestors_place
        )
        if refused:
            message = f"failed to verify image {image}: {refused.text}"
            return Response(rule, Status.FAIL, message, refused.place), False
    if check.body.get("attestations"):
        raise CannotTell("attestations are not modelled", check.place.at("attestations"))
    return Response(rule, Status.PASS, f"verified image signatures for {image}", check.place), True
