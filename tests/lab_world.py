"""An engine, programs and a short bring-up, for labs that are made without Docker."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from labs import lab
from labs.backends import kind
from labs.docker import Container
from labs.platform import clone
from labs.state import Folder, State
from labs.steps import bringup, cluster
from labs.steps.context import Context
from labs.steps.graph import Event, Phase, Step
from tests.unit.labs.fakes import FakeEngine, FakeRunner, node

NODE = "platform-labs-hard-control-plane"


class World:
    """An engine, programs that answer, and a bring-up of three steps: repository, cluster, tail."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.engine = FakeEngine()
        self.broken: Exception | None = None
        self.ready: BaseException | None = None
        self.asked: list[str] = []
        self.told: list[str] = []
        self.seen: dict[str, Any] = {}
        self.created = 0
        self.steps = (
            Step("repository", "Remote", self._repository, holds=lambda context: context.folder.clone.is_dir()),
            Step("cluster", "Cluster", cluster.make, ("repository",), cluster.held),
            Step("tail", "Tail", self._tail, ("cluster",)),
        )

    def runner(self, logs: Path, children: Path) -> FakeRunner:
        """A runner whose `kind create` makes a node with the ports of the file that it is given."""
        made = FakeRunner(logs.parent, {"kind create": self._create, "/readyz": self._answer, " cat ": self._cat})
        made.asked = self.asked
        return made

    def _repository(self, context: Context) -> str:
        self.seen = {key: context.state.get(key) for key in ("name", "ports", "created", "overrides")}
        clone.seed(context.folder.remote, {"README.md": b"# platform\n"}, 1_800_000_000)
        clone.clone(context.folder.remote, context.folder.clone)
        (context.folder.trusted_hosts / "ca.crt").write_text("authority")
        return "made"

    def _tail(self, context: Context) -> str:
        if self.broken:
            raise self.broken
        return "done"

    def _create(self, argv: list[str]) -> str:
        self.created += 1
        found = lab.find("hard")
        self.engine.containers[NODE] = self.node(found.state.get("ports"))
        found.folder.kubeconfig.write_text("a kubeconfig")
        return ""

    def node(self, ports: dict[str, int] | None = None, *, running: bool = True) -> Container:
        """The lab's node, with its mark and ports."""
        published = {kind.PORTS[name]: port for name, port in (ports or {"registry": 1, "argocd": 2}).items()}
        mark = self.backend().mark
        return node(NODE, mark, running=running, ports=published)

    def backend(self) -> kind.OnKind:
        """The lab as it would be made in this home."""
        folder = Folder.of("hard")
        made = lab.Lab(folder, State.load(folder.state)).backend
        assert isinstance(made, kind.OnKind)
        return made

    def _answer(self, argv: list[str]) -> str:
        if self.ready:
            raise self.ready
        return "ok"

    def _cat(self, argv: list[str]) -> str:
        return "authority"

    def up(self, file: str | None = None) -> dict[str, Phase]:
        """Brings the lab up; each step with how it ended."""
        events: list[Event] = []
        try:
            lab.up("hard", file, events.append, self.told.append, backend="kind")
        finally:
            self.ended = dict[str, Phase]()
            self.ended.update({event.step: event.phase for event in events if event.phase is not Phase.STARTED})
        return self.ended


def entered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """A world whose labs lie in a home of its own."""
    found = World(tmp_path)
    monkeypatch.setenv("LABS_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path / "nobody"))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.delenv("LABS_OVERRIDES", raising=False)
    monkeypatch.setattr(lab, "Engine", lambda: found.engine)
    monkeypatch.setattr(lab, "Runner", found.runner)
    monkeypatch.setattr(bringup, "STEPS", found.steps)
    return found


ALL_DONE = {"repository": Phase.DONE, "cluster": Phase.DONE, "tail": Phase.DONE}
ALL_KEPT = dict.fromkeys(ALL_DONE, Phase.KEPT)
