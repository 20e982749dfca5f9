"""What became of a probe, in words that are the same in every lab: of a cluster's answer, and of the oracle's."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from grader.checks import samples
from grader.course import Exercise, ProbeSpec
from grader.evidence.model import Answer, ProbeAnswer
from grader.kyverno import oracle, request, strangers
from grader.kyverno.oracle import Prediction
from grader.kyverno.request import Image
from grader.kyverno.response import Status
from grader.kyverno.review import PolicyReview
from grader.kyverno.trust import NOTHING
from tests.differential.live import missing
from tests.differential.standins import STAND_INS, Samples, renamed
from tests.truth.model import Answered, Words

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_SPACE = re.compile(r"\s+")
_DIFFERS = (
    (re.compile(r"(certificate expired before observed time): [^\s;]+ is before [^\s;]+"), r"\1"),
    (re.compile(r"(invalid or missing digest in claim): sha256:…"), r"\1"),
    (
        re.compile(
            r"failed to fetch image reference: \S+ error: GET \S+ (MANIFEST_UNKNOWN: manifest unknown); \S+ \S+"
        ),
        r"\1",
    ),
    (re.compile(r"(unverified image) [^\s']+"), r"\1 …"),
    (re.compile(r" Retrying attempt #\d+ at [0-9:]+[AP]M\."), ""),
)
"""Moments and digests; what one registry says of an image that it does not have; which of a Pod's images is named
first (Kyverno has them in a map without order); how often Argo CD tried."""
_WORST = (Status.FAIL, Status.SKIP, Status.PASS)
NO_DIGEST = "sha256:…"
_HOST = (Image("cgr.dev/chainguard/crossplane:host", exists=False),)
"""What runs in the Pod that an ephemeral container is added to; the lab's registry does not have it."""


def of_answer(answer: ProbeAnswer, spec: ProbeSpec, lab: Samples) -> Answered:
    """A cluster's answer."""
    if answer.answer is Answer.UNKNOWN and not missing(answer.denials):
        return Answered(answer="unknown", unknown=_named(answer.message, spec, lab))
    if answer.denials:
        return Answered(answer="denied", denials=_words(answer.denials, spec, lab))
    return Answered(answer="admitted", looked=_words(answer.looked, spec, lab), pinned=_pinned(answer.images, spec))


def of_prediction(predicted: Prediction, spec: ProbeSpec) -> Answered:
    """The oracle's answer to a probe of the stand-ins; what it cannot tell is `unknown`."""
    if predicted.answer is oracle.Answer.CANNOT_TELL:
        return Answered(answer="unknown", unknown=f"cannot tell: {predicted.reason}")
    if predicted.answer is oracle.Answer.DENIED:
        return Answered(answer="denied", denials=_words(predicted.denials, spec, STAND_INS))
    told = {policy: _worst(rules, STAND_INS[spec.sample].image) for policy, rules in predicted.looked.items()}
    looked = {} if spec.where == "ephemeral" else {policy: rules for policy, rules in told.items() if rules}
    return Answered(answer="admitted", looked=looked, pinned=_pinned(predicted.images, spec))


def predict(policies: list[PolicyReview], spec: ProbeSpec, exercise: Exercise) -> Prediction:
    """The oracle's answer, the question put as the grader puts it. No certificate of a policy is a lab's own."""
    known = strangers.among((one.policy.spec for one in policies if one.policy), NOTHING)
    reference = STAND_INS[spec.sample].reference(spec.reference)
    images, subject, issuer = (str(exercise.parameters[name]) for name in ("images", "subject", "issuer"))
    asked = samples.probe(spec, reference, images, subject, issuer)
    if spec.where != "ephemeral":
        return oracle.answer(policies, asked, known)
    whole = request.of(replace(asked, beside=_HOST))
    return oracle.answer(policies, replace(whole, images=whole.images[::-1]), known)


def grouped(answers: Iterable[tuple[str, Answered]]) -> tuple[Answered, ...]:
    """Each answer once, with its probes, from pairs of probe and answer."""
    found: dict[str, list[str]] = {}
    same: dict[str, Answered] = {}
    for probe, one in answers:
        key = one.model_dump_json()
        same[key] = one
        found.setdefault(key, []).append(probe)
    return tuple(same[key].model_copy(update={"probes": tuple(probes)}) for key, probes in sorted(found.items()))


def plain(text: str, lab: Samples) -> str:
    """A text without what differs from lab to lab."""
    text = _SPACE.sub(" ", _DIGEST.sub(NO_DIGEST, renamed(text, lab)))
    for differing, left in _DIFFERS:
        text = differing.sub(left, text)
    return text.strip()


def _words(told: Mapping[str, Mapping[str, str]], spec: ProbeSpec, lab: Samples) -> Words:
    return {
        policy: {rule: _named(words, spec, lab) for rule, words in sorted(rules.items())}
        for policy, rules in sorted(told.items())
    }


def _named(text: str, spec: ProbeSpec, lab: Samples) -> str:
    own = STAND_INS[spec.sample]
    found = plain(text, lab).replace(f"{own.image}:{own.tag}@{NO_DIGEST}", "<image>")
    return found.replace(f"{own.image}:{own.tag}", "<image>").replace(f"{own.image}@{NO_DIGEST}", "<image>")


def _pinned(images: Iterable[str], spec: ProbeSpec) -> bool:
    return spec.reference == "tag" and any("/provider-" in one and "@" in one for one in images)


def _worst(rules: Mapping[str, Mapping[str, Status]], repository: str) -> dict[str, str]:
    """As the grader reads the annotation: the worst that was found of the images of one repository."""
    found = {}
    for rule, images in rules.items():
        states = {state for image, state in images.items() if image.startswith((f"{repository}:", f"{repository}@"))}
        worst = next((state for state in _WORST if state in states), None)
        if worst:
            found[rule] = worst.value
    return found
