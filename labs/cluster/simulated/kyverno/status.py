"""What Kyverno writes into the status of a policy.

Source: Kyverno 1.19.1 pkg/controllers/webhook, api/kyverno/v1/policy_status.go.
"""

from __future__ import annotations

from typing import Any

from grader.kyverno import autogen
from grader.kyverno.policy import Rule
from grader.kyverno.review import PolicyReview

Object = dict[str, Any]


def status(review: PolicyReview, old: Object, time: str) -> Object:
    """The status of a policy that the webhooks include."""
    policy = review.policy
    if policy is None:
        return old
    own = [rule for rule in policy.rules if not rule.name.startswith("autogen-")]
    generated = [rule for rule in autogen.rules(policy) if rule.generated]
    count = {
        "generate": sum(bool(rule.body.get("generate")) for rule in own),
        "mutate": sum(bool(rule.body.get("mutate")) for rule in own),
        "validate": sum(rule.validates for rule in own),
        "verifyimages": sum(rule.verifies for rule in own),
    }
    ready = {"type": "Ready", "status": "True", "reason": "Succeeded", "message": "Ready"}
    before: Object = next((one for one in old.get("conditions") or () if one.get("type") == "Ready"), {})
    since = before["lastTransitionTime"] if before.get("status") == "True" else time
    return {
        "autogen": {"rules": [_rule(rule) for rule in generated]} if generated else {},
        "conditions": [{**ready, "lastTransitionTime": since}],
        "rulecount": count,
        "validatingadmissionpolicy": {"generated": False, "message": ""},
    }


def _rule(rule: Rule) -> Object:
    """A generated rule as it stands in `status.autogen`, with the empty parts that Go writes."""
    body: Object = {
        **rule.body,
        "name": rule.name,
        "match": {**rule.match, "resources": rule.match.get("resources", {})},
    }
    if rule.verifies:
        body["verifyImages"] = [{**item.body, "validate": item.body.get("validate", {})} for item in rule.items]
    return body
