"""The store, its history, and what a killed process leaves on disk."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from grader.errors import InputError
from labs.cluster.simulated.api.journal import Journal
from labs.cluster.simulated.api.store import Change, Key, Object, Store

KIND = ("", "configmaps")


def value(name: str, text: str = "") -> Object:
    return {"metadata": {"name": name, "namespace": "a"}, "data": {"text": text}}


def key(name: str) -> Key:
    return Key(KIND, "a", name)


def test_versions_grow_and_objects_are_replaced() -> None:
    store = Store()
    first = store.put(key("x"), value("x", "1"))
    second = store.put(key("x"), value("x", "2"))
    assert int(second["metadata"]["resourceVersion"]) == int(first["metadata"]["resourceVersion"]) + 1
    assert first["data"] == {"text": "1"}


def test_listeners_hear_what_happened() -> None:
    store, heard = Store(), list[Change]()
    stop = store.subscribe(heard.append)
    store.put(key("x"), value("x"))
    store.put(key("x"), value("x", "2"))
    store.remove(key("x"))
    stop()
    store.put(key("y"), value("y"))
    assert [change.type for change in heard] == ["ADDED", "MODIFIED", "DELETED"]
    assert heard[2].object["metadata"]["resourceVersion"] == str(store.version - 1)


def test_history_is_told_only_where_it_is_whole() -> None:
    store = Store(history=3)
    start = store.version
    for number in range(5):
        store.put(key(str(number)), value(str(number)))
    assert store.since(start) is None
    found = store.since(store.version - 3)
    assert found is not None
    assert [change.key.name for change in found] == ["2", "3", "4"]
    assert store.since(store.version) == []


def test_a_killed_process_loses_nothing(tmp_path: Path) -> None:
    store = Store()
    with Journal(tmp_path, store):
        store.put(key("x"), value("x", "1"))
        store.put(key("y"), value("y"))
        store.remove(key("y"))
    again = restored(tmp_path)
    assert again.version == store.version
    assert again.all(KIND) == store.all(KIND)


def restored(folder: Path) -> Store:
    """The store as a new process would find it."""
    store = Store()
    with Journal(folder, store):
        return store


def test_a_line_cut_short_ends_the_journal(tmp_path: Path) -> None:
    store = Store()
    with Journal(tmp_path, store) as journal:
        store.put(key("x"), value("x"))
    with journal.journal.open("a") as file:
        file.write('[99, "", "configmaps", "a", "y", {"meta')
    assert [one["metadata"]["name"] for one in restored(tmp_path).all(KIND)] == ["x"]


def test_a_grown_journal_becomes_a_snapshot(tmp_path: Path) -> None:
    store = Store()
    with Journal(tmp_path, store, limit=3) as journal:
        for number in range(4):
            store.put(key("x"), value("x", str(number)))
    assert len(journal.journal.read_text().splitlines()) == 1
    assert json.loads(journal.snapshot.read_text())["version"] == store.version - 1


def test_a_snapshot_between_journal_and_crash_is_not_undone(tmp_path: Path) -> None:
    """The snapshot is newer than the journal's lines: they must not bring back old objects."""
    store = Store()
    with Journal(tmp_path, store) as journal:
        store.put(key("x"), value("x", "old"))
        lines = journal.journal.read_text()
        store.put(key("x"), value("x", "new"))
        journal.compact()
    journal.journal.write_text(lines)
    assert restored(tmp_path).all(KIND)[0]["data"] == {"text": "new"}


def test_files_are_for_their_owner_alone(tmp_path: Path) -> None:
    with Journal(tmp_path, Store()) as journal:
        assert {path.stat().st_mode & 0o777 for path in (journal.snapshot, journal.journal)} == {0o600}


def test_a_foreign_snapshot_is_refused(tmp_path: Path) -> None:
    journal = Journal(tmp_path, Store())
    journal.snapshot.write_text('{"format": 99}')
    with pytest.raises(InputError, match="no snapshot"):
        journal.__enter__()


def test_what_was_restored_cannot_be_watched_from_before(tmp_path: Path) -> None:
    store = Store()
    with Journal(tmp_path, store):
        before = store.version
        store.put(key("x"), value("x"))
    again = restored(tmp_path)
    assert again.since(before) is None
    assert again.since(again.version) == []
