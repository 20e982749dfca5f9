"""What Kyverno's cache of verified images does to rules with several items."""

from __future__ import annotations

from tests.unit.kyverno.policies import GOOD, OFFICIAL, answers, ask, changed, probe, signed

ITEM = GOOD[GOOD.index("    - imageReferences:") :]
OTHER = ITEM.replace("release.yaml", "other.yaml")
UNCACHED = ("      failureAction: Enforce\n", "      failureAction: Enforce\n      useCache: false\n")
RIGHT_THEN_OTHER = GOOD + OTHER
OTHER_THEN_RIGHT = GOOD.replace("release.yaml", "other.yaml") + ITEM


def test_a_pass_of_one_item_counts_for_the_later_ones_while_it_is_remembered() -> None:
    found = ask(RIGHT_THEN_OTHER, signed())
    assert found.answer.value == "cannot-tell"
    assert "may have forgotten" in found.reason


def test_items_that_agree_leave_no_doubt() -> None:
    assert answers(GOOD + ITEM, signed()) == "admitted"


def test_what_no_item_passes_is_refused() -> None:
    assert answers(RIGHT_THEN_OTHER, probe()) == "denied"


def test_a_pass_after_a_refusal_is_remembered_for_the_next_request() -> None:
    found = ask(OTHER_THEN_RIGHT, signed())
    assert found.answer.value == "cannot-tell"
    assert "only the first request asks both" in found.reason


def test_no_doubt_where_the_rule_only_reports() -> None:
    audit = changed(
        ("failureAction: Enforce", "failureAction: Audit\n      mutateDigest: false"), text=OTHER_THEN_RIGHT
    )
    assert answers(audit, signed()) == "admitted"


def test_items_without_cache_are_all_asked() -> None:
    assert answers(changed(UNCACHED, text=RIGHT_THEN_OTHER), signed()) == "denied"
    assert answers(changed(UNCACHED, text=OTHER_THEN_RIGHT), signed()) == "denied"


def test_another_rule_does_not_share() -> None:
    rule = GOOD[GOOD.index("  - name: signed") :].replace("name: signed", "name: other").replace("release.", "other.")
    assert answers(GOOD + rule, probe(signatures=[OFFICIAL])) == "denied"
