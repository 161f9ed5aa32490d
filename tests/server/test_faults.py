"""Clients that vanish or do not read, over raw connections to a real server."""

import asyncio
import io
import json
import os
import socket
import struct
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import psutil
import pytest
from aiohttp import FormData

from nodegraph.jobs.service import Service
from tests.jobs.making import saying, through
from tests.jobs.serving import comes_true
from tests.server.conftest import Client

BOUNDARY = "line-between-parts"
MEBI = 2**20


def head(client: Client, method: str, path: str, **headers: str) -> bytes:
    """The head of a request."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{client.port}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode()


async def connect(client: Client, receive_bytes: int | None = None) -> socket.socket:
    """A connection of which nothing is read until somebody asks."""
    made = socket.socket()
    if receive_bytes is not None:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
    made.setblocking(False)
    await asyncio.get_running_loop().sock_connect(made, ("127.0.0.1", client.port or 0))
    return made


async def send(connection: socket.socket, data: bytes) -> None:
    await asyncio.get_running_loop().sock_sendall(connection, data)


async def receive(connection: socket.socket, until: bytes) -> bytes:
    found = b""
    while until not in found:
        piece = await asyncio.get_running_loop().sock_recv(connection, 4096)
        assert piece, found
        found += piece
    return found


def tear(connection: socket.socket) -> None:
    """End a connection as a crash does, with a reset."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def leave(connection: socket.socket) -> None:
    """End a connection as a closed program does."""
    connection.close()


ENDINGS = pytest.mark.parametrize("end", [tear, leave])


async def upload(client: Client, content: bytes) -> Any:
    form = FormData()
    form.add_field(
        "file", io.BytesIO(content), filename="a.bin", content_type="application/octet-stream"
    )
    async with client.post("/api/v2/assets", data=form) as answer:
        assert answer.status in (200, 201), await answer.text()
        return await answer.json()


async def is_well(client: Client) -> None:
    """The server answers and runs jobs."""
    async with client.get("/api/v2/health") as answer:
        assert answer.status == 200
    body = {"workflow": saying(os.urandom(4).hex())}
    async with client.post("/api/v2/jobs", json=body) as answer:
        job = await answer.json()

    async def done() -> bool:
        async with client.get(f"/api/v2/jobs/{job['id']}") as answer:
            return bool((await answer.json())["status"] == "succeeded")

    await comes_true(done)


def holds(get: Callable[[], Any], value: Any) -> Awaitable[None]:
    async def check() -> bool:
        return bool(get() == value)

    return comes_true(check)


@ENDINGS
async def test_an_upload_that_breaks_off_leaves_nothing(
    client: Client, service: Service, end: Callable[[socket.socket], None]
) -> None:
    files = {path for path in service.data.rglob("*") if path.is_file()}
    before = psutil.Process().num_fds()
    kind = f"multipart/form-data; boundary={BOUNDARY}"
    part = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
    for _ in range(5):
        connection = await connect(client)
        size = str(8 * MEBI)
        await send(
            connection,
            head(client, "POST", "/api/v2/assets", Content_Type=kind, Content_Length=size),
        )
        await send(connection, part.encode() + bytes(3 * MEBI))
        await asyncio.sleep(0.05)
        end(connection)

    def left() -> set[str]:
        found = {path for path in service.data.rglob("*") if path.is_file()} - files
        return {path.name for path in found if not path.name.startswith("nodegraph.db")}

    await holds(left, set())
    await holds(lambda: psutil.Process().num_fds() <= before + 2, True)
    await is_well(client)
    assert (await upload(client, bytes(3 * MEBI)))["size_bytes"] == 3 * MEBI


@ENDINGS
async def test_listeners_that_vanish_are_forgotten(
    client: Client, service: Service, end: Callable[[socket.socket], None]
) -> None:
    job = (await service.submit(through("Slow", steps=300))).job
    before = psutil.Process().num_fds()
    connections = []
    for _ in range(10):
        connection = await connect(client)
        await send(connection, head(client, "GET", f"/api/v2/jobs/{job.id}/events"))
        await receive(connection, b"event: ")
        connections.append(connection)
    assert job.id in service._hub.watched
    for connection in connections:
        end(connection)

    await holds(lambda: service._hub.watched, [])
    await holds(lambda: psutil.Process().num_fds() <= before + 2, True)
    await service.cancel(job.id)
    await is_well(client)


@ENDINGS
async def test_a_download_that_breaks_off_lets_go_of_its_file(
    client: Client, end: Callable[[socket.socket], None]
) -> None:
    content = os.urandom(16 * MEBI)
    asset = (await upload(client, content))["id"]
    before = psutil.Process().num_fds()
    for _ in range(5):
        connection = await connect(client, receive_bytes=4096)
        await send(connection, head(client, "GET", f"/api/v2/assets/{asset}/content"))
        await receive(connection, b"\r\n\r\n")
        end(connection)

    await holds(lambda: psutil.Process().num_fds() <= before + 2, True)
    async with client.get(f"/api/v2/assets/{asset}/content") as answer:
        assert await answer.read() == content
    await is_well(client)


async def test_those_who_do_not_read_hold_up_nobody(client: Client, service: Service) -> None:
    asset = (await upload(client, os.urandom(16 * MEBI)))["id"]
    job = (await service.submit(through("Slow", steps=400, pause=0.005))).job
    lazy = []
    for path in [f"/api/v2/assets/{asset}/content", f"/api/v2/jobs/{job.id}/events"] * 5:
        connection = await connect(client, receive_bytes=2048)
        await send(connection, head(client, "GET", path))
        lazy.append(connection)
    before = psutil.Process().memory_info().rss

    async with asyncio.timeout(30):
        await holds(lambda: service.metrics()["jobs"].get("succeeded"), 1)
    await is_well(client)

    assert psutil.Process().memory_info().rss - before < 64 * MEBI
    for connection in lazy:
        tear(connection)


async def test_a_listener_that_wakes_up_late_gets_a_whole_state(
    client: Client, service: Service
) -> None:
    job = (await service.submit(through("Slow", steps=1500, pause=0.001))).job
    connection = await connect(client, receive_bytes=2048)
    await send(connection, head(client, "GET", f"/api/v2/jobs/{job.id}/events"))
    await holds(lambda: service.metrics()["jobs"].get("succeeded"), 1)

    async with asyncio.timeout(20):
        heard = await receive(connection, b'"succeeded"')
    connection.close()

    assert heard.startswith(b"HTTP/1.1 200")


async def test_half_a_request_is_no_request(client: Client, service: Service) -> None:
    body = json.dumps({"workflow": saying("half")}).encode()
    connection = await connect(client)
    size = str(len(body))
    await send(
        connection,
        head(
            client,
            "POST",
            "/api/v2/jobs",
            Content_Type="application/json",
            Content_Length=size,
        ),
    )
    await send(connection, body[:-1])
    await asyncio.sleep(0.1)
    tear(connection)
    await is_well(client)

    assert (await service.page()).total == 1


async def test_a_clock_that_jumps_changes_no_order_and_no_state(
    client: Client, service: Service
) -> None:
    store, now = service._stores.jobs, 2_000_000_000.0
    jobs = []
    await service.pause(True)
    for number, jump in enumerate((0.0, -86_400.0, 86_400.0 * 400)):
        store.clock = partial(float, now + jump)
        async with client.post("/api/v2/jobs", json={"workflow": saying(f"{number}")}) as answer:
            jobs.append((await answer.json())["id"])
    async with client.get("/api/v2/jobs") as answer:
        listed = [job["id"] for job in (await answer.json())["jobs"]]
    store.clock = lambda: now - 1e6
    ends: list[str] = []
    service.on_end(lambda job: ends.append(job.id))
    await service.pause(False)
    await holds(lambda: len(ends), 3)

    assert listed == jobs[::-1]
    assert ends == jobs
    for name in jobs:
        async with client.get(f"/api/v2/jobs/{name}") as answer:
            job = await answer.json()
        assert job["status"] == "succeeded"
        assert min(value for value in job["metrics"].values() if value is not None) >= 0
