"""What is said of YAML that cannot be read: the mistake, the line where it was made, and what to write."""

from __future__ import annotations

import pytest

from grader.errors import ManifestError
from grader.manifest import load

POLICY = """apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata:
  name: one
spec:
  rules:
  - name: two
    verifyImages:
    - imageReferences: ["a/*"]
      attestors:
      - entries:
        - keyless:
            subject: https://a.example/main
            issuer: "https://b.example"
            rekor:
              url: https://c.example
"""


def refused(text: str) -> ManifestError:
    with pytest.raises(ManifestError) as caught:
        load(text.encode(), "p.yaml")
    return caught.value


def changed(old: str, new: str) -> str:
    assert old in POLICY
    return POLICY.replace(old, new, 1)


@pytest.mark.parametrize(
    ("old", "new", "where", "write"),
    [
        ("kind: ClusterPolicy", "kind ClusterPolicy", "2:1", "Write “kind: ClusterPolicy”."),
        ("spec:\n", "spec\n", "5:1", "Write “spec:”."),
        ("- keyless:", "- keyless", "12:9", "Write “- keyless:”."),
        ("verifyImages:\n", "verifyImages # all\n", "8:5", "Write “verifyImages:”."),
        ("issuer: ", "issuer = ", "14:13", 'Write “issuer: "https://b.example"”.'),
    ],
)
def test_a_line_without_a_colon_is_named(old: str, new: str, where: str, write: str) -> None:
    error = refused(changed(old, new))
    assert error.message == f"line {where.split(':')[0]} has no colon"
    assert (error.where, error.advice) == (f"p.yaml:{where}", write)


def test_a_colon_without_a_blank_is_named() -> None:
    error = refused(changed("kind: ClusterPolicy", "kind:ClusterPolicy"))
    assert error.message == "the colon in line 2 has no blank after it"
    assert (error.where, error.advice) == ("p.yaml:2:1", "Write “kind: ClusterPolicy”.")


@pytest.mark.parametrize(
    ("line", "write"),
    [
        ("  owner: Fresh: Eyes", 'Write “owner: "Fresh: Eyes"”.'),
        ('  owner: Fresh: "Eyes"', "Write “owner: 'Fresh: \"Eyes\"'”."),
        ('  owner: it\'s "Fresh": Eyes', "Put the whole value in quotes."),
    ],
)
def test_a_second_colon_in_a_line_asks_for_quotes(line: str, write: str) -> None:
    error = refused(f"data:\n{line}\n")
    assert error.message.startswith("line 2 has a second colon with a blank after it")
    assert error.line == 2
    assert error.advice == write


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ('https://b.example"', "https://b.example", "14:21"),
        ("subject: ", "subject: '", "13:22"),
        ('"a/*"]', '"a/*]', "9:25"),
    ],
)
def test_a_quotation_mark_that_is_not_closed_is_named_where_it_stands(old: str, new: str, where: str) -> None:
    error = refused(changed(old, new))
    assert error.message.startswith(f"the quotation mark in line {where.split(':')[0]} is ")
    assert (error.where, error.advice) == (f"p.yaml:{where}", "Put the same mark at the end of the value.")


def test_a_quotation_mark_that_another_one_closes_further_down_is_named() -> None:
    error = refused(changed("subject: ", 'subject: "'))
    assert error.message == "the quotation mark in line 13 is closed only in line 14"
    assert error.where == "p.yaml:13:22"


@pytest.mark.parametrize("before", ["", "# a comment\n"])
def test_a_merge_conflict_is_called_one(before: str) -> None:
    error = refused(f"{before}<<<<<<< HEAD\n{POLICY}=======\n{POLICY}>>>>>>> theirs\n")
    line = 1 + before.count("\n")
    assert error.message == f"line {line} is a merge conflict marker (<<<<<<<)"
    assert error.line == line
    assert "=======" in (error.advice or "")


def test_a_first_line_below_its_field_is_not_out_of_line() -> None:
    assert "lines up with nothing" not in refused("data:\n  a: [b: c: d\n").message


@pytest.mark.parametrize("text", ["", ":", "a b", "-", "- -", "\x1b[31mkind x", "kind\u202ex y", '"', "'", ">>>>>>> x"])
def test_no_mistake_makes_the_telling_of_it_fail(text: str) -> None:
    for found in (f"{text}\na: 1\n", f"a: 1\n{text}\n", f"a: 1\n{text}\nb: 2\n", f"a:\n  {text}\n  b: c: d\n"):
        assert not set("\x1b\u202e") & set(_told(found))


def _told(text: str) -> str:
    """All that is said of a text; nothing where it can be read."""
    try:
        load(text.encode(), "p.yaml")
    except ManifestError as error:
        return error.diagnostics()
    return ""
