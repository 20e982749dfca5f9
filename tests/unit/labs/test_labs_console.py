import pytest

from labs.console import Progress
from labs.errors import LabsError
from labs.steps.graph import Event, Phase


class Clock:
    """Seconds that pass when told."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def started(title: str) -> Event:
    return Event(title.lower(), title, Phase.STARTED)


def test_one_line_a_step(capsys: pytest.CaptureFixture[str]) -> None:
    progress = Progress(terminal=False)
    progress.event(started("Cluster"))
    progress.tick()
    progress.event(Event("cluster", "Cluster", Phase.DONE, 12.34, "kindest/node"))
    progress.event(Event("charts", "Charts", Phase.KEPT, note="three"))
    progress.event(Event("argocd", "Argo CD", Phase.FAILED, 3.0, error=LabsError("x")))
    assert capsys.readouterr().out.splitlines() == [
        "done     12.3 s  Cluster: kindest/node",
        "kept             Charts: three",
        "FAILED    3.0 s  Argo CD",
    ]


def test_a_terminal_sees_what_runs_and_for_how_long(capsys: pytest.CaptureFixture[str]) -> None:
    clock = Clock()
    progress = Progress(terminal=True, clock=clock)
    progress.event(started("Cluster"))
    clock.now = 7.0
    progress.event(started("Charts"))
    clock.now = 9.0
    progress.tick()
    assert capsys.readouterr().out == "\r\033[2K9 s Cluster 9 s, Charts 2 s"


def test_the_line_of_what_runs_never_wraps(capsys: pytest.CaptureFixture[str]) -> None:
    progress = Progress(terminal=True)
    for number in range(20):
        progress.event(started(f"Step number {number}"))
    progress.tick()
    assert len(capsys.readouterr().out.removeprefix("\r\033[2K")) <= 79


def test_a_note_cannot_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    Progress(terminal=False).event(Event("a", "A", Phase.DONE, 1.0, "x\x1b]52;c;aGk=\x07y"))
    assert "\x1b" not in capsys.readouterr().out
