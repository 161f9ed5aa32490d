"""Clients that read slowly, say nonsense or are simply gone; servers that stop."""

import asyncio
import json
import socket as sockets
from typing import Any

import pytest
from aiohttp import WSCloseCode, WSMsgType

from nodegraph.jobs.service import Service
from nodegraph.server import comfy_v1_socket, comfy_v1_ws
from nodegraph.server.comfy_v1_messages import Message
from nodegraph.server.settings import Settings
from tests.jobs.making import saying, through, workflow
from tests.server.conftest import Client, Serve
from tests.server.listening import PATIENCE, connect, hear, hear_until, is_over, of_type, types


async def close_code(socket: Any) -> int | None:
    """Read to the end; how it was closed."""
    async with asyncio.timeout(PATIENCE):
        while (await socket.receive()).type not in (WSMsgType.CLOSE, WSMsgType.CLOSED):
            pass
    code: int | None = socket.close_code
    return code


@pytest.mark.parametrize(
    "text", ["", "nonsense", "[]", "null", '{"type": 1}', "[" * 60_000, '{"type":"feature_flags"}']
)
async def test_nonsense_does_not_end_a_connection(
    client: Client, service: Service, text: str
) -> None:
    socket = await connect(client, "me")
    await socket.send_str(text)
    await socket.send_bytes(b"\0" * 100)
    await socket.send_json({"type": "feature_flags", "data": [1]})
    await hear_until(socket, of_type("feature_flags"))
    made = await service.submit(saying(), client_id="me")
    assert "executed" in types(await hear_until(socket, is_over(made.job.id)))


async def test_a_message_that_is_too_long_ends_the_connection(client: Client) -> None:
    socket = await connect(client, "me")
    await socket.send_str("x" * (comfy_v1_socket.LONGEST_READ + 1))
    assert await close_code(socket) == WSCloseCode.MESSAGE_TOO_BIG


async def test_a_request_that_is_no_websocket_is_refused(client: Client) -> None:
    for path in ("/ws", "/api/ws"):
        assert (await client.get(path)).status in (400, 426)


async def test_an_id_of_any_kind_is_taken(client: Client, service: Service) -> None:
    name = "ü\0" + "x" * 500
    socket = await connect(client, name)
    sid = (await hear(socket))["data"]["sid"]
    assert sid == "ü" + "x" * 99
    made = await service.submit(saying(), client_id=name)
    assert made.job.client_id == sid
    await hear_until(socket, is_over(made.job.id))


async def silent(client: Client, sid: str) -> sockets.socket:
    """A client that opens a WebSocket and never reads from it."""
    assert client.port is not None
    made = sockets.socket()
    made.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 4096)
    made.setblocking(False)
    loop = asyncio.get_running_loop()
    await loop.sock_connect(made, (client.host, client.port))
    key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13"
    head = f"GET /ws?clientId={sid} HTTP/1.1\r\nHost: {client.host}:{client.port}\r\n{key}\r\n"
    await loop.sock_sendall(
        made, f"{head}Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n".encode()
    )
    assert b"101" in await loop.sock_recv(made, 12)
    return made


async def test_who_does_not_read_holds_up_nobody_and_is_sent_away(
    client: Client, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(comfy_v1_socket, "MOST_WAITING", 200_000)
    board = client.server.app[comfy_v1_ws.BOARD]  # type: ignore[attr-defined]
    reader = await connect(client, "reads")
    deaf = await silent(client, "deaf")
    try:
        for number in range(2000):
            document = workflow(show={"type": "ShowText", "text": f"{number}" + "x" * 20_000})
            made = await service.submit(document)
            async with asyncio.timeout(5):
                await hear_until(reader, is_over(made.job.id))
            if board.count == 1:
                break
        assert board.count == 1
    finally:
        deaf.close()


async def test_progress_waits_only_once_for_a_slow_reader() -> None:
    """The newest state replaces those that were not sent yet."""
    waiting: list[str] = []
    made = comfy_v1_socket.Waiting()
    for value in range(1000):
        made.put(Message("progress", {"prompt_id": "a", "value": value}, latest=True))
    made.put(Message("executed", {"prompt_id": "a"}))
    made.put(Message("executed", {"prompt_id": "a"}))
    while (data := made.take()) is not None:
        waiting.append(str(data))
    values = [json.loads(text)["data"].get("value") for text in waiting]
    assert values == [999, None, None]
    assert made.size == 0


async def test_clients_come_and_go_while_jobs_run(client: Client, service: Service) -> None:
    made = await service.submit(through("Slow", steps=60, pause=0.02), client_id="me")
    for _ in range(20):
        socket = await connect(client, "me")
        await hear(socket)
        assert socket._response.connection is not None
        assert socket._response.connection.transport is not None
        socket._response.connection.transport.abort()
    last = await connect(client, "me")
    heard = await hear_until(last, is_over(made.job.id))
    assert "execution_success" in types(heard)


async def test_a_server_that_stops_says_so(serve: Serve) -> None:
    client = await serve(Settings())
    listening = [await connect(client, name) for name in ("a", "b")]
    for socket in listening:
        await hear(socket)
    closing = asyncio.create_task(client.server.close())
    for socket in listening:
        assert await close_code(socket) == WSCloseCode.GOING_AWAY
    async with asyncio.timeout(10):
        await closing


async def test_so_many_sockets_and_no_more(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comfy_v1_ws, "MOST_SOCKETS", 2)
    for name in ("a", "b"):
        await hear(await connect(client, name))
    answer = await client.get("/ws")
    assert answer.status == 503
    assert answer.headers["Retry-After"]


async def test_the_death_of_the_worker_is_told_and_what_comes_after_it(
    client: Client, service: Service
) -> None:
    socket = await connect(client, "me")
    made = await service.submit(through("Crash"), client_id="me")
    heard = await hear_until(socket, is_over(made.job.id))
    (error,) = [m["data"] for m in heard if m["type"] == "execution_error"]
    assert error["node_id"] == "it"
    assert error["exception_type"] == "worker_crashed"
    assert "SIGSEGV" in error["exception_message"]
    other = await service.submit(saying(), client_id="me")
    heard = await hear_until(socket, is_over(other.job.id))
    assert "execution_success" in types(heard)


async def test_the_end_is_told_though_its_events_were_lost(
    serve: Serve, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(comfy_v1_ws, "_BACKLOG", 1)
    monkeypatch.setattr(comfy_v1_ws, "_LOOK_SECONDS", 0.1)
    socket = await connect(await serve(Settings()), "me")
    made = await service.submit(through("Slow", steps=20), client_id="me")
    heard = await hear_until(socket, is_over(made.job.id))
    assert {"execution_start", "executed", "execution_success"} <= {*types(heard)}
    assert service.metrics()["resynced_listeners"]
