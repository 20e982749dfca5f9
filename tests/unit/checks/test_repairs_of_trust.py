"""What to write instead, and at which line, where an attestor trusts the wrong ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader import grade
from grader.outcome import Outcome, Status
from tests import worlds
from tests.unit.checks.reference import SUBJECT, failed

MUTANTS = worlds.MODULE.solutions[0].parents[2] / "mutants" / worlds.MODULE.id
PINNED = {
    "49-own-root": ("roots:", "None of these certificates is the root"),
    "49-root-retired": ("roots:", "None of these certificates is the root"),
    "49-root-on-one-line": ("roots:", "as a block (|)"),
    "49-own-root-beside": ("roots:", "Keep the public authority's root alone."),
    "49-own-log": ("pubkey:", "Delete pubkey"),
}
LOOSE = {
    "an expression": (
        f"subject: {SUBJECT}",
        f"subjectRegExp: ^{SUBJECT.replace('.', r'[.]').replace('release', 'release2?')}$",
        "subjectRegExp:",
        "Write the exact subject.",
    ),
    "two expressions": (
        f"subject: {SUBJECT}\n            issuer: https://token.actions.githubusercontent.com",
        f"subjectRegExp: ^{SUBJECT.replace('release', 'release2?')}$\n            issuerRegExp: ^https://token.actions.githubusercontent.com$",
        "keyless:",
        "Write the exact subject and issuer.",
    ),
}


def wrong(folder: Path) -> Outcome:
    """The one check that a repository fails."""
    report = grade.judge(worlds.MODULE, worlds.evidence(folder))
    (found,) = [one for one in report.outcomes if one.status is Status.FAILED]
    return found


def near(folder: Path, found: Outcome, part: str) -> bool:
    """Whether the line that is named is that of `part`, or the one after it."""
    rows = (folder / worlds.FOLDER / "verify-providers.yaml").read_text().splitlines()
    number = int(str(found.where).split(":")[1])
    return any(part in row for row in rows[max(number - 2, 0) : number])


@pytest.mark.parametrize("name", PINNED)
def test_pinned_certificates_and_keys_have_a_repair_at_their_line(name: str) -> None:
    part, repair = PINNED[name]
    found = wrong(MUTANTS / name)
    assert repair in found.seen.partition("To mend: ")[2]
    assert near(MUTANTS / name, found, part)


@pytest.mark.parametrize("name", LOOSE)
def test_an_expression_that_looks_tight_and_lets_another_in_is_named(tmp_path: Path, name: str) -> None:
    old, new, part, repair = LOOSE[name]
    (found,) = failed(tmp_path, (old, new))
    assert f"To mend: {repair}" in found.seen
    assert near(tmp_path, found, part)


def test_a_chain_of_certificates_asks_for_no_name(tmp_path: Path) -> None:
    pinned = (MUTANTS / "49-own-root-beside" / worlds.FOLDER / "verify-providers.yaml").read_text()
    block = pinned[pinned.index("            roots: |") : pinned.index("-----END CERTIFICATE-----")]
    chain = block.replace("roots: |", "certChain: |") + "-----END CERTIFICATE-----\n"
    rekor = "            rekor: {url: https://rekor.sigstore.dev}\n"
    entry = f"      - count: 1\n        entries:\n        - certificates:\n{rekor}{chain}"
    (found,) = failed(tmp_path, ("      - entries:\n", entry))
    assert "ask for no subject and no issuer" in found.seen
    assert near(tmp_path, found, "certificates:")
