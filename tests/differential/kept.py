"""Disagreements kept as files: policies, questions and the cluster's answers, to be asked of the oracle again.

A kept case has the names of this folder's stand-ins for the lab's samples, so that it is the same for every lab.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from grader.kyverno import oracle
from grader.text import clean
from tests.differential.asking import Ask, Samples, probe
from tests.differential.case import Case
from tests.differential.compare import Compared
from tests.differential.standins import STAND_INS, renamed
from tests.differential.world import Slot

FOLDER = Path(__file__).parent / "cases"
KYVERNO = "1.19.1"


@dataclass(frozen=True, slots=True)
class Kept:
    """A file. `taken` is policy → `accepted`, `pruned: …` or `refused: …`; `answers` are the questions' answers.

    `doubtful` says why the oracle may answer that it cannot tell; empty where it may not.
    """

    case: Case
    taken: Mapping[str, str]
    answers: tuple[str, ...]
    doubtful: str = ""


def write(case: Case, found: Iterable[Compared], samples: Samples, folder: Path = FOLDER) -> Path:
    """Keeps what disagreed of a case. Where an oracle with stand-ins answers otherwise, the samples are kept too."""
    differing = list(found)
    value: dict[str, Any] = {
        "kyverno": KYVERNO,
        "slot": case.slot.number,
        "policies": list(case.policies),
        "taken": {one.policy: clean(one.real, 1000) for one in differing if not one.ask},
        "questions": [
            {**one.ask.to_json(), "answer": "denied" if one.denied else "admitted"} for one in differing if one.ask
        ],
    }
    plain = json.loads(renamed(json.dumps(value), samples))
    if not _same_answers(case, plain, samples):
        plain = value | {"samples": {name: [one.image, one.tag, one.digest] for name, one in samples.items()}}
    folder.mkdir(exist_ok=True)
    path = folder / f"{case.name}.yaml"
    path.write_text(yaml.safe_dump(plain, sort_keys=False, allow_unicode=True, width=120))
    return path


def _same_answers(case: Case, plain: Mapping[str, Any], samples: Samples) -> bool:
    other = Case(case.name, case.slot, tuple(plain["policies"]), case.asks)
    return all(_answer(case, one, samples) == _answer(other, one, STAND_INS) for one in case.asks)


def _answer(case: Case, one: Ask, samples: Samples) -> oracle.Answer:
    return oracle.answer(case.review(), probe(one, case.slot, samples)).answer


def read(path: Path) -> tuple[Kept, Samples]:
    """A kept case, and the samples that it speaks of."""
    value = yaml.safe_load(path.read_text())
    samples = dict(STAND_INS)
    for name, (image, tag, digest) in (value.get("samples") or {}).items():
        samples[name] = type(samples[name])(image, tag, digest)
    questions = [dict(one) for one in value["questions"]]
    answers = tuple(one.pop("answer") for one in questions)
    asks = tuple(Ask(**one) for one in questions)
    case = Case(path.stem, Slot(value["slot"]), tuple(value["policies"]), asks)
    return Kept(case, value.get("taken") or {}, answers, value.get("doubtful", "")), samples


def wording(text: str) -> str:
    """A message without what differs from one asking to the next."""
    return re.sub(r"\s+", " ", text).strip()
