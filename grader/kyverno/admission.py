"""What Kyverno's two webhooks do to one request, with all policies together.

Source: Kyverno 1.19.1 pkg/webhooks/resource/handlers.go, pkg/webhooks/resource/imageverification/handler.go,
pkg/webhooks/resource/validation/validation.go, pkg/utils/engine/response.go (BlockRequest),
pkg/engine/api/engineresponse.go (HasEnforcedFailure).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial

from grader.kyverno import actions, autogen, items, required, route, trust, verify
from grader.kyverno.doubt import CannotTell
from grader.kyverno.kinds import EPHEMERAL
from grader.kyverno.match import mismatch
from grader.kyverno.policy import Policy, Rule
from grader.kyverno.request import Request, mutated
from grader.kyverno.response import PolicyResponse, Response, Status
from grader.kyverno.trust import Known
from grader.kyverno.verify import Held, held

MUTATE, VALIDATE = "mutate.kyverno.svc", "validate.kyverno.svc"


@dataclass(slots=True)
class Decision:
    """What came out. `blocking` are the answers that block, with their policies; `doubts` what could not be told.

    `denials` is policy → rule → message as the webhook writes them; `looked` is policy (`Policy.key`) → rule → image →
    status; `images` the object's images as they end up; `webhook` the one that denied.
    """

    blocking: list[tuple[Policy, Response]] = field(default_factory=list)
    doubts: list[tuple[Policy, CannotTell]] = field(default_factory=list)
    denials: dict[str, Mapping[str, str]] = field(default_factory=dict)
    looked: dict[str, Mapping[str, Mapping[str, Status]]] = field(default_factory=dict)
    answers: list[tuple[Policy, Response]] = field(default_factory=list)
    images: tuple[str, ...] = ()
    webhook: str = ""


def decide(policies: Iterable[Policy], request: Request, known: Known = trust.NOTHING) -> Decision:
    """Puts one request to policies that are all live."""
    decision = Decision()
    asked = [policy for policy in policies if _reached(policy, request, decision)]
    verifying = [one for one in asked if route.verifies(one, request)]
    verified = _ask(verifying, partial(verify.run, request=request, known=known), decision)
    if _settle(MUTATE, verified, request, decision):
        return decision
    _mixed_failure_policies(verified, decision)
    _asked_again(verified, request, decision)
    if decision.doubts:
        return decision
    pinned = {index: digest for one in verified for index, digest in one.pinned.items()}
    decision.looked = {one.policy.key: one.looked for one in verified if one.looked}
    if request.resource.subresource == EPHEMERAL:
        pinned = _only_ephemeral(request, pinned)
        decision.looked = {}
    decision.images = _images(request, pinned)
    after = mutated(request, decision.images, noted(decision.looked))
    checked = _ask(asked, lambda one: required.run(one, after, pinned, decision.looked.get(one.key, {})), decision)
    _settle(VALIDATE, checked, after, decision)
    return decision


def _only_ephemeral(request: Request, pinned: Mapping[int, str]) -> dict[int, str]:
    """What the API server keeps: new ephemeral containers, and nothing else that a webhook changed, no annotation.

    Source: Kubernetes 1.35.4 pkg/registry/core/pod/strategy.go (dropNonEphemeralContainerUpdates).
    """
    return {index: digest for index, digest in pinned.items() if request.images[index].where == "ephemeralContainers"}


def _images(request: Request, pinned: Mapping[int, str]) -> tuple[str, ...]:
    """The references in the object: as they were, but for those that got a digest."""
    found = [image.reference for image in request.images]
    for one in held(request, pinned):
        if one.index in pinned and "@" not in found[one.index]:
            found[one.index] = one.reference.written
    return tuple(found)


def noted(looked: Mapping[str, Mapping[str, Mapping[str, Status]]]) -> dict[str, str]:
    """What Kyverno writes on an object whose images it looked at (ImageVerificationMetadata.Patches)."""
    if not looked:
        return {}
    scoped = {
        policy if "/" in policy else f"/{policy}": {rule: dict(images) for rule, images in rules.items()}
        for policy, rules in looked.items()
    }
    flat = {image: status for rules in looked.values() for images in rules.values() for image, status in images.items()}
    return {
        "kyverno.io/verify-images": _compact(flat),
        "kyverno.io/verify-images-scoped": _compact({"version": 1, "policies": scoped}),
    }


def _compact(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), sort_keys=True)


def _reached(policy: Policy, request: Request, decision: Decision) -> bool:
    """Whether the request is put to the policy; what is not modelled counts only where a rule would speak.

    A rule that takes in none of the images may still take in one that another policy has given a digest.
    """
    if not policy.in_admission or route.mismatch(policy, request):
        return False
    try:
        _modelled(policy, [rule for rule in autogen.rules(policy) if _speaks(rule, request)])
    except CannotTell as doubt:
        decision.doubts.append((policy, doubt))
        return False
    return True


def _speaks(rule: Rule, request: Request) -> bool:
    return not mismatch(rule, request) if not rule.verifies else _takes_in(rule, held(request), request)


def _takes_in(rule: Rule, images: list[Held], request: Request) -> bool:
    """Whether a verifying rule fits the request and takes in one of the images."""
    if not rule.verifies or mismatch(rule, request):
        return False
    return bool(verify.matching(rule, items.of(rule), images, request))


_CONDITIONS = (
    "matchConditions are not evaluated; with any of them Kyverno 1.19.1 writes no digest into an image, and so refuses "
    "a signed one that is named by a tag (pkg/webhooks/resource/handlers.go)"
)


def _modelled(policy: Policy, speaking: list[Rule]) -> None:
    for rule in speaking:
        if rule.body.get("mutate"):
            raise CannotTell("mutate rules are not modelled", rule.place.at("mutate"))
    for rule in speaking:
        bare = next((one for one in rule.section("exclude")[0] if one.is_empty), None)
        if bare:
            raise CannotTell(
                "an empty block of exclude.any excludes nothing, and yet keeps the API server from asking Kyverno about"
                " the rule's kinds, unless another policy names them (pkg/controllers/webhook/utils.go)", bare.place,
            )  # fmt: skip
    if speaking and (policy.spec.get("webhookConfiguration") or {}).get("matchConditions"):
        place = policy.place.at("spec", "webhookConfiguration", "matchConditions")
        raise CannotTell(_CONDITIONS, place)


def _ask(
    policies: Iterable[Policy], question: Callable[[Policy], PolicyResponse], decision: Decision
) -> list[PolicyResponse]:
    found = []
    for policy in policies:
        try:
            found.append(question(policy))
        except CannotTell as doubt:
            decision.doubts.append((policy, doubt))
    return found


def _settle(webhook: str, responses: list[PolicyResponse], request: Request, decision: Decision) -> bool:
    """Whether the webhook denies: a failing rule that enforces, or an error where the policy fails closed.

    Policies that fail open have a webhook of their own, asked last: the webhooks are in the order of their names
    (pkg/controllers/webhook/controller.go).
    """
    for one in responses:
        decision.answers += [(one.policy, answer) for answer in one.responses]
        decision.blocking += [(one.policy, answer) for answer in one.responses if _blocks(one.policy, answer, request)]
    if not decision.blocking:
        return False
    group = min((policy.failure_policy for policy, _ in decision.blocking), key=("Fail", "Ignore").index)
    decision.webhook = f"{webhook}-{group.lower()}"
    asked = [one for one in responses if one.policy.failure_policy == group]
    decision.denials = {one.policy.name: one.denials for one in asked if one.denials}
    decision.looked = {}
    return True


def _blocks(policy: Policy, answer: Response, request: Request) -> bool:
    if answer.status is Status.ERROR:
        return policy.failure_policy == "Fail"
    return answer.status is Status.FAIL and actions.of(policy, answer.rule, request).enforces


def _mixed_failure_policies(verified: list[PolicyResponse], decision: Decision) -> None:
    """Policies that fail open and closed go through two webhooks, and each overwrites the other's annotation."""
    looking = [one.policy for one in verified if one.looked]
    if len({policy.failure_policy for policy in looking}) > 1:
        place = looking[0].place.at("spec", "failurePolicy")
        doubt = CannotTell("policies that fail open and closed look at the same images", place)
        decision.doubts.append((looking[0], doubt))


def _asked_again(verified: list[PolicyResponse], request: Request, decision: Decision) -> None:
    """A digest that a policy of one webhook writes can bring a policy of the other one to look.

    The API server may ask that webhook again (reinvocationPolicy IfNeeded, Kyverno 1.19.1
    pkg/controllers/webhook/controller.go), by then with the digest.
    """
    for one in verified:
        if not one.pinned:
            continue
        after = held(request, one.pinned)
        for other in verified:
            apart = other.policy.failure_policy != one.policy.failure_policy and not other.looked
            if apart and any(_takes_in(rule, after, request) for rule in autogen.rules(other.policy)):
                reason = "a policy of another failurePolicy looks at the image only once it has a digest"
                decision.doubts.append((other.policy, CannotTell(reason, other.policy.place.at("spec"))))
