"""Tokens and sessions over HTTP, what answers say to browsers, how much may be asked."""

import re
import stat
import time
from pathlib import Path

import aiohttp
import pytest
from aiohttp import WSServerHandshakeError

from nodegraph.jobs.service import Service
from nodegraph.server.json_bounds import MAX_DEPTH, parse_json
from nodegraph.server.rates import Rate, Rates, client_of, is_local
from nodegraph.server.sessions import SESSION_SECONDS, Sessions, load_key
from nodegraph.server.settings import Settings
from tests.server.conftest import Client, Serve
from tests.server.raw import Heard, ask

HEALTH = "/api/v2/health"
JOBS = "/api/v2/jobs"
ANN, BOB = "ann's token, long enough", "bob's token, long enough"
TOKENS = {Settings.digest_of(ANN): "ann", Settings.digest_of(BOB): "bob"}
WITH_TOKENS = Settings(tokens=TOKENS)


def check_headers(headers: dict[str, str]) -> None:
    """What keeps a browser from showing or running an answer as what it is not."""
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["x-frame-options"] == "DENY"
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["server"] == "nodegraph"


async def test_every_answer_has_the_headers(client: Client) -> None:
    for method, target, status in (
        ("GET", HEALTH, 200),
        ("GET", f"{JOBS}/nothing", 404),
        ("GET", "/api/v2/no/such/path", 404),
        ("DELETE", HEALTH, 405),
        ("POST", JOBS, 415),
        ("GET", "/view?filename=x.png", 404),
        ("GET", "/view?filename=../x.png", 400),
        ("POST", "/prompt", 400),
        ("GET", "/%2e%2e/%2e%2e/etc/passwd", 404),
    ):
        answer = await ask(client, method, target, b"x" if method == "POST" else b"")
        assert answer.status == status, (method, target)
        check_headers(answer.headers)
    refused = await ask(client, "GET", HEALTH, Host="evil.example")
    check_headers(refused.headers)
    check_headers((await ask(client, "GET", HEALTH, Origin="null")).headers)


async def test_errors_are_in_the_style_of_the_path(client: Client) -> None:
    native = await ask(client, "GET", JOBS, Origin="null")
    assert b'"error": {"code": "foreign_origin"' in native.body
    old = await ask(client, "POST", "/prompt", b"{}", Origin="null")
    assert b'"node_errors": {}' in old.body
    unknown = await ask(client, "GET", "/nothing<script>alert(1)</script>")
    assert unknown.headers["content-type"].startswith("application/json")
    assert b"script" not in unknown.body
    wrong = await ask(client, "PUT", JOBS)
    assert (wrong.status, wrong.headers["allow"]) == (405, "GET, POST")


async def test_without_a_token_there_is_nothing_but_what_is_public(serve: Serve) -> None:
    client = await serve(WITH_TOKENS)
    assert (await ask(client, "GET", HEALTH)).status == 200
    for method, target in (
        ("GET", JOBS),
        ("POST", JOBS),
        ("GET", f"{JOBS}/x/events"),
        ("GET", "/api/v2/assets/x/content"),
        ("POST", "/prompt"),
        ("GET", "/queue"),
        ("GET", "/history"),
        ("GET", "/view?filename=x"),
        ("GET", "/api/editor/nodes"),
        ("GET", "/nothing"),
    ):
        answer = await ask(client, method, target)
        assert answer.status == 401, target
        assert answer.headers["www-authenticate"] == "Bearer"
        check_headers(answer.headers)


async def test_a_wrong_token_is_no_token(serve: Serve) -> None:
    client = await serve(WITH_TOKENS)
    wrong = ("", ANN[:-1], ANN + "x", "x" * 5000, Settings.digest_of(ANN), "null", "é", "%00")
    for token in wrong:
        answer = await ask(client, "GET", JOBS, Authorization=f"Bearer {token}")
        assert answer.status == 401, token
        assert ANN.encode() not in answer.body
    assert (await ask(client, "GET", JOBS, Authorization=f"Basic {ANN}")).status == 401
    assert (await ask(client, "GET", f"{JOBS}?token={ANN}".replace(" ", "+"))).status == 401
    assert (await ask(client, "GET", HEALTH, Authorization="Bearer x")).status == 401


async def test_a_token_in_the_header_opens(serve: Serve) -> None:
    client = await serve(WITH_TOKENS)
    for scheme in ("Bearer", "bearer"):
        assert (await ask(client, "GET", JOBS, Authorization=f"{scheme} {ANN}")).status == 200


async def sign_in(client: Client, target: str = "/?a=1&token=", **more: str) -> Heard:
    token = ANN.replace(" ", "%20")
    headers = {"Accept": "text/html,*/*", **more}
    return await ask(client, "GET", target + token + "&b=%26", **headers)


async def test_a_page_opened_with_a_token_gets_a_session_and_loses_the_token(
    serve: Serve,
) -> None:
    client = await serve(WITH_TOKENS)
    answer = await sign_in(client)
    assert answer.status == 303
    assert answer.headers["location"] == "/?a=1&b=%26"
    cookie = answer.headers["set-cookie"]
    for part in ("HttpOnly", "SameSite=Strict", "Path=/", f"Max-Age={SESSION_SECONDS}"):
        assert part in cookie
    assert "Secure" not in cookie
    assert ANN not in cookie
    pair = cookie.partition(";")[0]
    assert (await ask(client, "GET", JOBS, Cookie=f"x=y; {pair}; z=1")).status == 200
    assert "Secure" in (await sign_in(client, X_Forwarded_Proto="https")).headers["set-cookie"]
    name, _, value = pair.partition("=")
    expires, _, signature = value.partition(".")
    later = f"{int(expires) + 1}.{signature}"
    for forged in (later, f"{expires}.{'0' * 64}", f"{expires}.", value[:-1], "", "." * 99):
        assert (await ask(client, "GET", JOBS, Cookie=f"{name}={forged}")).status == 401


async def test_a_session_is_no_leave_for_strangers(serve: Serve) -> None:
    client = await serve(WITH_TOKENS)
    pair = (await sign_in(client)).headers["set-cookie"].partition(";")[0]
    for told in (
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "same-site"},
        {},  # a browser says Origin with what changes something
    ):
        answer = await ask(client, "POST", "/interrupt", Cookie=pair, **told)
        assert answer.status == 403, told
    own = f"http://127.0.0.1:{client.port}"
    assert (await ask(client, "POST", "/interrupt", Cookie=pair, Origin=own)).status == 200


async def test_a_stranger_can_neither_sign_anybody_in_nor_send_them_away(serve: Serve) -> None:
    client = await serve(WITH_TOKENS)
    link = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    answer = await sign_in(client, **link, **{"Sec-Fetch-Dest": "document"})
    assert answer.status == 403
    assert "set-cookie" not in answer.headers
    for target in ("//evil.example/?token=", "/\\evil.example/?token=", "///evil.example?token="):
        away = await sign_in(client, target)
        assert away.status in (303, 400)
        assert re.match(r"/(?![/\\])", away.headers.get("location", "/")), target
    wrong = await ask(client, "GET", "/?token=wrong", Accept="text/html")
    assert wrong.status == 401


async def test_a_session_ends_with_its_token_and_its_time(tmp_path: Path) -> None:
    now = [time.time()]
    tokens = dict(TOKENS)
    key = load_key(tmp_path / "session.key")
    sessions = Sessions(Settings(tokens=tokens), key, clock=lambda: now[0])
    response = aiohttp.web.Response()
    sessions.give(response, ANN, secure=False)
    value = response.cookies["nodegraph_8188"].value
    cookie = {"Cookie": f"nodegraph_8188={value}"}
    request = aiohttp.test_utils.make_mocked_request("GET", "/", headers=cookie)
    assert sessions.of_cookie(request) == "ann"
    other = Sessions(Settings(tokens=tokens), b"x" * 32)
    assert other.of_cookie(request) is None
    now[0] += SESSION_SECONDS + 1
    assert sessions.of_cookie(request) is None
    now[0] -= SESSION_SECONDS + 1
    del tokens[Settings.digest_of(ANN)]
    assert sessions.of_cookie(request) is None


def test_the_key_is_kept_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "session.key"
    key = load_key(path)
    assert load_key(path) == key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.write_bytes(b"short")
    assert len(load_key(path)) == 32
    assert load_key(tmp_path / "nowhere" / "session.key") != load_key(path)


async def test_sockets_and_event_streams_may_say_the_token_in_the_query(serve: Serve) -> None:
    client = await serve(WITH_TOKENS)
    token = ANN.replace(" ", "%20")
    for query in ("", "?token=wrong"):
        with pytest.raises(WSServerHandshakeError) as caught:
            await client.ws_connect(f"/ws{query}")
        assert caught.value.status == 401
    async with client.ws_connect(f"/ws?token={token}") as socket:
        assert (await socket.receive_json())["type"] == "status"
    stream = f"{JOBS}/x/events"
    events = {"Accept": "text/event-stream"}
    assert (await ask(client, "GET", stream, **events)).status == 401
    assert (await ask(client, "GET", f"{stream}?token={token}", **events)).status == 404


async def test_an_open_server_keeps_no_key(client: Client, service: Service) -> None:
    assert (await ask(client, "GET", JOBS, Authorization="Bearer whatever")).status == 200
    assert not (service.data / "session.key").exists()


async def test_guessing_tokens_soon_takes_longer(serve: Serve) -> None:
    client = await serve(WITH_TOKENS)
    statuses = set()
    async with aiohttp.ClientSession() as session:
        for number in range(500):
            headers = {"Authorization": f"Bearer guess {number}"}
            url = f"http://127.0.0.1:{client.port}{HEALTH}"
            async with session.get(url, headers=headers) as answer:
                statuses.add(answer.status)
            if answer.status == 429:
                assert int(answer.headers["Retry-After"]) >= 1
                break
    assert statuses == {401, 429}
    assert (await ask(client, "GET", JOBS, Authorization=f"Bearer {ANN}")).status == 200


def test_a_bucket_fills_again_and_never_overflows() -> None:
    now = [0.0]
    rates = Rates(lambda: now[0])
    rate = Rate(2, 4)
    assert [rates.take("a", rate) for _ in range(5)] == [0, 0, 0, 0, 0.5]
    assert rates.take("b", rate) == 0
    now[0] = 0.5
    assert [rates.take("a", rate) for _ in range(2)] == [0, 0.5]
    now[0] = 1000.0
    assert [rates.take("a", rate) for _ in range(5)] == [0, 0, 0, 0, 0.5]


def test_many_clients_cost_no_more_memory() -> None:
    now = [0.0]
    rates = Rates(lambda: now[0])
    for number in range(25_000):
        now[0] += 0.0001
        rates.take(str(number), Rate(200, 2000))
    assert len(vars(rates)["_left"]) <= 10_000
    assert rates.take("24999", Rate(200, 2000), 2000) > 0  # the latest are still known


def test_a_customer_of_ipv6_is_one_client() -> None:
    assert client_of("2001:db8::1") == client_of("2001:db8::ffff:2")
    assert client_of("2001:db8:0:1::1") != client_of("2001:db8::1")
    assert client_of("::ffff:192.0.2.1") == client_of("192.0.2.1") == "192.0.2.1"
    assert [is_local(text) for text in ("127.0.0.9", "::1", "::ffff:127.0.0.1", "192.0.2.1")] == [
        True,
        True,
        True,
        False,
    ]


def test_the_checks_cost_little() -> None:
    """The whole of a job takes some milliseconds; what is checked of its JSON must not show."""
    nodes = ",".join(f'"n{i}": {{"type": "Echo", "inputs": {{"v": "([{{"}}}}' for i in range(1000))
    body = f'{{"workflow": {{"nodes": {{{nodes}}}}}}}'.encode()
    began = time.perf_counter()
    for _ in range(5):
        assert len(parse_json(body)["workflow"]["nodes"]) == 1000
    assert (time.perf_counter() - began) / 5 < 0.05


@pytest.mark.parametrize("depth", [1, MAX_DEPTH])
def test_brackets_in_texts_are_no_depth(depth: int) -> None:
    text = '"' + "[{" * 500 + '\\" \\\\"'
    document = "[" * depth + text + "]" * depth
    assert parse_json(document.encode())
    assert parse_json(b'{"a": "\\ud83d\\ude00"}') == {"a": "\U0001f600"}
