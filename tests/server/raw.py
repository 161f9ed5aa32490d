"""Requests byte by byte, as no well-behaved client would send them."""

import asyncio
from typing import Any, NamedTuple
from urllib.parse import quote

from tests.server.conftest import Client


class Heard(NamedTuple):
    """An answer as it came."""

    status: int
    headers: dict[str, str]
    body: bytes


async def say(client: Client, data: bytes, *, seconds: float = 10) -> Heard:
    """Send bytes and read one answer; status 0 if there was none."""
    reader, writer = await asyncio.open_connection("127.0.0.1", client.port)
    try:
        writer.write(data)
        await writer.drain()
        async with asyncio.timeout(seconds):
            return await _heard(reader, empty=data.startswith(b"HEAD "))
    finally:
        writer.close()


async def ask(
    client: Client, method: str, target: str, body: bytes = b"", /, **headers: str | None
) -> Heard:
    """A request with just these headers; `_` in their names stands for `-`, None leaves one out."""
    said: dict[str, str | None] = {"Host": f"127.0.0.1:{client.port}"}
    if body:
        said["Content-Length"] = str(len(body))
    said.update({name.replace("_", "-"): value for name, value in headers.items()})
    lines = [f"{method} {target} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in said.items() if value is not None]
    head = "\r\n".join(lines).encode("utf-8", "surrogateescape")
    return await say(client, head + b"\r\n\r\n" + body)


async def _heard(reader: asyncio.StreamReader, *, empty: bool) -> Heard:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, ConnectionError):
        return Heard(0, {}, b"")
    first, *rest = head.decode("latin-1").split("\r\n")
    lines = [line.partition(": ") for line in rest if line]
    headers = {name.lower(): value for name, _, value in lines}
    length = 0 if empty else int(headers.get("content-length", 0))
    try:
        body = await reader.readexactly(length)
    except (asyncio.IncompleteReadError, ConnectionError):
        body = b""
    return Heard(int(first.split()[1]), headers, body)


def quoted(name: str) -> str:
    """A name as one segment of a path, whatever is in it."""
    return quote(name.encode("utf-8", "surrogatepass"), safe="")


async def run(client: Client, nodes: dict[str, Any]) -> dict[str, Any]:
    """What became of a workflow: the finished job, or the error that refused it."""
    body = {"workflow": {"nodegraph": 1, "nodes": nodes}}
    answer = await client.post("/api/v2/jobs", json=body)
    made: dict[str, Any] = await answer.json()
    while made.get("status") in ("queued", "running"):
        made = await (await client.get(f"/api/v2/jobs/{made['id']}")).json()
    return made
