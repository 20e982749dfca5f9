"""What the plain twin says of checks and steps that wait for later ones."""

from dataclasses import replace

from grader import course as courses
from grader.outcome import Outcome, Report, Status
from labs.commands import learn_tell as tell
from labs.commands.learn_check import _briefly
from labs.learning.module_progress import ModuleProgress
from labs.learning.standing import stand
from tests.reports import report

MODULE = courses.read().module("01-chainguard-images")


def waiting(states: dict[str, str], **needs: tuple[str, ...]) -> Report:
    """A report in which the blocked checks (`_` for the dot) wait for others."""
    found = report(states)
    return replace(
        found, outcomes=tuple(replace(one, needs=needs.get(one.check.replace(".", "_"), ())) for one in found.outcomes)
    )


PUSH = waiting(
    {"policy.valid": "passed", "policy.scope": "blocked", "repository.path": "failed", "policy.active": "blocked"},
    policy_scope=("policy.active",),
    policy_active=("repository.path",),
)


def told(one: Outcome, found: Report) -> str:
    return " ".join(" ".join(tell.outcome(one, tell.waiting(MODULE, found, one.check))).split())


def test_what_a_later_step_proves_is_no_fault_of_the_file() -> None:
    words = told(PUSH.outcome("policy.scope"), PUSH)
    assert words.startswith("Check policy.scope: not proved yet. 0 of 5 points. Step 5 comes first")
    assert "Nothing in your file is known to be wrong: go on with step 5, and this is judged once" in words


def test_what_an_earlier_step_blocks_is_called_blocked() -> None:
    found = waiting({"policy.valid": "failed", "policy.scope": "blocked"}, policy_scope=("policy.valid",))
    assert told(found.outcome("policy.scope"), found).startswith("Check policy.scope: blocked.")


def test_how_much_waits_for_the_first_is_said() -> None:
    lines = list(_briefly(MODULE, PUSH))
    assert lines[2].startswith("Check repository.path: failed.")
    assert "2 more wait for it: policy.scope, policy.active." in lines


def test_a_probe_is_told_with_its_answer_and_the_command_that_asks_again() -> None:
    told = list(
        tell.probes(
            "right: as expected: it is let in\n  asked     a Pod\n\n"
            f"wrong: NOT as expected: it is refused\n  asked     a Pod {'x ' * 60}\n  line      a.yaml:3:5: no rule\n"
            f"  again     cat <<'EOF' | kubectl create -f -\nkind: Pod {'y ' * 60}\nEOF\n"
        )
    )
    assert [line for line in told if line.startswith("Probe")] == [
        "Probe wrong: NOT as expected: it is refused", "Probe right: as expected: it is let in"
    ]  # fmt: skip
    assert "  line      a.yaml:3:5: no rule" in told
    again = told.index("  again     cat <<'EOF' | kubectl create -f -")
    assert told[again + 1 : again + 3] == [f"kind: Pod {'y ' * 60}", "EOF"]
    assert max(map(len, told[:again])) <= 79


def test_a_check_without_probes_says_so() -> None:
    assert list(tell.probes("No probe speaks for it.\n")) == ["  No probe speaks for it."]


def test_what_was_not_begun_has_not_failed() -> None:
    found = report({"kyverno.ready": "failed", "policy.valid": "failed", "repository.path": "blocked"})
    standing = stand(MODULE, ModuleProgress(), found, "free")
    lines = list(tell.steps(MODULE, standing, found, MODULE.exercise.steps[0]))
    assert lines[1].startswith("You are here: Step 1, to do now, failed:")
    assert lines[2].startswith("Step 2, open, not yet:")
    assert lines[5].startswith("Step 5, open, not yet:")
    lines = list(tell.steps(MODULE, stand(MODULE, ModuleProgress(), PUSH, "free"), PUSH, None))
    assert lines[3].startswith("Step 3, open, not proved yet:")


def test_long_words_of_a_check_are_laid_in_lines_and_commands_are_not() -> None:
    one = Outcome("a", 1, Status.FAILED, 0, 5, seen="`labs up` " + "word " * 40, next="kubectl " + "get " * 40)
    lines = list(tell.outcome(one))
    assert [line for line in lines if len(line) > 79] == [lines[-1]]
    assert lines[1].startswith("  seen: “labs up” word")
