"""What a rule answers, and what all rules together do to a request.

Source: Kyverno 1.19.1 pkg/engine/api/{ruleresponse,policyresponse,imageverifymetadata}.go, pkg/utils/engine/response.go
(BlockRequest), pkg/webhooks/utils/block.go (GetBlockedMessages).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from grader.kyverno.place import Place
from grader.kyverno.policy import Policy, Rule


class Status(StrEnum):
    """The status of a rule's answer."""

    PASS = "pass"  # noqa: S105 - a status
    FAIL = "fail"
    SKIP = "skip"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Response:
    """One answer of one rule. `place` is the line that decided it."""

    rule: Rule
    status: Status
    message: str
    place: Place

    @property
    def applied(self) -> bool:
        """Whether `applyRules: One` stops after it."""
        return self.status in (Status.PASS, Status.FAIL)


@dataclass(slots=True)
class PolicyResponse:
    """All answers of one policy in one webhook.

    `pinned` maps an image's index to the digest that the policy writes; `looked` is rule → image → status, as
    Kyverno notes it in the annotation `kyverno.io/verify-images-scoped`.
    """

    policy: Policy
    responses: list[Response] = field(default_factory=list)
    pinned: dict[int, str] = field(default_factory=dict)
    looked: dict[str, dict[str, Status]] = field(default_factory=dict)

    def note(self, rule: Rule, image: str, status: Status) -> None:
        """What the annotation says of an image; the last word counts."""
        noted = Status.FAIL if status is Status.ERROR else status
        self.looked.setdefault(rule.name, {})[image] = noted

    @property
    def denials(self) -> Mapping[str, str]:
        """rule → message of what neither passed nor was skipped."""
        bad = (Status.FAIL, Status.ERROR)
        return {one.rule.name: one.message for one in self.responses if one.status in bad}

    @property
    def stopped(self) -> bool:
        """Whether `applyRules: One` leaves the policy's further rules out."""
        return self.policy.one_rule_only and any(one.applied for one in self.responses)
