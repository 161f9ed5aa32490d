"""Services for tests: started on a folder with the pack of this folder, stopped in any case."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from typing import Any

from nodegraph.jobs.events import JobEvent
from nodegraph.jobs.model import Job
from nodegraph.jobs.service import Service

PACK = "tests.jobs.pack"
PATIENCE = 60.0


@asynccontextmanager
async def serving(data: Path, *, wait: bool = True, **options: Any) -> AsyncIterator[Service]:
    """A service, by default with a worker that is up."""
    service = await Service.start(data, packs=[PACK], **options)
    try:
        if wait:
            await asyncio.wait_for(service.ready(), PATIENCE)
        yield service
    finally:
        await service.stop()


async def events_of(
    service: Service, job_id: str, begun: asyncio.Event | None = None
) -> list[JobEvent]:
    """Every event of a job, from its snapshot (when `begun` is set) to its end."""
    found = []
    async with asyncio.timeout(PATIENCE), aclosing(service.subscribe(job_id)) as events:
        async for event in events:
            found.append(event)
            if begun is not None:
                begun.set()
    return found


async def run(service: Service, document: dict[str, Any], **options: Any) -> Job:
    """Submit and wait; returns the job as the last event has it."""
    submission = await service.submit(document, **options)
    last = (await events_of(service, submission.job.id))[-1].job
    assert last is not None
    return last


async def until(service: Service, job_id: str, condition: Callable[[JobEvent], bool]) -> JobEvent:
    """The first event of a job for which something holds."""
    async with asyncio.timeout(PATIENCE), aclosing(service.subscribe(job_id)) as events:
        async for event in events:
            if condition(event):
                return event
    raise AssertionError("the job ended before")


async def comes_true(condition: Callable[[], Awaitable[bool]]) -> None:
    """Wait until something holds."""
    async with asyncio.timeout(PATIENCE):
        while not await condition():
            await asyncio.sleep(0.01)


def is_running(node: str) -> Callable[[JobEvent], bool]:
    """Whether an event says, or implies, that a node runs."""

    def check(event: JobEvent) -> bool:
        reports = (event.job.nodes if event.job is not None else None) or {}
        return reports.get(node, {}).get("status") == "running"

    return check
