"""The oracle's answers beside the real ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from grader.evidence.answers import Said
from grader.evidence.model import Answer as Real
from grader.kyverno import oracle
from grader.kyverno.oracle import Answer, Prediction
from grader.kyverno.response import Status
from grader.kyverno.review import PolicyReview
from tests.differential.asking import Ask, Samples, probe
from tests.differential.live import Applied, Outcome, denied

_WORST = (Status.FAIL, Status.SKIP, Status.PASS)


class Result(StrEnum):
    """How an answer of the oracle fits the real one."""

    AGREES = "agrees"
    DETAIL = "differs in detail"
    DIFFERS = "differs"
    DOUBTS = "cannot tell"
    NO_ANSWER = "the cluster gave no answer"


@dataclass(frozen=True, slots=True)
class Compared:
    """One answer beside the other, both as text for a reader. `ask` is None for the review of a policy."""

    result: Result
    real: str
    predicted: str
    ask: Ask | None = None
    policy: str = ""
    denied: bool = False


def compare(outcome: Outcome, samples: Samples) -> Iterator[Compared]:
    """Every policy and every question of a case."""
    reviews = outcome.case.review()
    for policy, applied, review in zip(outcome.case.policies, outcome.applied, reviews, strict=True):
        yield reviewed(policy["metadata"]["name"], applied, review)
    for one, said in zip(outcome.case.asks, outcome.said, strict=True):
        predicted = oracle.answer(reviews, probe(one, outcome.case.slot, samples))
        yield answered(one, said, predicted, samples[one.sample].image)


def reviewed(name: str, applied: Applied, review: PolicyReview) -> Compared:
    """What became of a policy."""
    same = (applied.strict is None, applied.accepted) == (review.strictly_accepted, review.accepted)
    real = _taken(applied.strict, applied.loose)
    lost = "; ".join(one.reason for one in review.pruned)
    predicted = _taken(lost or review.reason or None, review.reason or None)
    return Compared(Result.AGREES if same else Result.DIFFERS, real, predicted, policy=name)


def _taken(strict: str | None, loose: str | None) -> str:
    if loose is not None:
        return f"refused: {loose}"
    return "accepted" if strict is None else f"pruned: {strict}"


def answered(one: Ask, said: Said, predicted: Prediction, repository: str) -> Compared:
    """What became of a question."""
    if said.answer is Real.UNKNOWN and not denied(said):
        return Compared(Result.NO_ANSWER, said.message, _predicted(predicted), one)
    real = {"answer": "denied" if denied(said) else said.answer.value}
    model = {"answer": predicted.answer.value}
    if denied(said):
        real["rules"] = str(_rules(said.denials))
        model["rules"] = str(_rules(predicted.denials))
    else:
        real["looked"] = str(_plain(said.looked))
        model["looked"] = str(_looked(predicted, repository)) if one.where != "ephemeralContainers" else real["looked"]
        if said.images and predicted.images:
            real["images"], model["images"] = (str(sorted(found)) for found in (said.images, predicted.images))
    if predicted.answer is Answer.CANNOT_TELL:
        result = Result.DOUBTS
    elif real["answer"] != model["answer"]:
        result = Result.DIFFERS
    else:
        result = Result.AGREES if real == model else Result.DETAIL
    detail = "" if result is not Result.DETAIL else f"\n    real {real}\n    model {model}"
    return Compared(result, f"{real['answer']} {said.message}{detail}", _predicted(predicted), one, denied=denied(said))


def _predicted(predicted: Prediction) -> str:
    rule = f" {predicted.policy}/{predicted.rule}: " if predicted.policy else " "
    return f"{predicted.answer}{rule}{predicted.reason} ({predicted.where})"


def _rules(denials: Mapping[str, Mapping[str, str]]) -> list[str]:
    return sorted(f"{policy.rpartition('/')[2]}/{rule}" for policy, rules in denials.items() for rule in rules)


def _plain(looked: Mapping[str, Mapping[str, str]]) -> list[str]:
    return sorted(
        f"{policy.rpartition('/')[2]}/{rule}: {status}"
        for policy, rules in looked.items()
        for rule, status in rules.items()
    )


def _looked(predicted: Prediction, repository: str) -> list[str]:
    """The worst that was found of the images of one repository, as `Said.looked` has it."""
    found: dict[str, dict[str, str]] = {}
    for policy, rules in predicted.looked.items():
        for rule, images in rules.items():
            states = {
                state for image, state in images.items() if image.startswith((f"{repository}:", f"{repository}@"))
            }
            worst = next((state for state in _WORST if state in states), None)
            if worst:
                found.setdefault(policy, {})[rule] = worst.value
    return _plain(found)
