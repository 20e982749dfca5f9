"""A Docker Engine and programs that answer from data, for labs without Docker."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from labs.command import Result, Runner
from labs.docker import Container, Engine
from labs.errors import CommandFailed, DockerFault, Interrupted

Answer = str | BaseException | Callable[[list[str]], str]


def failed(output: str = "", code: int = 1) -> CommandFailed:
    """A program that ended badly."""
    return CommandFailed("program", code, output)


class FakeRunner(Runner):
    """Records command lines. `answers` maps a part of a command line to what is printed or raised."""

    def __init__(self, folder: Path, answers: Mapping[str, Answer] | None = None) -> None:
        super().__init__(folder / "logs", folder / "children")
        self.answers: dict[str, Answer] = dict(answers or {})
        self.asked: list[str] = []
        self.given: list[str | bytes | None] = []
        self.paused = 0.0

    def run(
        self,
        arguments: Sequence[str | Path],
        *,
        log: str,
        given: str | bytes | None = None,
        timeout: float = 120,
        environment: Mapping[str, str] | None = None,
        quiet: bool = False,
    ) -> Result:
        if self.stopped.is_set():
            raise Interrupted()
        argv = [str(part) for part in arguments]
        line = " ".join(argv)
        self.asked.append(line)
        self.given.append(given)
        answer = next((found for part, found in self.answers.items() if part in line), "")
        if isinstance(answer, BaseException):
            raise answer
        return Result(answer(argv) if callable(answer) else answer, "")

    def run_bytes(self, arguments: Sequence[str | Path], *, log: str, timeout: float = 120) -> bytes:
        return self.run(arguments, log=log).stdout.encode()

    def pause(self, seconds: float) -> None:
        self.paused += seconds

    def ran(self, part: str) -> bool:
        """Whether a command line with this part was run."""
        return any(part in line for line in self.asked)


class FakeEngine(Engine):
    """Containers by name. `down` is why it does not answer, if it does not."""

    def __init__(self, *containers: Container, down: str = "") -> None:
        super().__init__()
        self.containers = {one.name: one for one in containers}
        self.down = down
        self.removed: list[str] = []

    def _look(self) -> dict[str, Container]:
        if self.down:
            raise DockerFault(self.down)
        return self.containers

    def info(self) -> dict[str, Any]:
        self._look()
        return {"ServerVersion": "27.0", "MemTotal": 8 << 30}

    def images(self) -> dict[str, str]:
        self._look()
        return {}

    def container(self, name: str) -> Container | None:
        return self._look().get(name)

    def start(self, name: str) -> None:
        self._set(name, True)

    def stop(self, name: str) -> None:
        self._set(name, False)

    def _set(self, name: str, running: bool) -> None:
        one = self._look()[name]
        self.containers[name] = Container(one.name, running, one.image, one.labels, one.mounts, one.ports)

    def remove(self, name: str) -> None:
        self._look().pop(name, None)
        self.removed.append(name)


def node(name: str, mark: str, *, running: bool = True, ports: Mapping[int, int] | None = None) -> Container:
    """A lab's node as the engine shows it, from the host paths of a virtual machine."""
    return Container(name, running, "kindest/node:v1.35.0", {}, {mark: "/elsewhere/in/a/machine"}, ports or {})
