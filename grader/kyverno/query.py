"""`grader oracle POLICY… --probes FILE`: what Kyverno would answer, without a cluster and without a registry.

It is what `kyverno test` cannot do: that command asks the registry for every signature.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader import files
from grader.errors import InputError, ManifestError
from grader.kyverno import oracle, probefile
from grader.kyverno.explain import deciding_line
from grader.kyverno.oracle import Answer, Prediction
from grader.kyverno.place import Place
from grader.kyverno.problem import Problem
from grader.kyverno.request import Probe
from grader.kyverno.review import PolicyReview
from grader.manifest import LIMITS, Document, load
from grader.text import clean, one_line

SCHEMA = "platform-labs/oracle/v1"
_MEBIBYTES = LIMITS.size >> 20


@dataclass(frozen=True, slots=True)
class Answers:
    """The policies as a cluster takes them, and the answer to each probe.

    `unmodelled` are objects that could deny a request too, and that the model does not know.
    """

    policies: tuple[PolicyReview, ...]
    probes: tuple[tuple[Probe, Prediction], ...]
    unmodelled: tuple[Place, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether every probe has an answer."""
        return all(prediction.answer is not Answer.CANNOT_TELL for _, prediction in self.probes)


def run(policy_paths: Sequence[Path], probes_path: Path) -> Answers:
    """Reads policies and probes, and answers. Raises InputError: what cannot be read, with its line."""
    documents = [document for path in policy_paths for document in _documents(path)]
    probes = probefile.read(files.read(probes_path, _MEBIBYTES), str(probes_path))
    policies = oracle.review(documents)
    strangers = oracle.unmodelled(documents)
    if not policies and not strangers:
        names = ", ".join(str(path) for path in policy_paths)
        raise InputError("there is no ClusterPolicy of kyverno.io", where=one_line(names), advice="Name its file.")
    answers = tuple((probe, _answer(policies, probe, strangers)) for probe in probes)
    return Answers(tuple(policies), answers, tuple(strangers))


def _answer(policies: list[PolicyReview], probe: Probe, strangers: list[Place]) -> Prediction:
    """A denial stays one whatever else there is; an admission does not."""
    found = oracle.answer(policies, probe)
    if found.answer is not Answer.ADMITTED or not strangers:
        return found
    here = strangers[0]
    return Prediction(Answer.CANNOT_TELL, reason=f"{_kind(here)} is not modelled", where=str(here), place=here)


def _documents(path: Path) -> list[Document]:
    try:
        return load(files.read(path, _MEBIBYTES), str(path))
    except ManifestError as error:
        raise InputError(error.message, where=error.where, advice=error.advice) from None


def to_json(answers: Answers) -> dict[str, Any]:
    """The answers as JSON values, by the schema `platform-labs/oracle/v1`; docs/oracle.md tells its fields."""
    return {
        "schema": SCHEMA,
        "policies": [_policy(one) for one in answers.policies],
        "unmodelled": [_unmodelled(one) for one in answers.unmodelled],
        "probes": [_probe(answers, probe, prediction) for probe, prediction in answers.probes],
    }


def dumps(answers: Answers) -> str:
    """`to_json` as text."""
    return json.dumps(to_json(answers), indent=2, ensure_ascii=False) + "\n"


def _policy(one: PolicyReview) -> dict[str, Any]:
    return {
        "kind": one.kind,
        "name": clean(one.name, 253),
        "where": str(one.place),
        "accepted": one.accepted,
        "reason": one.reason,
        "problems": [_problem(found) for found in one.problems],
        "pruned": [{"field": found.field, **_problem(found)} for found in one.pruned],
        "warning": _problem(one.warning) if one.warning else None,
        "replaced": one.replaced,
    }


def _problem(found: Problem) -> dict[str, str]:
    return {"reason": found.reason, "where": found.where, "repair": found.repair}


def _unmodelled(place: Place) -> dict[str, str]:
    metadata = place.at("metadata", "name").value
    return {
        "kind": _kind(place),
        "name": one_line(metadata, 253) if isinstance(metadata, str) else "",
        "where": str(place),
    }


def _kind(place: Place) -> str:
    return one_line(str(place.value.get("kind")), 60)


def _probe(answers: Answers, probe: Probe, prediction: Prediction) -> dict[str, Any]:
    reason, where = _decided(answers, probe, prediction)
    return {
        "name": clean(probe.name, 120),
        "answer": prediction.answer.value,
        "policy": clean(prediction.policy, 253),
        "rule": clean(prediction.rule, 253),
        "reason": reason,
        "where": where,
        "repair": prediction.repair,
        "meaning": prediction.meaning,
    }


def _decided(answers: Answers, probe: Probe, prediction: Prediction) -> tuple[str, str]:
    """The reason for an answer and its line; of an admission what the deciding line does, where one can be told."""
    if prediction.answer is not Answer.ADMITTED:
        return prediction.reason, prediction.where
    found = deciding_line(answers.policies, probe)
    return (found.text, found.where) if found else ("", "")


def to_text(answers: Answers) -> str:
    """The answers for a person: each policy, then each probe with the line that decides."""
    lines = [line for one in answers.policies for line in _policy_lines(one)]
    lines += [f"{place}: {_kind(place)} is not modelled" for place in answers.unmodelled]
    lines.append("")
    width = max((len(one_line(probe.name, 60)) for probe, _ in answers.probes), default=0)
    for probe, prediction in answers.probes:
        lines.append(f"{one_line(probe.name, 60):<{width}}  {prediction.answer.value}")
        lines += [f"    {line}" for line in _why(answers, probe, prediction)]
    return "\n".join(lines).lstrip("\n") + "\n"


def _policy_lines(one: PolicyReview) -> list[str]:
    verdict = "replaced by a later one of its name" if one.replaced else "accepted" if one.accepted else "refused"
    lines = [f"{one.place}: {one.kind} {one_line(one.name, 253) or 'without a name'}: {verdict}"]
    for found in one.problems:
        lines += _detail(found.where, found.reason, found.repair)
    for found in one.pruned:
        lines += _detail(found.where, f"{found.reason}: left out; kubectl apply refuses it", found.repair)
    if one.warning:
        lines += _detail(one.warning.where, one.warning.reason, one.warning.repair)
    return lines


def _detail(where: str, reason: str, repair: str) -> list[str]:
    return [f"    {where}: {reason}", *([f"        {repair}"] if repair else [])]


def _why(answers: Answers, probe: Probe, prediction: Prediction) -> list[str]:
    reason, where = _decided(answers, probe, prediction)
    by = f"{clean(prediction.policy, 253)}/{clean(prediction.rule, 253)}: " if prediction.rule else ""
    return [*([f"{where}: {by}{reason}"] if reason else []), *filter(None, (prediction.repair, prediction.meaning))]
