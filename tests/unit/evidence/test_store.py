"""Evidence goes to a file and comes back the same."""

from __future__ import annotations

import json
import stat
from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest

from grader.errors import EnvironmentFault, InputError
from grader.evidence import store
from grader.evidence.model import (
    SCHEMA,
    Answer,
    Canary,
    Cluster,
    Evidence,
    File,
    ProbeAnswer,
    Remote,
    Repository,
)

EVIDENCE = Evidence(
    module="01-chainguard-images",
    profile="cluster",
    collected_at="2026-11-23T10:00:00Z",
    grader="0.1.0",
    course="c" * 64,
    repository=Repository(
        path="/home/ada/platform",
        commit="a" * 40,
        branch="main",
        files=(File("a.yaml", 0o100644, "b" * 40, 3, b"\x00\xff\xfe"), File("link", 0o120000, "d" * 40, 3)),
        working=(),
        remote=Remote("origin", "main", True, "a" * 40, True, error=None),
        notes=("a note",),
    ),
    cluster=Cluster(
        server="https://127.0.0.1:6443",
        version="v1.35.4",
        uid="u",
        objects={"ClusterPolicy": ({"metadata": {"name": "ä"}, "spec": {"a": [1, 2.5, None, True, "x"]}},)},
        not_served=("Policy",),
        unreadable={"Provider": "forbidden"},
    ),
    canary=Canary(False, "trust", "words", "labs trust kyverno"),
    probes=(
        ProbeAnswer(
            "p", Answer.DENIED, "a/b:1", "n", "words", {"mine": {"rule": "reason"}}, {}, ("a/b:1",), {"kind": "Pod"}
        ),
    ),
    probed_versions={"mine": "u@1"},
    notes=("another",),
)  # fmt: skip


def test_what_is_read_is_what_was_written(tmp_path: Path) -> None:
    path = tmp_path / "evidence.json"
    store.write(EVIDENCE, path)
    assert store.read(path) == EVIDENCE


def test_the_digest_survives_the_file(tmp_path: Path) -> None:
    path = tmp_path / "evidence.json"
    store.write(EVIDENCE, path)
    assert store.digest(store.read(path)) == store.digest(EVIDENCE)


def test_any_difference_changes_the_digest() -> None:
    assert store.digest(replace(EVIDENCE, collected_at="later")) != store.digest(EVIDENCE)


def test_the_file_names_its_schema_and_holds_content_in_base64(tmp_path: Path) -> None:
    path = tmp_path / "evidence.json"
    store.write(EVIDENCE, path)
    value = json.loads(path.read_bytes())
    assert value["schema"] == SCHEMA
    assert value["evidence"]["repository"]["files"][0]["content"] == "AP_-"


def test_the_schema_is_the_models() -> None:
    assert get_args(store._Envelope.model_fields["format"].annotation) == (SCHEMA,)


def test_the_file_is_its_owners(tmp_path: Path) -> None:
    path = tmp_path / "evidence.json"
    store.write(EVIDENCE, path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFault, match="cannot be written"):
        store.write(EVIDENCE, tmp_path / "absent" / "evidence.json")


def test_a_write_that_fails_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "evidence.json"
    path.write_text("old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(EnvironmentFault, match="No space left"):
        store.write(EVIDENCE, path)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_too_much_is_not_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "MAX_BYTES", 100)
    with pytest.raises(InputError, match="larger than"):
        store.write(EVIDENCE, tmp_path / "evidence.json")


def test_text_that_is_no_unicode_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="JSON cannot"):
        store.digest(replace(EVIDENCE, notes=("\ud800",)))
