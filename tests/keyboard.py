"""A person at a prompt, for tests."""

from __future__ import annotations

import pytest


def typed(monkeypatch: pytest.MonkeyPatch, *lines: str | type[BaseException]) -> None:
    """What a person types at the prompt, or presses."""
    given = iter(lines)

    def read(prompt: str) -> str:
        line = next(given, EOFError)
        if isinstance(line, str):
            return line
        raise line

    monkeypatch.setattr("builtins.input", read)
    monkeypatch.setenv("TERM", "dumb")
