"""Prints each speed as a ratio against something in the same run. Never a test: it only tells."""

from __future__ import annotations

from tests.bench import grading, start

for line in (*start.rows(), *grading.repository(), *grading.live()):
    print(line, flush=True)
