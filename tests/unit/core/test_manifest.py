"""YAML is read as Kubernetes reads it, with places, within bounds."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.errors import ManifestError
from grader.manifest import Limits, load


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2026-01-01", "2026-01-01"),  # Kubernetes knows no dates
        ("1:30", "1:30"),  # nor base 60
        ("yes", True),
        ("y", True),
        ("OFF", False),
        ("0777", 511),
        ("0o17", 15),
        ("0x1F", 31),
        ("1e3", "1e3"),  # yaml.v2's floats need a signed exponent
        ("1.5", 1.5),
        ("'12'", "12"),
        ("!!str 12", "12"),
        ("~", None),
        ("v1.2", "v1.2"),
    ],
)
def test_scalar_follows_kubernetes(text: str, value: Any) -> None:
    [document] = load(f"key: {text}".encode())
    assert document.value == {"key": value}


def test_boolean_key_becomes_text() -> None:
    [document] = load(b"on: push")
    assert document.value == {"true": "push"}


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a: 1\nb: 2\na: 3", 3, "a second time (first in line 1)"),
        ("spec:\n\tname: x", 2, "tab"),
        ("image: *provider", 1, "must stand in quotes"),
        ("a: !!python/object:os.system x", 1, "unknown tag"),
        ("a: !!binary aGk=", 1, "unknown tag"),
        ("a: [1, 2", 1, "not YAML"),
        ("a:\n- b: 1\n c: 2", 3, "line 3 is indented by 1 space, and lines up with nothing above it"),
        ("? [a, b]\n: c", 1, "key must be a plain word"),
        ("# a policy\n\n%YAML 1.2\n---\na: 1", 3, "asks for a version that Argo CD does not read"),
    ],
)
def test_refusal_names_the_line(text: str, line: int, words: str) -> None:
    with pytest.raises(ManifestError) as caught:
        load(text.encode(), "policy.yaml")
    assert caught.value.line >= line
    assert words in caught.value.message
    assert str(caught.value).startswith("policy.yaml:")


def test_a_line_out_of_line_is_told_where_its_neighbours_begin() -> None:
    with pytest.raises(ManifestError) as caught:
        load(b"rules:\n- name: one\n  images:\n    - first: 1\n     second: 2\n", "policy.yaml")
    assert caught.value.advice == "Indent it by 6 spaces, like the words in line 4."


def test_position_of_a_value_or_its_nearest_ancestor() -> None:
    [document] = load(b"spec:\n  rules:\n  - name: one\n  - name: two\n", "p.yaml")
    assert document.where("spec", "rules", 1, "name") == "p.yaml:4:5"
    assert document.where("spec", "rules", 1, "match", "any") == "p.yaml:4:5"


def test_documents_are_counted_with_the_empty_ones() -> None:
    documents = load(b"---\na: 1\n---\n---\nb: 2\n")
    assert [(document.index, document.value) for document in documents] == [(0, {"a": 1}), (2, {"b": 2})]


def test_merge_key_is_read_and_own_keys_win() -> None:
    [document] = load(b"base: &base {a: 1, b: 2}\nchild:\n  <<: *base\n  b: 3\n")
    assert document.value["child"] == {"a": 1, "b": 3}


def test_aliases_that_explode_are_refused() -> None:
    bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 9)
    )
    with pytest.raises(ManifestError, match="aliases counted each time"):
        load(bomb.encode())


def test_depth_is_bounded() -> None:
    with pytest.raises(ManifestError, match="nested"):
        load(("[" * 100 + "]" * 100).encode())


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "? "])
def test_extreme_depth_is_an_error_and_no_crash(opening: str) -> None:
    with pytest.raises(ManifestError):
        load((opening * 200_000).encode())


def test_size_is_bounded() -> None:
    with pytest.raises(ManifestError, match="larger than"):
        load(b"a: " + b"x" * (1 << 20))


def test_not_utf8_names_the_byte() -> None:
    with pytest.raises(ManifestError) as caught:
        load(b"a: 1\nb: \xff")
    assert (caught.value.line, caught.value.column) == (2, 4)


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    message = "read"
    try:
        load(data, limits=Limits(size=300, documents=5, depth=8, nodes=50))
    except ManifestError as error:
        message = error.message
    assert message
