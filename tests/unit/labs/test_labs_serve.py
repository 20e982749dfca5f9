"""`labs serve` as a person uses it: what it prints, what it refuses, and how it ends."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from aiohttp import ClientSession, WSMsgType

from labs import cli, process
from labs.serve.entrance import COOKIE

ADDRESS = re.compile(r"(?P<site>http://(?P<host>127\.0\.0\.1:\d+))(?P<prefix>/[\w-]+)/\?token=[\w-]{43}\s")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LABS_HOME", str(tmp_path))
    return tmp_path


def labs(*arguments: str, monkeypatch: pytest.MonkeyPatch) -> int:
    """The exit code of the command line."""
    monkeypatch.setattr(sys, "argv", ["labs", *arguments])
    return cli.run()


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "lab.example"])
def test_beyond_this_machine_only_when_meant(
    host: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert labs("serve", "--host", host, monkeypatch=monkeypatch) == 2
    told = capsys.readouterr()
    assert f"{host} may be reached by other machines" in told.err
    assert "--expose" in told.err


def test_a_port_that_is_taken(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert labs("serve", "--port", port, monkeypatch=monkeypatch) == 3
    told = capsys.readouterr().err
    assert f"127.0.0.1 port {port} cannot be served" in told
    assert "--port 0" in told


def test_an_address_of_another_machine_is_warned_of_first(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # 192.0.2.0/24 is for documentation (RFC 5737): no machine has it, so nothing is opened here.
    assert labs("serve", "--host", "192.0.2.1", "--expose", monkeypatch=monkeypatch) == 3
    told = capsys.readouterr()
    assert told.out.startswith("Warning: 192.0.2.1 may be reached by other machines.")
    assert "192.0.2.1 port 0 cannot be served" in told.err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
async def test_a_session_ends_with_the_server(number: signal.Signals, home: Path) -> None:
    server = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "labs", "serve", stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    assert server.stdout
    printed = ""
    while not ADDRESS.search(printed):
        line = await asyncio.wait_for(server.stdout.readline(), 30)
        assert line, printed
        printed += line.decode()
    found = ADDRESS.search(printed)
    assert found
    async with ClientSession() as http:
        entered = await http.get(found[0].strip())
        headers = {"Cookie": f"{COOKIE}={entered.cookies[COOKIE].value}", "Origin": found["site"]}
        async with http.ws_connect(f"{found['site']}{found['prefix']}/ws", headers=headers, compress=0) as socket:
            seen = b""
            while b"Platform Labs" not in seen:
                seen += await socket.receive_bytes(timeout=30)
            children = _children(server.pid)
            os.kill(server.pid, number)
            while (await socket.receive(timeout=30)).type is WSMsgType.BINARY:
                pass
    rest = await asyncio.wait_for(server.stdout.read(), 30)
    assert await server.wait() == (-number if number is signal.SIGKILL else 0), rest
    assert children
    await _all_ended(children)
    assert (home / "serve.log").read_text() == ""


def _children(pid: int) -> list[int]:
    if not shutil.which("ps"):
        pytest.skip("ps is not on this machine: the server's children cannot be told")
    found = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False)
    return [int(line) for line in found.stdout.split()]


async def _all_ended(pids: list[int]) -> None:
    async with asyncio.timeout(20):
        while any(process.started(pid) for pid in pids):
            await asyncio.sleep(0.02)
