"""`grader explain` and `grader oracle`."""

from __future__ import annotations

from pathlib import Path

import click

from grader import course as courses
from grader.console import COULD_NOT_TELL, crash_teller
from grader.evidence import store
from grader.grade import judge
from grader.kyverno import query
from grader.report import explain as telling


def explain(check: str, evidence: Path, course: Path | None, debug: bool) -> int:
    """Prints all that the evidence holds on one check."""
    found = store.read(evidence)
    module = courses.read(course).module(found.module)
    report = judge(module, found, on_crash=crash_teller(debug))
    click.echo(telling.write(check, report, found, module.exercise), nl=False)
    return 0


def oracle(policies: tuple[Path, ...], probes: Path, form: str) -> int:
    """Prints what Kyverno would answer; returns 3 where an answer cannot be told, else 0."""
    answers = query.run(policies, probes)
    click.echo(query.dumps(answers) if form == "json" else query.to_text(answers), nl=False)
    return 0 if answers.complete else COULD_NOT_TELL
