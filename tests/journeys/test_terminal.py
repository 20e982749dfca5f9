"""Module 01 in the program as it is used: on a terminal, by keys, on a real lab, to "all done"."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.learner import MODULE, Learner, environment, not_passed
from tests.journeys.terminal import Terminal

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(shutil.which("tmux") is None, reason="needs tmux, which gives the program a terminal"),
]

INSTALLS = 180.0
REFUSED = "connection refused"
"""What the API server says of a webhook whose Service has no address yet, for a moment after the rollout is done."""
TRIES, PAUSE = 5, 2.0
AIM = (
    "sed -i -e 's|kinds: .Pod.|&\\n          namespaces: [crossplane-system]|' "
    "-e 's|chainguard/\\*|chainguard/provider-*|' verify-providers.yaml"
)
"""What steps 3 and 4 ask for, done to the text's own policy."""


@pytest.fixture
def terminal(learner: Learner, tmp_path: Path) -> Iterator[Terminal]:
    """A terminal with the program in it; the lab is as before module 01."""
    learner.labs("reset", "--module", MODULE, "--yes")
    surroundings = {**environment(learner.home), **learner.surroundings, "SHELL": "/bin/bash"}
    found = Terminal(tmp_path, ["labs"], surroundings, learner.clone)
    try:
        yield found
    finally:
        found.close()


@pytest.mark.parametrize("learner", ["kind"], indirect=True)
def test_module_01_by_keys(learner: Learner, terminal: Terminal, tmp_path: Path) -> None:
    """Marks come by themselves; each step is done by its keys, the policy with the shell's help."""
    terminal.until("▸ Continue")
    terminal.press("Home", "Down", "Down", "Enter")
    terminal.until("0/100")
    run_step(terminal, 1, '"kyverno-reports-controller" successfully rolled out', "✓1")
    (tmp_path / "draft.yaml").write_text(drafted(learner.module.text))
    in_the_shell(terminal, learner, f"cp {tmp_path}/draft.yaml verify-providers.yaml; {AIM}")
    run_step(terminal, 2, "created (server dry run)", "✓2")
    run_step(terminal, 5, "welcome.yaml", "✓5")
    run_step(terminal, 6, "main -> main", "✓6")
    terminal.until("✓1 ✓2 ✓3 ✓4 ✓5 ✓6 ✗7", INSTALLS)
    run_step(terminal, 7, "trial-unsigned", "✓7")
    terminal.until("100/100")
    terminal.press("Tab")
    terminal.until("All done.")
    terminal.press("q")
    terminal.press("q")
    terminal.until("done, best 100 of 100 points")
    assert not_passed(learner.grade()) == {}


def run_step(terminal: Terminal, step: int, shown: str, mark: str) -> None:
    """Chooses a step, runs its commands by the run key, and waits for what the last one prints and for the mark."""
    keys = [str(step), "r"]
    for _ in range(TRIES):
        terminal.press_until(keys, lambda screen: "running: " in screen or shown in screen, f"step {step} at work")
        screen = terminal.until_so(lambda screen: shown in screen or REFUSED in screen, shown, INSTALLS)
        if shown in screen:
            break
        time.sleep(PAUSE)
    terminal.until(shown)
    terminal.until(mark, INSTALLS)


def drafted(text: str) -> str:
    """The policy that the text gives to begin with."""
    blocks: list[str] = re.findall(r"^```yaml\n(.*?)^```", text, re.S | re.M)
    return next(block for block in blocks if "kind: ClusterPolicy" in block)


def in_the_shell(terminal: Terminal, learner: Learner, command: str) -> None:
    """Goes to the lab's shell, does something there, and comes back."""
    terminal.press("t")
    terminal.until(f"(lab {learner.name})")
    terminal.type(f"{command}; exit")
    terminal.press("Enter")
    terminal.until("● live")
