"""One WebSocket of a version 1 client, and what waits to be sent to it."""

from __future__ import annotations

import asyncio
import json
from collections import OrderedDict
from contextlib import suppress
from typing import Any

from aiohttp import WSCloseCode, WSMsgType, web

from nodegraph.jobs.events import Preview
from nodegraph.server.comfy_v1_messages import (
    Message,
    preview_frame,
    preview_frame_with_metadata,
)

__all__ = ["Socket", "Waiting", "feature_flags"]

LONGEST_READ = 64 * 1024
"""The longest message that is read, in bytes."""
MOST_WAITING = 16 * 2**20
"""How many bytes may wait to be sent before a client is sent away; it may come again."""
HEARTBEAT = 30.0
_CLOSING_SECONDS = 2.0


def feature_flags(max_upload: int) -> dict[str, Any]:
    """What this server can do, for clients that ask."""
    return {"supports_preview_metadata": True, "max_upload_size": max_upload}


class Waiting:
    """What is to be sent, in order.

    What is worthless once something newer comes (progress, previews, the length of the queue)
    waits at most once.

    Attributes:
        size: bytes, about.
        arrived: set while there is something.
    """

    def __init__(self) -> None:
        self._all: OrderedDict[object, str | bytes] = OrderedDict()
        self.size = 0
        self.arrived = asyncio.Event()

    def put(self, message: Message) -> None:
        """Add a text message."""
        key = (message.type, message.data.get("prompt_id")) if message.latest else object()
        self._put(key, message.text)

    def put_picture(self, data: bytes) -> None:
        """Add a preview."""
        self._put("preview", data)

    def _put(self, key: object, data: str | bytes) -> None:
        former = self._all.pop(key, "")
        self.size += len(data) - len(former)
        self._all[key] = data
        self.arrived.set()

    def take(self) -> str | bytes | None:
        """The next one; None if there is none."""
        if not self._all:
            self.arrived.clear()
            return None
        _, data = self._all.popitem(last=False)
        self.size -= len(data)
        return data


class Socket:
    """A client that listens.

    Attributes:
        owner: whose jobs it hears of.
        sid: the id it goes by.
    """

    def __init__(self, request: web.Request, owner: str, sid: str, max_upload: int) -> None:
        self.owner, self.sid = owner, sid
        self._request, self._max_upload = request, max_upload
        self._ws = web.WebSocketResponse(
            heartbeat=HEARTBEAT,
            max_msg_size=LONGEST_READ,
            timeout=_CLOSING_SECONDS,
            compress=False,
        )
        self._waiting, self._behind = Waiting(), asyncio.Event()
        self._metadata = False
        self._held: tuple[Preview, dict[str, Any]] | None = None

    @property
    def response(self) -> web.WebSocketResponse:
        """What the handler returns."""
        return self._ws

    async def open(self) -> None:
        """Take the request as a WebSocket.

        Raises:
            web.HTTPBadRequest: it does not ask for one.
        """
        await self._ws.prepare(self._request)

    def send(self, message: Message) -> None:
        """Have a message sent; never waits."""
        self._waiting.put(message)
        if self._waiting.size > MOST_WAITING:
            self._behind.set()

    def show(self, preview: Preview, names: dict[str, Any]) -> None:
        """Have a preview sent, in the form that the client knows."""
        if self._metadata:
            self._waiting.put_picture(preview_frame_with_metadata(preview, names))
        else:
            self._waiting.put_picture(preview_frame(preview))

    def show_soon(self, preview: Preview, names: dict[str, Any], seconds: float = 0.3) -> None:
        """The same, once the client has said which form it knows, or has said nothing."""
        self._held = (preview, names)
        asyncio.get_running_loop().call_later(seconds, self._release)

    def _release(self) -> None:
        held, self._held = self._held, None
        if held is not None:
            self.show(*held)

    async def serve(self) -> None:
        """Send and read until the client goes, or is too far behind."""
        parts = (self._write(), self._read(), self._behind.wait())
        tasks = [asyncio.ensure_future(part) for part in parts]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            if self._behind.is_set():
                await self.close(WSCloseCode.TRY_AGAIN_LATER, "too far behind")
            else:
                await self.close(WSCloseCode.OK, "")

    async def close(self, code: int, reason: str) -> None:
        """Say goodbye; a client that does not listen is cut off."""
        try:
            async with asyncio.timeout(_CLOSING_SECONDS):
                await self._ws.close(code=code, message=reason.encode())
        except (TimeoutError, ConnectionError):
            if self._request.transport is not None:
                self._request.transport.abort()

    async def _write(self) -> None:
        with suppress(ConnectionError):
            while not self._ws.closed:
                data = self._waiting.take()
                if data is None:
                    await self._waiting.arrived.wait()
                elif isinstance(data, str):
                    await self._ws.send_str(data)
                else:
                    await self._ws.send_bytes(data)

    async def _read(self) -> None:
        async for message in self._ws:
            if message.type is WSMsgType.TEXT:
                self._hear(message.data)

    def _hear(self, text: str) -> None:
        """A client says only what it can do; everything else is no concern of ours."""
        try:
            said = json.loads(text)
        except (ValueError, RecursionError):
            return
        if not isinstance(said, dict) or said.get("type") != "feature_flags":
            return
        flags = said.get("data")
        self._metadata = isinstance(flags, dict) and flags.get("supports_preview_metadata") is True
        self.send(Message("feature_flags", feature_flags(self._max_upload), latest=True))
        self._release()
