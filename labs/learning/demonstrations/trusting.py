"""Whether Kyverno trusts the lab's authority, by what it says of a sample that is signed as it should be."""

from __future__ import annotations

from grader.evidence.faults import fault
from grader.evidence.model import Answer, ProbeAnswer
from grader.kyverno import oracle
from grader.kyverno.request import Probe
from labs.learning.demonstrations.world import World

SIGNED = "signed"
"""The sample that the lab signed as the course's policy asks."""
DISTRUST = (
    "Kyverno does not trust the lab's authority (values/kyverno.yaml was not passed): labs trust kyverno mends that."
)
_UNKNOWN = "signed by unknown authority"
"""Of an image's certificate (sigstore, by Go's crypto/x509); of the registry's own, `fault` knows it."""


def for_want_of_trust(answer: ProbeAnswer) -> bool:
    """Whether an image was kept out because nobody knows who signed it, or the registry that holds it."""
    reasons = [reason for rules in answer.denials.values() for reason in rules.values()]
    return any(_UNKNOWN in reason or fault(reason) == "trust" for reason in reasons)


def distrusted(world: World, probe: Probe, answer: ProbeAnswer) -> bool:
    """Whether the properly signed sample is kept out for want of trust, and not by what the policies ask for."""
    if answer.answer is Answer.ADMITTED or not for_want_of_trust(answer):
        return False
    return oracle.answer(world.policies, probe).answer is not oracle.Answer.DENIED
