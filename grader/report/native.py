"""The report as JSON, schema `platform-labs/report/v1`: everything that was judged, for programs."""

from __future__ import annotations

import json
from typing import Any

from grader.outcome import SCHEMA, Outcome, Report

FIELDS = (
    "check", "task", "status", "points", "max_points", "predicted", "expected", "seen", "where", "why", "next",
    "needs", "notes",
)  # fmt: skip


def value(report: Report) -> dict[str, Any]:
    """The report as JSON values. `where` is null where an outcome has no place."""
    return {
        "schema": SCHEMA,
        "module": report.module,
        "profile": report.profile.value,
        "score": report.score,
        "max_score": report.max_score,
        "conclusive": report.conclusive,
        "outcomes": [_outcome(outcome) for outcome in report.outcomes],
        "notes": list(report.notes),
        "provenance": dict(report.provenance),
    }


def write(report: Report) -> str:
    """The report as text, in ASCII: no terminal or parser can take anything in it for its own."""
    return json.dumps(value(report), indent=2) + "\n"


def _outcome(outcome: Outcome) -> dict[str, Any]:
    found = {name: getattr(outcome, name) for name in FIELDS}
    return {**found, "status": outcome.status.value, "needs": list(outcome.needs), "notes": list(outcome.notes)}
