"""Nobody comes in but by the token, from the page itself, under the server's own name."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest

from labs.serve.entrance import COOKIE, Entrance
from labs.serve.site import FILES
from tests.unit.serve.serving import Served, served

EVERYWHERE = ("/", "/ws", "/static/textual.js", "/static/nothing", "//", "//favicon.ico", "/download/k")


@pytest.fixture
async def site() -> AsyncIterator[Served]:
    async with served() as found:
        yield found


def _cookie(value: str) -> dict[str, str]:
    return {"Cookie": f"{COOKIE}={value}"}


@pytest.mark.parametrize("path", EVERYWHERE)
@pytest.mark.parametrize("cookie", [None, "", "wrong", "\u00e9"], ids=["none", "empty", "wrong", "not-ascii"])
async def test_no_route_without_the_cookie(site: Served, path: str, cookie: str | None) -> None:
    answer = await site.get(path, {} if cookie is None else _cookie(cookie))
    assert answer.status == 403
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("token", ["", "wrong", "%C3%A9", "%00"])
async def test_a_wrong_token(site: Served, token: str) -> None:
    answer = await site.get(f"/?token={token}", {})
    assert answer.status == 403
    assert "Set-Cookie" not in answer.headers


async def test_a_token_opens_the_page_alone(site: Served) -> None:
    answer = await site.get(f"/static/textual.js?token={site.entrance.token}", {})
    assert answer.status == 403


async def test_the_token_gives_the_cookie_and_leaves_the_address(site: Served) -> None:
    answer = await site.get(f"/?token={site.entrance.token}", {"Sec-Fetch-Site": "cross-site"})
    cookie = answer.cookies[COOKIE]
    assert answer.status == 200
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Strict")
    assert cookie["path"] == site.entrance.prefix + "/"
    assert cookie.value != site.entrance.token
    text = await answer.text()
    assert 'content="0;url=./"' in text
    assert site.entrance.token not in text
    assert (await site.get("/", _cookie(cookie.value))).status == 200


@pytest.mark.parametrize("path", ["/", "/?token=TOKEN", "/static/page.css"])
@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "[::1]", "10.0.0.1", "127.0.0.1:x", ""])
async def test_another_name_is_not_served(site: Served, path: str, host: str) -> None:
    asked = path.replace("TOKEN", site.entrance.token)
    assert (await site.get(asked, {**_cookie(site.entrance.cookie), "Host": host})).status == 403


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:1", "http://localhost"])
@pytest.mark.parametrize("path", ["/", "/ws", "/static/start.js"])
async def test_another_page_is_not_answered(site: Served, path: str, origin: str) -> None:
    assert (await site.get(path, {**site.headers, "Origin": origin})).status == 403


@pytest.mark.parametrize("where", ["cross-site", "same-site"])
async def test_what_the_browser_says_of_the_asking_page(site: Served, where: str) -> None:
    assert (await site.get("/", {**site.headers, "Sec-Fetch-Site": where})).status == 403
    assert (await site.get("/", {**site.headers, "Sec-Fetch-Site": "same-origin"})).status == 200


async def test_a_websocket_says_which_page_opened_it(site: Served) -> None:
    headers = {
        **_cookie(site.entrance.cookie),
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    }
    assert (await site.get("/ws", headers)).status == 403


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
async def test_nothing_can_be_sent(site: Served, method: str) -> None:
    assert (await site.get("/", method=method)).status == 403


@pytest.mark.parametrize("name", ["../site.py", "%2e%2e%2fsite.py", "index.html", "", "page.css/"])
async def test_no_other_file(site: Served, name: str) -> None:
    assert (await site.get(f"/static/{name}")).status in (404, 403)


@pytest.mark.parametrize("path", ["/", "/static/page.css", "/static/nothing", "//elsewhere"])
async def test_every_answer_keeps_to_itself(site: Served, path: str) -> None:
    told = (await site.get(path)).headers
    policy = told["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; ")
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "*" not in policy
    assert not re.search(r"https?:", policy)
    assert told["Referrer-Policy"] == "no-referrer"
    assert told["Cache-Control"] == "no-store"
    assert told["X-Content-Type-Options"] == "nosniff"
    assert told["Cross-Origin-Resource-Policy"] == "same-origin"


async def test_the_page_names_only_its_own_files(site: Served) -> None:
    text = await (await site.get("/")).text()
    named = re.findall(r'(?:src|href)="([^"]+)"', text)
    assert named
    for address in [*named, "static/mono.ttf", "static/mono-italic.ttf", "static/textual.js"]:
        assert address.removeprefix("static/") in FILES
        assert (await site.get("/" + address)).status == 200
    css = FILES["page.css"].read_text() + FILES["start.js"].read_text() + text
    assert "//" not in re.sub(r"(?m)^\s*//.*$", "", css)


async def test_each_page_has_its_own_nonce(site: Served) -> None:
    nonces = set()
    for _ in range(2):
        answer = await site.get("/")
        found = re.search(r"'nonce-([^']+)'", answer.headers["Content-Security-Policy"])
        assert found
        assert f'nonce="{found[1]}"' in await answer.text()
        nonces.add(found[1])
    assert len(nonces) == 2


@pytest.mark.parametrize(
    ("host", "local", "is_served"),
    [
        ("127.0.0.1:80", "127.0.0.1", True),
        ("127.0.0.1", "::ffff:127.0.0.1", True),
        ("localhost:8000", "127.0.0.1", True),
        ("LOCALHOST", "::1", True),
        ("[::1]:8000", "::1", True),
        ("[fe80::1]", "fe80::1%eth0", True),
        ("lab.example:1", "192.0.2.7", True),
        ("localhost", "192.0.2.7", False),
        ("192.0.2.8", "192.0.2.7", False),
        ("lab.example.evil", "192.0.2.7", False),
        ("lab.example@evil", "192.0.2.7", False),
        ("lab.example:1; script-src *", "192.0.2.7", False),
        ("lab.example\n", "192.0.2.7", False),
        ("127.0.0.1", "", False),
    ],
)
def test_names_that_are_served(host: str, local: str, is_served: bool) -> None:
    assert Entrance(frozenset({"lab.example"})).serves(host, local) is is_served


def test_secrets_differ_each_time() -> None:
    one, two = Entrance(), Entrance()
    assert len({one.token, two.token, one.cookie, two.cookie, one.prefix, two.prefix}) == 6
    assert len(one.token) >= 43  # 256 bits in base64
