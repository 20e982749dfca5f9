"""`grader grade` and `grader collect`."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path
from typing import Any

import click

from grader import course as courses
from grader.collect import Source
from grader.commands.waiting import Waiting, seconds
from grader.console import crash_teller, say
from grader.course import Course, Module
from grader.errors import UsageError
from grader.evidence import store
from grader.evidence.model import Evidence
from grader.files import replace
from grader.grade import judge
from grader.kube import Kube, connect
from grader.modules import named
from grader.outcome import Profile, Report
from grader.report import native, text


def grade(
    module: str, *, evidence: Path | None, form: str, output: Path | None, exit_zero: bool, **options: Any
) -> int:
    """Grades a submission, or evidence of one; returns the exit code."""
    course = courses.read(options["course"])
    found = named(course, module)
    on_crash = crash_teller(options["debug"])
    if evidence is not None:
        _refuse_both(options)
        report = judge(found, _of_module(store.read(evidence), found.id), on_crash=on_crash)
    else:
        report = judge(found, _collected(course, found, options), on_crash=on_crash)
    _tell(report, found, form, output)
    return 0 if exit_zero else report.exit_code


def collect(module: str, *, output: Path, **options: Any) -> int:
    """Writes the evidence of a submission."""
    course = courses.read(options["course"])
    store.write(_collected(course, named(course, module), options), output)
    say(f"evidence: {output}")
    return 0


def _refuse_both(options: dict[str, Any]) -> None:
    given = [name for name in ("repo", "revision", "remote", "kubeconfig", "wait", "profile") if options[name]]
    if given:
        raise UsageError(
            f"--evidence and --{given[0]} do not go together", advice="The evidence says all of it already."
        )


def _of_module(evidence: Evidence, module: str) -> Evidence:
    if evidence.module != module:
        raise UsageError(f"the evidence is of module {evidence.module}, not of {module}")
    return evidence


def _collected(course: Course, module: Module, options: dict[str, Any]) -> Evidence:
    if options["repo"] is None:
        raise UsageError("there is nothing to grade", advice="Give --repo PATH, or --evidence FILE.")
    source = Source(options["repo"], options["revision"], options["remote"])
    patience = seconds(options["wait"]) if options["wait"] else 0.0
    kube = _kube(options)
    with kube or contextlib.nullcontext():
        return Waiting(course, module, source, kube, say).collected(patience)


def _kube(options: dict[str, Any]) -> Kube | None:
    """The cluster to look at, or None: what is given decides the profile where none is named."""
    given = options["kubeconfig"] is not None or bool(os.environ.get("KUBECONFIG"))
    profile = options["profile"] or (Profile.CLUSTER if given else Profile.REPOSITORY)
    if profile == Profile.REPOSITORY:
        if options["kubeconfig"] is not None:
            raise UsageError("--kubeconfig and --profile repository do not go together")
        return None
    return connect(options["kubeconfig"], options["context"], trust=options["trust_kubeconfig"])


def _tell(report: Report, module: Module, form: str, output: Path | None) -> None:
    colour = output is None and sys.stdout.isatty() and "NO_COLOR" not in os.environ
    written = native.write(report) if form == "json" else text.write(report, module.exercise, colour=colour)
    if output is None:
        click.echo(written, nl=False, color=True if colour else None)
        return
    replace(output, written.encode())
    say(f"report: {output}")
