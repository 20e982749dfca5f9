"""What Kyverno 1.19 would answer, computed from manifests alone.

`review` tells which policies a cluster takes; `answer` puts a probe to those that it took.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from grader.kyverno import envelope, reasons, request, trust
from grader.kyverno import review as reviewing
from grader.kyverno.admission import Decision, decide
from grader.kyverno.place import Place, expand
from grader.kyverno.request import Probe, Request
from grader.kyverno.response import Status
from grader.kyverno.review import PolicyReview
from grader.kyverno.trust import Known
from grader.manifest import Document
from grader.text import one_line

UNMODELLED = (
    "ImageValidatingPolicy", "NamespacedImageValidatingPolicy", "ValidatingPolicy", "NamespacedValidatingPolicy",
    "MutatingPolicy", "NamespacedMutatingPolicy", "ValidatingAdmissionPolicy", "MutatingAdmissionPolicy",
    "ValidatingWebhookConfiguration", "MutatingWebhookConfiguration",
)  # fmt: skip
"""Kinds that can deny a request too, and that this model knows nothing about."""


class Answer(StrEnum):
    """What is predicted."""

    ADMITTED = "admitted"
    DENIED = "denied"
    CANNOT_TELL = "cannot-tell"


@dataclass(frozen=True, slots=True)
class Prediction:
    """The answer to one probe.

    Of a denial `policy`, `rule` and `reason` are as Kyverno names them; of a doubt `reason` is why. `where` is the
    line that decides (`place` the same), `repair` what to write there for another answer, `meaning` what the reason
    says where nothing there is wrong. `denials` (policy → rule → message), `webhook`, `images` and `looked` (policy →
    rule → image → status) are what a cluster would show.
    """

    answer: Answer
    policy: str = ""
    rule: str = ""
    reason: str = ""
    where: str = ""
    repair: str = ""
    meaning: str = ""
    place: Place | None = None
    denials: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    webhook: str = ""
    images: tuple[str, ...] = ()
    looked: Mapping[str, Mapping[str, Mapping[str, Status]]] = field(default_factory=dict)


def review(documents: Iterable[Document]) -> list[PolicyReview]:
    """Every ClusterPolicy and Policy of kyverno.io in the documents, in their order; other objects are left out.

    Of several of one kind and name the last one is live.
    """
    found = [one for one in expand(list(documents)) if envelope.concerns(one.value)]
    return reviewing.mark_replaced([reviewing.one(here) for here in found])


def unmodelled(documents: Iterable[Document]) -> list[Place]:
    """Objects that could deny a request and that the model does not know."""
    found = expand(list(documents))
    return [one for one in found if isinstance(one.value, dict) and one.value.get("kind") in UNMODELLED]


def answer(policies: Sequence[PolicyReview], probe: Probe | Request, known: Known = trust.NOTHING) -> Prediction:
    """What the accepted ones of `policies` answer to a probe (or to a request made of a real object).

    `known` are the PEM texts of authorities and logs that a policy may name.
    """
    asked = request.of(probe) if isinstance(probe, Probe) else probe
    live = [one.policy for one in policies if one.live and one.policy]
    return _prediction(decide(live, asked, known), policies)


def _prediction(decision: Decision, policies: Sequence[PolicyReview]) -> Prediction:
    if decision.blocking:
        policy, response = decision.blocking[0]
        why = reasons.of(response, next((one for one in policies if one.policy is policy), None))
        return Prediction(
            Answer.DENIED, policy.name, response.rule.name, one_line(response.message, 600), str(why.place), why.repair,
            why.meaning, why.place, decision.denials, decision.webhook,
        )  # fmt: skip
    if decision.doubts:
        policy, doubt = decision.doubts[0]
        return Prediction(Answer.CANNOT_TELL, policy.name, "", doubt.reason, str(doubt.place), place=doubt.place)
    return Prediction(Answer.ADMITTED, images=decision.images, looked=decision.looked)
