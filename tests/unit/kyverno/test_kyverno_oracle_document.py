"""docs/oracle.md: its example works as it stands, and it leaves no key out; nor does the help."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from grader.cli import grader
from grader.console import run
from grader.kyverno import probefile, query
from tests.content.reading import blocks
from tests.links import ROOT

DOCUMENT = (ROOT / "docs/oracle.md").read_text(encoding="utf-8")
POLICY, PROBES = (block.body for block in blocks(DOCUMENT, "yaml"))
NAMED = set(re.findall(r"`(?:….)?(\w+)`", DOCUMENT))


@pytest.fixture(autouse=True)
def _files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    Path("policy.yaml").write_text(POLICY)
    Path("probes.yaml").write_text(PROBES)


def test_the_example_answers_as_the_document_says(capsys: pytest.CaptureFixture[str]) -> None:
    (command,) = (block.body.split() for block in blocks(DOCUMENT, "bash"))
    (answer,) = (block.body for block in blocks(DOCUMENT, "text"))
    assert run(grader, command[1:], program="grader") == 0
    assert capsys.readouterr().out == answer


def test_every_field_of_the_json_is_told() -> None:
    assert keys(query.to_json(query.run([Path("policy.yaml")], Path("probes.yaml")))) <= NAMED


def test_every_key_of_a_probe_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    known = {*probefile.PROBE, *probefile.IMAGE, *probefile.SIGNATURE}
    assert known <= NAMED
    assert run(grader, ["oracle", "--help"], program="grader") == 0
    assert known <= set(re.findall(r"\w+", capsys.readouterr().out))


def keys(value: Any) -> set[str]:
    """Every key within a JSON value."""
    if isinstance(value, list):
        return set().union(*map(keys, value))
    return set(value).union(*map(keys, value.values())) if isinstance(value, dict) else set()
