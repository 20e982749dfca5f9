"""Prints each speed as a ratio against something in the same run. Never a test: it only tells."""

from __future__ import annotations

from tests.bench import grading, lab, live, screen, start

for line in (*start.rows(), *screen.rows(), *lab.rows(), *grading.repository(), *grading.live(), *live.rows()):
    print(line, flush=True)
