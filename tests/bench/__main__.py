"""Prints each speed as a ratio against something in the same run. Never a test: it only tells."""

from __future__ import annotations

from tests.bench import start

for row in start.rows():
    print(row, flush=True)
