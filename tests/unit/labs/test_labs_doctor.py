import shutil
from collections import namedtuple
from pathlib import Path
from typing import Any

import pytest

from labs.doctor import disk, engine, inotify, tools
from labs.doctor.examine import all_checks
from labs.doctor.finding import Level
from tests.unit.labs.fakes import FakeEngine

Usage = namedtuple("Usage", "total used free")


class Told(FakeEngine):
    """An engine with this much to say."""

    def __init__(self, **info: Any) -> None:
        super().__init__()
        self._info = info

    def info(self) -> dict[str, Any]:
        return self._info


def test_an_engine_that_does_not_answer_is_the_only_finding() -> None:
    (found,) = engine.check(FakeEngine(down="the Docker Engine does not answer"))
    assert (found.level, found.message) == (Level.BAD, "the Docker Engine does not answer")


@pytest.mark.parametrize(
    ("memory", "level"), [(8 << 30, Level.GOOD), (4 << 30, Level.GOOD), (2 << 30, Level.BAD), (None, Level.WARN)]
)
def test_memory(memory: int | None, level: Level) -> None:
    _, found = engine.check(Told(ServerVersion="27.0", MemTotal=memory))
    assert (found.subject, found.level) == ("memory", level)


@pytest.mark.parametrize(("free", "level"), [(50 << 30, Level.GOOD), (5 << 30, Level.WARN)])
def test_disk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, free: int, level: Level) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(0, 0, free))
    (found,) = disk.check({"labs": tmp_path / "not" / "there" / "yet"})
    assert found.level is level


def test_a_docker_in_a_virtual_machine_is_not_measured_on_the_host(tmp_path: Path) -> None:
    found = [one.message for one in all_checks(Told(ServerVersion="27.0", DockerRootDir=str(tmp_path / "inside")))]
    assert not any("for Docker" in message for message in found)
    found = [one.message for one in all_checks(Told(ServerVersion="27.0", DockerRootDir=str(tmp_path)))]
    assert any("for Docker" in message for message in found)


def test_inotify_limits_are_told_with_the_command(tmp_path: Path) -> None:
    (tmp_path / "max_user_instances").write_text("128\n")
    (tmp_path / "max_user_watches").write_text("1048576\n")
    low, fine = inotify.check(tmp_path)
    assert low.level is Level.WARN
    assert low.fix.startswith("sudo sysctl fs.inotify.max_user_instances=")
    assert fine.level is Level.GOOD


def test_a_system_without_such_limits(tmp_path: Path) -> None:
    assert list(inotify.check(tmp_path)) == []


def program(folder: Path, name: str, says: str) -> None:
    (folder / name).write_text(f"#!/bin/sh\n{says}\n")
    (folder / name).chmod(0o755)


@pytest.mark.parametrize(
    ("says", "level"),
    [
        ("echo 0.31.0", Level.GOOD),
        ("echo kind v0.27.0 go1.24", Level.GOOD),
        ("echo 0.20.0", Level.BAD),
        ("echo hello", Level.WARN),
        ("exit 1", Level.WARN),
    ],
)
def test_tools(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, says: str, level: Level) -> None:
    program(tmp_path, "kind", says)
    monkeypatch.setenv("PATH", str(tmp_path))
    found = {one.subject: one for one in tools.check()}
    assert found["kind"].level is level
    assert found["helm"].level is Level.BAD
    assert "https://" in found["helm"].fix


def test_everything_bad_says_what_to_do() -> None:
    findings = list(all_checks(FakeEngine(down="the Docker Engine does not answer")))
    assert {"docker", "disk"} <= {one.subject for one in findings}
    assert all(one.fix for one in findings if one.level is Level.WARN)


def test_what_a_simulated_lab_puts_in_place_is_not_the_machine_s(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (own := tmp_path / "labs/default/simulated/bin").mkdir(parents=True)
    program(own, "helm", "echo a model")
    monkeypatch.setenv("LABS_HOME", str(tmp_path))
    monkeypatch.setenv("PATH", str(own))
    assert tools.look("helm").message == "helm is not on PATH"
    (real := tmp_path / "bin").mkdir()
    program(real, "helm", "echo v3.19.0")
    monkeypatch.setenv("PATH", f"{own}:{real}")
    assert tools.look("helm").level is Level.GOOD
