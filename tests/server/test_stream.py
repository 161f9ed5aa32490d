"""Events of a job: in order, complete for whoever comes late, and no burden when nobody reads."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient, TestServer
from comfy_low import models as contract
from comfy_low.sse import RawEvent, SSEDecoder

from nodegraph.jobs.service import Service
from nodegraph.server import stream
from nodegraph.server.app import make_app
from nodegraph.server.settings import Settings
from nodegraph.server.stream import STREAMS, Streams
from tests.jobs.making import link, saying, through, workflow
from tests.jobs.serving import PATIENCE, comes_true, is_running, run, until
from tests.server.conftest import Client

MODELS: dict[str, Any] = {
    "status": contract.StatusEvent,
    "progress": contract.Progress,
    "preview": contract.PreviewEvent,
    "output": contract.Output,
    "log": contract.LogEvent,
}


@asynccontextmanager
async def listening(client: Client, job_id: str, **headers: str) -> AsyncIterator[ClientResponse]:
    path = f"/api/v2/jobs/{job_id}/events"
    async with asyncio.timeout(PATIENCE), client.get(path, headers=headers) as answer:
        assert answer.status == 200
        assert answer.content_type == "text/event-stream"
        yield answer


async def events(answer: ClientResponse) -> AsyncIterator[RawEvent]:
    """The events, each checked against the contract."""
    decoder = SSEDecoder()
    async for line in answer.content:
        for event in decoder.push(line.decode()):
            MODELS[event.event].model_validate(event.data)
            yield event


async def all_of(client: Client, job_id: str, **headers: str) -> list[RawEvent]:
    async with listening(client, job_id, **headers) as answer:
        return [event async for event in events(answer)]


def streams_of(client: Client) -> Streams:
    assert client.app is not None
    return client.app[STREAMS]


def names(found: list[RawEvent]) -> list[str]:
    return [event.event for event in found]


async def test_everything_is_told_in_order(client: Client, service: Service) -> None:
    job = (await service.submit(through("Slow", steps=12, pause=0.05))).job
    found = await all_of(client, job.id)
    assert found[0].event == "status"
    assert found[-1] == RawEvent("status", {"status": "succeeded", "queue_position": None})
    assert {"status", "progress", "preview", "output"} == set(names(found))
    values = [event.data["value"] for event in found if event.event == "progress"]
    assert values == sorted(values)
    assert values[-1] == 1
    steps = [event.data["step"] for event in found if event.event == "progress"]
    assert {step for step in steps if step} == set(range(1, 13))
    (output,) = [event.data for event in found if event.event == "output"]
    assert output["url"] == str(client.make_url(f"/api/v2/assets/{output['id']}/content"))


async def test_who_comes_late_hears_how_things_stand(client: Client, service: Service) -> None:
    document = workflow(
        quick={"type": "Echo", "value": "quick"},
        first={"type": "SaveText", "text": link("quick"), "name": "first"},
        slow={"type": "Slow", "steps": 1000},
        second={"type": "SaveText", "text": link("slow"), "name": "second"},
    )
    job = (await service.submit(document)).job
    await until(service, job.id, lambda e: e.kind == "preview" and bool(e.job and e.job.outputs))
    async with listening(client, job.id) as answer:
        told = []
        async for event in events(answer):
            told.append(event)
            if event.event == "preview":
                break
    assert names(told) == ["status", "progress", "output", "preview"]
    assert told[0].data["status"] == "running"
    assert told[1].data["current_node_class"] == "Slow"
    assert told[3].data["node_id"] == "slow"
    await service.cancel(job.id)


async def test_of_a_finished_job_all_is_told_and_its_state_last(
    client: Client, service: Service
) -> None:
    job = await run(service, saying())
    for headers in ({}, {"Last-Event-ID": "17"}, {"Accept": "text/event-stream"}):
        found = await all_of(client, job.id, **headers)
        assert names(found) == ["progress", "output", "status"]
        assert found[-1].data["status"] == "succeeded"


async def test_a_failure_ends_the_stream(client: Client, service: Service) -> None:
    job = (await service.submit(through("Wrong", text="?"))).job
    assert (await all_of(client, job.id))[-1].data["status"] == "failed"


async def test_what_a_node_prints_is_told(client: Client, service: Service) -> None:
    await service.pause(True)
    job = (await service.submit(through("Talk", text="line\nand another"))).job
    async with listening(client, job.id) as answer:
        found = events(answer)
        assert (await anext(found)).data == {"status": "queued", "queue_position": 0}
        await service.pause(False)
        lines = [event.data["message"] async for event in found if event.event == "log"]
    assert {"line", "and another"} <= set(lines)


async def test_who_waits_hears_how_many_are_before(client: Client, service: Service) -> None:
    await service.pause(True)
    first = (await service.submit(saying())).job
    job = (await service.submit(saying())).job
    async with listening(client, job.id) as answer:
        found = events(answer)
        assert (await anext(found)).data["queue_position"] == 1
        await service.cancel(first.id)
        assert (await anext(found)).data["queue_position"] == 0
        await service.delete(job.id)
        assert [event async for event in found] == []  # it is gone, and the stream with it


async def test_a_silent_stream_says_that_it_lives(
    client: Client, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "KEEP_ALIVE_SECONDS", 0.05)
    monkeypatch.setattr(stream, "LOOK_SECONDS", 0.02)
    await service.pause(True)
    job = (await service.submit(saying())).job
    async with listening(client, job.id) as answer:
        async for line in answer.content:
            if line.startswith(b":"):
                break


async def test_nothing_is_kept_for_who_has_gone(
    client: Client, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "LOOK_SECONDS", 0.02)
    await service.pause(True)
    job = (await service.submit(saying())).job
    streams = streams_of(client)
    async with listening(client, job.id) as answer:
        await anext(events(answer))
        assert len(streams) == 1

    async def gone() -> bool:
        return len(streams) == 0

    await comes_true(gone)
    assert not service._hub.watched


@asynccontextmanager
async def deaf_listener(client: Client, job_id: str) -> AsyncIterator[socket.socket]:
    """A client that asks for events and reads none."""
    assert client.port is not None
    loop = asyncio.get_running_loop()
    with socket.socket() as end:
        end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        end.setblocking(False)
        await loop.sock_connect(end, ("127.0.0.1", client.port))
        request = f"GET /api/v2/jobs/{job_id}/events HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n"
        await loop.sock_sendall(end, request.encode())
        yield end


FLOOD = 10_000


def little_room(host: str, port: int, family: socket.AddressFamily) -> socket.socket:
    """A socket whose connections buffer next to nothing, so that slowness is felt at once."""
    end = socket.socket(family)
    end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    end.bind((host, port))
    return end


@pytest.fixture
async def narrow(service: Service) -> AsyncIterator[Client]:
    server = TestServer(make_app(service, Settings()), socket_factory=little_room)
    async with TestClient(server) as client:
        yield client


async def test_who_reads_slowly_holds_nobody_up_and_hears_the_end(
    narrow: Client, service: Service
) -> None:
    client = narrow
    await service.pause(True)
    job = (await service.submit(through("Slow", steps=FLOOD, pause=0))).job
    async with deaf_listener(client, job.id) as end, listening(client, job.id) as answer:
        found = events(answer)
        await anext(found)

        async def both() -> bool:
            return len(streams_of(client)) == 2

        await comes_true(both)
        await service.pause(False)
        last = [event async for event in found][-1]
        assert last.data["status"] == "succeeded"
        heard = b""
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(PATIENCE):
            while piece := await loop.sock_recv(end, 1 << 16):
                heard += piece
    told = heard.decode().split("\r\n\r\n", 1)[1].split("\n\n")
    assert told[-2].startswith("event: status")
    assert '"succeeded"' in told[-2]
    assert sum(one.startswith("event: output") for one in told) == 1
    assert service.metrics()["resynced_listeners"] > 0


async def test_who_reads_nothing_is_let_go(
    narrow: Client, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = narrow
    monkeypatch.setattr(stream, "LOOK_SECONDS", 0.02)
    monkeypatch.setattr(stream, "STUCK_SECONDS", 0.1)
    document = through("Slow", steps=10_000_000, pause=0)
    job = (await service.submit(document)).job
    await until(service, job.id, is_running("it"))
    streams = streams_of(client)
    async with deaf_listener(client, job.id):

        async def is_there() -> bool:
            return len(streams) == 1

        async def gone() -> bool:
            return len(streams) == 0

        await comes_true(is_there)
        await comes_true(gone)
    assert not service._hub.watched
    await service.cancel(job.id)


async def test_many_listen_to_one_job(client: Client, service: Service) -> None:
    await service.pause(True)
    job = (await service.submit(through("Slow", steps=20))).job
    listeners = [asyncio.create_task(all_of(client, job.id)) for _ in range(50)]

    async def all_there() -> bool:
        return len(streams_of(client)) == 50

    await comes_true(all_there)
    await service.pause(False)
    for found in await asyncio.gather(*listeners):
        assert found[-1].data["status"] == "succeeded"
        assert names(found).count("output") == 1


async def test_one_stream_too_many_is_refused(
    client: Client, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "MOST_STREAMS", 1)
    await service.pause(True)
    job = (await service.submit(saying())).job
    async with listening(client, job.id) as answer:
        await anext(events(answer))
        async with client.get(f"/api/v2/jobs/{job.id}/events") as other:
            assert other.status == 429
            assert int(other.headers["Retry-After"]) >= 1
            assert (await other.json())["error"]["code"] == "too_many_streams"


async def test_the_end_of_the_server_ends_streams(client: Client, service: Service) -> None:
    await service.pause(True)
    job = (await service.submit(saying())).job
    async with listening(client, job.id) as answer:
        found = events(answer)
        await anext(found)
        async with asyncio.timeout(5):
            await client.server.close()
            assert [event async for event in found] == []
