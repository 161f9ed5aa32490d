"""The stream of everything that an editor shows."""

import base64
import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from typing import Any

import pytest
from aiohttp import ClientTimeout

from nodegraph.jobs.events import LogLine
from nodegraph.jobs.service import Service
from nodegraph.server import stream
from nodegraph.server.settings import Settings
from tests.jobs.making import saying, through
from tests.jobs.serving import PATIENCE, comes_true, is_running, run, until
from tests.server.conftest import Client, Serve

Event = tuple[str, Any]


@asynccontextmanager
async def listening(client: Client, **headers: str) -> AsyncIterator[AsyncGenerator[Event, None]]:
    """The events of a stream, as they come."""
    timeout = ClientTimeout(total=PATIENCE)
    async with client.get("/api/editor/events", headers=headers, timeout=timeout) as answer:
        assert answer.content_type == "text/event-stream"

        async def read() -> AsyncGenerator[Event, None]:
            name = ""
            async for line in answer.content:
                field, _, value = line.decode().rstrip("\n").partition(": ")
                if field == "event":
                    name = value
                elif field == "data":
                    yield name, json.loads(value)

        async with aclosing(read()) as events:
            yield events


async def until_event(events: AsyncGenerator[Event, None], name: str, **values: Any) -> list[Event]:
    """All events up to one with some values."""
    found = []
    async for event in events:
        found.append(event)
        if event[0] == name and values.items() <= event[1].items():
            return found
    raise AssertionError(f"the stream ended without '{name}': {found}")


async def test_an_idle_server_tells_everything_first(client: Client) -> None:
    async with listening(client) as events:
        name, data = await anext(events)
    assert name == "snapshot"
    assert (data["jobs"], data["previews"]) == ([], [])
    assert data["queue"] == {"paused": False, "queued": 0, "running": 0, "positions": {}}
    assert data["worker"]["state"] == "idle"


async def test_a_silent_stream_says_so_where_scripts_hear_it(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "KEEP_ALIVE_SECONDS", 0.05)
    monkeypatch.setattr(stream, "LOOK_SECONDS", 0.02)
    async with listening(client) as events:
        await until_event(events, "alive")


async def test_a_job_is_told_from_its_submission_to_its_end(
    client: Client, service: Service
) -> None:
    await run(service, saying("again"))
    async with listening(client) as events:
        await anext(events)
        job = (await service.submit(saying("again"))).job
        told = await until_event(events, "job", id=job.id, status="succeeded")

    nodes = {data["node_id"]: data["report"] for name, data in told if name == "node"}
    assert nodes["echo"]["status"] == "reused"
    assert nodes["echo"]["reason"]
    (output,) = [data for name, data in told if name == "output"]
    assert (output["job_id"], output["output"]["node_id"]) == (job.id, "save")
    last = told[-1][1]
    assert last["nodes"]["echo"] == nodes["echo"]
    assert last["outputs"] == [output["output"]]


async def test_a_late_listener_sees_previews_nodes_and_places(
    client: Client, service: Service
) -> None:
    running = (await service.submit(through("Slow", steps=500, pause=0.02))).job
    await until(service, running.id, lambda event: event.kind == "preview")
    await service.submit(saying("of somebody else"), owner="ann")
    waits = (await service.submit(saying("1"))).job

    async with listening(client) as events:
        _, data = await anext(events)
        jobs = {job["id"]: job for job in data["jobs"]}
        assert set(jobs) == {running.id, waits.id}
        assert jobs[running.id]["nodes"]["it"]["status"] == "running"
        assert jobs[waits.id]["position"] == data["queue"]["positions"][waits.id] == 1
        (preview,) = data["previews"]
        assert base64.b64decode(preview["data_base64"]).startswith(b"\xff\xd8")
        assert (preview["job_id"], preview["node_id"]) == (running.id, "it")

        await service.set_priority(waits.id, 3)
        await until_event(events, "queue", positions={waits.id: 0})
        await service.pause(True)
        await until_event(events, "queue", paused=True)
        await service.delete(waits.id)
        await until_event(events, "deleted", job_id=waits.id)
        await until_event(events, "preview")
        await service.cancel(running.id)
        await until_event(events, "job", id=running.id, status="canceled")


async def test_places_change_with_the_jobs_of_others(client: Client, service: Service) -> None:
    await service.pause(True)
    other = (await service.submit(saying("1"), owner="ann")).job
    mine = (await service.submit(saying("2"))).job
    async with listening(client) as events:
        _, data = await anext(events)
        assert data["queue"]["positions"] == {mine.id: 1}
        await service.cancel(other.id)
        await until_event(events, "queue", positions={mine.id: 0})


async def test_a_worker_that_dies_is_told(client: Client, service: Service) -> None:
    async with listening(client) as events:
        await anext(events)
        job = (await service.submit(through("Crash"))).job
        told = await until_event(events, "job", id=job.id, status="failed")
        assert told[-1][1]["error"]["code"] == "worker_crashed"
        await until_event(events, "worker", restarts=1, state="idle")


async def test_a_listener_hears_of_no_job_of_others(serve: Serve, service: Service) -> None:
    client = await serve(Settings(tokens={Settings.digest_of("t"): "ann"}))
    async with listening(client, Authorization="Bearer t") as events:
        await anext(events)
        await run(service, saying("local"))
        mine = (await service.submit(saying("ann"), owner="ann")).job
        told = await until_event(events, "job", id=mine.id, status="succeeded")
    ids = {data.get("id", data.get("job_id")) for name, data in told if name not in _GENERAL}
    assert ids == {mine.id}


_GENERAL = ("queue", "worker")


async def test_a_listener_that_was_too_slow_gets_everything_again(
    client: Client, service: Service
) -> None:
    async with listening(client) as events:
        await anext(events)
        job = (await service.submit(saying())).job
        for number in range(2000):  # at once, so that none of it is read meanwhile
            service._hub.publish("log", job, log=LogLine("info", f"{number} " * 100))
        told = await until_event(events, "snapshot")
    assert len(told) < 1500
    assert told[-1][1]["queue"]["paused"] is False


async def test_what_was_lost_is_told_again_where_no_job_waits_or_runs(
    client: Client, service: Service
) -> None:
    job = await run(service, saying())
    async with listening(client) as events:
        await anext(events)
        for number in range(2000):
            service._hub.publish("log", job, log=LogLine("info", str(number)))
        told = await until_event(events, "snapshot")
    assert told[-1][1]["jobs"] == []


async def test_a_listener_that_has_gone_is_forgotten(client: Client, service: Service) -> None:
    before = len(service._hub._general)
    async with listening(client) as events:
        await anext(events)
        assert len(service._hub._general) == before + 1

    async def gone() -> bool:
        return len(service._hub._general) == before

    await comes_true(gone)


async def test_a_running_node_is_in_the_snapshot(client: Client, service: Service) -> None:
    job = (await service.submit(through("Slow", steps=1000, pause=0.02))).job
    await until(service, job.id, is_running("it"))
    async with listening(client) as events:
        _, data = await anext(events)
    assert data["jobs"][0]["progress"]["current_node"] == "it"
    await service.cancel(job.id)
