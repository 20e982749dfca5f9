"""What the exercise's probes showed of the learner's own policies, live or by the oracle's prediction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from grader.checks import pinned, samples
from grader.checks.context import Context
from grader.checks.in_force import InForce
from grader.checks.objects import image_parts
from grader.course import ProbeSpec
from grader.evidence.answers import strangers
from grader.evidence.model import Answer, ProbeAnswer
from grader.evidence.probes import NOT_ASKED
from grader.kyverno import explain, oracle, public_good
from grader.kyverno.doubt import CannotTell
from grader.kyverno.oracle import Prediction
from grader.kyverno.request import Probe
from grader.kyverno.review import PolicyReview
from grader.text import one_line, quoted

Told = Mapping[str, Mapping[str, str]]


class Seen(StrEnum):
    """What the learner's policies did with the image that a probe asks about."""

    DENIED = "denied"
    BESIDE = "denied for another image of the Pod"
    PASSED = "looked at, and found right"
    REPORTED = "looked at, found wrong, and let in"
    TOUCHED = "looked at, and nothing verified"
    SKIPPED = "skipped"
    UNTOUCHED = "not looked at"
    UNKNOWN = "not known"


_LET_IN = (Seen.PASSED, Seen.REPORTED, Seen.TOUCHED, Seen.UNTOUCHED)
_LOOKED = (Seen.DENIED, Seen.BESIDE, Seen.PASSED, Seen.REPORTED, Seen.TOUCHED)
_FITTING = {
    "admitted": _LET_IN,
    "denied": (Seen.DENIED, Seen.BESIDE),
    "touched": _LOOKED,
    "untouched": (Seen.UNTOUCHED,),
}


@dataclass(frozen=True, slots=True)
class Reading:
    """One probe and what was seen. `words` are the policy's (a denial) or say why nothing is known.

    `question` is the probe as the oracle asks it. `predicted`: the oracle answered, not a cluster.
    `unlike` says why the model answered: the policy answers otherwise where sample or Pod look otherwise.
    `signer` is who signed the image that is asked about, where that is not as the sample has it.
    `mend` is what to do where nothing is known because of how the policy is written.
    `pinned` is the line by which the policy trusts the real Sigstore alone, where no lab can show the answer.
    """

    spec: ProbeSpec
    seen: Seen
    question: Probe
    words: str = ""
    answer: ProbeAnswer | None = None
    predicted: bool = False
    pinned: str = ""
    unlike: str = ""
    signer: str = ""
    mend: str = ""

    @property
    def fits(self) -> bool:
        """Whether this is what the exercise expects."""
        return self.seen in _FITTING[self.spec.expect]

    @property
    def known(self) -> bool:
        """Whether there is an answer at all."""
        return self.seen is not Seen.UNKNOWN

    @property
    def image(self) -> str:
        return one_line(self.question.image.reference, 300)


def readings(context: Context, found: InForce) -> list[Reading]:
    """All probes of the exercise as the cluster answered them.

    What this lab cannot ask (it has no such sample, or no Pod runs where one is needed) is
    predicted, so that a lab with less in it never makes a task easier.
    """
    return [_reading(context, spec, found) for spec in context.exercise.probes]


def predictions(context: Context, found: InForce) -> list[Reading]:
    """All probes of the exercise as the oracle answers them."""
    return [predicted_reading(spec, _question(context, spec, None), found) for spec in context.exercise.probes]


def _reading(context: Context, spec: ProbeSpec, found: InForce) -> Reading:
    answer = context.evidence.answer(spec.id)
    question = _question(context, spec, answer.image if answer else None)
    if answer is None or (answer.attempts == 0 and answer.message != NOT_ASKED):
        return predicted_reading(spec, question, found)
    seen, words = _live(answer, found.own)
    if seen is Seen.DENIED and spec.expect in ("admitted", "denied"):
        reasons = [said for rules in answer.denials.values() for said in rules.values()]
        pin = pinned.pin(found.reviews, question, reasons)
        if pin:
            seen, words = _of_prediction(pin.prediction, question.image.reference)
            return Reading(spec, seen, question, words, answer, predicted=True, pinned=pin.where)
    return Reading(spec, _unless_verified(seen, question, found), question, words, answer)


def _question(context: Context, spec: ProbeSpec, reference: str | None) -> Probe:
    images, subject, issuer = (str(context.parameter(name)) for name in ("images", "subject", "issuer"))
    return samples.probe(spec, reference or None, images, subject, issuer)


def _live(answer: ProbeAnswer, own: frozenset[str]) -> tuple[Seen, str]:
    if answer.answer is Answer.UNKNOWN:
        return Seen.UNKNOWN, one_line(answer.message, 400) or "no answer"
    if answer.answer is Answer.DENIED:
        return _denial(answer.denials, answer.image, own)
    looked = {policy: rules for policy, rules in answer.looked.items() if policy in own or not policy}
    return _looked(_statuses(looked.values()), answer.images, answer.image), ""


def _statuses(rules: Iterable[Mapping[str, str]]) -> Iterator[str]:
    for found in rules:
        yield from found.values()


def _denial(denials: Told, image: str, own: frozenset[str]) -> tuple[Seen, str]:
    """Counts only where nobody but the learner's policies refused: Kyverno also names those that merely report."""
    others = strangers(denials, own)
    if others:
        named = ", ".join(quoted(policy) for policy in others[:3])
        return Seen.UNKNOWN, f"{named}, no ClusterPolicy of your repository, refuses it too: delete it and grade again"
    asked = image_parts(image)[0]
    told = [(f"{policy}/{rule}", said) for policy, rules in denials.items() for rule, said in rules.items()]
    words = one_line("; ".join(f"{who}: {said}" for who, said in told), 600)
    elsewhere = told and all(_names_another(said, asked) for _, said in told)
    return (Seen.BESIDE if elsewhere else Seen.DENIED), words


def _names_another(said: str, asked: str) -> bool:
    """Whether a reason speaks of an image, and of another one than `asked`."""
    host = asked.partition("/")[0]
    return f"{asked}:" not in said and f"{asked}@" not in said and f" {host}/" in f" {said}"


def _looked(statuses: Iterable[str], images: Iterable[str], image: str) -> Seen:
    found = set(statuses)
    if "fail" in found or "error" in found:
        return Seen.REPORTED
    if "pass" in found:
        return Seen.PASSED
    if "skip" in found:
        return Seen.SKIPPED
    repository = image_parts(image)[0]
    written = any(one.startswith(f"{repository}:") and "@sha256:" in one for one in images)
    return Seen.TOUCHED if written and "@" not in image else Seen.UNTOUCHED


def predicted_reading(spec: ProbeSpec, question: Probe, found: InForce) -> Reading:
    """What the oracle answers to a probe."""
    if not samples.known(spec.sample):
        return Reading(spec, Seen.UNKNOWN, question, f"no lab has a sample {quoted(spec.sample)}", predicted=True)
    prediction = oracle.answer(found.reviews, question, public_good.WORLD)
    seen, words = _of_prediction(prediction, question.image.reference)
    return Reading(spec, _unless_verified(seen, question, found), question, words, predicted=True)


def _unless_verified(seen: Seen, question: Probe, found: InForce) -> Seen:
    """What `skip` means: the image is left out, or another item of the same rule was for it.

    Kyverno 1.19 notes one status for an image and a rule, the last item's (imageverifier.go Verify).
    """
    if seen is not Seen.SKIPPED:
        return seen
    return Seen.PASSED if any(_looks_at(review, question) for review in found.reviews) else Seen.UNTOUCHED


def _looks_at(review: PolicyReview, question: Probe) -> bool:
    try:
        return explain.untouched(review, question) is None
    except CannotTell:
        return False


def _of_prediction(prediction: Prediction, image: str) -> tuple[Seen, str]:
    if prediction.answer is oracle.Answer.CANNOT_TELL:
        return Seen.UNKNOWN, f"the model of Kyverno cannot tell: {prediction.reason} ({prediction.where})"
    if prediction.answer is oracle.Answer.DENIED:
        return _denial(prediction.denials, image, frozenset(prediction.denials))
    repository = image_parts(image)[0]
    told = [
        status.value
        for rules in prediction.looked.values()
        for images in rules.values()
        for looked, status in images.items()
        if looked.startswith((f"{repository}:", f"{repository}@"))
    ]
    return _looked(told, prediction.images, image), ""
