"""The lab's own policy over a namespace of its own: it tells the environment from the learner.

Where the canary lets a signed sample in and keeps an unsigned one out, Kyverno, registry and
trust work, and what the learner's policy answers counts.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from grader.evidence.answers import Said
from grader.evidence.canary_policy import NAME, marker, policy
from grader.evidence.faults import fault
from grader.evidence.lab import LabFacts
from grader.evidence.model import Answer, Canary
from grader.evidence.settling import Clock, Settled, settle
from grader.kube import Kube
from grader.text import clean

__all__ = ["NAME", "Clock", "Settled", "ask", "policy", "settle"]

_MOMENT = 1.0
"""Seconds between two questions."""
_TRUST_COMMAND = "labs trust kyverno"
_NEXT = {
    "trust": _TRUST_COMMAND,
    "registry": "labs up",
    "webhook": "kubectl get pods --all-namespaces --selector app.kubernetes.io/component=admission-controller",
}
_UNSIGNED = ("no signatures found", "no matching signatures found")
_DISTRUST = ("x509", "certificate", "signature", "transparency log", "bundle", "rekor", "SCT")


def ask(kube: Kube, lab: LabFacts | None, clock: Clock | None = None) -> Canary:
    """Whether the canary answers as it must; where not, whose fault it is and what mends it.

    Only the canary's own entry in an answer counts: a learner's policy may reach too far, and
    Kyverno names every rule that fails. A fault that may pass is asked about once more. Ask after
    `settle`, which writes the policy.
    """
    if lab is None or not {"signed", "unsigned"} <= set(lab.samples):
        return Canary(None, "missing-lab", "This cluster does not tell of itself what a lab tells.", "labs up")
    found, again = _asked(kube, lab)
    if not found.ok and again:
        (clock or Clock()).sleep(_MOMENT)
        found, _ = _asked(kube, lab)
    return found


def _asked(kube: Kube, lab: LabFacts) -> tuple[Canary, bool]:
    """What the canary answers, and whether it is worth asking again."""
    with ThreadPoolExecutor(2) as pool:
        signed, unsigned = pool.map(lambda sample: marker(kube, lab, sample), ("signed", "unsigned"))
    return _judged(signed, unsigned), signed.again or unsigned.again


def _judged(signed: Said, unsigned: Said) -> Canary:
    wrong = _wrong_with_unsigned(unsigned) or _wrong_with_signed(signed)
    if wrong is None:
        return Canary(ok=True)
    problem, words = wrong
    return Canary(False, problem, clean(words), _NEXT.get(problem, "labs doctor"))


def _wrong_with_unsigned(said: Said) -> tuple[str, str] | None:
    """(problem, words) where an unsigned sample is not refused for being unsigned."""
    reason = _own(said)
    if reason is None:
        if said.answer is Answer.ADMITTED:
            return "webhook", "Kyverno let an unsigned sample into the canary's namespace: it did not look at the Pod."
        return fault(said.message) or "other", said.message
    if any(words in reason for words in _UNSIGNED):
        return None
    return fault(reason) or "other", reason


def _wrong_with_signed(said: Said) -> tuple[str, str] | None:
    """(problem, words) where a signed sample is refused by the canary, or was not looked at."""
    reason = _own(said)
    if reason is not None:
        distrust = "trust" if any(word in reason for word in _DISTRUST) else "other"
        return fault(reason) or distrust, reason
    if said.denials:
        return None
    if said.answer is not Answer.ADMITTED:
        return fault(said.message) or "other", said.message
    if NAME in said.looked or any("@sha256:" in image for image in said.images):
        return None
    return "webhook", "Kyverno let a signed sample in without looking at it."


def _own(said: Said) -> str | None:
    """Why the canary refused, or None where it did not."""
    rules = said.denials.get(NAME)
    return None if rules is None else "; ".join(rules.values())
