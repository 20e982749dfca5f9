"""What is generated for the differential run, without a cluster."""

from __future__ import annotations

from collections import Counter

import pytest

from grader.kyverno import wildcard
from tests.differential.__main__ import batches
from tests.differential.asking import probe, question
from tests.differential.case import Case, generate
from tests.differential.draw import FIELDS
from tests.differential.report import LEAST_CASES
from tests.differential.standins import STAND_INS, renamed
from tests.differential.world import Slot, slots


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    return list(generate(7, 300, STAND_INS))


def test_the_same_seed_gives_the_same_cases() -> None:
    assert list(generate(3, 5, STAND_INS)) == list(generate(3, 5, STAND_INS))
    assert list(generate(3, 5, STAND_INS)) != list(generate(4, 5, STAND_INS))


def test_every_field_has_its_cases(cases: list[Case]) -> None:
    counts = Counter(field for case in cases for field in case.fields)
    assert {field: counts[field] for field in FIELDS if counts[field] < LEAST_CASES} == {}


def test_policies_have_names_of_their_own(cases: list[Case]) -> None:
    names = [policy["metadata"]["name"] for case in cases for policy in case.policies]
    assert len(names) == len(set(names))


def test_both_answers_are_asked_for(cases: list[Case]) -> None:
    """The oracle's own answers: 40 to 60 % of a run's are to be denials."""
    from grader.kyverno import oracle

    answers = Counter(
        oracle.answer(reviews, probe(one, case.slot, STAND_INS)).answer
        for case in cases
        for reviews in [case.review()]
        for one in case.asks
    )
    assert 0.4 <= answers[oracle.Answer.DENIED] / answers.total() <= 0.6


def test_cases_side_by_side_cannot_meet(cases: list[Case]) -> None:
    found = list(batches(cases))
    assert sorted(case.name for batch in found for case in batch) == sorted(case.name for case in cases)
    for batch in found:
        assert len({case.slot for case in batch}) == len(batch)
        assert len(batch) == 1 or all(case.confined for case in batch)


def test_confined_cases_name_no_namespace_of_another_slot(cases: list[Case]) -> None:
    others = {slot: [name for other in slots() if other != slot for name in other.namespaces] for slot in slots()}
    for case in cases:
        blocks = [rule.get("match", {}) for policy in case.policies for rule in policy["spec"]["rules"]]
        named = [block["any"][0]["resources"].get("namespaces") for block in blocks if block.get("any")]
        for patterns in filter(None, named if case.confined and len(case.policies) == 1 and len(named) == 1 else []):
            selected = any("namespaceSelector" in str(block) for block in blocks)
            assert selected or not any(wildcard.match_any(patterns, name) for name in others[case.slot])


def test_a_question_is_the_same_to_the_cluster_and_to_the_oracle(cases: list[Case]) -> None:
    for case in cases[:50]:
        for one in case.asks:
            asked, put = probe(one, case.slot, STAND_INS), question(one, case.slot, STAND_INS)
            assert put.image == asked.image.reference
            assert f"/namespaces/{asked.namespace}/" in put.path
            assert put.patch == (asked.operation == "UPDATE")


def test_random_names_are_replaced() -> None:
    real = {
        name: type(one)(f"cgr.dev/chainguard/x-{name}", "v9", "sha256:" + "e" * 64) for name, one in STAND_INS.items()
    }
    text = renamed("failed: cgr.dev/chainguard/x-unsigned:v9", {"unsigned": real["unsigned"]})
    assert text == f"failed: {STAND_INS['unsigned'].reference('tag')}"


def test_the_second_namespace_begins_like_the_first() -> None:
    slot = Slot(0)
    assert slot.longer.startswith(slot.home)
