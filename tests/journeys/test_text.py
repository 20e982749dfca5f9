"""The shell blocks of module 01's text, verbatim and in order: each ends as the text says."""

from __future__ import annotations

from pathlib import Path

from tests.content.reading import Block, blocks
from tests.journeys.learner import Learner

TRIAL = Path("..") / "check-image-signature.yaml"
EFFECTS, STEP_1, STEP_7 = "### Four effects to see live", "### Step 1", "### Step 7"


def run(learner: Learner, text: str) -> None:
    """Runs the blocks that need no network."""
    for block in blocks(text, "bash"):
        if "network" not in block.info.split():
            _run(learner, block)


def _run(learner: Learner, block: Block) -> None:
    done = learner.shell(block.body.rstrip("\n"), check=False)
    refused = "refused" in block.info.split()
    told = f"{block.body}\nexit {done.returncode}\n{done.stdout}\n{done.stderr}"
    assert (done.returncode != 0) == refused, told
    assert not refused or "signed-by-the-release-pipeline" in done.stderr, told


def test_the_lesson(with_kyverno: Learner) -> None:
    """Reading, and the trials with a policy in a namespace of its own."""
    text = with_kyverno.module.text
    with_kyverno.start_over()
    before, _, rest = text.partition(EFFECTS)
    run(with_kyverno, before)
    effects, _, _ = rest.partition(STEP_1)
    policy = next(one.body for one in blocks(text, "yaml") if "name: signed-by-the-release-pipeline" in one.body)
    narrowed = blocks(effects, "yaml")[0].body
    kinds = "          kinds: [Pod]\n"
    assert kinds in policy
    (with_kyverno.clone / TRIAL).write_text(policy.replace(kinds, kinds + narrowed))
    trials, _, exercise = effects.partition("## Exercise")
    assert "grader grade" in exercise
    run(with_kyverno, trials)


def test_the_last_steps(with_kyverno: Learner) -> None:
    """What step 7 asks of a platform that enforces the policy, and what step 8 tries beyond it."""
    learner = with_kyverno
    learner.lay(learner.module.solutions[0])
    learner.commit("Verify provider images")
    learner.push()
    learner.shell("kubectl delete providers.pkg.crossplane.io --all --wait")
    learner.grade()
    run(learner, learner.module.text.partition(STEP_7)[2])
