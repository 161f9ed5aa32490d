"""A version 1 client in a few lines: what it hears, in order."""

import asyncio
import json
import struct
from collections.abc import Callable
from typing import Any

from aiohttp import ClientWebSocketResponse, WSMsgType

from tests.server.conftest import Client

PATIENCE = 60.0
Socket = ClientWebSocketResponse
Heard = list[dict[str, Any]]


async def connect(client: Client, sid: str = "", path: str = "/ws") -> Socket:
    return await client.ws_connect(path, params={"clientId": sid} if sid else {})


async def hear(socket: Socket) -> dict[str, Any]:
    """The next message; of a binary one its type, its words and its picture."""
    async with asyncio.timeout(PATIENCE):
        message = await socket.receive()
    if message.type is WSMsgType.TEXT:
        found: dict[str, Any] = json.loads(message.data)
        return found
    assert message.type is WSMsgType.BINARY, message
    return unpack(message.data)


def unpack(data: bytes) -> dict[str, Any]:
    """The parts of a binary message."""
    kind, word = struct.unpack(">II", data[:8])
    if kind == 1:
        return {"type": 1, "format": word, "image": data[8:]}
    return {"type": kind, "data": json.loads(data[8 : 8 + word]), "image": data[8 + word :]}


async def hear_until(socket: Socket, last: Callable[[dict[str, Any]], bool]) -> Heard:
    """Every message up to the one that is waited for."""
    heard: Heard = []
    while not heard or not last(heard[-1]):
        heard.append(await hear(socket))
    return heard


def is_over(job_id: str) -> Callable[[dict[str, Any]], bool]:
    """What scripts wait for: nothing of their job runs any more."""

    def check(message: dict[str, Any]) -> bool:
        if message["type"] != "executing":
            return False
        data = message["data"]
        return data["node"] is None and data["prompt_id"] == job_id

    return check


def of_type(kind: str | int) -> Callable[[dict[str, Any]], bool]:
    return lambda message: message["type"] == kind


def types(heard: Heard, without: tuple[str | int, ...] = ("status", "progress_state")) -> list[Any]:
    return [message["type"] for message in heard if message["type"] not in without]


def only(heard: Heard, kind: str | int) -> Heard:
    return [message for message in heard if message["type"] == kind]


def one(heard: Heard, kind: str | int) -> dict[str, Any]:
    (found,) = only(heard, kind)
    data: dict[str, Any] = found["data"]
    return data
