"""Tasks 5 and 6 by cases that the course's own mistakes do not hold, and the words of the messages."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from grader.checks import repository
from grader.evidence.model import Cluster, Remote
from grader.evidence.repository import collect
from grader.outcome import Status, Verdict
from tests.repositories import FOLDER, Clone
from tests.unit.checks.repository_contexts import MODULE, context, statuses, verdict

POLICY = (MODULE.solutions[0] / FOLDER / "verify-providers.yaml").read_text()
FILE = f"{FOLDER}/any-name.yaml"


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    """A clone with one commit that origin/main has, and an empty folder for Argo CD."""
    made = Clone(tmp_path / "platform")
    made.write(f"{FOLDER}/welcome.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: welcome}\n")
    made.commit()
    made.push()
    return made


@pytest.fixture
def done(clone: Clone) -> Clone:
    """The clone of a learner who is done."""
    clone.write(FILE, POLICY)
    clone.commit()
    clone.push()
    return clone


def four_parts(told: Verdict) -> None:
    assert told.status is Status.FAILED
    assert all((told.expected, told.seen, told.why, told.next))


def test_done_passes_everything(done: Clone) -> None:
    assert statuses(done) == {}


def test_done_passes_at_a_revision(done: Clone) -> None:
    assert statuses(done, revision="main") == {}


def test_windows_line_ends_are_no_change(done: Clone) -> None:
    done.write(FILE, POLICY.replace("\n", "\r\n"))
    assert statuses(done) == {}


def test_comment_after_the_commit_is_no_change(done: Clone) -> None:
    done.write(FILE, f"# mine\n{POLICY}")
    assert statuses(done) == {}


def test_edit_after_the_commit_is_not_committed(done: Clone) -> None:
    done.write(FILE, POLICY.replace("crossplane-system", "default"))
    told = verdict("repository.committed", done)
    four_parts(told)
    assert "was changed after commit" in told.seen
    assert told.next.endswith(f"diff HEAD -- {FILE}")


def test_file_deleted_after_the_commit_is_a_note(done: Clone) -> None:
    (done.path / FILE).unlink()
    told = verdict("repository.committed", done)
    assert told.status is Status.PASSED
    assert "the next commit would remove it" in told.notes[0]


def test_file_moved_inside_the_folder_is_a_note(done: Clone) -> None:
    (done.path / FILE).rename(done.path / FOLDER / "other-name.yaml")
    told = verdict("repository.committed", done)
    assert told.status is Status.PASSED
    assert "not committed" in told.notes[0]


def test_move_into_the_folder_has_to_be_committed(clone: Clone) -> None:
    clone.write("policy.yaml", POLICY)
    clone.commit()
    (clone.path / "policy.yaml").rename(clone.path / FILE)
    assert statuses(clone) == {"repository.committed": "failed", "repository.pushed": "blocked"}


def test_kustomization_that_lists_the_file_has_to_be_committed(clone: Clone) -> None:
    clone.write(f"{FOLDER}/kustomization.yaml", "resources: [welcome.yaml]\n")
    clone.write(FILE, POLICY)
    clone.commit()
    clone.write(f"{FOLDER}/kustomization.yaml", "resources: [welcome.yaml, any-name.yaml]\n")
    told = verdict("repository.committed", clone)
    assert told.status is Status.FAILED
    assert "kustomization.yaml" in told.seen


def test_repository_without_a_commit(tmp_path: Path) -> None:
    clone = Clone(tmp_path / "new")
    clone.write(FILE, POLICY)
    assert statuses(clone) == {"repository.committed": "failed", "repository.pushed": "blocked"}
    assert "no commit yet" in verdict("repository.committed", clone).seen


def test_unpushed_commit_names_both_commits_and_shows_the_rest(clone: Clone) -> None:
    before = clone.head
    clone.write(FILE, POLICY)
    after = clone.commit()
    told = verdict("repository.pushed", clone)
    four_parts(told)
    assert before[:10] in told.seen
    assert after[:10] in told.seen
    assert told.next.endswith(f"log --oneline origin/main..{after[:10]}")


def test_tracking_branch_is_told_to_be_a_memory(done: Clone) -> None:
    assert "as the clone last saw it" in verdict("repository.pushed", done).notes[0]


def test_push_to_another_branch_names_it(clone: Clone) -> None:
    clone.write(FILE, POLICY)
    clone.commit()
    clone.push("feature")
    assert "the remote's branch feature, and Argo CD reads main" in verdict("repository.pushed", clone).seen


def test_other_local_branch_is_told_how_to_push(tmp_path: Path) -> None:
    clone = Clone(tmp_path / "c", branch="policy")
    clone.write(FILE, POLICY)
    clone.commit()
    told = verdict("repository.pushed", clone)
    assert told.status is Status.FAILED
    assert "push origin HEAD:main" in told.seen


def test_another_name_of_the_remote_counts(done: Clone) -> None:
    (done.path / ".git/refs/remotes/origin").rename(done.path / ".git/refs/remotes/github")
    assert statuses(done) == {}


def test_remote_that_was_merged_by_another_commit_has_the_manifest(clone: Clone) -> None:
    start = clone.head
    clone.write(FILE, POLICY)
    mine = clone.commit()
    squashed = clone.commit("Squashed", parents=[start])
    clone.set_ref("refs/heads/main", mine)
    clone.push(commit=squashed)
    told = verdict("repository.pushed", clone)
    assert told.status is Status.PASSED
    assert any("another commit" in note for note in told.notes)


def test_later_removal_on_the_remote_is_a_note(done: Clone) -> None:
    mine = done.head
    (done.path / FILE).unlink()
    done.push(commit=done.commit())
    told = verdict("repository.pushed", done, revision=mine)
    assert told.status is Status.PASSED
    assert any("changed or removed on the remote" in note for note in told.notes)


def test_remote_that_does_not_answer_costs_nothing(done: Clone, tmp_path: Path) -> None:
    told = verdict("repository.pushed", done, remote=str(tmp_path / "nowhere.git"))
    assert told.status is Status.ERROR
    assert "does not answer" in told.seen


def test_remote_that_is_ahead_of_the_clone_costs_nothing(done: Clone) -> None:
    found = collect(done.path, folder=FOLDER, branch="main")
    ahead = replace(found, remote=Remote("https://example.org/p.git", "main", asked=True, head="a" * 40))
    told = repository.pushed(context(ahead, "repository.pushed"))
    assert told.status is Status.ERROR
    assert told.next.endswith("fetch origin main")


def test_policy_applied_by_hand_before_the_push_is_a_note(clone: Clone) -> None:
    clone.write(FILE, POLICY)
    name = POLICY.split("name: ")[1].split("\n")[0]
    live = {"metadata": {"name": name}}
    cluster = Cluster("https://localhost", "v1.35.4", "u", objects={"ClusterPolicy": (live,)})
    found = collect(clone.path, folder=FOLDER, branch="main")
    told = repository.committed(context(found, "repository.committed", cluster))
    assert told.status is Status.FAILED
    assert any("Argo CD did not put it there" in note for note in told.notes)


def test_kustomization_with_a_missing_file_stops_the_build(clone: Clone) -> None:
    clone.write(FILE, POLICY)
    clone.write(f"{FOLDER}/kustomization.yaml", "resources:\n- any-name.yaml\n- gone.yaml\n")
    told = verdict("repository.path", clone)
    four_parts(told)
    assert "“gone.yaml” is not there" in told.seen
    assert told.where == f"{FOLDER}/kustomization.yaml:3:3"
    assert told.next.startswith("kubectl kustomize ")


def test_broken_manifest_beside_the_policy_stops_the_build(clone: Clone) -> None:
    clone.write(FILE, POLICY)
    clone.write(f"{FOLDER}/other.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata:\n\tname: x\n")
    told = verdict("repository.path", clone)
    four_parts(told)
    assert told.where == f"{FOLDER}/other.yaml:4:1"


def test_broken_yaml_that_is_no_manifest_is_passed_over(clone: Clone) -> None:
    clone.write(FILE, POLICY)
    clone.write(f"{FOLDER}/values.yaml", "a: [1\n")
    assert verdict("repository.path", clone).status is Status.PASSED


def test_yaml_called_json_stops_the_build(clone: Clone) -> None:
    clone.write(f"{FOLDER}/policy.json", POLICY)
    told = verdict("repository.path", clone)
    four_parts(told)
    assert "Call it .yaml" in told.seen


def test_capital_suffix_is_left_out(clone: Clone) -> None:
    clone.write(f"{FOLDER}/policy.YAML", POLICY)
    assert "in small letters" in verdict("repository.path", clone).seen


def test_marker_that_argo_cd_obeys_is_found(clone: Clone) -> None:
    clone.write(FILE, f"# +argocd:skip-file-rendering\n{POLICY}")
    told = verdict("repository.path", clone)
    four_parts(told)
    assert "leave the file out" in told.seen


def test_link_to_the_manifest_is_named(clone: Clone) -> None:
    clone.write("policies/policy.yaml", POLICY)
    (clone.path / FOLDER / "policy.yaml").symlink_to("../../../policies/policy.yaml")
    assert "is a symbolic link, which is not followed" in verdict("repository.path", clone).seen


def test_chart_in_the_folder_is_not_judged_here(clone: Clone) -> None:
    clone.write(f"{FOLDER}/Chart.yaml", "name: policies\n")
    clone.write(f"{FOLDER}/templates/policy.yaml", POLICY)
    told = verdict("repository.path", clone)
    assert told.status is Status.PASSED
    assert "by Helm" in told.notes[0]


def test_same_name_twice_is_a_note(clone: Clone) -> None:
    clone.write(FILE, POLICY)
    clone.write(f"{FOLDER}/copy.yaml", POLICY)
    assert "only one can be live" in verdict("repository.path", clone).notes[0]


@pytest.mark.parametrize("check", ["repository.path", "repository.committed", "repository.pushed"])
def test_without_a_repository_nothing_is_told(check: str) -> None:
    ask = {"path": repository.path, "committed": repository.committed, "pushed": repository.pushed}
    assert ask[check.split(".")[1]](context(None, check)).status is Status.ERROR


@pytest.mark.parametrize("check", ["repository.path", "repository.committed", "repository.pushed"])
def test_without_a_policy_the_rest_waits(clone: Clone, check: str) -> None:
    assert verdict(check, clone).status is Status.BLOCKED
