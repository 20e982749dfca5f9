"""The commands that repeat a probe: exact, harmless, and nothing but arguments."""

from __future__ import annotations

import json
import shlex
from dataclasses import replace

import pytest

from grader.checks import behaviour, repeat
from grader.checks.probing import Reading
from grader.course import ProbeSpec
from grader.evidence.lab import LabFacts, Sample
from grader.evidence.questions import question
from tests.unit.checks.live_contexts import GOOD, context
from tests.worlds import MODULE

NAMES = ("signed", "unsigned", "unrelated-signed")
FACTS = LabFacts(
    "default", "kind", "cgr.dev", "git://x", ("argocd", "platform"), "canary",
    {name: Sample(f"cgr.dev/chainguard/{name}", "v1", "sha256:" + "a" * 64) for name in NAMES},
)  # fmt: skip


def spec(probe: str) -> ProbeSpec:
    return next(one for one in MODULE.exercise.probes if one.id == probe)


def reading(probe: str) -> Reading:
    found = behaviour.policies(context(GOOD, spec(probe).check))
    assert not isinstance(found, str)
    [one] = [one for one in behaviour.answers(context(GOOD, spec(probe).check), found) if one.spec.id == probe]
    assert one.answer is not None
    asked = question(one.spec, FACTS, lambda _: "crossplane-0")
    return replace(one, answer=replace(one.answer, question=asked.body))


def parts(command: str) -> tuple[list[str], object]:
    """The words of a command and the JSON that is fed to it."""
    line, _, rest = command.partition(" <<'EOF'\n")
    return shlex.split(line), json.loads(rest.removesuffix("\nEOF"))


@pytest.mark.parametrize("probe", ["unsigned-init", "unsigned-second", "unsigned-deployment"])
def test_the_very_object_is_sent_by_a_dry_run(probe: str) -> None:
    one = reading(probe)
    assert one.answer is not None
    words, body = parts(repeat.exactly(one.spec, one.answer))
    assert words == ["kubectl", "create", "--dry-run=server", "-f", "-"]
    assert body == one.answer.question


def test_another_identity_is_taken_on() -> None:
    one = reading("unsigned-by-crossplane")
    assert one.answer is not None
    words, _ = parts(repeat.exactly(one.spec, one.answer))
    assert "--as=system:serviceaccount:crossplane-system:crossplane" in words


def test_an_ephemeral_container_goes_to_its_subresource() -> None:
    one = reading("unsigned-ephemeral")
    assert one.answer is not None
    words, body = parts(repeat.exactly(one.spec, one.answer))
    assert words[:2] == ["kubectl", "replace"]
    assert "/api/v1/namespaces/crossplane-system/pods/crossplane-0/ephemeralcontainers?dryRun=All" in words
    assert isinstance(body, dict)
    assert [one["image"] for one in body["spec"]["ephemeralContainers"]] == ["cgr.dev/chainguard/unsigned:v1"]


def test_a_plain_question_is_one_line() -> None:
    words = shlex.split(repeat.shortly(reading("unsigned")))
    assert words[:6] == ["kubectl", "-n", "crossplane-system", "run", "trial", "--dry-run=server"]


def test_an_admission_shows_what_was_looked_at() -> None:
    assert shlex.split(repeat.shortly(reading("scope-inside")))[-2] == "-o"


def test_what_was_predicted_has_no_command() -> None:
    assert repeat.shortly(replace(reading("unsigned"), answer=None)) == ""
