"""A learner at work: the same commands as in the text, in the lab's own surroundings."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader import course

MODULE = "01-chainguard-images"
BIN = Path(sys.executable).parent


def environment(home: Path, **more: str) -> dict[str, str]:
    """What a learner's shell holds: the programs on PATH and a home of the lab's own."""
    path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
    kept = {name: value for name, value in os.environ.items() if name not in ("KUBECONFIG", "LABS_HOME")}
    return {**kept, "PATH": path, "LABS_HOME": str(home), "NO_COLOR": "1", **more}


@dataclass
class Learner:
    """One learner with a lab. `facts` is what `labs status --format json` says."""

    home: Path
    name: str

    def __post_init__(self) -> None:
        self.module = course.read().module(MODULE)
        self.facts: dict[str, Any] = {}
        self.surroundings: dict[str, str] = {}

    def labs(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Runs `labs …` to its end, about this lab where no other is named."""
        return _run(["labs", *arguments], self.home, environment(self.home, PLATFORM_LAB=self.name), check)

    def learn_facts(self) -> None:
        """Asks the lab where everything is."""
        self.facts = json.loads(self.labs("status", self.name, "--format", "json").stdout)
        shown = self.labs("shell", self.name, "-c", "env -0").stdout
        self.surroundings = dict(line.split("=", 1) for line in shown.split("\0") if "=" in line)

    @property
    def clone(self) -> Path:
        return Path(self.facts["clone"])

    def shell(self, command: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Runs one command line as the text gives it, in the lab's shell."""
        return _run(["bash", "-c", command], self.clone, self.surroundings, check)

    def take_step(self, index: int) -> None:
        """Runs the commands of a step of the exercise, as the text gives them."""
        for command in self.module.exercise.steps[index].commands:
            self.shell(command)

    def take_command(self, part: str) -> None:
        """Runs the one command of the exercise that holds these words."""
        (command,) = [one for step in self.module.exercise.steps for one in step.commands if part in one]
        self.shell(command)

    def try_providers(self) -> None:
        """Gives Crossplane the two Providers of task 7 afresh, by the text's own commands."""
        self.shell("kubectl delete providers.pkg.crossplane.io --all --wait")
        for name in ("trial-signed", "trial-unsigned"):
            self.take_command(f"metadata: {{name: {name}}}")

    def lay(self, folder: Path | None = None) -> None:
        """Lays a solution or a mutant over the state that the clone started from."""
        self.shell("git checkout -q main && git reset -q --hard origin/main && git clean -fdq")
        start = self.shell("git rev-list --max-parents=0 HEAD").stdout.strip()
        self.shell(f"git rm -rq --ignore-unmatch . && git checkout -q {start} -- .")
        if folder:
            shutil.copytree(folder, self.clone, dirs_exist_ok=True, ignore=shutil.ignore_patterns("about.yaml"))

    def start_over(self) -> None:
        """Pushes the state that the clone started from, and waits until Argo CD has pruned the rest."""
        self.lay()
        self.commit("Start over")
        self.push()
        self.shell(
            "for i in $(seq 150); do kubectl -n argocd get application platform "
            "-o jsonpath='{.status.sync.status} {.status.sync.revision}' | grep -q \"^Synced $(git rev-parse HEAD)\" "
            "&& exec kubectl delete clusterpolicy --all --ignore-not-found --wait; "
            "kubectl -n argocd annotate --overwrite application platform argocd.argoproj.io/refresh=normal >/dev/null; "
            "sleep 1; done; exit 1"
        )

    def commit(self, message: str) -> None:
        """Commits all that changed."""
        self.shell("git add -A")
        self.shell(f"git commit -q --allow-empty -m '{message}'")

    def push(self) -> None:
        self.shell("git push -q origin main")

    def grade(self, *options: str, wait: str = "90s") -> dict[str, Any]:
        """Grades the lab as its learner would, and returns the JSON report."""
        arguments = [
            "grader", "grade", MODULE, "--repo", str(self.clone), "--remote", self.facts["remote"],
            "--kubeconfig", self.facts["kubeconfig"], "--format", "json", "--exit-zero", *options,
        ]  # fmt: skip
        if wait:
            arguments += ["--wait", wait]
        report: dict[str, Any] = {}
        for _ in range(2):  # what could not be told is asked once more, as a learner would
            report = json.loads(_run(arguments, self.home, environment(self.home), True).stdout)
            if report["conclusive"]:
                break
        return report


def statuses(report: dict[str, Any]) -> dict[str, str]:
    """Check → status."""
    return {outcome["check"]: outcome["status"] for outcome in report["outcomes"]}


def not_passed(report: dict[str, Any]) -> dict[str, str]:
    """Check → status of those that did not pass."""
    return {check: status for check, status in statuses(report).items() if status != "passed"}


def _run(
    arguments: list[str], folder: Path, surroundings: dict[str, str], check: bool
) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(arguments, cwd=folder, env=surroundings, capture_output=True, text=True, check=False)
    if check and done.returncode:
        shown = f"{' '.join(arguments)}\nexit {done.returncode}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
        raise AssertionError(shown)
    return done
