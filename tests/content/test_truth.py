"""The oracle beside the truth corpus: what a real cluster answered to every solution and mutant, by both routes."""

from __future__ import annotations

import pytest

from grader.kyverno import oracle
from tests.truth.entries import Entry, command, entries, folder, orphans, schema
from tests.truth.foretold import answers, documents, policies
from tests.truth.model import Truth

ENTRIES = list(entries())
EACH = pytest.mark.parametrize("entry", ENTRIES, ids=lambda one: one.source.name)
ROUTES = pytest.mark.parametrize("route", ["strict", "pushed"])
MOST_BYTES = 2_000_000


def recorded(entry: Entry) -> Truth:
    """The record; the test that asks for one that is not there is left to `test_record_is_up_to_date`."""
    found = entry.read()
    if found is None or entry.stale():
        pytest.skip(f"{entry.name} {entry.stale()}")
    return found


@EACH
def test_record_is_up_to_date(entry: Entry) -> None:
    why = entry.stale()
    assert not why, f"{entry.name} {why}; record it: {command([entry.source.name])}"


def test_nothing_is_recorded_of_what_is_not_there() -> None:
    assert orphans() == []


def test_schema_describes_the_records() -> None:
    assert (folder() / "schema.json").read_text() == schema()


def test_corpus_stays_small() -> None:
    assert sum(path.stat().st_size for path in folder().rglob("*.yaml")) < MOST_BYTES


@EACH
def test_every_probe_was_answered(entry: Entry) -> None:
    truth = recorded(entry)
    for route in ("strict", "pushed"):
        found = truth.answers(route)
        assert set(found) == {spec.id for spec in entry.module.exercise.probes}
        assert [probe for probe, one in found.items() if one.answer == "unknown"] == []


@ROUTES
@EACH
def test_oracle_takes_the_policies_that_the_cluster_took(entry: Entry, route: str) -> None:
    truth = recorded(entry)
    taken = truth.pushed.policies if route == "pushed" else truth.strict.policies
    modelled = {name for name in taken if name.startswith(("ClusterPolicy/", "Policy/"))}
    assert {f"{one.kind}/{one.name}" for one in policies(entry, route)} == modelled


@ROUTES
@EACH
def test_oracle_answers_as_the_cluster(entry: Entry, route: str) -> None:
    """Admitted or denied, by which rules and in which words, what was noted and what was pinned."""
    truth = recorded(entry)
    if oracle.unmodelled(documents(entry, route)):
        pytest.skip("asked of a kind of policy that the oracle does not know, and that the course does not ask for")
    told = answers(entry, route)
    assert told == truth.answers(route)


def test_no_record_says_where_it_was_made() -> None:
    named = [path.name for path in folder().rglob("*.yaml") if "/content/mutants/" in path.read_text()]
    assert named == []
