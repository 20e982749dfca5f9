"""What `policy.valid` says of a policy that is refused: one repair for one mistake."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.outcome import Status
from tests.repositories import FOLDER, Clone
from tests.unit.checks.repository_contexts import MODULE, verdict

POLICY = (MODULE.solutions[0] / FOLDER / "verify-providers.yaml").read_text()
FILE = f"{FOLDER}/p.yaml"


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    return Clone(tmp_path / "platform")


def mends(clone: Clone, old: str, new: str) -> list[str]:
    assert old in POLICY
    clone.write(FILE, POLICY.replace(old, new, 1))
    told = verdict("policy.valid", clone)
    assert told.status is Status.FAILED
    return [line for line in told.seen.splitlines() if line.startswith("To mend:")]


@pytest.mark.parametrize(
    ("old", "new", "mend"),
    [
        ("\nspec:", "\nspecs:", "Write spec instead of “specs”."),
        ("entries:", "entry:", "Write entries instead of “entry”."),
        ("\nmetadata:", "\nmetdata:", "Write metadata instead of “metdata”."),
        ("  name: verify", "  nmae: verify", "Write name instead of “nmae”."),
        ("kind: ClusterPolicy\nmetadata:", "kind: ClusterPolicy\nmetadata", "Write “metadata:”."),
        ("- keyless:", "- keyless", "Write “- keyless:”."),
    ],
)
def test_a_misspelling_has_one_repair(clone: Clone, old: str, new: str, mend: str) -> None:
    assert mends(clone, old, new) == [f"To mend: {mend}"]


def test_what_is_missing_beside_another_mistake_is_still_told(clone: Clone) -> None:
    found = mends(clone, "\nspec:", "\ncolour:")
    assert found[1] == "To mend: Add spec, a mapping with the list rules."
