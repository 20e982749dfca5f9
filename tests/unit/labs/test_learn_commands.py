"""The course by commands, where there is no lab: reading, help, progress, and the plain twin's prompt."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from grader.outcome import Report
from labs.learning.learner import Learner
from tests.reports import report
from tests.unit.labs.conftest import Say

pytestmark = pytest.mark.usefixtures("home")


@pytest.fixture
def graded(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What every grading says; the lab itself is left out."""
    states: dict[str, str] = {}

    def grade(self: Learner, module: object, *_: object) -> Report:
        found = report(states)
        self.graded(self.module("01"), found)
        return found

    monkeypatch.setattr(Learner, "grade", grade)
    monkeypatch.setattr(Learner, "looked", lambda self, module: (grade(self, module), ""))
    return states


def test_without_a_terminal_it_says_where_one_stands_and_ends(home: Path) -> None:
    surroundings = {"LABS_HOME": str(home), "PATH": "/usr/bin:/bin", "PYTHONPATH": str(Path(__file__).parents[3])}
    command = [sys.executable, "-m", "labs", "--plain"]
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, env=surroundings
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "Not checked: there is no lab yet: labs up makes one" in done.stdout
    assert "You are here: Step 1, to read: Start the lab." in done.stdout
    assert "\nlabs up\n" in done.stdout
    assert "\x1b" not in done.stdout


def test_the_modules_and_what_was_done_of_them(say: Say, graded: dict[str, str]) -> None:
    assert "Module 01-chainguard-images, open: Securing" in say("modules")
    assert "Module 02-secret-management, not written yet" in say("modules")
    graded.update({"policy.present": "passed", "policy.valid": "failed"})
    say("steps", "01")
    assert "Module 01-chainguard-images, open, best score 5 of 10" in say("modules")


def test_a_module_that_is_not_there_is_told(say: Say) -> None:
    assert "01-chainguard-images" in say("text", "07", code=2)
    assert "not written yet" in say("text", "02", code=2)
    assert "Its steps: 1 (install-kyverno)" in say("text", "01", "--step", "12", code=2)


def test_a_text_is_read_whole_or_by_its_steps(say: Say) -> None:
    whole, step = say("text", "01"), say("text", "01", "--step", "2")
    assert whole.startswith("The text of 01-chainguard-images: ")
    assert "\nModule: " in whole
    assert step.startswith("Part: Step 2")
    assert "\nkubectl create --dry-run=server --validate=strict -f verify-providers.yaml" in step


def test_a_text_is_read_by_its_sections_and_its_code_is_had_as_it_is(say: Say, home: Path) -> None:
    assert "lines: The policy" in say("text", "01", "--sections")
    one = say("text", "-m", "01", "--section", "The policy")
    assert one.startswith("Part: The policy")
    number = int(one.partition("Code ")[2].split()[0])
    assert say("text", "01", "--code", str(number)).startswith("apiVersion: kyverno.io/v1\nkind: ClusterPolicy\n")
    assert "Next is section" in one
    assert say("text", "01", "--section", "1").startswith("Module: ")
    assert "no such section" in say("text", "01", "--section", "nothing of this", code=2)
    assert "no such block" in say("text", "01", "--code", "0", code=2)


def test_a_module_is_named_in_either_way(say: Say) -> None:
    assert say("steps", "01") == say("steps", "-m", "01")
    assert say("text", "01") == say("text", "-m", "01")
    assert "Step 1" in say("hint", "01")


def test_where_one_is_is_the_same_for_all(say: Say, graded: dict[str, str], home: Path) -> None:
    say("next", "7", "-m", "01")
    progress = json.loads((home / "progress.json").read_text())
    checks = ["argocd.synced", "policy.active", "enforcement.live", "enforcement.provider"]
    progress["modules"]["01-chainguard-images"]["passed"] = checks
    (home / "progress.json").write_text(json.dumps(progress))
    graded.update(dict.fromkeys(checks, "failed"))
    for told in (say("steps"), say("continue"), say("hint")):
        assert "Step 7" in told
    assert "You are here: Step 7" in say("steps")
    assert say("next").startswith("Step 7 is not done: labs check 7 tells what is missing.")


def test_the_first_thing_to_mend_is_told_first(say: Say, graded: dict[str, str]) -> None:
    graded.update({"kyverno.installed": "passed", "policy.present": "failed", "policy.valid": "failed"})
    told = say("check", "-m", "01", code=1)
    assert told.startswith("Module 01-chainguard-images: Securing the supply chain with Chainguard images\n")
    assert told.partition("\n")[2].startswith(
        "Score: 5 of 15.\nPassed: kyverno.installed.\nFirst to look at:\nCheck policy.present: "
    )
    assert "Not passed either: policy.valid." in told
    assert told.count("Check ") == 1
    assert say("check", "-m", "01", "--all", code=1).count("Check ") == 3


def test_going_on_and_coming_back_to_where_one_was(say: Say) -> None:
    say("text", "01")
    assert say("next").startswith("Part: Step 2")
    assert say("next").startswith("Part: Step 3")
    assert "Part: Step 3" in say("continue")
    assert say("next", "8").startswith("Part: Step 8")
    assert "the last step" in say("next")


def test_hints_come_one_at_a_time_for_the_check_that_fails(say: Say, graded: dict[str, str]) -> None:
    graded.update({"policy.present": "passed", "policy.valid": "failed"})
    first = say("hint", "2", "-m", "01")
    assert "Step 2, for the check policy.valid:" in first
    assert "Hint 1 of 4. " in first
    assert "Hint 2 " not in first
    second = say("hint", "2", "-m", "01")
    assert "Hint 2 of 4. Two mistakes are common." in second
    assert "Hint 1 " not in second
    assert "These are all" in [say("hint", "2", "-m", "01"), say("hint", "2", "-m", "01")][-1]
    assert "no more hints" in say("hint", "2", "-m", "01")
    assert "Hint 1 of 4. " in say("hint", "2", "-m", "01", "--all")


def test_hints_of_a_step_that_is_done_are_told_and_not_counted(say: Say, graded: dict[str, str]) -> None:
    graded.update(dict.fromkeys(("policy.present", "policy.valid"), "passed"))
    told = say("hint", "2", "-m", "01")
    assert ("Hint 1 of " in told, "These are all" in told) == (True, True)
    graded.update({"policy.valid": "failed"})
    assert "Hint 1 of 4. " in say("hint", "2", "-m", "01")


def test_a_hint_is_for_the_check_that_fails_where_one_is_at_a_step_without_any(
    say: Say, graded: dict[str, str]
) -> None:
    say("next", "8", "-m", "01")
    graded.update({"policy.present": "passed", "policy.valid": "failed"})
    assert "Step 2, for the check policy.valid:" in say("hint", "-m", "01")


def test_a_module_that_is_done_says_so_and_what_comes_next(say: Say, graded: dict[str, str]) -> None:
    checks = [check for step in Learner.of().module("01").exercise.steps for check in step.checks]
    graded.update(dict.fromkeys(checks, "passed"))
    told = say("check", "-m", "01")
    assert "The module 01-chainguard-images is done." in told
    assert "Next: labs text 00-getting-started" in told


def test_the_solution_is_shown_when_asked_twice_then_the_others(say: Say) -> None:
    assert "File " not in say("show", "-m", "01")
    assert say("show", "-m", "01").count("Solution: ") == 1
    assert "17 accepted solutions. To see one: labs show 1, to labs show 17." in say("show", "-m", "01")
    assert say("show", "17", "-m", "01").count("Solution: ") == 1
    assert "There are 1 to 17." in say("show", "18", "-m", "01", code=2)
    assert "no files to show" in say("show", "-m", "00")


@pytest.mark.parametrize(
    ("states", "code", "word"),
    [
        ({"policy.present": "passed"}, 0, "passed"),
        ({"policy.present": "failed"}, 1, "failed"),
        ({"policy.present": "blocked"}, 1, "blocked"),
        ({"policy.present": "error"}, 3, "could not tell"),
    ],
)
def test_a_check_is_told_in_words_and_ends_with_a_code(
    say: Say, graded: dict[str, str], states: dict[str, str], code: int, word: str
) -> None:
    graded.update(states)
    for wanted in (("--all",), ("policy.present",), ("2",)):
        told = say("check", *wanted, "-m", "01", code=code)
        assert f"Check policy.present: {word}." in told
        assert ("  why: it matters" in told) is (code > 0)


def test_a_check_that_is_not_there_is_told_with_those_that_are(say: Say, graded: dict[str, str]) -> None:
    graded.update({"policy.present": "passed"})
    assert "Checks of 01-chainguard-images: policy.present." in say("check", "policy.prseent", "-m", "01", code=2)


def test_without_a_lab_it_says_how_to_make_one(say: Say) -> None:
    for words in (("check",), ("reset",), ("jump", "2", "-m", "01")):
        assert "labs up default makes it" in say(*words, code=3)


def test_progress_is_carried_in_a_file(say: Say, graded: dict[str, str], home: Path) -> None:
    graded.update({"policy.present": "passed", "policy.valid": "failed"})
    say("steps", "01")
    say("progress", "export", "carried.json")
    (home / "progress.json").unlink()
    assert "best score 5 of 10" in say("progress", "import", "carried.json")
    assert "once passed: policy.present" in say("progress", "show")
    assert json.loads((home / "carried.json").read_text())["here"] == "01-chainguard-images"
    (home / "carried.json").write_text("{}")
    assert "is no progress" in say("progress", "import", "carried.json", code=2)
    assert "cannot be read" in say("progress", "import", "nowhere.json", code=2)


def test_an_import_comes_from_standard_input(say: Say, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    exported = say("progress", "export", "-").encode()
    for content, code, told in (
        (exported, 0, "Taken in: standard input."),
        (b"{}", 2, "standard input: is no progress"),
        (exported + bytes(2 << 20), 2, "standard input: is no progress: it is too large"),
    ):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
        assert told in say("progress", "import", "-", code=code)


def test_an_import_from_a_closed_standard_input_is_refused(say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    assert "standard input is closed" in say("progress", "import", "-", code=2)


def test_an_export_goes_to_standard_output_and_says_what_it_replaces(say: Say, home: Path) -> None:
    assert json.loads(say("progress", "export", "-"))["schema"] == "platform-labs/progress/v1"
    assert not (home / "-").exists()
    assert "replaced" not in say("progress", "export", "one.json")
    assert "It replaced the file that was there." in say("progress", "export", "one.json")
    assert "there is no such folder" in say("progress", "export", "no/where.json", code=3)
    assert not (home / "no").exists()


def test_taking_in_another_s_progress_moves_nobody(say: Say, home: Path) -> None:
    say("next", "7", "-m", "01")
    say("progress", "export", "one.json")
    say("next", "3", "-m", "01")
    assert "You are at step 3 of module 01-chainguard-images" in say("progress", "import", "one.json")


def test_a_broken_progress_is_told_once_and_kept(say: Say, home: Path) -> None:
    (home / "progress.json").write_text("{")
    assert "it was kept as progress.json.corrupt-" in say("modules")
    assert "corrupt" not in say("modules")


def test_a_step_without_commands_runs_nothing(say: Say) -> None:
    assert "This step has no command to run" in say("run", "3", "-m", "01")


def test_a_locked_step_is_told(say: Say, graded: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    made = Learner.__init__

    def gated(self: Learner, *given: object) -> None:
        made(self, *given)  # type: ignore[arg-type]
        self.course.order = "gated"

    monkeypatch.setattr(Learner, "__init__", gated)
    graded.update({"kyverno.installed": "failed", "kyverno.ready": "blocked", "policy.present": "failed"})
    assert "Do step 1 first." in say("next", "2", "-m", "01", code=2)
    assert "Step 2, locked, not yet" in say("steps", "01")
    graded.update({"kyverno.installed": "passed", "kyverno.ready": "passed"})
    assert say("next", "2", "-m", "01").startswith("Part: Step 2")
