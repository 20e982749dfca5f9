"""How checks and their probes are told."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import OptionList

from grader.outcome import Outcome, Status
from labs.learning import probes
from labs.learning.live_view import View
from labs.tui import details
from labs.tui.app import LabsApp
from labs.tui.code import spoken
from tests.snapshots.fake import EXPLAINED, REPORT, FakeSession
from tests.snapshots.quiet import pressed, settled
from tests.snapshots.small_course import make_course

TOLD = """The head.

right: as expected: a signed provider is let in
  asked     may it run?
  again     kubectl create -f -

wrong: NOT as expected: an unsigned provider is refused
  again     cat <<'EOF' | kubectl create -f -
kind: Pod
EOF

worse: NOT as expected: nor is this
"""


def test_what_did_not_pass_comes_first(tmp_path: Path) -> None:
    step = make_course(tmp_path).modules[0].exercise.steps[0]
    told = [line.plain for line in details.step(step, View(REPORT), 0.0)]
    assert [line for line in told if line.startswith(("✓", "?"))] == [
        "? could not tell  kyverno.ready  0/5",
        "✓ passed  kyverno.installed  5/5",
    ]


def test_wrong_probes_come_first_with_their_commands() -> None:
    before, found = probes.ordered(TOLD)
    assert before == "The head."
    assert [(one.name, one.right) for one in found] == [("wrong", False), ("worse", False), ("right", True)]
    assert found[0].again == "cat <<'EOF' | kubectl create -f -\nkind: Pod\nEOF"
    assert found[1].again == ""


def test_what_is_waited_for_names_its_step_once(tmp_path: Path) -> None:
    steps = make_course(tmp_path).module("01-one").exercise.steps
    blocked = Outcome(
        "argocd.synced", 3, Status.BLOCKED, 0, 10, needs=("policy.present",), seen="Waits for policy.present."
    )
    assert [line.plain for line in details.parts(blocked, steps)] == ["  waits for policy.present (step 2)"]


def test_code_in_a_sentence_is_told_by_style() -> None:
    found = spoken("Run `git [b]status` now; ` alone stays")
    assert found.plain == "Run git [b]status now; ` alone stays"
    assert [found.plain[span.start : span.end] for span in found.spans] == ["git [b]status"]


async def test_the_question_of_a_probe_is_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LABS_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(FakeSession, "explain", lambda *_: EXPLAINED.partition("\n\n")[0] + "\n\n" + TOLD)
    app = LabsApp(FakeSession(tmp_path, View(REPORT)))
    async with app.run_test() as pilot:
        await pressed(pilot, "c", "2", "tab", "enter", "y")
        told = [str(option.prompt) for option in app.screen.query_one(OptionList).options]
        assert [one.partition("\n")[0] for one in told] == ["next", "✗ wrong, asked again", "✓ right, asked again"]
        await pilot.press("down", "enter")
        await settled(pilot)
        assert app.clipboard == "cat <<'EOF' | kubectl create -f -\nkind: Pod\nEOF"
    app.close()
