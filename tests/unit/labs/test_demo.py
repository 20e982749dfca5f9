"""The demo plays the whole module, and leaves one file."""

from __future__ import annotations

import json
import os
import select
from pathlib import Path
from typing import Any

import pytest

from labs.cluster.simulated import process
from labs.commands import demo


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="needs Linux")
def test_the_demo_reaches_full_marks_and_leaves_the_report_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    work, homes = tmp_path / "work", tmp_path / "tmp"
    work.mkdir()
    homes.mkdir()
    monkeypatch.chdir(work)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", str(homes))
    started: list[int] = []  # files that are readable once the process is gone
    start = process.start

    def noted(*given: Any) -> process.Running:
        made = start(*given)
        started.append(os.pidfd_open(made.pid))
        return made

    monkeypatch.setattr(process, "start", noted)
    demo.play("demo-report.json")
    out = capsys.readouterr().out
    report: dict[str, Any] = json.loads((work / "demo-report.json").read_text())
    assert (report["score"], report["provenance"]["simulated"]) == (100, True)
    assert "waits -> FAIL  policy.scope" in out
    assert "FAIL -> PASS   policy.scope" in out
    assert "hint      Without a filter for namespaces" in out
    assert "denied the request" in out
    assert [path.name for path in work.iterdir()] == ["demo-report.json"]
    assert list(homes.iterdir()) == []
    assert started
    assert all(select.select([one], [], [], 10)[0] for one in started)
    for number in started:
        os.close(number)
