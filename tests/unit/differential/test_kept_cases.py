"""The oracle on what it once got wrong: policies, questions and a real cluster's answers."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.kyverno import oracle
from tests.differential import kept
from tests.differential.asking import probe

CASES = sorted(kept.FOLDER.glob("*.yaml"))


def test_there_are_kept_cases() -> None:
    assert CASES


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_kept_case(path: Path) -> None:
    found, samples = kept.read(path)
    reviews = found.case.review()
    given = [oracle.answer(reviews, probe(one, found.case.slot, samples)).answer.value for one in found.case.asks]
    if found.doubtful:
        assert all(answer in (real, "cannot-tell") for answer, real in zip(given, found.answers, strict=True))
    else:
        assert tuple(given) == found.answers


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_kept_policies_are_taken_as_the_cluster_took_them(path: Path) -> None:
    found, _ = kept.read(path)
    for review in found.case.review():
        told = found.taken.get(review.name)
        if told is not None:
            assert review.accepted == (not told.startswith("refused"))
