"""Pages of strangers in a browser that also reaches this server: rebinding, CSRF, sockets."""

import itertools
import json

import aiohttp
import pytest
from aiohttp import WSServerHandshakeError

from nodegraph.server.settings import Settings
from tests.server.conftest import Client, Serve
from tests.server.raw import ask, say

HEALTH = "/api/v2/health"
JOBS = "/api/v2/jobs"
NODES = {"a": {"type": "Echo"}, "s": {"type": "ShowText", "inputs": {"text": {"node": "a"}}}}
BODY = json.dumps({"workflow": {"nodegraph": 1, "nodes": NODES}}).encode()
JSON = "application/json"


REBOUND = [
    "evil.example",
    "evil.example:8188",
    "127.0.0.1.evil.example",
    "localhost.evil.example",
    "localhost.",
    "10.0.0.1",
    "[::ffff:10.0.0.1]",
    "127.0.0.1:8188@evil.example",
    "evil.example#127.0.0.1",
    "0x7f.1.",
    "",
    "a" * 300,
    "\udcff",
]


async def test_a_name_that_was_rebound_to_here_is_refused(client: Client) -> None:
    for host in REBOUND:
        answer = await ask(client, "GET", HEALTH, Host=host)
        assert answer.status == 421, host
        assert b"wrong_host" in answer.body
        posted = await ask(client, "POST", JOBS, BODY, Host=host, Content_Type=JSON)
        assert posted.status == 421, host


async def test_names_of_the_loopback_are_ours_on_any_port(client: Client) -> None:
    for host in ("localhost", "LOCALHOST:99", "127.0.0.1:1", "[::1]:8188"):
        assert (await ask(client, "GET", HEALTH, Host=host)).status == 200


async def test_a_request_names_one_host(client: Client) -> None:
    none = await say(client, f"GET {HEALTH} HTTP/1.1\r\n\r\n".encode())
    two = f"GET {HEALTH} HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n"
    assert none.status == 400
    assert (await say(client, two.encode())).status == 400
    whole = f"GET http://evil.example{HEALTH} HTTP/1.1\r\nHost: evil.example\r\n\r\n"
    assert (await say(client, whole.encode())).status == 421


async def test_a_server_for_everybody_answers_to_addresses_and_given_names(serve: Serve) -> None:
    settings = Settings(host="0.0.0.0", allowed_hosts=frozenset({"Studio.Example"}))
    client = await serve(settings)
    for host, status in (
        ("192.168.1.9:8188", 200),
        ("[fe80::1]", 200),
        ("studio.example", 200),
        ("evil.example", 421),
    ):
        assert (await ask(client, "GET", HEALTH, Host=host)).status == status


FOREIGN = [
    "null",
    "http://evil.example",
    "https://evil.example:8188",
    "http://127.0.0.1:3000",
    "http://localhost:{port}",
    "http://127.0.0.1:{port}.evil.example",
    "http://127.0.0.1:{port}@evil.example",
    "http://evil.example/127.0.0.1:{port}",
    "ftp://127.0.0.1:{port}",
    "file://",
    "http://[::1",
    "",
]


async def test_foreign_pages_are_refused(client: Client) -> None:
    asked = (("GET", HEALTH), ("GET", JOBS), ("POST", JOBS), ("POST", "/prompt"), ("OPTIONS", JOBS))
    for page, (method, target) in itertools.product(FOREIGN, asked):
        origin = page.format(port=client.port)
        body = BODY if method == "POST" else b""
        answer = await ask(client, method, target, body, Origin=origin, Content_Type=JSON)
        assert answer.status == 403, (page, method, target)
        assert "access-control-allow-origin" not in answer.headers


async def test_foreign_pages_get_no_events(client: Client) -> None:
    for page in FOREIGN:
        origin = page.format(port=client.port)
        stream = f"{JOBS}/x/events"
        answer = await ask(client, "GET", stream, Origin=origin, Accept="text/event-stream")
        assert answer.status == 403, page
        with pytest.raises(WSServerHandshakeError) as caught:
            await client.ws_connect("/ws", headers={"Origin": origin})
        assert caught.value.status == 403, page


async def test_our_own_page_gets_a_socket(client: Client) -> None:
    own = f"http://127.0.0.1:{client.port}"
    async with client.ws_connect("/ws", headers={"Origin": own}) as socket:
        assert (await socket.receive_json())["type"] == "status"


async def test_pictures_frames_and_scripts_of_foreign_pages_get_nothing(client: Client) -> None:
    """Tags send no Origin; `same-site` is another port of this machine."""
    for site in ("cross-site", "same-site"):
        told = {"Sec-Fetch-Site": site}
        for mode, kind in (("no-cors", "image"), ("no-cors", "script"), ("navigate", "iframe")):
            tag = {"Sec-Fetch-Mode": mode, "Sec-Fetch-Dest": kind}
            assert (await ask(client, "GET", HEALTH, **told, **tag)).status == 403
        link = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
        visit = await ask(client, "GET", HEALTH, **told, **link)
        assert visit.status == 200  # somebody followed a link: nothing comes of that
        posted = await ask(client, "POST", JOBS, BODY, Content_Type=JSON, **told, **link)
        assert posted.status == 403


async def count(client: Client) -> int:
    listed = await (await client.get(JOBS)).json()
    return len(listed["jobs"])


async def test_forms_of_foreign_pages_change_nothing(client: Client) -> None:
    """What a form or a fetch without leave can send, with and without each header that tells."""
    prompt = {"a": {"class_type": "Echo", "inputs": {}}}
    body = json.dumps({"prompt": prompt, "workflow": {"nodegraph": 1, "nodes": NODES}}).encode()
    form = "application/x-www-form-urlencoded"
    kinds = ("text/plain", form, "multipart/form-data; boundary=x", None)
    signs = (
        {"Origin": "https://evil.example"},
        {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Referer": "https://evil.example/page"},
        {"Referer": f"http://127.0.0.1:{client.port}.evil.example/"},
        {"Cookie": "x=1"},
        {"Sec-Fetch-Site": "none"},
    )
    for target, kind, told in itertools.product((JOBS, "/prompt", "/api/prompt"), kinds, signs):
        answer = await ask(client, "POST", target, body, Content_Type=kind, **told)
        assert answer.status == 403, (target, kind, told)
    assert await count(client) == 0


async def test_native_paths_take_json_that_says_so(client: Client) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded", "application/jsonp", None):
        answer = await ask(client, "POST", JOBS, BODY, Content_Type=kind)
        assert answer.status == 415
    assert await count(client) == 0
    said = await ask(client, "POST", JOBS, BODY, Content_Type="application/json; charset=utf-8")
    assert said.status in (200, 201, 202)


async def test_an_allowed_page_may_read_and_write_with_a_token(serve: Serve) -> None:
    origin = "https://studio.example"
    settings = Settings(
        tokens={Settings.digest_of("s3cret" * 4): "ann"}, allowed_origins=frozenset({origin})
    )
    client = await serve(settings)
    asked = await ask(
        client,
        "OPTIONS",
        JOBS,
        Origin=origin,
        Access_Control_Request_Method="POST",
        Access_Control_Request_Headers="authorization,content-type",
    )
    assert asked.status == 204
    assert asked.headers["access-control-allow-origin"] == origin
    assert "Authorization" in asked.headers["access-control-allow-headers"]
    assert "access-control-allow-credentials" not in asked.headers
    bare = await ask(client, "GET", JOBS, Origin=origin)
    assert bare.status == 401
    assert bare.headers["access-control-allow-origin"] == origin
    token = {"Authorization": "Bearer " + "s3cret" * 4}
    listed = await ask(client, "GET", JOBS, Origin=origin, Sec_Fetch_Site="cross-site", **token)
    assert listed.status == 200
    assert listed.headers["vary"] == "Origin"


async def test_nothing_changes_by_get(client: Client) -> None:
    """Every path that changes something answers GET with 405, 404 or what it shows."""
    for target in (
        "/interrupt",
        "/free",
        "/upload/image",
        "/upload/mask",
        "/api/v2/assets",
        "/api/v2/assets/from-hash",
        "/api/v2/jobs/x/cancel",
        "/jobs/x/cancel",
    ):
        for method in ("GET", "HEAD"):
            answer = await ask(client, method, target, X_HTTP_Method_Override="POST")
            assert answer.status in (404, 405), target


async def test_a_script_of_version_1_needs_no_content_type(client: Client) -> None:
    """`urllib` says `application/x-www-form-urlencoded` of everything, and nothing of a page."""
    prompt = {
        "1": {"class_type": "Echo", "inputs": {"value": "x"}},
        "2": {"class_type": "ShowText", "inputs": {"text": ["1", 0]}},
    }
    async with aiohttp.ClientSession() as session:
        url = f"http://127.0.0.1:{client.port}/prompt"
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        async with session.post(url, data=json.dumps({"prompt": prompt}), headers=kind) as answer:
            assert answer.status == 200
            assert (await answer.json())["prompt_id"]
