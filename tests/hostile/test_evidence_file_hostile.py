"""An evidence file from somebody else: refused with its place, or read as plain data."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from grader.errors import InputError
from grader.evidence import store

PROBE = {"probe": "p", "answer": "denied", "image": "i", "namespace": "n"}
FILE = {"path": "a", "mode": 33188, "blob": "b", "size": 1, "content": "eA=="}
EVIDENCE: dict[str, Any] = {
    "module": "m", "profile": "cluster", "collected_at": "t", "grader": "g", "course": "c",
    "repository": {"path": "p", "commit": None, "branch": None, "files": [FILE]}, "probes": [PROBE],
}  # fmt: skip


def text(evidence: Any, schema: Any = "platform-labs/evidence/v1", **more: Any) -> bytes:
    return json.dumps({"schema": schema, "evidence": evidence, **more}).encode()


def test_the_smallest_file_is_read() -> None:
    found = store.parse(text(EVIDENCE))
    assert found.repository is not None
    assert found.repository.files[0].content == b"x"


@pytest.mark.parametrize(
    ("data", "place"),
    [
        (text(EVIDENCE, "platform-labs/evidence/v2"), "schema"),
        (text(EVIDENCE, None), "schema"),
        (text(EVIDENCE, more=1), "more"),
        (text([]), "evidence"),
        (text({**EVIDENCE, "module": 7}), "evidence.module"),
        (text({**EVIDENCE, "extra": 7}), "evidence.extra"),
        (text({**EVIDENCE, "probes": [PROBE, {**PROBE, "answer": "maybe"}]}), "evidence.probes[1].answer"),
        (text({**EVIDENCE, "probes": [{**PROBE, "denials": {"a": "b"}}]}), "evidence.probes[0].denials.a"),
        (text({**EVIDENCE, "probes": [{**PROBE, "attempts": "1"}]}), "evidence.probes[0].attempts"),
        (text({**EVIDENCE, "repository": {"path": "p"}}), "evidence.repository.commit"),
        (text({**EVIDENCE, "cluster": {"server": "s", "version": "v", "uid": "u", "objects": {"A": {}}}}), "objects.A"),
        (text({**EVIDENCE, "canary": {"ok": "yes"}}), "evidence.canary.ok"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_wrong_value_is_named_by_its_place(data: bytes, place: str) -> None:
    with pytest.raises(InputError) as caught:
        store.parse(data, "evidence.json")
    assert f"{place}: " in caught.value.message
    assert caught.value.where == "evidence.json"


@pytest.mark.parametrize("content", ["%%%%", "e", 7, ["x"]])
def test_content_that_is_no_base64(content: Any) -> None:
    files = [{**FILE, "content": content}]
    with pytest.raises(InputError, match="content"):
        store.parse(text({**EVIDENCE, "repository": {**EVIDENCE["repository"], "files": files}}))


@pytest.mark.parametrize(
    "data",
    [
        b"", b"{", b"null", b"\xff\xfe\x00", b"[" * 200_000, b'{"a":' * 200_000, b'{"evidence": 1e9999}', b'"\\ud800"',
        b"x" * 1000,
    ],
    ids=lambda data: repr(data)[:30],
)  # fmt: skip
def test_what_is_no_json_of_this_kind(data: bytes) -> None:
    with pytest.raises(InputError, match="not the evidence"):
        store.parse(data)


def test_a_deeply_nested_object_is_refused() -> None:
    nested = b'{"a":' * 5000 + b"1" + b"}" * 5000
    data = text(EVIDENCE).replace(b'"probes"', b'"cluster": {"objects": {"A": [' + nested + b']}}, "probes"')
    with pytest.raises(InputError):
        store.parse(data)


def test_a_place_cannot_speak_to_the_terminal() -> None:
    with pytest.raises(InputError) as caught:
        store.parse(text({**EVIDENCE, "\x1b[2J\u202ehidden": 1}))
    assert "\x1b" not in caught.value.diagnostics()
    assert "\u202e" not in caught.value.diagnostics()


def test_a_file_that_is_too_large_is_not_taken_in(tmp_path: Path) -> None:
    path = tmp_path / "evidence.json"
    with path.open("wb") as file:
        file.truncate(store.MAX_BYTES + 1)
    with pytest.raises(InputError, match="larger than 64 MiB"):
        store.read(path)


def test_a_folder_or_a_pipe_is_no_evidence(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "pipe"):
        with pytest.raises(InputError, match="not a file"):
            store.read(path)


def test_no_such_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        store.read(tmp_path / "absent")
