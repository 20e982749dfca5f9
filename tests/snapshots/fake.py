"""A small course and a session that answers from data, for pictures of the screens."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from grader import course
from grader.outcome import Outcome, Profile, Report, Status

TEXT = """# First things first

Infrastructure is code, but it runs on **images**.

## Install Kyverno

| what | where |
|---|---|
| chart | `kyverno/kyverno` |
| namespace | `kyverno` |

```bash
helm install kyverno kyverno/kyverno --namespace kyverno
```

## Write the policy

A policy is a manifest like any other. Read on in [the next module](./02-two.md).
"""
EXERCISE = """format: 1
title: Exercise
steps:
- id: install
  task: 1
  title: Install Kyverno
  anchor: install-kyverno
  commands: [helm install kyverno kyverno/kyverno --namespace kyverno]
  checks: [kyverno.installed, kyverno.ready]
- {id: write, task: 2, title: "Write the [b]policy[/b]", anchor: write-the-policy, checks: [policy.present]}
- {id: push, task: 3, title: Push it, anchor: write-the-policy, checks: [argocd.synced]}
- {id: beyond, task: 4, title: Beyond, anchor: write-the-policy}
checks:
- {id: kyverno.installed, points: 5}
- {id: kyverno.ready, points: 5}
- {id: policy.present, points: 10}
- {id: argocd.synced, points: 10, needs: [policy.present]}
"""


def make_course(folder: Path) -> course.Course:
    """Writes the course and reads it back."""
    module = folder / "modules" / "01-one"
    module.mkdir(parents=True)
    (folder / "course.yaml").write_text("format: 1\ntitle: Course\nmodules:\n- {id: 01-one, title: Module one}\n")
    (module / "exercise.yaml").write_text(EXERCISE)
    (module / "text.md").write_text(TEXT)
    return course.read(folder)


REPORT = Report(
    module="01-one",
    profile=Profile.CLUSTER,
    outcomes=(
        Outcome("kyverno.installed", 1, Status.PASSED, 5, 5, seen="Kyverno 1.19.1 in namespace kyverno"),
        Outcome(
            "kyverno.ready", 1, Status.ERROR, 0, 5, expected="Kyverno answers", seen="the API server did not answer",
            why="Without it nothing can be told.", next="kubectl get --raw /readyz",
        ),
        Outcome(
            "policy.present", 2, Status.FAILED, 0, 10, expected="a ClusterPolicy in the repository",
            seen="[red]no[/red] such file \x1b[31m", where="gitops-bootstrap/apps/platform/policy.yaml:3:5",
            why="Argo CD applies only what lies there.", next="git status",
        ),
        Outcome("argocd.synced", 3, Status.BLOCKED, 0, 10, needs=("policy.present",)),
    ),
)  # fmt: skip


class FakeSession:
    """Answers at once, from data."""

    def __init__(self, folder: Path, report: Report | None = None) -> None:
        self._course = make_course(folder)
        self.report = report
        self.ran: list[str] = []
        self.stopped = False

    @property
    def course(self) -> course.Course:
        return self._course

    def lab_line(self) -> str:
        return "lab default on kind" if self.report else "no lab: run labs up"

    def has_lab(self) -> bool:
        return self.report is not None

    def grade(self, module: str) -> Report:
        assert self.report is not None
        return self.report

    def run(self, command: str, tell: Callable[[str], None]) -> int:
        self.ran.append(command)
        tell("\x1b[31mNAME: kyverno\x1b[0m")
        tell("STATUS: [bold]deployed[/bold]")
        return 0

    def stop(self) -> None:
        self.stopped = True
