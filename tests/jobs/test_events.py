"""What listeners hear, and when."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from io import BytesIO

import pytest
import pytest_asyncio
from PIL import Image

from nodegraph.jobs.events import JobEvent
from nodegraph.jobs.service import Service
from tests.jobs.making import link, saying, through, workflow
from tests.jobs.serving import PATIENCE, events_of, is_running, run, serving, until

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def service(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Service]:
    async with serving(tmp_path_factory.mktemp("events")) as made:
        yield made


async def test_a_job_is_told_from_its_snapshot_to_its_end(service: Service) -> None:
    await service.pause(True)
    job = (await service.submit(saying("told"))).job
    begun = asyncio.Event()
    listening = asyncio.ensure_future(events_of(service, job.id, begun))
    await begun.wait()
    await service.pause(False)
    events = await listening

    assert (events[0].kind, events[0].position) == ("snapshot", 0)
    states = [event.job.status for event in events if event.kind == "status" and event.job]
    assert states == ["running", "succeeded"]
    nodes = [(e.node, e.report["status"]) for e in events if e.kind == "node" and e.report]
    assert nodes == [
        (name, status) for name in ("echo", "join", "save") for status in ("running", "ran")
    ]
    assert [event.output.node for event in events if event.output] == ["save"]
    kinds = [event.kind for event in events]
    assert kinds.index("output") < len(kinds) - 1
    numbers = [event.number for event in events[1:]]
    assert numbers == sorted(set(numbers))


async def test_progress_never_goes_back_and_ends_at_one(service: Service) -> None:
    document = workflow(
        first={"type": "Slow", "text": "progress", "steps": 8, "pause": 0.05},
        second={"type": "Echo", "value": "progress"},
        join={"type": "Join", "first": link("first"), "second": link("second")},
        save={"type": "SaveText", "text": link("join")},
    )

    events = await events_of(service, (await service.submit(document)).job.id)

    told = [e.job.progress for e in events if e.kind == "progress" and e.job and e.job.progress]
    values = [progress["value"] for progress in told]
    assert values == sorted(values)
    assert values[-1] == 1.0
    # Steps that come together are told as one, so that which ones are told is chance.
    steps = [p for p in told if p["current_node"] == "first" and p["step"] is not None]
    assert steps
    for one in steps:
        assert one["message"] == f"Slow {one['step']}/8"
        assert (one["steps"], one["nodes_total"]) == (8, 4)
        assert one["step"] / 8 * 0.7 < one["value"] < 0.9


async def test_previews_are_jpegs_and_rare(service: Service) -> None:
    document = through("Slow", text="previews", steps=40, pause=0.02)

    events = await events_of(service, (await service.submit(document)).job.id)

    previews = [event.preview for event in events if event.kind == "preview" and event.preview]
    assert 1 <= len(previews) <= 8
    with Image.open(BytesIO(previews[0].data)) as picture:
        assert (picture.format, picture.size) == ("JPEG", (64, 64))
    assert (previews[0].node, previews[0].width) == ("it", 64)


async def test_who_comes_late_gets_everything_at_once(service: Service) -> None:
    document = workflow(
        early={"type": "SaveText", "text": "early"},
        slow={"type": "Slow", "steps": 10_000, "text": "late"},
        save={"type": "SaveText", "text": link("slow")},
    )
    job = (await service.submit(document)).job
    await until(service, job.id, lambda event: _is_under_way(event))

    async with aclosing(service.subscribe(job.id)) as events:
        first = await anext(events)

    assert first.kind == "snapshot"
    assert first.preview is not None
    assert first.job is not None
    assert first.job.progress is not None
    assert first.job.progress["current_node"] == "slow"
    assert [output.node for output in first.job.outputs] == ["early"]
    await service.cancel(job.id)
    await events_of(service, job.id)


def _is_under_way(event: JobEvent) -> bool:
    return bool(is_running("slow")(event) and event.job and event.job.outputs and event.preview)


async def test_a_finished_job_is_one_snapshot(service: Service) -> None:
    job = await run(service, saying("finished"))

    (event,) = await events_of(service, job.id)

    assert (event.kind, event.job) == ("snapshot", job)


async def test_a_slow_listener_gets_the_whole_state_in_place_of_what_it_missed(
    service: Service,
) -> None:
    before = service.metrics()["resynced_listeners"]
    job = (await service.submit(through("Slow", text="many", steps=200, pause=0.001))).job
    seen = []
    async with asyncio.timeout(PATIENCE), aclosing(service.subscribe(job.id, backlog=4)) as events:
        async for event in events:
            seen.append(event)
            await asyncio.sleep(0.05)

    assert service.metrics()["resynced_listeners"] > before
    assert sum(event.kind == "snapshot" for event in seen) >= 2
    assert seen[-1].job is not None
    assert seen[-1].job.status == "succeeded"
    assert len(seen[-1].job.outputs) == 1


async def test_an_owner_hears_of_all_its_jobs_and_of_no_others(service: Service) -> None:
    await service.pause(True)
    mine = (await service.submit(saying("mine"), owner="ann")).job
    theirs = (await service.submit(saying("theirs"), owner="bob")).job
    seen: list[JobEvent] = []
    begun = asyncio.Event()

    async def listen() -> None:
        async with aclosing(service.subscribe(owner="ann")) as events:
            async for event in events:
                seen.append(event)
                begun.set()

    listening = asyncio.ensure_future(listen())
    await begun.wait()
    await service.pause(False)
    for job in (mine, theirs):
        await events_of(service, job.id)
    await service.delete(mine.id)
    await asyncio.sleep(0.05)
    listening.cancel()

    assert (seen[0].kind, seen[0].position) == ("snapshot", 0)
    assert {event.job.id for event in seen if event.job is not None} == {mine.id}
    assert {"snapshot", "queue", "status", "node", "output", "deleted"} <= {e.kind for e in seen}


async def test_who_waits_hears_how_the_queue_moves(service: Service) -> None:
    await service.pause(True)
    first = (await service.submit(through("Slow", text="q1", steps=30))).job
    await service.submit(through("Slow", text="q2", steps=30))
    last = (await service.submit(through("Slow", text="q3", steps=30))).job
    begun = asyncio.Event()
    listening = asyncio.ensure_future(events_of(service, last.id, begun))
    await begun.wait()
    await service.pause(False)
    events = await listening

    places = [event.position for event in events if event.position is not None]
    assert places[0] == 2
    assert 0 in places
    assert places == sorted(places, reverse=True)
    assert (await service.get(first.id)).status == "succeeded"
