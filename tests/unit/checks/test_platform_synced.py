"""Module 00's check: a commit of the learner's own that Argo CD has synced."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

import pytest

from grader import course
from grader.errors import EnvironmentFault
from grader.evidence.model import Evidence, File, Remote, Repository
from grader.follows import believed_after
from grader.grade import judge
from grader.outcome import Status
from tests.unit.checks.live_contexts import GOOD, changed, verdict
from tests.worlds import BEFORE, COMMIT

COURSE = course.read()
MODULE = COURSE.module("00-getting-started")
CHECK = "platform.synced"
FOLDER = str(MODULE.exercise.parameters["folder"])
WELCOME = f"{FOLDER}/welcome.yaml"
STARTER = tuple(File(path, 0o100644, blob, 1) for path, blob in MODULE.exercise.parameters["starter"].items())
CHANGED = (File(f"{FOLDER}/welcome.yaml", 0o100644, "e" * 40, 1),)


def evidence(files: tuple[File, ...] = CHANGED, **remote: Any) -> Evidence:
    found = Remote("origin", "main", True, COMMIT, True, files)
    repository = Repository("platform", COMMIT, "main", remote=replace(found, **remote))
    return replace(GOOD, module=MODULE.id, repository=repository)


START = {WELCOME: (COURSE.platform / WELCOME).read_bytes()}
MINE = {WELCOME: START[WELCOME].replace(b"nobody yet", b"Eyes")}
Files = dict[str, bytes]


def stored(files: Files) -> tuple[File, ...]:
    """Files with the names that Git gives their bytes."""
    return tuple(
        File(path, 0o100644, hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest(), len(content), content)
        for path, content in files.items()
    )


def clone(working: Files, commit: Files, there: Files, **remote: Any) -> Evidence:
    """A clone whose working tree, commit and remote hold these files."""
    inside = tuple(replace(one, content=None) for one in stored(there) if one.path.startswith(FOLDER))
    found = Remote("origin", "main", True, BEFORE, commit == there, inside)
    repository = Repository("platform", COMMIT, "main", stored(commit), stored(working), replace(found, **remote))
    return replace(GOOD, module=MODULE.id, repository=repository)


def seen(found: Evidence) -> str:
    told = verdict(found, CHECK, MODULE)
    assert told.status is Status.FAILED
    return told.seen


def test_a_changed_folder_that_is_synced_passes() -> None:
    assert verdict(evidence(), CHECK, MODULE).status is Status.PASSED


@pytest.mark.parametrize("files", [STARTER, (*STARTER, File("README.md", 0o100644, "e" * 40, 1))])
def test_what_was_there_at_the_start_is_no_change(files: tuple[File, ...]) -> None:
    told = verdict(evidence(files), CHECK, MODULE)
    assert (told.status, "what it held at the start" in told.seen, told.next) == (
        Status.FAILED,
        True,
        "git -C platform status",
    )
    assert believed_after(told.seen), "nobody else can change it"


def test_what_was_never_touched_names_the_file_to_edit() -> None:
    told = verdict(clone(START, START, START), CHECK, MODULE)
    assert f"Nothing in your clone changes {FOLDER} either: edit “{WELCOME}”, commit it, and push it." in told.seen
    assert "what kubectl changes Argo CD puts back" in told.seen
    assert "To mend:" not in told.seen


def test_a_commit_of_other_files_is_no_change() -> None:
    """Pushed or not, it leaves the folder as it was."""
    readme = {"README.md": b"mine", **START}
    for found in (clone(readme, readme, readme), clone(readme, readme, START, contains=False)):
        assert "A commit that changes other files does not count" in verdict(found, CHECK, MODULE).seen


def test_a_change_that_is_not_committed_is_named() -> None:
    told = verdict(clone(MINE, START, START), CHECK, MODULE)
    assert f"“{WELCOME}” in your clone is changed, and not committed.\nTo mend: `git -C platform add -- " in told.seen
    assert told.seen.endswith("&& git -C platform push origin main`")
    assert believed_after(told.seen), "nobody else can change it"


def test_a_new_file_and_a_deleted_one_are_called_so() -> None:
    assert "more.yaml” in your clone is new, and" in seen(clone({**START, f"{FOLDER}/more.yaml": b""}, START, START))
    assert "welcome.yaml” in your clone is deleted, and" in seen(clone({}, START, START))


def test_a_commit_that_is_not_pushed_is_named() -> None:
    told = seen(clone(MINE, MINE, START, contains=False))
    assert f"Commit aaaaaaaaaa of your clone changes {FOLDER} and is not pushed." in told
    assert told.endswith("To mend: `git -C platform push origin main`")
    told = seen(clone(MINE, MINE, START, contains=False, built_on=False))
    assert told.endswith("pull --rebase origin main && git -C platform push origin main`")


@pytest.mark.parametrize("contains", [True, None])
def test_what_the_remote_took_back_is_not_called_unpushed(contains: bool | None) -> None:
    told = seen(clone(MINE, MINE, START, contains=contains))
    assert told.endswith("(at bbbbbbbbbb).")


BROKEN = {WELCOME: MINE[WELCOME].replace(b"Eyes", b"Fresh: Eyes")}
COMPLAINT = (
    "Failed to load target state: rpc error: code = FailedPrecondition desc = Failed to unmarshal "
    '"welcome.yaml": failed to unmarshal manifest: error converting YAML to JSON: yaml: line 8: mapping values'
)


def complaining(found: Evidence) -> Evidence:
    """Argo CD at the remote's head, which it cannot read."""
    status = {"sync": {"status": "Unknown"}, "conditions": [{"type": "ComparisonError", "message": COMPLAINT}]}
    return changed("Application", lambda one: one["status"].update(status), found)


def test_a_file_that_argo_cd_cannot_read_is_told_by_its_place() -> None:
    told = verdict(complaining(clone(BROKEN, BROKEN, BROKEN, contains=True)), CHECK, MODULE)
    assert told.where == f"{WELCOME}:8:15"
    assert "Argo CD cannot work out what to apply." in told.seen
    assert told.seen.endswith('To mend: Write “owner: "Fresh: Eyes"”.')


def test_a_mended_file_that_is_not_pushed_is_said_to_be_on_its_way() -> None:
    told = verdict(complaining(clone(MINE, MINE, BROKEN, contains=False)), CHECK, MODULE)
    assert f"Commit aaaaaaaaaa of your clone changes {FOLDER} and is not pushed." in told.seen
    assert told.where == "Application/argocd/platform"
    told = verdict(complaining(clone(MINE, BROKEN, BROKEN)), CHECK, MODULE)
    assert f"“{WELCOME}” in your clone is changed, and not committed." in told.seen
    assert told.where == f"{WELCOME}:8:15"


def test_a_place_is_told_only_of_a_file_that_is_there() -> None:
    other = {f"{FOLDER}/other.yaml": BROKEN[WELCOME]}
    told = verdict(complaining(clone({**MINE, **other}, {**MINE, **other}, BROKEN, contains=False)), CHECK, MODULE)
    assert told.where == "Application/argocd/platform"


def test_a_further_file_is_a_change() -> None:
    more = File(f"{FOLDER}/more.yaml", 0o100644, "e" * 40, 1)
    assert verdict(evidence((*STARTER, more)), CHECK, MODULE).status is Status.PASSED


def test_a_branch_that_is_not_there_is_said() -> None:
    assert verdict(evidence((), head=None), CHECK, MODULE).status is Status.FAILED


def test_a_remote_that_does_not_answer_is_nobodys_fault() -> None:
    with pytest.raises(EnvironmentFault, match="could not be read"):
        verdict(evidence((), head=None, error="connection refused"), CHECK, MODULE)


def test_an_argo_cd_that_lags_is_told_by_both_commits() -> None:
    lagging = changed("Application", lambda found: found["status"]["sync"].update(revision="b" * 40), evidence())
    told = verdict(lagging, CHECK, MODULE)
    assert told.seen == "Argo CD is at bbbbbbbbbb, the remote is at aaaaaaaaaa."


def test_the_whole_module_is_judged() -> None:
    report = judge(MODULE, evidence())
    assert (report.score, report.max_score, report.conclusive) == (10, 10, True)
