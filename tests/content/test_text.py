"""The modules' texts: commands that a shell can read, YAML that Kubernetes can, links that lead somewhere."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from grader import course
from grader.course import Module
from grader.manifest import Document, load
from labs.commands.learn_text import codes
from tests.content.reading import blocks, commands, expanded, programs, section, shown
from tests.links import anchors, dead_links

COURSE = course.read()
MODULES = [module for module in COURSE.modules if module.written]
EVERY = pytest.mark.parametrize("module", MODULES, ids=lambda module: module.id)
IN_THE_SHELL = {
    "cat",
    "echo",
    "git",
    "grader",
    "helm",
    "kubectl",
    "labs",
    "ls",
    "mv",
}  # what the lab's shell is sure to have
WITH_A_NETWORK = IN_THE_SHELL | {"cosign", "docker", "tar"}
NAMED = "01-chainguard-images"


def manifests(module: Module) -> list[Document]:
    """The YAML blocks of a text that hold a Kubernetes object, in order."""
    found = [document for block in blocks(module.text, "yaml") for document in load(block.body.encode(), "text.md")]
    return [document for document in found if document.kind]


@EVERY
def test_shell_reads_every_command(module: Module) -> None:
    for block in blocks(module.text, "bash"):
        done = subprocess.run(["bash", "-n"], input=block.body, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{done.stderr}\n{block.body}"


@EVERY
def test_commands_need_only_what_the_lab_has(module: Module) -> None:
    """What needs a network and more programs is marked so behind the fence."""
    for block in blocks(module.text, "bash"):
        known = WITH_A_NETWORK if "network" in block.info.split() else IN_THE_SHELL
        used = {program for line in commands(block) for program in programs(line)}
        assert used <= known | {"sample"}, block.body


@EVERY
def test_fences_are_of_known_kinds(module: Module) -> None:
    """A fence without a language would be neither run nor read by these tests."""
    fences = [line for line in shown(module.text).splitlines() if line.startswith("```") and line != "```"]
    told = [line.removeprefix("```").split() for line in fences]
    assert {language for language, *_ in told} <= {"bash", "yaml", "text"}
    assert {word for _, *more in told for word in more} <= {"network", "refused"}


@EVERY
def test_yaml_is_what_kubernetes_reads(module: Module) -> None:
    for block in blocks(module.text, "yaml"):
        assert load(block.body.encode(), "text.md"), block.body


@EVERY
def test_links_lead_somewhere(module: Module) -> None:
    unwritten = frozenset(other.id for other in COURSE.modules if not other.written)
    assert dead_links(module.folder / "text.md", unwritten) == []


def test_every_module_links_to_the_next() -> None:
    for module, following in zip(MODULES, COURSE.modules[1:], strict=False):
        last = module.text.rstrip().splitlines()[-1]
        assert last.startswith("Next: [Module ")
        assert following.id in last


@EVERY
def test_steps_have_their_headings(module: Module) -> None:
    headings = anchors(module.text)
    assert [step.id for step in module.exercise.steps if step.anchor not in headings] == []


@EVERY
def test_commands_of_steps_are_those_of_the_text(module: Module) -> None:
    told = {expanded(line) for block in blocks(module.text, "bash") for line in commands(block)}
    for step in module.exercise.steps:
        for command in step.commands:
            assert " ".join(command.split()) in told, f"{step.id}: {command}"


def test_code_is_called_by_its_number() -> None:
    """The command that saves the trial's policy writes the policy that the text explains."""
    module = COURSE.module(NAMED)
    saved = re.findall(r"`labs text 01 --code (\d+) > \.\./check-image-signature\.yaml`", module.text)
    assert len(saved) == 1
    assert codes(module.text)[int(saved[0]) - 1].text == blocks(section(module.text, "The policy"), "yaml")[0].body


def test_values_of_the_platform_are_quoted() -> None:
    """The values files that the text shows are those in the repository."""
    quoted = [load(block.body.encode())[0].value for block in blocks(COURSE.module(NAMED).text, "yaml")]
    for name in ("crossplane.yaml", "argocd.yaml"):
        assert load((COURSE.platform / "values" / name).read_bytes())[0].value in quoted


def test_text_shows_no_complete_solution() -> None:
    """No policy of the text looks at these Pods and these images only."""
    parameters = COURSE.module(NAMED).exercise.parameters
    for document in manifests(COURSE.module(NAMED)):
        spec = document.value["spec"]
        if document.kind == "ClusterPolicy" and "verifyImages" in spec["rules"][0]:
            assert parameters["images"] not in _images(spec)
            assert parameters["namespace"] not in str(spec["rules"][0]["match"])


def test_identity_is_the_exercises() -> None:
    """Subject and issuer in all policies of the text are those that the checks ask for."""
    parameters = COURSE.module(NAMED).exercise.parameters
    signed = [one for one in manifests(COURSE.module(NAMED)) if "keyless" in str(one.value)]
    assert len(signed) == 4
    for document in signed:
        values = set(_scalars(document.value))
        assert {parameters["subject"], parameters["issuer"]} <= values


def test_the_beyond_policy_is_an_accepted_solution() -> None:
    shown_rule = manifests(COURSE.module(NAMED))[-1].value
    folder = next(path for path in COURSE.module(NAMED).solutions if path.name.endswith("-beyond"))
    assert shown_rule in [load(path.read_bytes())[0].value for path in _files(folder)]


def _images(spec: Any) -> list[str]:
    return [image for rule in spec["rules"] for item in rule["verifyImages"] for image in item["imageReferences"]]


def _scalars(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [found for item in value.values() for found in _scalars(item)]
    if isinstance(value, list):
        return [found for item in value for found in _scalars(item)]
    return [value]


def _files(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.rglob("*.yaml")) if path.name != "about.yaml"]


def test_steps_that_the_push_proves_say_so() -> None:
    """Their checks wait for the cluster, which the file has not reached yet."""
    text = " ".join(section(COURSE.module(NAMED).text, "Step 3: Match the Pods of crossplane-system").split())
    assert "This step and the next get their marks after the push of step 6" in text
