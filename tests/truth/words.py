"""What became of a probe, as a text that is the same in every lab: of a cluster's answer, and of the oracle's."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from grader.checks import samples
from grader.course import Exercise, ProbeSpec
from grader.evidence.model import Answer, ProbeAnswer
from grader.kyverno import oracle
from grader.kyverno.oracle import Prediction
from grader.kyverno.response import Status
from grader.kyverno.review import PolicyReview
from tests.differential.standins import STAND_INS, Samples, renamed

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_SPACE = re.compile(r"\s+")
_WORST = (Status.FAIL, Status.SKIP, Status.PASS)
NO_DIGEST = "sha256:…"


def of_answer(answer: ProbeAnswer, spec: ProbeSpec, lab: Samples) -> str:
    """A cluster's answer."""
    if answer.answer is Answer.UNKNOWN:
        return _named(f"unknown: {answer.message}", spec, lab)
    if answer.answer is Answer.DENIED:
        return _named(_denied(answer.denials), spec, lab)
    return _named(_admitted(answer.looked, answer.images, spec), spec, lab)


def of_prediction(predicted: Prediction, spec: ProbeSpec) -> str:
    """The oracle's answer to a probe of the stand-ins."""
    if predicted.answer is oracle.Answer.CANNOT_TELL:
        return f"cannot tell: {predicted.reason}"
    if predicted.answer is oracle.Answer.DENIED:
        return _named(_denied(predicted.denials), spec, STAND_INS)
    looked = {policy: _worst(rules, STAND_INS[spec.sample].image) for policy, rules in predicted.looked.items()}
    return _named(_admitted({} if spec.where == "ephemeral" else looked, predicted.images, spec), spec, STAND_INS)


def predict(policies: list[PolicyReview], spec: ProbeSpec, exercise: Exercise) -> Prediction:
    """The oracle's answer, the question put as the grader puts it."""
    reference = STAND_INS[spec.sample].reference(spec.reference)
    images, subject, issuer = (str(exercise.parameters[name]) for name in ("images", "subject", "issuer"))
    return oracle.answer(policies, samples.probe(spec, reference, images, subject, issuer))


def grouped(answers: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    """Text → probes, from pairs of probe and text."""
    found: dict[str, list[str]] = {}
    for probe, text in answers:
        found.setdefault(text, []).append(probe)
    return {text: tuple(found[text]) for text in sorted(found)}


def plain(text: str, lab: Samples) -> str:
    """A text without what differs from lab to lab."""
    return _SPACE.sub(" ", _DIGEST.sub(NO_DIGEST, renamed(text, lab))).strip()


def _named(text: str, spec: ProbeSpec, lab: Samples) -> str:
    own = STAND_INS[spec.sample]
    found = plain(text, lab).replace(f"{own.image}:{own.tag}@{NO_DIGEST}", "<image>")
    return found.replace(f"{own.image}:{own.tag}", "<image>").replace(f"{own.image}@{NO_DIGEST}", "<image>")


def _denied(denials: Mapping[str, Mapping[str, str]]) -> str:
    told = [f"{policy}/{rule}: {words}" for policy, rules in denials.items() for rule, words in rules.items()]
    return "denied by " + "; by ".join(sorted(told))


def _admitted(looked: Mapping[str, Mapping[str, str]], images: Iterable[str], spec: ProbeSpec) -> str:
    told = [f"{policy}/{rule} {status}" for policy, rules in looked.items() for rule, status in rules.items()]
    pinned = spec.reference == "tag" and any("/provider-" in one and "@" in one for one in images)
    parts = [
        "admitted",
        *(["looked at by " + ", ".join(sorted(told))] if told else []),
        *(["pinned"] if pinned else []),
    ]
    return "; ".join(parts)


def _worst(rules: Mapping[str, Mapping[str, Status]], repository: str) -> dict[str, str]:
    """As the grader reads the annotation: the worst that was found of the images of one repository."""
    found = {}
    for rule, images in rules.items():
        states = {state for image, state in images.items() if image.startswith((f"{repository}:", f"{repository}@"))}
        worst = next((state for state in _WORST if state in states), None)
        if worst:
            found[rule] = worst.value
    return found
