"""The validating webhook: every image that a rule takes in must have a digest and be noted as verified.

Source: Kyverno 1.19.1 pkg/engine/validation.go, pkg/engine/handlers/validation/validate_image.go.
"""

from __future__ import annotations

from collections.abc import Mapping

from grader.kyverno import autogen, items, patterns, route
from grader.kyverno.items import Check
from grader.kyverno.match import mismatch
from grader.kyverno.policy import Policy, Rule
from grader.kyverno.request import Request
from grader.kyverno.response import PolicyResponse, Response, Status
from grader.kyverno.verify import Held, guard, held, matching

Looked = Mapping[str, Mapping[str, Status]]
"""rule → image → status, of one policy."""


def run(policy: Policy, request: Request, pinned: Mapping[int, str], looked: Looked) -> PolicyResponse:
    """What the policy answers to the request as the mutating webhooks left it. Raises CannotTell."""
    out = PolicyResponse(policy)
    images = held(request, pinned)
    with_images = route.checks_images(policy, request)
    for rule in autogen.rules(policy, request.resource.kind):
        if not (rule.validates or (with_images and rule.checks_images)) or mismatch(rule, request):
            continue
        answer = patterns.run(policy, rule, request) if rule.validates else _rule(rule, request, images, looked)
        if answer:
            out.responses.append(answer)
        if out.stopped:
            break
    return out


def _rule(rule: Rule, request: Request, images: list[Held], looked: Looked) -> Response | None:
    checks = items.of(rule)
    if not matching(rule, checks, images, request):
        return None
    kept = guard(rule, request)
    if kept:
        return kept
    noted = looked.get(rule.name, {})
    passed = False
    skipped = False
    for check in checks:
        for one in images:
            if not check.takes_in(one.reference):
                continue
            fault = _fault(rule, check, one, noted)
            if fault:
                return fault
            status = noted.get(str(one.reference)) if check.body["required"] else None
            passed, skipped = passed or status is Status.PASS, skipped or status is Status.SKIP
    return Response(rule, Status.SKIP if skipped and not passed else Status.PASS, "image verified", rule.place)


def _fault(rule: Rule, check: Check, one: Held, noted: Mapping[str, Status]) -> Response | None:
    image = str(one.reference)
    if check.body["verifyDigest"] and not one.reference.digest:
        place = check.place.at("verifyDigest" if check.body["mutateDigest"] else "mutateDigest")
        return Response(rule, Status.FAIL, f"missing digest for {image}", place)
    if check.body["required"] and noted.get(image, Status.FAIL) is Status.FAIL:
        return Response(rule, Status.FAIL, f"unverified image {image}", check.place)
    return None
