"""Task 2: which file is taken for the policy, and what is said of what only looks like it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from grader.checks import candidates
from grader.manifest import Document, Limits, load
from grader.outcome import Status
from tests.repositories import FOLDER, Clone
from tests.unit.checks.repository_contexts import CHECKS, MODULE, context, statuses, verdict

POLICY = (MODULE.solutions[0] / FOLDER / "verify-providers.yaml").read_text()
VALIDATE = """apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata: {name: a-first-policy}
spec:
  rules:
  - name: any
    match: {any: [{resources: {kinds: [Pod]}}]}
    validate: {message: no, pattern: {metadata: {name: "?*"}}}
"""


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    """A clone with an empty folder for Argo CD."""
    return Clone(tmp_path / "platform")


@pytest.mark.parametrize(
    "name", ["x.yaml", f"{FOLDER}/x.yml", "deep/er/x.json.yaml", "kyverno.txt", f"{FOLDER}/policy"]
)
def test_any_file_name_counts_as_present(clone: Clone, name: str) -> None:
    clone.write(name, POLICY)
    told = verdict("policy.present", clone)
    assert told.status is Status.PASSED
    assert name in told.seen


def test_second_document_counts(clone: Clone) -> None:
    clone.write(f"{FOLDER}/all.yaml", f"---\nkind: ConfigMap\n---\n{POLICY}")
    assert verdict("policy.valid", clone).status is Status.PASSED


def test_list_and_json_count_and_keep_their_places(clone: Clone) -> None:
    value = load(POLICY.encode())[0].value
    value["spec"]["unknown"] = True
    clone.write(f"{FOLDER}/all.json", json.dumps({"apiVersion": "v1", "kind": "List", "items": [value]}, indent=1))
    told = verdict("policy.valid", clone)
    assert told.status is Status.FAILED
    line = int((told.where or "").split(":")[1])
    assert '"unknown"' in (clone.path / FOLDER / "all.json").read_text().splitlines()[line - 1]


def test_policy_that_verifies_images_goes_before_another(clone: Clone) -> None:
    clone.write(f"{FOLDER}/a.yaml", VALIDATE)
    clone.write(f"{FOLDER}/b.yaml", POLICY)
    assert "b.yaml" in verdict("policy.present", clone).seen


def test_policy_in_the_folder_goes_before_a_copy_elsewhere(clone: Clone) -> None:
    clone.write("a/draft.yaml", POLICY.replace("rekor", "recor"))
    clone.write(f"{FOLDER}/z.yaml", POLICY)
    assert verdict("policy.valid", clone).status is Status.PASSED


def test_refused_policy_beside_a_right_one_is_a_note(clone: Clone) -> None:
    clone.write(f"{FOLDER}/a.yaml", VALIDATE.replace("validate:", "mutate: {}\n    validate:"))
    clone.write(f"{FOLDER}/b.yaml", POLICY)
    told = verdict("policy.valid", clone)
    assert told.status is Status.PASSED
    assert "another policy beside yours would be refused" in told.notes[0]


def test_second_image_policy_is_judged_too(clone: Clone) -> None:
    clone.write(f"{FOLDER}/a.yaml", POLICY)
    clone.write(
        f"{FOLDER}/b.yaml", POLICY.replace("name: ", "name: other-", 1).replace("failureAction", "failureActoin")
    )
    told = verdict("policy.valid", clone)
    assert told.status is Status.FAILED
    assert "b.yaml" in (told.where or "")


def test_broken_policy_is_present_and_not_valid(clone: Clone) -> None:
    clone.write(f"{FOLDER}/p.yaml", POLICY.replace("  rules:", "\trules:"))
    assert verdict("policy.present", clone).status is Status.PASSED
    told = verdict("policy.valid", clone)
    assert told.status is Status.FAILED
    assert "a tab is used to indent" in told.seen
    assert (told.where or "").startswith(f"{FOLDER}/p.yaml:")
    assert told.next.endswith("| cat -vet")


def test_broken_file_that_is_no_policy_is_not_taken_for_one(clone: Clone) -> None:
    clone.write(f"{FOLDER}/p.yaml", "# kind: ClusterPolicy\na: [1\n")
    assert verdict("policy.present", clone).status is Status.FAILED


def test_commented_out_policy_does_not_count(clone: Clone) -> None:
    clone.write(f"{FOLDER}/p.yaml", "".join(f"# {line}\n" for line in POLICY.splitlines()))
    assert verdict("policy.present", clone).status is Status.FAILED


def test_prose_about_a_policy_does_not_count(clone: Clone) -> None:
    clone.write(f"{FOLDER}/README.md", POLICY)
    assert verdict("policy.present", clone).status is Status.FAILED


@pytest.mark.parametrize(
    ("was", "written", "words"),
    [
        ("kind: ClusterPolicy", "kind: clusterPolicies", "the kind is spelled ClusterPolicy"),
        ("kind: ClusterPolicy", "kind: Policy", "asks for a ClusterPolicy"),
        ("apiVersion: kyverno.io/v1", "apiVersion: kyverno/v1", "write kyverno.io/v1"),
        ("kind: ClusterPolicy", "kind: ImageValidatingPolicy", "That kind works"),
    ],
)
def test_lookalike_is_told_what_it_is(clone: Clone, was: str, written: str, words: str) -> None:
    clone.write(f"{FOLDER}/p.yaml", POLICY.replace(was, written))
    told = verdict("policy.present", clone)
    assert told.status is Status.FAILED
    assert words in told.seen
    assert (told.where or "").startswith(f"{FOLDER}/p.yaml:")
    assert all((told.expected, told.why, told.next))


def test_link_alone_is_told_to_be_one(clone: Clone) -> None:
    (clone.path / FOLDER).mkdir(parents=True)
    (clone.path / FOLDER / "p.yaml").symlink_to("/etc/passwd")
    told = verdict("policy.present", clone)
    assert "is a symbolic link" in told.seen
    assert "root:" not in told.seen


def test_nothing_there_is_shown_by_a_search(clone: Clone) -> None:
    clone.write("a.yaml", "a: 1\n")
    told = verdict("policy.present", clone)
    assert told.status is Status.FAILED
    assert told.next.startswith("grep -rn")


def test_at_a_revision_the_commands_read_the_commit(clone: Clone) -> None:
    clone.write(f"{FOLDER}/p.yaml", POLICY.replace("imageReferences", "imageReference"))
    clone.commit()
    told = verdict("policy.valid", clone, revision="main")
    assert f"show {clone.head[:10]}:{FOLDER}/p.yaml | kubectl apply --dry-run=server" in told.next


def test_letter_that_only_looks_right_is_named(clone: Clone) -> None:
    clone.write(f"{FOLDER}/p.yaml", POLICY.replace("chainguard-images/images", "ch\u0430inguard-images/images"))
    told = verdict("policy.valid", clone)
    assert told.status is Status.PASSED
    assert "U+0430" in told.notes[0]


def test_hostile_file_name_cannot_leave_its_place_in_a_command(clone: Clone) -> None:
    name = f"{FOLDER}/$(touch x);`y` 'z'\x1b[31m.yaml"
    clone.write(name, POLICY.replace("imageReferences", "imageReference"))
    told = verdict("policy.valid", clone)
    assert "\x1b" not in told.next
    assert "'\"'\"'" in told.next
    assert told.next.count("'") >= 4


def test_working_tree_counts_before_the_commit(clone: Clone) -> None:
    clone.write(f"{FOLDER}/p.yaml", POLICY.replace("imageReferences", "imageReference"))
    clone.commit()
    clone.push()
    clone.write(f"{FOLDER}/p.yaml", POLICY)
    assert statuses(clone) == {"repository.committed": "failed", "repository.pushed": "blocked"}


@pytest.mark.parametrize("check", ["policy.present", "policy.valid"])
def test_without_a_repository_nothing_is_told(check: str) -> None:
    assert CHECKS[check](context(None, check)).status is Status.ERROR


def test_valid_waits_for_a_policy(clone: Clone) -> None:
    assert verdict("policy.valid", clone).needs == ("policy.present",)


def test_files_are_parsed_once_in_a_grading(clone: Clone, monkeypatch: pytest.MonkeyPatch) -> None:
    clone.write(f"{FOLDER}/p.yaml", POLICY)
    clone.commit()
    read: list[str] = []

    def counted(data: bytes, name: str, limits: Limits) -> list[Document]:
        read.append(name)
        return load(data, name, limits)

    monkeypatch.setattr(candidates, "load", counted)
    assert statuses(clone) == {"repository.pushed": "failed"}
    assert read == [f"{FOLDER}/p.yaml"]
