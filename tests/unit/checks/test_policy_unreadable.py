"""`policy.present` where no file holds a ClusterPolicy that can be read: the likeliest file, and what it lacks."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from grader.checks import policy_file
from grader.evidence.model import Cluster
from grader.evidence.repository import collect
from grader.outcome import Status, Verdict
from tests.repositories import FOLDER, Clone
from tests.unit.checks.repository_contexts import MODULE, context, verdict

POLICY = (MODULE.solutions[0] / FOLDER / "verify-providers.yaml").read_text()
FILE = "verify-providers.yaml"


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    made = Clone(tmp_path / "platform")
    made.write(f"{FOLDER}/welcome.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: welcome}\n")
    made.write("README.md", "# ClusterPolicy\n")
    return made


def told(clone: Clone, text: str, name: str = FILE) -> Verdict:
    clone.write(name, text)
    found = verdict("policy.present", clone)
    assert found.status is Status.FAILED
    assert all((found.expected, found.why, found.next))
    return found


def test_a_kind_without_a_colon_is_told_by_file_and_line(clone: Clone) -> None:
    found = told(clone, POLICY.replace("kind: ClusterPolicy", "kind ClusterPolicy"))
    assert found.seen == (
        "“verify-providers.yaml” cannot be read: line 2 has no colon.\nTo mend: Write “kind: ClusterPolicy”."
    )
    assert found.where == f"{FILE}:2:1"
    assert found.next.endswith("| cat -vet")


@pytest.mark.parametrize("text", ["", "\n \n", "# to do\n", "---\n"])
def test_an_empty_file_is_called_empty(clone: Clone, text: str) -> None:
    found = told(clone, text)
    assert found.seen.endswith("holds a ClusterPolicy. “verify-providers.yaml” is empty: write the policy into it.")
    assert found.where == f"{FILE}:1:1"


def test_a_file_of_a_word_is_told_what_it_holds(clone: Clone) -> None:
    found = told(clone, "hello\n")
    assert found.seen.endswith("“verify-providers.yaml” holds no field, only “hello”: write the policy into it.")
    assert found.where == f"{FILE}:1:1"


def test_a_file_that_speaks_of_the_policy_goes_before_an_empty_one(clone: Clone) -> None:
    clone.write("a.yaml", "")
    assert FILE in told(clone, POLICY.replace("kind: ClusterPolicy", "kind ClusterPolicy")).seen


@pytest.mark.parametrize(
    ("was", "written", "words"),
    [
        ("apiVersion:", "apiversion:", "has no apiVersion; line 1 says “apiversion”: capitals count"),
        ("kind:", "Kind:", "has no kind; line 2 says “Kind”: capitals count"),
        ("kind:", "knid:", "has no kind; line 2 says “knid”: write kind"),
        ("apiVersion: kyverno.io/v1\n", "", "has no apiVersion: write kyverno.io/v1"),
        ("kind: ClusterPolicy\n", "", "has no kind: write kind: ClusterPolicy"),
        ("apiVersion: kyverno.io/v1", "apiVersion: true", "of apiVersion “true”"),
        ("apiVersion: kyverno.io/v1", "apiVersion:", "has no apiVersion"),
        ("apiVersion: kyverno.io/v1", "apiVersion: {a: null}", 'of apiVersion “{"a": null}”'),
    ],
)
def test_a_field_that_is_not_there_is_told_so(clone: Clone, was: str, written: str, words: str) -> None:
    found = told(clone, POLICY.replace(was, written, 1))
    assert words in found.seen
    assert not re.search("None|True|{'", found.seen)


def test_a_broken_file_that_speaks_of_no_policy_comes_after_what_is_missing(clone: Clone) -> None:
    found = told(clone, "a: [1\n", f"{FOLDER}/x.yaml")
    assert found.seen.startswith("None of the repository's 3 files holds a ClusterPolicy. “")
    assert "x.yaml” cannot be read: " in found.seen


def test_a_name_that_is_hostile_stays_a_name(clone: Clone) -> None:
    found = told(clone, "", f"{FOLDER}/\x1b[31m;x.yaml")
    assert "\x1b" not in found.seen + found.next


def test_a_policy_that_was_applied_by_hand_is_noted(clone: Clone) -> None:
    rules = [{"name": "a", "verifyImages": [{}]}]
    mine = {"metadata": {"name": "by-hand"}, "spec": {"rules": rules}}
    tracked = {"argocd.argoproj.io/tracking-id": "platform:kyverno.io/ClusterPolicy:default/x"}
    others = (
        {"metadata": {"name": "platform-labs-canary"}, "spec": {"rules": rules}},
        {"metadata": {"name": "tracked", "annotations": tracked}, "spec": {"rules": rules}},
        {"metadata": {"name": "no-images"}, "spec": {"rules": [{"name": "a", "validate": {}}]}},
    )
    repository = collect(clone.path, folder=FOLDER, branch="main")

    def notes(*live: object) -> tuple[str, ...]:
        cluster = Cluster("https://localhost", "v1.35.4", "u", objects={"ClusterPolicy": live})
        return policy_file.present(context(repository, "policy.present", cluster)).notes

    [note] = notes(mine, *others)
    assert "“by-hand”" in note
    assert "Argo CD did not put it there" in note
    assert notes(*others) == ()
