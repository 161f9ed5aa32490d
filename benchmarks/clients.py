"""Clients for `benchmarks/server.py`: each submits three nodes and returns once they are done."""

from __future__ import annotations

import asyncio
import json
from typing import Any, Self

from aiohttp import ClientResponse, ClientSession, ClientWebSocketResponse, TCPConnector

from benchmarks.pack import api_form, native_form

__all__ = ["Bare", "Client", "Listener", "V1Socket", "V2Events", "V2Poll", "new_session"]

FINISHED = ("succeeded", "failed", "canceled", "expired")


def new_session() -> ClientSession:
    """A session whose connections are kept and not counted."""
    return ClientSession(connector=TCPConnector(limit=0))


class Client:
    """Somebody who has jobs run, one after another, over one session."""

    def __init__(self, session: ClientSession, url: str, workflow: dict[str, Any]) -> None:
        self.session, self.url, self.workflow = session, url, workflow

    @classmethod
    async def connect(cls, session: ClientSession, url: str) -> Self:
        """Be ready to submit."""
        return cls(session, url, native_form())

    async def run(self) -> None:
        """Submit, and wait until it is done."""
        raise NotImplementedError

    async def settle(self) -> None:
        """Read what still comes, so that the connection serves the next job."""

    async def close(self) -> None:
        """Let go of what is open beside the session."""


class Bare(Client):
    """The answer of the one request says that it is done."""

    async def run(self) -> None:
        async with self.session.post(f"{self.url}/run", json=self.workflow) as answer:
            assert (await answer.json())["status"] == "succeeded"


class _V2(Client):
    async def submit(self) -> dict[str, Any]:
        body = {"workflow": self.workflow}
        async with self.session.post(f"{self.url}/api/v2/jobs", json=body) as answer:
            assert answer.status == 201, await answer.text()
            job: dict[str, Any] = await answer.json()
            return job


class V2Events(_V2):
    """Submits, and listens to the job's events."""

    answer: ClientResponse

    async def run(self) -> None:
        job = await self.submit()
        self.answer = await self.session.get(f"{self.url}/api/v2/jobs/{job['id']}/events")
        assert await last_status(self.answer.content) == "succeeded"

    async def settle(self) -> None:
        await self.answer.read()


class V2Poll(_V2):
    """Submits, and asks again and again, a millisecond apart."""

    async def run(self) -> None:
        job = await self.submit()
        while job["status"] not in FINISHED:
            await asyncio.sleep(0.001)
            async with self.session.get(f"{self.url}/api/v2/jobs/{job['id']}") as answer:
                job = await answer.json()
        assert job["status"] == "succeeded", job


class V1Socket(Client):
    """As ComfyUI's scripts do: POST /prompt, and a WebSocket that says when it is done."""

    socket: ClientWebSocketResponse

    @classmethod
    async def connect(cls, session: ClientSession, url: str) -> Self:
        made = cls(session, url, api_form())
        made.socket = await session.ws_connect(f"{url}/ws?clientId=bench-{id(made)}")
        return made

    async def run(self) -> None:
        body = {"prompt": self.workflow, "client_id": f"bench-{id(self)}"}
        async with self.session.post(f"{self.url}/prompt", json=body) as answer:
            assert answer.status == 200, await answer.text()
            prompt = (await answer.json())["prompt_id"]
        while True:
            message = json.loads(await self.socket.receive_str())
            data = message["data"]
            if data.get("prompt_id") == prompt and message["type"] == "execution_success":
                return
            assert message["type"] != "execution_error", message

    async def close(self) -> None:
        await self.socket.close()


async def last_status(stream: asyncio.StreamReader | Any) -> str:
    """The state that a job's events end with."""
    status = ""
    async for line in stream:
        if line.startswith(b"data:") and b'"status"' in line:
            status = json.loads(line[5:]).get("status") or status
            if status in FINISHED:
                break
    return status


class Listener:
    """One of many who listen to one job; counts, and looks at its watch at the end."""

    def __init__(self) -> None:
        self.events = 0
        self.status = ""
        self.ended = 0.0
        self.begun = asyncio.Event()

    async def listen(self, session: ClientSession, url: str) -> None:
        """Until the job is finished."""
        async with session.get(url) as answer:
            async for line in answer.content:
                if line.startswith(b"data:"):
                    self.events += 1
                    self.begun.set()
                    if b'"status"' in line:
                        self.status = json.loads(line[5:]).get("status") or self.status
                        if self.status in FINISHED:
                            break
        self.ended = asyncio.get_running_loop().time()
