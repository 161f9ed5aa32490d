"""Short ways to say what tests of version 1 need."""

import asyncio
from typing import Any

from tests.server.conftest import Client

PATIENCE = 60.0


def node(class_type: str, **inputs: Any) -> dict[str, Any]:
    return {"class_type": class_type, "inputs": inputs}


def saying(text: str = "hello", name: str = "text") -> dict[str, Any]:
    """A prompt of three nodes that saves a text."""
    return {
        "1": node("Echo", value=text),
        "2": node("Join", first=["1", 0], second="!"),
        "3": node("SaveText", text=["2", 0], name=name),
    }


def lasting(steps: int = 2000) -> dict[str, Any]:
    """A prompt that runs until it is stopped."""
    return {"1": node("Slow", text="x", steps=steps), "2": node("SaveText", text=["1", 0])}


async def post(client: Client, path: str, body: Any = None, status: int = 200) -> Any:
    """Send JSON; the answer's JSON, None if it has no body."""
    answer = await client.post(path, json=body)
    text = await answer.text()
    assert answer.status == status, text
    return await answer.json() if text else None


async def get(client: Client, path: str, status: int = 200) -> Any:
    answer = await client.get(path)
    assert answer.status == status, await answer.text()
    return await answer.json()


async def prompt(client: Client, document: dict[str, Any], **more: Any) -> str:
    """Queue a prompt; returns its id."""
    made = await post(client, "/prompt", {"prompt": document, **more})
    assert made["node_errors"] == {}
    job_id: str = made["prompt_id"]
    return job_id


async def finished(client: Client, job_id: str) -> dict[str, Any]:
    """Wait for a job's entry in the history."""
    async with asyncio.timeout(PATIENCE):
        while not (found := await get(client, f"/history/{job_id}")):
            await asyncio.sleep(0.02)
    entry: dict[str, Any] = found[job_id]
    return entry


async def begun(client: Client, job_id: str) -> None:
    """Wait until a job runs."""
    async with asyncio.timeout(PATIENCE):
        while (await get(client, f"/jobs/{job_id}"))["status"] == "pending":
            await asyncio.sleep(0.01)
