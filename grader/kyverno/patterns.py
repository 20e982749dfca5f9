"""`validate` rules: `pattern`, `anyPattern` and `deny`. The other forms cannot be told.

Source: Kyverno 1.19.1 pkg/engine/handlers/validation/validate_resource.go.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from grader.kyverno import conditions, variables
from grader.kyverno.doubt import CannotTell
from grader.kyverno.match import mismatch
from grader.kyverno.overlay import Mismatch, Overlay, Skipped
from grader.kyverno.place import Place
from grader.kyverno.policy import Policy, Rule
from grader.kyverno.request import Identity, Request
from grader.kyverno.response import Response, Status
from grader.kyverno.verify import guard


def run(policy: Policy, rule: Rule, request: Request) -> Response | None:
    """The answer of a validate rule of a policy to a request that it matches. Raises CannotTell."""
    kept = guard(rule, request)
    if kept or request.operation == "DELETE":
        return kept
    answer = _answer(rule, request)
    action = rule.body["validate"].get("failureAction") or policy.spec["validationFailureAction"]
    if answer.status is Status.FAIL and request.operation == "UPDATE" and action.lower() == "enforce":
        return _allowed_before(rule, request, answer)
    return answer


_NOBODY = Identity("kyverno:kyverno-invalid-controller", ("kyverno:invalidgroup",), ("-",), ("-",))
"""Who is taken to have made the object that stood before."""


def _allowed_before(rule: Rule, request: Request, answer: Response) -> Response:
    """A violation that the object had before the update is let pass (allowExistingViolations, by default).

    Only where the rule's or the policy's own action is Enforce: overrides do not count (validator.validate).
    """
    if not rule.body["validate"].get("allowExistingViolations", True):
        return answer
    if not request.resource.subresource:
        raise CannotTell("the object before the update is not known", rule.place)
    spec = {key: value for key, value in request.object["spec"].items() if key != "ephemeralContainers"}
    older = replace(
        request,
        resource=request.resource._replace(subresource=""),
        operation="CREATE",
        identity=_NOBODY,
        object={**request.object, "spec": spec},
        memo={},
    )
    if (
        rule.body.get("preconditions") is not None
        or mismatch(rule, older)
        or _answer(rule, older).status is not Status.FAIL
    ):
        return answer
    return replace(answer, status=Status.SKIP)


def _answer(rule: Rule, request: Request) -> Response:
    body, place = rule.body["validate"], rule.place.at("validate")
    try:
        if body.get("deny") is not None:
            return _deny(rule, body["deny"], request, place.at("deny"))
        if body.get("pattern") is not None:
            return _pattern(rule, body["pattern"], request, place.at("pattern"))
        if isinstance(body.get("anyPattern"), list):
            return _any(rule, body["anyPattern"], request, place.at("anyPattern"))
    except variables.MissingKey as error:
        return Response(rule, Status.ERROR, f"variable substitution failed: {error}", place)
    raise CannotTell("only pattern, anyPattern and deny are modelled", place)


def _deny(rule: Rule, deny: Mapping[str, Any], request: Request, place: Place) -> Response:
    failing = conditions.hold(deny.get("conditions"), request, place.at("conditions"))
    if failing:
        return Response(rule, Status.PASS, f"validation rule '{rule.name}' passed.", place)
    message = rule.body["validate"].get("message") or f"validation error: rule {rule.name} failed"
    return Response(rule, Status.FAIL, message, place)


def _pattern(rule: Rule, pattern: Any, request: Request, place: Place) -> Response:
    overlay = Overlay(place, request.known)
    try:
        overlay.element(request.object, variables.substitute(pattern, request, place), "/")
    except Skipped:
        return Response(rule, Status.SKIP, "the pattern does not speak of this object", place)
    except Mismatch as error:
        said = rule.body["validate"].get("message") or ""
        words = f"validation error: {said.removesuffix('.') + '. ' if said else ''}rule {rule.name}"
        if overlay.anchor_missing:
            return Response(rule, Status.ERROR, f"{words} execution error", place)
        return Response(rule, Status.FAIL, f"{words} failed at path {error.path}", place)
    return Response(rule, Status.PASS, f"validation rule '{rule.name}' passed.", place)


def _any(rule: Rule, patterns: list[Any], request: Request, place: Place) -> Response:
    answers = [_pattern(rule, pattern, request, place.at(index)) for index, pattern in enumerate(patterns)]
    for answer in answers:
        if answer.status is Status.PASS:
            return answer
    if not answers:
        return Response(rule, Status.PASS, "no pattern to compare with", place)
    failed = [answer for answer in answers if answer.status is not Status.SKIP]
    if not failed:
        return answers[0]
    return replace(failed[0], status=Status.FAIL, place=place)
