"""Expressions in RE2's own spelling: whoever else fits one is found, and where nobody else does it is right."""

from __future__ import annotations

import warnings
from pathlib import Path

import pytest

from grader.outcome import Outcome, Status
from tests.unit.checks.reference import SUBJECT, graded

ISSUER = "https://token.actions.githubusercontent.com"
S = SUBJECT.replace(".", r"\.")
BY_NUMBER = S.replace("/", r"\x{2f}").replace(":", r"\x3A").replace("@", r"\100")
EVIL = r"https://github\.com/evil/"
MANY = "|".join(rf"https://github\.com/evil-{number}/images/x\.yaml@main" for number in range(30))
WRONG = {
    "a group of another repository": rf"^(?:{S}|{EVIL}.*)$",
    "a named group": rf"^(?:{S}|https://github\.com/(?<org>evil)/.*)$",
    "a quoted text": rf"^(?:{S}|\Qhttps://github.com/evil/x\E.*)$",
    "a letter by its number": rf"^(?:{S}|https://github\.com/evil\x{{2f}}.*)$",
    "the other greed": rf"(?U)^(?:{S}|{EVIL}.*)$",
    "flags behind the beginning": rf"^(?i)(?:{S}|{EVIL}.*)$",
    "flags of a group": rf"^(?:{S}|(?i-s:{EVIL}).*)$",
    "flags of lines": rf"(?m)^(?:{S}|{EVIL}.*)$",
    "a class by its name": rf"^(?:{S}|https://github\.com/[[:alpha:]]+-evil/.*)$",
    "what a named class leaves out": rf"^(?:{S}|https://github\.com/evil[[:^alpha:]].*)$",
    "a class of Unicode": rf"^(?:{S}|https://github\.com/\pL+-evil/.*)$",
    "letters of one script": rf"^(?:{S}|https://github\.com/\p{{Greek}}+)$",
    "edges of words": rf"^(?:{S}|.*\bevil\b.*)$",
    "no edges of words": rf"^(?:{S}|x.*\Bevil)$",
    "thirty more repositories": rf"^(?:{S}|{MANY})$",
    "a thousand letters and more": rf"^(?:{S}|{EVIL}a{{1000}}a{{1000}})$",
    "long alternatives of the same first": rf"^(?:{'|'.join([S] * 40)}|{EVIL}x)$",
    "alternatives that nothing fits first": rf"^(?:{'|'.join(f'x{number}$y' for number in range(40))}|{S}|{EVIL}x)$",
    "the same in other letters first": rf"^(?i:{'|'.join(S[:at] + S[at:].upper() for at in range(40))}|{EVIL}x)$",
    "two choices that only fit together": rf"^{S}$|^https://(?:github\.com|e)/\b(?:\B|evil/)x$",
    "the ends of the text by letters": rf"\A(?:{S}|{EVIL}.*)\z",
    "a letter that is optional": rf"^{S}x??$",
    "one letter by a range": rf"^{S.replace('main', 'mai[m-n]')}$",
    "one letter of another script": rf"^{S.replace('main', '[m' + chr(0x2C6F) + ']ain')}$",
}
STRICT = {
    "a quoted text": rf"^\Q{SUBJECT}\E$",
    "the ends of the text by letters": rf"\A{S}\z",
    "the other greed": f"(?U)^{S}$",
    "any case, behind the beginning": f"^(?i){S}$",
    "any case of a group": f"^(?i:{S.upper()})$",
    "lines": f"(?m)^{S}$",
    "a named group": f"^(?P<who>(?<all>{S}))$",
    "letters by their numbers": f"^{BY_NUMBER}$",
    "classes of one letter": rf"^{S.replace(chr(92) + '.', '[.]').replace('-', '[' + chr(92) + '-]')}$",
    "an end that nothing fits": rf"^{S}(?:$x|[^\x00-\x{{10FFFF}}])?$",
    "edges of words": rf"^\bhttps\b:\B//{S.removeprefix('https://')}\b$",
    "counted letters": rf"^{S.replace('tt', 't{2}')}$",
    "long alternatives of the same": rf"^(?:{'|'.join([S] * 40)})$",
    "dots": f"^{SUBJECT}$",
    "the subject beside": f"^{S}$\n            subject: {SUBJECT}",
}  # fmt: skip
ENTRY = "        - keyless: {{subjectRegExp: '{}', issuer: https://token.actions.githubusercontent.com, rekor: {{url: https://rekor.sigstore.dev}}}}\n"
FIRST = "        - keyless:\n"


def identity(folder: Path, expression: str) -> Outcome:
    """The outcome of `policy.identity` where the subject is asked for by an expression."""
    first, *more = expression.split("\n")
    written = "'" + first.replace("'", "''") + "'"
    return outcome(folder, (f"subject: {SUBJECT}", "\n".join([f"subjectRegExp: {written}", *more])))


def outcome(folder: Path, *edits: tuple[str, str]) -> Outcome:
    report = graded(folder, *edits)
    (found,) = (one for one in report.outcomes if one.check == "policy.identity")
    assert {one.check for one in report.outcomes if one.status is Status.FAILED} <= {"policy.identity"}
    return found


@pytest.mark.parametrize("name", WRONG)
def test_whoever_else_fits_an_expression_is_found(tmp_path: Path, name: str) -> None:
    found = identity(tmp_path, WRONG[name])
    assert found.status is Status.FAILED
    assert "lets in what is signed by" in found.seen


@pytest.mark.parametrize("name", STRICT)
def test_an_expression_that_nobody_else_fits_is_right(tmp_path: Path, name: str) -> None:
    assert identity(tmp_path, STRICT[name]).status is Status.PASSED


def test_nothing_is_said_of_classes_in_brackets(tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        identity(tmp_path, WRONG["a class by its name"])


def before(*expressions: str) -> tuple[str, str]:
    """Further entries before the one of the reference; all must hold."""
    return FIRST, "".join(ENTRY.format(one) for one in expressions) + FIRST


def test_an_entry_that_decides_nothing_leaves_room_for_the_next(tmp_path: Path) -> None:
    own = f"subjectRegExp: '^(?:{S}|https://github\\.com/evil/x\\.yaml@main)$'"
    found = outcome(tmp_path, before(r"https://github\.com/.*"), (f"subject: {SUBJECT}", own))
    assert found.status is Status.FAILED
    assert "is signed by https://github.com/evil/x.yaml@main (" in found.seen


def test_two_who_sign_the_same_image_may_be_let_in(tmp_path: Path) -> None:
    own = f"subjectRegExp: '^(?:{S}|evil@two)$'"
    found = outcome(tmp_path, before(f"^(?:{S}|evil@one)$"), (f"subject: {SUBJECT}", own))
    assert found.status is Status.FAILED
    assert "is signed by evil@one (" in found.seen
    assert " and evil@two (" in found.seen


def test_one_strict_entry_of_several_that_must_hold_is_enough(tmp_path: Path) -> None:
    assert outcome(tmp_path, before(r"https://github\.com/.*", f"^{S}|evil")).status is Status.PASSED


def test_who_signs_in_a_way_that_kyverno_cannot_read_is_refused(tmp_path: Path) -> None:
    found = identity(tmp_path, rf"^(?:{S}|{EVIL}\C.*)$")
    assert found.status is Status.FAILED
    assert r"invalid escape sequence: \C" in found.seen


def test_what_takes_too_long_to_find_out_costs_nothing_and_is_told(tmp_path: Path) -> None:
    found = identity(tmp_path, f"^(?:{S}|{'a{1000}' * 60}$x)$")
    assert found.status is Status.ERROR
    assert "whom else this lets in takes too long to find out" in found.seen
    assert "verify-providers.yaml:" in found.seen
    assert "Write the exact subject" in found.next
