"""A session that answers from data, for pictures of the screens."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import cast

from grader.outcome import Outcome, Profile, Report, Status
from labs.doctor.finding import Finding, Level
from labs.errors import NoLab, StepFailed
from labs.lab import Lab
from labs.learning.demonstrations.scene import Entry, Scene, row, scene, table
from labs.learning.learner import Learner
from labs.learning.live_view import View, Waiting
from labs.learning.resetting import Turned
from labs.platform.backup import Kept
from labs.steps.graph import Event, Phase
from labs.tui.session import LabLine, ModuleLine, Overview
from tests.snapshots.small_course import make_course

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
            seen="[red]no[/red] such file \x1b[31m", where="apps/policy.yaml:3:5",
            why="Argo CD applies only what lies there.", next="git status", notes=("policy.yaml lies elsewhere",),
        ),
        Outcome("argocd.synced", 3, Status.BLOCKED, 0, 10, needs=("policy.present",)),
    ),
)  # fmt: skip
PASSED = replace(
    REPORT,
    outcomes=tuple(
        replace(one, status=Status.PASSED, points=one.max_points, seen="as asked", needs=()) for one in REPORT.outcomes
    ),
)
WAITING = (Waiting("argocd.synced", "Argo CD is at a1b2c3d, yours is c3d4e5f", 0.0),)
EXPLAINED = """policy.present: failed, 0 of 10 points
  expected  a ClusterPolicy in the repository

unsigned: NOT as expected: an unsigned provider is refused
  asked     may a Pod with [unsigned] run in crossplane-system?
  expected  denied
  seen      admitted
  answer    admitted after 12 ms
  line      apps/policy.yaml:3:5: no rule looks at it
"""
FINDINGS = (
    Finding("Docker", Level.BAD, "the engine does not answer", "Start Docker.\nThen try once more."),
    Finding("memory", Level.GOOD, "8 GiB"),
)
KEPT = Turned(Kept(Path("clone"), ("backup/20260101",)), ("clusterpolicy/mine",), followed=False)
EVENTS = (
    Event("host", "Docker and tools", Phase.KEPT, note="kind 0.30"),
    Event("trust", "The lab's authority", Phase.STARTED),
    Event("trust", "The lab's authority", Phase.DONE, 1.2, "made"),
    Event("cluster", "Cluster", Phase.STARTED),
)
FAULT = StepFailed("cluster", "the node [b]did not[/b] start", "Raise the inotify limits.", Path("node.log"))


class FakeMarks:
    """Live marks that say one thing."""

    def __init__(self, view: View, told: Callable[[View], None]) -> None:
        self.view = view
        self.told = told
        self.asked = 0
        self.stopped = False

    def start(self) -> None:
        self.told(self.view)

    def stop(self) -> None:
        self.stopped = True

    def ask(self) -> None:
        self.asked += 1
        self.told(self.view)


class FakeShows:
    """Two demonstrations, and one that the surroundings keep away."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def entries(self) -> tuple[Entry, ...]:
        return (
            Entry("images", "images", "What [b]runs[/b]"),
            Entry("sbom a", "sbom", "provider-a:v1"),
            Entry("admission 1", "admission", "1. Every Pod is looked at"),
            Entry("providers", "providers", "One runs, one may not"),
        )

    def scene(self, identifier: str) -> Scene:
        self.asked.append(identifier)
        if identifier == "providers":
            raise NoLab("the cluster [b]does not[/b] answer", advice="labs up brings it up.")
        rows = [
            row((f"package-[b]{number}[/b]", f"{number}.0"), [("licence", "MIT\x1b[31m")]) for number in range(1, 31)
        ]
        tables = [table("packages", ("package", "version"), rows), table("signatures", ("what", "verdict"), [])]
        return scene(
            f"Scene {identifier}", "What is [i]shown[/i].", "kubectl get pods\nkubectl get [b]", "let in", tables
        )


class FakeLearner(Learner):
    """A learner whose progress lies in a folder of its own, and who never looks for a lab."""

    def __init__(self, folder: Path, report: Report | None) -> None:
        super().__init__("default", make_course(folder / "course"), folder / "progress.json", now=lambda: 1000.0)
        self.report = report

    def lab(self) -> Lab | None:
        return None


class FakeSession:
    """Answers at once, from data."""

    def __init__(self, folder: Path, view: View | None = None) -> None:
        self.folder = folder
        self.view = view
        self.learner = cast(Learner, FakeLearner(folder, view.report if view else None))
        self.ran: list[str] = []
        self.turned: list[tuple[str, str, str | None]] = []
        self.edited: list[tuple[Path, int | None]] = []
        self.marking: FakeMarks | None = None
        self.stopped = False
        self.failing = False
        self.lab_name = "default"
        self.lines = ["\x1b[31mNAME: kyverno\x1b[0m", "STATUS: [bold]deployed[/bold]"]
        self.status = 0
        self.failed_within = 0

    def use_lab(self, name: str) -> None:
        self.lab_name = name

    def overview(self) -> Overview:
        modules = (
            ModuleLine("01-one", "Module one", True, False, 1, 4, 5, 30),
            ModuleLine("02-two", "Module [b]two[/b]", True, True),
            ModuleLine("03-three", "Module three", False),
        )
        labs = (LabLine("default", "simulated", "made", True), LabLine("old", "kind", "not complete", False))
        return Overview("Course", modules, labs if self.view else (), "01-one", "Module one: step 1, Install Kyverno")

    def lab_line(self) -> str:
        return "lab default, simulated cluster" if self.view else "no lab yet"

    @property
    def is_simulated(self) -> bool:
        return self.view is not None

    def has_lab(self) -> bool:
        return self.view is not None

    def clone(self) -> Path | None:
        return self.folder if self.view else None

    def marks(self, module: str, told: Callable[[View], None]) -> FakeMarks:
        if self.view is None:
            raise NoLab("there is no lab")
        self.marking = FakeMarks(self.view, told)
        return self.marking

    def explain(self, module: str, check: str) -> str:
        return EXPLAINED

    def demonstrations(self) -> FakeShows:
        if self.view is None:
            raise NoLab("there is no lab", advice="labs up makes one.")
        return FakeShows()

    def make_lab(
        self,
        name: str,
        cluster: str | None,
        listener: Callable[[Event], None],
        say: Callable[[str], None],
        tick: Callable[[], None],
    ) -> None:
        say(f"cluster    {cluster}: as you chose")
        for event in EVENTS:
            listener(event)
        if self.failing:
            listener(Event("cluster", "Cluster", Phase.FAILED, 3.0, error=FAULT))
            raise FAULT
        listener(Event("cluster", "Cluster", Phase.DONE, 3.0, "one node"))

    def doctor(self) -> Iterable[Finding]:
        return FINDINGS

    def run(self, command: str, tell: Callable[[str], None]) -> int:
        self.ran.append(command)
        for line in self.lines:
            tell(line)
        return self.status

    @property
    def within(self) -> int:
        return self.failed_within

    def stop(self) -> None:
        self.stopped = True

    def close(self) -> None:
        self.stopped = True

    def shell(self) -> int:
        return 0

    def editor(self) -> str:
        return ""

    def edit(self, file: Path, line: int | None = None) -> int:
        self.edited.append((file, line))
        return 0

    def reset(self, module: str, step: str | None, say: Callable[[str], None]) -> Turned:
        self.turned.append(("reset", module, step))
        return KEPT

    def jump(self, module: str, step: str, say: Callable[[str], None]) -> Turned:
        self.turned.append(("jump", module, step))
        return KEPT
