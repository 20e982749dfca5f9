"""`grader oracle` as it is called: what it exits with."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.cli import grader
from grader.console import run
from tests.unit.kyverno.policies import GOOD, TAGGED

STRANGER = "apiVersion: policies.kyverno.io/v1\nkind: ImageValidatingPolicy\nmetadata: {name: a}\n"
DENIED = f"- {{name: denied, namespace: crossplane-system, image: {TAGGED}}}\n"
ADMITTED = f"- {{name: admitted, image: {TAGGED}}}\n"


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize(
    ("policy", "probes", "code"),
    [
        (GOOD, DENIED + ADMITTED, 0),
        (f"{GOOD}---\n{STRANGER}", DENIED, 0),
        (f"{GOOD}---\n{STRANGER}", DENIED + ADMITTED, 3),
        (GOOD, ADMITTED + "- {name: b}\n", 2),
    ],
    ids=["every answer known", "a denial stays one", "an admission in doubt", "a wrong probe"],
)
def test_the_exit_code(
    policy: str, probes: str, code: int, form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("policy.yaml").write_text(policy)
    Path("probes.yaml").write_text(probes)
    asked = ["oracle", "policy.yaml", "--probes", "probes.yaml", "--format", form]
    assert run(grader, asked, program="grader") == code
