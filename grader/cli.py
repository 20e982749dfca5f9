"""The command line of `grader`. Each command imports what it needs when it runs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

_FILE = click.Path(path_type=Path, dir_okay=False)
_FOLDER = click.Path(path_type=Path, file_okay=False)


def _options(*options: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def add(function: Any) -> Any:
        for option in reversed(options):
            function = option(function)
        return function

    return add


_SOURCE = _options(
    click.option("--repo", type=_FOLDER, help="The learner's repository."),
    click.option("--revision", metavar="R", help="Grade this commit, branch or tag instead of the working tree."),
    click.option(
        "--remote", metavar="URL", help="Ask this remote for its branch: a folder, or an https or git address."
    ),
)
_CLUSTER = _options(
    click.option(
        "--profile", type=click.Choice(["repository", "cluster"]), help="What is asked; by default what is given."
    ),
    click.option("--kubeconfig", type=_FILE, help="The cluster to look at; by default that of KUBECONFIG."),
    click.option("--context", metavar="C", help="The kubeconfig's context, if not the current one."),
    click.option("--trust-kubeconfig", is_flag=True, help="Let the kubeconfig run programs and name files."),
    click.option("--wait", metavar="TIME", help="Wait for the cluster to follow, up to this long (90s, 5m)."),
)
_COMMON = _options(
    click.option("--course", type=_FOLDER, help="Another course than the one that comes with the program."),
    click.option("--debug", is_flag=True, help="Print tracebacks of the grader's own faults."),
)
_OUTPUT = click.option("--output", type=_FILE, help="Write here instead of to standard output.")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="platform-labs")
def grader() -> None:
    """Grade a lab: from the file to a real denial.

    Exit codes: 0 all that was asked passed, 1 something failed or waits, 2 wrong usage or input,
    3 could not tell.
    """


@grader.command()
@click.argument("module")
@_SOURCE
@_CLUSTER
@_COMMON
@click.option("--evidence", type=_FILE, help="Grade evidence that was collected before.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@_OUTPUT
@click.option("--exit-zero", is_flag=True, help="Exit with 0 whatever was found.")
def grade(module: str, **options: Any) -> int:
    """Say what is right, what is wrong, where, why, and what to look at next.

    MODULE is a module's name, or a beginning that no other has, such as 01.
    """
    from grader.commands import grading

    return grading.grade(module, **options)


@grader.command()
@click.argument("module")
@_SOURCE
@_CLUSTER
@_COMMON
@click.option("--output", type=_FILE, required=True, help="Where the evidence goes.")
def collect(module: str, **options: Any) -> int:
    """Keep all that a grading would look at, to grade it later or elsewhere.

    MODULE is a module's name, or a beginning that no other has, such as 01.
    """
    from grader.commands import grading

    return grading.collect(module, **options)


@grader.command()
@click.argument("check")
@click.option("--evidence", type=_FILE, required=True, help="Evidence that was collected before.")
@_COMMON
def explain(check: str, evidence: Path, course: Path | None, debug: bool) -> int:
    """Open one check: each probe's question and answer, and the command that repeats it."""
    from grader.commands import explaining

    return explaining.explain(check, evidence, course, debug)


@grader.command()
@click.argument("policies", nargs=-1, required=True, type=_FILE, metavar="POLICY…")
@click.option("--probes", type=_FILE, required=True, help="The questions, as a YAML list.", metavar="FILE")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--debug", is_flag=True, help="Print tracebacks of the grader's own faults.")
def oracle(policies: tuple[Path, ...], probes: Path, form: str, debug: bool) -> int:
    """Predict what Kyverno would answer to probes, from policies alone.

    No cluster and no registry is asked: a probe says itself which signatures its image has.
    FILE is one YAML list of probes, such as

    \b
      - name: signed
        namespace: crossplane-system
        image: cgr.dev/chainguard/provider-k3x9:v1.4.2
        signatures:
        - subject: https://github.com/…/release.yaml@refs/heads/main
          issuer: https://token.actions.githubusercontent.com

    Keys of a probe (name and image have to be there):

    \b
      name             a text for this probe alone
      image            the image as a Pod names it
      kind             Pod, Deployment
      namespace        default, if not given
      where            containers, initContainers, ephemeralContainers
      as               administrator, crossplane,
                       system:serviceaccount:NAMESPACE:NAME, a user's name
      operation        CREATE, UPDATE
      digest           sha256:… of the image's manifest
      signatures       a list; none: the image is not signed
      beside           more images of the Pod, each with image, where,
                       digest, signatures
      object           the object's name
      labels, annotations, namespaceLabels      mappings of texts

    Keys of a signature:

    \b
      subject, issuer  as the certificate has them
      authority        lab (Kyverno trusts it), other
      log              yes, no, forged: its entry in the transparency log
      digest           same, other: the image that it speaks of
      formats          a list of cosign, bundle
      annotations      of its payload
      extensions       of its certificate

    Exit codes: 0 every probe is answered, 2 wrong usage or input, 3 an answer cannot be told.
    All of it: docs/oracle.md.
    """
    from grader.commands import explaining

    return explaining.oracle(policies, probes, form)
