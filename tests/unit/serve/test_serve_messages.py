"""Only what the page's script says is understood."""

from __future__ import annotations

import json

import pytest

from labs.serve.messages import Focus, Ping, Resized, Typed, read, size


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        (["stdin", "é\r"], Typed("é\r".encode())),
        (["stdin", "\ud800"], Typed(b"?")),
        (["resize", {"width": 80, "height": 24}], Resized(80, 24)),
        (["resize", {"width": 10**9, "height": -5}], Resized(500, 4)),
        (["ping", "123"], Ping("123")),
        (["focus"], Focus(True)),
        (["blur"], Focus(False)),
    ],
)
def test_messages(sent: object, meant: object) -> None:
    assert read(json.dumps(sent)) == meant


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nothing",
        "{}",
        "[]",
        '["stdin"]',
        '["stdin", 5]',
        '["stdin", "a", "b"]',
        '["quit"]',
        '["resize", {"width": 80}]',
        '["resize", {"width": null, "height": 1}]',
        '["resize", {"width": "x", "height": 1}]',
        '["resize", {"width": Infinity, "height": 1}]',
        '["resize", {"width": NaN, "height": 1}]',
        '["ping", "' + "1" * 65 + '"]',
        '["deliver_chunk_request", {"key": "k", "size": 1}]',
        "[" * 100_000,
    ],
)
def test_anything_else(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        read(text)


def test_a_size_in_words() -> None:
    assert size("120", "40") == Resized(120, 40)
    with pytest.raises(ValueError, match="not a size"):
        size("1" * 5000, "40")
