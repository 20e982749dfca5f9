"""The course by commands alone, on a lab: going ahead, going back, help, and progress."""

from __future__ import annotations

import json

import pytest

from tests.journeys.learner import MODULE, Learner, statuses

M = ("--module", MODULE)


@pytest.mark.parametrize("step", ["3", "7"])
def test_jumping_builds_the_state_before_a_step(learner: Learner, step: str) -> None:
    learner.labs("jump", step, "--yes", *M)
    found = statuses(learner.grade(wait="90s" if step == "7" else ""))
    steps = learner.module.exercise.steps
    before = {check for one in steps[: int(step) - 1] for check in one.checks}
    if step == "7":
        assert {check for check in before if found[check] != "passed"} == set()
    else:
        assert {check for check in before if found[check] not in ("passed", "blocked")} == set()
        assert {check for check in ("kyverno.ready", "policy.valid") if check in before} <= {
            check for check, status in found.items() if status == "passed"
        }
    assert {found[check] for check in steps[int(step) - 1].checks} != {"passed"}
    assert learner.shell("git status --porcelain --branch").stdout.splitlines()[0] == "## main...origin/main"


def test_going_back_keeps_the_work_and_leaves_the_cluster_as_it_was(learner: Learner) -> None:
    learner.labs("jump", "7", "--yes", *M)
    learner.shell(
        "kubectl create -f - <<'E'\n"
        "{apiVersion: kyverno.io/v1, kind: ClusterPolicy, metadata: {name: by-hand}, spec: {rules: [{name: a, "
        "match: {any: [{resources: {kinds: [Pod], namespaces: [playground]}}]}, "
        "validate: {message: refused, failureAction: Audit, deny: {}}}]}}\nE"
    )
    learner.shell("echo draft > notes.txt")
    learner.try_providers()
    told = learner.labs("reset", *M, "--step", "2").stdout
    kept = next(word.rstrip(".") for word in told.split() if word.startswith("backup/"))
    assert learner.shell(f"git show {kept}:notes.txt").stdout == "draft\n"
    assert "verify-providers.yaml" in learner.shell(f"git ls-tree -r --name-only {kept}").stdout
    assert learner.shell("git status --porcelain; git log --format=%s").stdout == "Start the platform repository\n"
    assert learner.shell("kubectl get clusterpolicy,providers.pkg.crossplane.io -o name").stdout.split() in (
        [], ["clusterpolicy.kyverno.io/platform-labs-canary"]
    )  # fmt: skip
    found = statuses(learner.grade(wait=""))
    assert (found["kyverno.ready"], found["policy.present"]) == ("passed", "failed")


def test_one_s_own_files_stay_where_the_step_did_not_write_them(learner: Learner) -> None:
    learner.labs("jump", "6", "--yes", *M)
    learner.shell("echo '# mine' >> gitops-bootstrap/apps/platform/verify-providers.yaml; git add -A; git commit -qm m")
    learner.shell("git push -q")
    learner.labs("reset", *M, "--step", "6")
    changed = "gitops-bootstrap/apps/platform/verify-providers.yaml"
    assert learner.shell("git status --porcelain -uall").stdout == f"?? {changed}\n"
    assert learner.shell(f"tail -1 {changed}").stdout == "# mine\n"
    learner.labs("reset", *M, "--step", "5")
    assert learner.shell("git status --porcelain -uall; tail -1 verify-providers.yaml").stdout == (
        "?? verify-providers.yaml\n# mine\n"
    )


def test_going_back_leaves_what_an_earlier_module_changed(learner: Learner) -> None:
    welcome = "gitops-bootstrap/apps/platform/welcome.yaml"
    learner.labs("reset", *M, "--step", "2")
    learner.shell(f"sed -i s/nobody/somebody/ {welcome}; git commit -qam m; git push -q")
    assert learner.labs("check", "-m", "00", "--wait", "60s").returncode == 0
    for words in (("jump", "3", "--yes"), ("jump", "7", "--yes"), ("reset", "--step", "2")):
        told = learner.labs(*words, *M).stdout
        assert f"{welcome} is yours still" in " ".join(told.split())
        assert learner.labs("check", "-m", "00", "--wait", "60s").returncode == 0
    learner.shell("git revert --no-edit HEAD; git push -q")
    assert "What was pushed for module 00-getting-started is undone too" in " ".join(
        learner.labs("jump", "3", "--yes", *M).stdout.split()
    )


def test_a_clone_that_was_removed_comes_back(learner: Learner) -> None:
    learner.shell("rm -rf .git; echo kept > mine.txt")
    told = learner.labs("reset", *M, "--step", "2").stdout
    assert "uncommitted" in told
    assert learner.shell("git status --porcelain --branch").stdout == "## main...origin/main\n"


def test_hints_solutions_and_progress(learner: Learner) -> None:
    learner.labs("reset", *M, "--step", "3")
    first = learner.labs("hint", "3", *M).stdout
    second = learner.labs("hint", "3", *M).stdout
    assert "Hint 1 of " in first
    assert "Hint 2 of " not in first
    assert "Hint 2 of " in second
    assert "File " not in learner.labs("show", *M).stdout
    assert "kind: ClusterPolicy" in learner.labs("show", *M).stdout
    learner.labs("progress", "export", "carried.json")
    told = learner.labs("progress", "show").stdout
    assert f"Module {MODULE}, begun" in told
    (learner.home / "progress.json").unlink()
    learner.labs("progress", "import", "carried.json")
    assert learner.labs("progress", "show").stdout == told
    assert "Step 3" in learner.labs("continue").stdout
    (learner.home / "carried.json").unlink()


def test_checks_and_commands_end_with_a_code(learner: Learner) -> None:
    learner.labs("jump", "7", "--yes", *M)
    done = learner.labs("check", "1", *M)
    assert "Check kyverno.ready: passed." in done.stdout
    waited = learner.labs("check", "argocd.synced", *M, "--wait", "60s", check=False)
    assert waited.returncode == 0
    failed = learner.labs("check", "enforcement.provider", *M, "--wait", "60s", check=False)
    assert failed.returncode == 1
    for part in ("expected: ", "seen: ", "why: ", "next: "):
        assert part in failed.stdout
    ran = learner.labs("run", "6", *M, check=False)
    assert "Command 1 of 3: git add gitops-bootstrap/apps/platform" in ran.stdout
    assert "Ended with exit status 1." in ran.stdout, "there is nothing to commit"
    assert "Commands that were not run: 1." in ran.stdout
    assert ran.returncode == 1


def test_all_of_it_can_be_taken_back(learner: Learner) -> None:
    learner.shell("kubectl create namespace playground")
    told = learner.labs("reset", *M, "--yes").stdout
    assert "Removed from the cluster: Kyverno." in told
    found = statuses(learner.grade(wait=""))
    assert {check for check, status in found.items() if status == "passed"} == set()
    assert found["kyverno.installed"] == "failed"
    left = json.loads(learner.shell("kubectl get namespaces -o json").stdout)["items"]
    ended = {one["metadata"]["name"] for one in left if not one["metadata"].get("deletionTimestamp")}
    assert not ended & {"kyverno", "playground"}
