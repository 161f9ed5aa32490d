"""Bodies, headers and lines meant to exhaust, to confuse, or to be believed in a log."""

import asyncio
import gzip
import io
import json
import logging
import time
import zlib
from contextlib import suppress

import aiohttp
import pytest
from aiohttp import FormData
from aiohttp.test_utils import TestServer

from nodegraph.jobs.service import Service
from nodegraph.server import security
from nodegraph.server.app import make_app
from nodegraph.server.settings import Settings
from tests.server.conftest import Client, Serve
from tests.server.raw import ask, say

HEALTH = "/api/v2/health"
JOBS = "/api/v2/jobs"
JSON = "application/json"

HOSTILE = {
    "empty": b"",
    "no JSON": b"{",
    "deep lists": b"[" * 200_000,
    "deep lists, closed": b"[" * 5000 + b"]" * 5000,
    "deep objects": b'{"a":' * 5000 + b"1" + b"}" * 5000,
    "deep workflow": b'{"workflow": ' + b'{"nodes": [' * 900 + b"]}" * 900 + b"}",
    "just too deep": b"[" * 129 + b"]" * 129,
    "many lists": b"[" + b"[]," * 1_000_000 + b"1]",
    "many numbers": b"[" + b"1," * 1_500_000 + b"1]",
    "many texts": b"[" + b'"",' * 1_500_000 + b"1]",
    "NaN": b'{"workflow": {"nodegraph": 1, "nodes": {}}, "x": NaN}',
    "Infinity": b"[-Infinity]",
    "half a pair": b'{"workflow": "\\ud800"}',
    "half a pair, in bytes": b'{"workflow": {"nodegraph": 1, "nodes": {"\xed\xa0\x80": {}}}}',
    "not Unicode": b'{"workflow": "\xff\xfe"}',
    "a huge integer": b"[" + b"9" * 100_000 + b"]",
    "a text that does not end": b'{"workflow": "' + b'\\"' * 500_000,
    "quotes": b'"' * 1_000_000,
    "backslashes": b'["' + b"\\" * 1_000_001 + b'"]',
    "a list": b"[]",
    "null": b"null",
    "a number": b"1",
    "a text": b'"x"',
    "wrong types": b'{"workflow": [1], "prompt": 5}',
    "zeros": b"\0" * 1000,
    "UTF-16": '{"workflow": {}}'.encode("utf-16"),
}


@pytest.mark.parametrize(
    "target", [JOBS, "/prompt", "/queue", "/history", "/free", "/interrupt", "/api/editor/validate"]
)
async def test_no_body_exhausts_the_server(client: Client, target: str) -> None:
    for name, body in HOSTILE.items():
        began = time.perf_counter()
        answer = await ask(client, "POST", target, body, Content_Type=JSON)
        assert answer.status in (200, 400, 413, 415, 422) or (name == "empty"), (name, answer)
        assert answer.status < 500, (name, answer)
        assert time.perf_counter() - began < 3, name
        if name.startswith(("deep", "many", "just", "half", "not", "a huge")):
            assert answer.status == 400, (name, answer)
            assert len(answer.body) < 1000
    assert (await client.get(HEALTH)).status == 200


async def test_a_body_beyond_the_bound_is_refused_before_it_is_read(serve: Serve) -> None:
    client = await serve(Settings(max_json=10_000, max_upload=50_000))
    said = {"Content-Type": JSON, "Content-Length": "10001"}
    for target in (JOBS, "/prompt", "/queue"):
        answer = await ask(client, "POST", target, b"", **said)
        assert answer.status == 413
        assert b"10000 bytes" in answer.body
    form = {"Content-Type": "multipart/form-data; boundary=x", "Content-Length": "99999999999"}
    for target in ("/api/v2/assets", "/upload/image", "/api/editor/inputs"):
        assert (await ask(client, "POST", target, b"", **form)).status == 413


async def test_a_body_that_never_said_how_long_it_is_has_the_bound_too(serve: Serve) -> None:
    client = await serve(Settings(max_json=10_000))
    chunk = b"3e8\r\n" + b" " * 1000 + b"\r\n"
    for target in (JOBS, "/prompt"):
        head = (
            f"POST {target} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {JSON}\r\n"
            "Transfer-Encoding: chunked\r\n\r\n"
        )
        answer = await say(client, head.encode() + chunk * 20 + b"0\r\n\r\n")
        assert answer.status == 413


async def test_an_upload_beyond_the_bound_leaves_nothing(service: Service, serve: Serve) -> None:
    client = await serve(Settings(max_upload=50_000))
    for target, part in (("/api/v2/assets", "file"), ("/upload/image", "image")):
        form = FormData()
        form.add_field(part, io.BytesIO(b"x" * 60_000), filename="a.bin")
        answer = await client.post(target, data=form)
        assert answer.status == 413, target
    found = [path for path in service.data.rglob("*") if path.is_file()]
    assert not [path for path in found if path.suffix == ".tmp" or path.stat().st_size == 60_000]


async def test_bombs_are_not_unpacked(client: Client) -> None:
    """A thousandfold smaller on the way than in memory."""
    bomb = b'{"workflow": "' + b"x" * 100_000_000 + b'"}'
    packed = gzip.compress(bomb, 9)
    assert len(packed) < 200_000
    for coding in ("gzip", "deflate", "br", "gzip, gzip", "x"):
        for target in (JOBS, "/prompt", "/api/v2/assets"):
            answer = await ask(
                client, "POST", target, packed, Content_Type=JSON, Content_Encoding=coding
            )
            assert answer.status in (400, 415), (coding, target)


@pytest.mark.parametrize(
    ("target", "part"),
    [
        ("/api/v2/assets", "file"),
        ("/upload/image", "image"),
        ("/api/editor/inputs", "file"),
        ("/api/editor/import/file", "file"),
    ],
)
async def test_bombs_in_parts_of_forms_are_not_unpacked(
    client: Client, target: str, part: str
) -> None:
    packed = zlib.compress(b"\0" * 300_000_000, 9)
    for name, coding in (("Content-Encoding", "deflate"), ("Content-Encoding", "gzip")):
        head = (
            f'--x\r\nContent-Disposition: form-data; name="{part}"; filename="a.json"\r\n'
            f"{name}: {coding}\r\n\r\n"
        )
        body = head.encode() + packed + b"\r\n--x--\r\n"
        kind = "multipart/form-data; boundary=x"
        began = time.perf_counter()
        answer = await ask(client, "POST", target, body, Content_Type=kind)
        assert answer.status in (200, 201, 400, 413, 415, 422), answer
        assert time.perf_counter() - began < 2
    assert (await client.get(HEALTH)).status == 200


FORMS = [
    b"",
    b"--x",
    b"--x--",
    b"--x\r\n\r\n\r\n--x--",
    b"--y\r\n\r\n--y--",
    b"--x\r\nContent-Disposition: form-data\r\n\r\na\r\n--x--\r\n",
    b'--x\r\nContent-Disposition: form-data; name="file"\r\n\r\na',
    b'--x\r\nContent-Disposition: form-data; name="file"; filename="\r\n\r\na\r\n--x--\r\n',
    b"--x\r\n" + b"A" * 100_000 + b": b\r\n\r\n\r\n--x--\r\n",
    b"--x\r\n" + b"A: b\r\n" * 10_000 + b"\r\n\r\n--x--\r\n",
    b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n' * 5000 + b"--x--\r\n",
    b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n' + b"1" * 10**6 + b"\r\n--x--\r\n",
    b"--x\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n" * 500 + b"--x--\r\n",
    b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n'
    b"Content-Transfer-Encoding: base64\r\n\r\n!!!!\r\n--x--\r\n",
    b"--x\r\nContent-Disposition: form-data; name=\"\xff\"; filename*=utf-8''%ff%00\r\n\r\n"
    b"a\r\n--x--\r\n",
    b'--x\r\nContent-Length: -5\r\nContent-Disposition: form-data; name="file"\r\n\r\n--x--\r\n',
]


@pytest.mark.parametrize(
    "target", ["/api/v2/assets", "/upload/image", "/upload/mask", "/api/editor/inputs"]
)
async def test_a_malformed_form_is_no_failure_of_the_server(client: Client, target: str) -> None:
    for kind in ("multipart/form-data; boundary=x", "multipart/form-data", "multipart/mixed"):
        for body in FORMS:
            answer = await ask(client, "POST", target, body, Content_Type=kind)
            kept = answer.status == 201 and (b"base64" in body or b": -5" in body)
            assert kept or answer.status in (400, 413, 415, 422), (kind, body[:80], answer)


async def test_headers_are_bounded(client: Client) -> None:
    for head in (
        f"GET {HEALTH}?{'x' * 100_000} HTTP/1.1\r\nHost: localhost\r\n\r\n",
        f"GET {HEALTH} HTTP/1.1\r\nHost: localhost\r\nX: {'x' * 100_000}\r\n\r\n",
        f"GET {HEALTH} HTTP/1.1\r\nHost: localhost\r\n{'X: y' * 100_000}\r\n\r\n",
        f"GET {HEALTH} HTTP/1.1\r\nHost: localhost\r\n" + "X: y\r\n" * 50_000 + "\r\n",
        "GET / HTTP/9.9\r\n\r\n",
        "<script>alert(1)</script>\r\n\r\n",
    ):
        answer = await say(client, head.encode())
        assert answer.status in (0, 400, 414, 431, 505), head[:80]
        assert not answer.headers.get("content-type", "").startswith("text/html")
    assert (await client.get(HEALTH)).status == 200


async def test_requests_are_not_smuggled(client: Client) -> None:
    """What two servers in a row might read as one request or two is refused."""
    inner = "GET /api/v2/jobs HTTP/1.1\r\nHost: localhost\r\n\r\n"
    for said in (
        f"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{inner}",
        f"Content-Length: 0\r\nContent-Length: {len(inner)}\r\n\r\n{inner}",
        f"Transfer-Encoding: xchunked\r\n\r\n{inner}",
        f"Content-Length: +5\r\n\r\n{inner}",
        f"Content-Length : 5\r\n\r\n{inner}",
        f"X: a\n b\r\n\r\n{inner}",
        f"X: a\0b\r\n\r\n{inner}",
    ):
        head = f"POST {JOBS} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {JSON}\r\n"
        answer = await say(client, (head + said).encode())
        assert answer.status in (0, 400), said


INJECTED = "%0d%0aSet-Cookie:%20x=1%0d%0a%1b[31mALL%20IS%20WELL%1b[0m%0a2026-01-01%20INFO%20fake"


async def test_nothing_a_client_says_becomes_a_header_or_a_line_of_the_log(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for target in (
        f"{JOBS}/{INJECTED}",
        f"{JOBS}/{INJECTED}/events",
        f"{JOBS}?cursor={INJECTED}",
        f"/api/v2/assets/{INJECTED}/content",
        f"/view?filename={INJECTED}",
        f"/view?filename=a&subfolder={INJECTED}&type={INJECTED}",
        f"/history/{INJECTED}",
        f"/object_info/{INJECTED}",
        f"/userdata/{INJECTED}",
        f"/models/{INJECTED}",
        f"/api/editor/workflows/{INJECTED}",
        f"/api/editor/inputs/{INJECTED}",
        f"/{INJECTED}",
        f"/?token={INJECTED}",
    ):
        answer = await ask(
            client,
            "GET",
            target,
            Accept="text/html",
            User_Agent="a\x1b[31mb",
            Idempotency_Key="a\tb",
        )
        assert answer.status < 500, target
        assert "set-cookie" not in answer.headers
        assert b"\x1b" not in answer.body
    for record in caplog.records:
        if record.name.startswith("nodegraph"):
            assert record.getMessage().isprintable(), record.getMessage()


async def test_a_body_that_hardly_comes_is_given_up(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(security, "SLOW_SECONDS", 0.2)
    for target, kind in ((JOBS, JSON), ("/api/v2/assets", "multipart/form-data; boundary=x")):
        head = (
            f"POST {target} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {kind}\r\n"
            "Content-Length: 1000\r\n\r\n"
        )
        _, writer = await asyncio.open_connection("127.0.0.1", client.port)
        writer.write(head.encode())
        began = time.perf_counter()
        try:
            while time.perf_counter() - began < 5:
                writer.write(b" ")
                await writer.drain()
                await asyncio.sleep(0.05)
        except ConnectionError:
            pass
        assert time.perf_counter() - began < 5
        writer.close()


async def test_headers_that_hardly_come_are_given_up(service: Service) -> None:
    server = TestServer(make_app(service, Settings()))
    await server.start_server(keepalive_timeout=0.3)
    for begun in ("", "GET / HTTP/1.1\r\nHost: localhost\r\n"):
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(begun.encode())
        async with asyncio.timeout(5):
            with suppress(ConnectionError):
                while not reader.at_eof():
                    writer.write(b"X" if begun else b"")
                    with suppress(TimeoutError):
                        await asyncio.wait_for(reader.read(1), 0.05)
        writer.close()
    await server.close()


async def test_nothing_keeps_a_socket_of_version_1_from_its_bounds(client: Client) -> None:
    """Hostile messages end a socket or are passed over; the server goes on."""
    for message in ("[" * 100_000, "x" * 10, json.dumps({"type": "feature_flags", "data": 5}), ""):
        async with client.ws_connect("/ws") as socket:
            await socket.receive()
            await socket.send_str(message)
            await socket.send_bytes(b"\xff" * 100)
    async with client.ws_connect("/ws") as socket:
        await socket.receive()
        with suppress(ConnectionError):
            await socket.send_str("x" * 20_000_000)
        async with asyncio.timeout(5):
            while (await socket.receive()).type is aiohttp.WSMsgType.TEXT:
                continue
        assert socket.closed
    assert (await client.get(HEALTH)).status == 200
