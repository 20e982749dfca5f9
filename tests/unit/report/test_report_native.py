"""The report as JSON: every field, in order, and nothing that a terminal obeys."""

from __future__ import annotations

import json
from dataclasses import replace

from grader.grade import judge
from grader.report import native
from tests import worlds
from tests.worlds import COMMIT, COURSE, MODULE

EVIDENCE = worlds.evidence(MODULE.solutions[0])
REPORT = judge(MODULE, EVIDENCE)


def test_the_fields_and_their_order() -> None:
    found = json.loads(native.write(REPORT))
    assert list(found) == [
        "schema", "module", "profile", "score", "max_score", "conclusive", "outcomes", "notes", "provenance"
    ]  # fmt: skip
    assert list(found["outcomes"][0]) == [
        "check", "task", "status", "points", "max_points", "predicted", "expected", "seen", "where", "why", "next",
        "needs", "notes",
    ]  # fmt: skip
    assert found["schema"] == "platform-labs/report/v1"


def test_scores_are_whole_numbers_and_statuses_words() -> None:
    found = native.value(REPORT)
    assert (found["score"], found["max_score"], found["conclusive"]) == (100, 100, True)
    assert {one["status"] for one in found["outcomes"]} == {"passed"}
    assert all(type(one["points"]) is int for one in found["outcomes"])


def test_provenance_names_hashes_and_versions() -> None:
    found = native.value(REPORT)["provenance"]
    assert (found["course"], found["commit"], found["simulated"]) == (COURSE.digest, COMMIT, False)
    assert found["versions"]["kyverno"] == "v1.19.1"
    assert found["versions"]["kubernetes"] == "v1.35.4"
    assert len(found["evidence"]) == 64


def test_the_same_evidence_has_the_same_report() -> None:
    assert native.write(judge(MODULE, EVIDENCE)) == native.write(REPORT)


def test_all_of_it_is_ascii() -> None:
    outcome = replace(REPORT.outcomes[0], seen="“ü” \x1b[31m\u202e")
    written = native.write(replace(REPORT, outcomes=(outcome,)))
    assert written.isascii()
    assert "\x1b" not in written
    assert json.loads(written)["outcomes"][0]["seen"] == outcome.seen
