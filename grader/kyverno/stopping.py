"""Whether a rule is not asked about an image because another one was before it.

Source: Kyverno 1.19.1 pkg/engine/image_verify.go: with `applyRules: One` the first rule that applies to a Pod, for
any of its images, is the last.
"""

from __future__ import annotations

from grader.kyverno import autogen, items, request
from grader.kyverno.clause import Clause, clause
from grader.kyverno.match import mismatch
from grader.kyverno.policy import Rule
from grader.kyverno.references import parse
from grader.kyverno.request import Image, Probe
from grader.kyverno.review import PolicyReview
from grader.text import quoted


def stopped(review: PolicyReview, probe: Probe) -> Clause | None:
    """The line by which a policy stops at a rule for another image of the Pod than the probe's. Raises CannotTell."""
    policy = review.policy
    if policy is None or not policy.one_rule_only:
        return None
    asked = request.of(probe)
    rules = [rule for rule in autogen.rules(policy) if rule.verifies and not mismatch(rule, asked)]
    first = next((rule for rule in rules if any(_takes_in(rule, image) for image in probe.images)), None)
    if first is None or _takes_in(first, probe.image):
        return None
    text = f"Kyverno stops at the rule {quoted(first.name)}, which is for another image of the Pod"
    return clause("applyRules", text, policy.place.at("spec", "applyRules"), "Delete applyRules: One.")


def _takes_in(rule: Rule, image: Image) -> bool:
    reference = parse(image.reference)
    return reference is not None and any(check.takes_in(reference) for check in items.of(rule))
