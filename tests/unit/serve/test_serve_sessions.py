"""Each socket has a program of its own, which ends with it."""

from __future__ import annotations

import asyncio
import json

import pytest
from aiohttp import ClientWebSocketResponse, WSCloseCode, WSMsgType, WSServerHandshakeError

from labs import process
from labs.serve import messages, session, site
from tests.unit.serve.serving import Served, served


async def _pid(socket: ClientWebSocketResponse) -> int:
    return int(json.loads(await socket.receive_bytes())[0])


async def _ended(pid: int) -> None:
    async with asyncio.timeout(10):
        while process.started(pid) is not None:
            await asyncio.sleep(0.01)


async def _free(found: Served) -> None:
    """Waits until the server has let go of every session."""
    async with asyncio.timeout(10):
        while found.site._open:
            await asyncio.sleep(0.01)


async def test_a_socket_is_a_terminal() -> None:
    async with served() as found, await found.socket("?width=120&height=40") as socket:
        assert json.loads(await socket.receive_bytes())[1:] == ["120", "40"]
        await socket.send_json(["stdin", "é"])
        assert await socket.receive_bytes() == b"got \xc3\xa9"
        await socket.send_json(["resize", {"width": 90, "height": 30}])
        assert json.loads((await socket.receive_bytes())[4:]) == {"type": "resize", "width": 90, "height": 30}
        await socket.send_json(["blur"])
        assert json.loads((await socket.receive_bytes())[4:]) == {"type": "blur"}
        await socket.send_json(["ping", "7"])
        assert await socket.receive_json() == ["pong", "7"]


async def test_nothing_is_asked_of_the_browser() -> None:
    async with served() as found, await found.socket() as socket:
        await _pid(socket)
        await socket.send_json(["stdin", "ask"])
        assert await socket.receive_bytes() == b"asked"


@pytest.mark.parametrize("mode", ["", "stubborn"])
async def test_a_program_ends_with_its_socket(mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "LEAVE", 5.0 if not mode else 0.1)
    monkeypatch.setattr(session, "GRACE", 0.1)
    async with served(mode) as found:
        async with await found.socket() as socket:
            pid = await _pid(socket)
        await _ended(pid)
        await _free(found)
        assert bool(found.told) is (mode == "stubborn")


async def test_a_socket_ends_with_its_program() -> None:
    async with served() as found, await found.socket() as socket:
        await _pid(socket)
        await socket.send_json(["stdin", "fail"])
        assert (await socket.receive()).type is WSMsgType.CLOSE
        await socket.close()
        await _free(found)
        assert found.told == ["A session ended with status 7."]


async def test_all_programs_end_with_the_server() -> None:
    async with served() as found:
        sockets = [await found.socket() for _ in range(2)]
        pids = [await _pid(socket) for socket in sockets]
    assert [process.started(pid) for pid in pids] == [None, None]
    assert not found.site._open


async def test_a_second_signal_ends_programs_at_once() -> None:
    async with served("stubborn") as found, await found.socket() as socket:
        pid = await _pid(socket)
        found.site.kill()
        await _ended(pid)


async def test_only_so_many_sessions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(site, "MOST", 1)
    async with served() as found:
        async with await found.socket() as socket:
            await _pid(socket)
            with pytest.raises(WSServerHandshakeError) as refused:
                await found.socket()
            assert refused.value.status == 503
            assert (await found.get("/")).status == 503
        await _free(found)
        assert (await found.get("/")).status == 200


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ("nonsense", WSCloseCode.POLICY_VIOLATION),
        ('["quit"]', WSCloseCode.POLICY_VIOLATION),
        (json.dumps(["stdin", "x" * messages.MOST]), WSCloseCode.MESSAGE_TOO_BIG),
    ],
    ids=["no-json", "unknown", "too-large"],
)
async def test_what_is_no_message_ends_the_session(sent: str, code: int) -> None:
    async with served() as found, await found.socket() as socket:
        pid = await _pid(socket)
        await socket.send_str(sent)
        async with asyncio.timeout(10):
            while (await socket.receive()).type is not WSMsgType.CLOSE:
                pass
        assert socket.close_code == code
        await _ended(pid)


async def test_a_size_that_is_none() -> None:
    async with served() as found:
        assert (await found.get("/ws?width=x")).status == 400
