"""The commands that put a probe's question once more, and change nothing."""

from __future__ import annotations

import json

from grader.checks.commands import command
from grader.checks.probing import Reading, Seen
from grader.course import ProbeSpec
from grader.evidence.dig import mapping, name
from grader.evidence.model import ProbeAnswer

_CROSSPLANE = "--as=system:serviceaccount:crossplane-system:crossplane"
_ANNOTATIONS = 'jsonpath={.metadata.annotations}{"\\n"}'


def exactly(spec: ProbeSpec, answer: ProbeAnswer) -> str:
    """The very request, as `kubectl` sends it: several lines, for a shell.

    An ephemeral container cannot be asked for on creation; of the Pod that is sent to the
    subresource, the API server reads nothing else.
    """
    who = [_CROSSPLANE] if spec.identity == "crossplane" else []
    if spec.where == "ephemeral":
        path = f"/api/v1/namespaces/{spec.namespace}/pods/{name(answer.question)}/ephemeralcontainers?dryRun=All"
        asked = mapping(answer.question, "spec")
        body = {**mapping(answer.question), "spec": {"containers": [], **asked}}
        return _heredoc(command("kubectl", "replace", *who, "--raw", path, "-f", "-"), body)
    return _heredoc(command("kubectl", "create", "--dry-run=server", *who, "-f", "-"), answer.question)


def _heredoc(line: str, body: object) -> str:
    return f"{line} <<'EOF'\n{json.dumps(body)}\nEOF"


def shortly(reading: Reading) -> str:
    """One line that shows the same answer, where there is one; else the very request."""
    spec, answer = reading.spec, reading.answer
    if answer is None:
        return ""
    if spec.where == "init" or spec.where == "ephemeral" or (spec.kind == "Pod" and spec.identity == "crossplane"):
        return exactly(spec, answer)
    create = ["create", "deployment"] if spec.kind == "Deployment" else ["run"]
    words = ["kubectl", "-n", spec.namespace, *create, "trial", "--dry-run=server", f"--image={reading.image}"]
    if spec.identity == "crossplane":
        words.append(_CROSSPLANE)
    if reading.seen not in (Seen.DENIED, Seen.BESIDE):
        words += ["-o", _ANNOTATIONS]
    return command(*words)
