"""Everything an editor has to hear, as one stream of server-sent events.

First comes `snapshot`: what runs and waits, how far it is, the last previews, the queue and the
worker. It comes again in place of everything when a listener read too slowly. Then, each with
JSON as its data: `job` (a change of state; the whole job), `node` (a node began or was settled,
and why), `progress`, `preview`, `output`, `log`, `deleted`, `queue` and `worker`. Where there is
nothing to tell, `alive` says so now and then: who hears nothing at all has lost the connection.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing

from aiohttp import web
from pydantic import BaseModel

from nodegraph.jobs.events import JobEvent
from nodegraph.jobs.model import Job
from nodegraph.jobs.service import Service
from nodegraph.server import editor_job_models as models
from nodegraph.server.call import owner_of, service_of
from nodegraph.server.editor_queue import queue_state
from nodegraph.server.editor_views import job_of, output_of, preview_of
from nodegraph.server.models import ErrorEnvelope, Progress
from nodegraph.server.route import Answer, Route
from nodegraph.server.stream import STREAMS, EventStream

__all__ = ["ROUTES"]

ALIVE = b"event: alive\ndata: {}\n\n"
BACKLOG = 256
LOOK_SECONDS = 1.0
"""How often worker and queue are looked at."""


async def events(request: web.Request) -> web.StreamResponse:
    """Listen to all of the caller's jobs, the queue and the worker, until the client goes."""
    streams = request.app[STREAMS]
    streams.check()
    told = _Told(service_of(request), owner_of(request))
    return await EventStream(request, streams, ALIVE).tell(told.frames())


class _Told:
    """What one listener was told."""

    def __init__(self, service: Service, owner: str) -> None:
        self._service, self._owner = service, owner
        self._waiting: set[str] = set()
        self._gathered: list[JobEvent] = []
        self._queue: models.QueueState | None = None
        self._worker: models.Worker | None = None

    async def frames(self) -> AsyncGenerator[bytes, None]:
        """The frames of each event, without end."""
        news = self._service.subscribe(None, self._owner, backlog=BACKLOG)
        async with aclosing(news):
            coming = _begin(news)
            looked = time.monotonic()
            try:
                while True:
                    done, _ = await asyncio.wait({coming}, timeout=LOOK_SECONDS)
                    if done:
                        event = coming.result()
                        if event is None:
                            return
                        if frames := await self._of(event):
                            yield frames
                        coming = _begin(news)
                    if time.monotonic() - looked >= LOOK_SECONDS:
                        looked = time.monotonic()
                        if frames := await self._look():
                            yield frames
            finally:
                coming.cancel()
                await asyncio.wait({coming})

    async def _of(self, event: JobEvent) -> bytes:
        """What is sent for an event; snapshots are gathered until all are there."""
        job = event.job
        if event.kind == "snapshot":
            self._gathered.append(event)
            return b""
        if event.number == 0:  # the whole state was told, of no job perhaps
            gathered, self._gathered = self._gathered, []
            return await self._snapshot(gathered)
        if event.kind == "queue" or job is None:
            return await self._look(queue=True)
        if event.kind == "status":
            (self._waiting.add if job.status == "queued" else self._waiting.discard)(job.id)
            return _frame("job", job_of(job, event.position)) + await self._look(queue=True)
        if event.kind == "deleted":
            self._waiting.discard(job.id)
            return _frame("deleted", models.Deleted(job_id=job.id)) + await self._look(queue=True)
        return _small(event, job)

    async def _snapshot(self, gathered: list[JobEvent]) -> bytes:
        found = [(event.job, event.preview) for event in gathered if event.job is not None]
        self._queue = await queue_state(self._service, self._owner)
        self._worker = self._state()
        places = self._queue.positions
        self._waiting = {job.id for job, _ in found if job.status == "queued"}
        snapshot = models.Snapshot(
            jobs=[job_of(job, places.get(job.id)) for job, _ in found],
            previews=[preview_of(job.id, shown) for job, shown in found if shown is not None],
            queue=self._queue,
            worker=self._worker,
        )
        return _frame("snapshot", snapshot)

    async def _look(self, *, queue: bool = False) -> bytes:
        """What changed of worker and queue."""
        frames = b""
        worker = self._state()
        if worker != self._worker:
            self._worker = worker
            frames += _frame("worker", worker)
        if queue or self._waiting:
            state = await queue_state(self._service, self._owner)
            if state != self._queue:
                self._queue = state
                frames += _frame("queue", state)
        return frames

    def _state(self) -> models.Worker:
        worker = self._service.system()["worker"]
        return models.Worker(**{key: worker[key] for key in models.Worker.model_fields})


def _begin(news: AsyncGenerator[JobEvent, None]) -> asyncio.Task[JobEvent | None]:
    """Wait for the next event beside other things; cancelling the wait would end the events."""

    async def next_one() -> JobEvent | None:
        return await anext(news, None)

    return asyncio.get_running_loop().create_task(next_one())


def _small(event: JobEvent, job: Job) -> bytes:
    """The events that say one thing of a running job."""
    progress = Progress(**job.progress) if job.progress is not None else None
    made: BaseModel
    if event.kind == "node" and event.report is not None:
        report = models.NodeReport.model_validate(event.report)
        made = models.NodeEvent(
            job_id=job.id, node_id=event.node or "", report=report, progress=progress
        )
    elif event.kind == "preview" and event.preview is not None:
        made = preview_of(job.id, event.preview)
    elif event.kind == "output" and event.output is not None:
        made = models.OutputEvent(job_id=job.id, output=output_of(event.output))
    elif event.kind == "log" and event.log is not None:
        line = event.log
        made = models.LogLine(
            job_id=job.id, node_id=line.node, level=line.level, message=line.message
        )
    else:
        return _frame("progress", models.ProgressEvent(job_id=job.id, progress=progress))
    return _frame(event.kind, made)


def _frame(name: str, data: BaseModel) -> bytes:
    return f"event: {name}\ndata: {data.model_dump_json()}\n\n".encode()


ROUTES = (
    Route(
        "GET",
        "/api/editor/events",
        events,
        "Listen to everything",
        "Editor: events",
        answers={
            200: Answer(
                "Events `snapshot`, `job`, `node`, `progress`, `preview`, `output`, `log`, "
                "`deleted`, `queue` and `worker`, the data of each JSON; `alive` where there is "
                "nothing to tell.",
                content_type="text/event-stream",
                events={
                    "snapshot": models.Snapshot,
                    "job": models.EditorJob,
                    "node": models.NodeEvent,
                    "progress": models.ProgressEvent,
                    "preview": models.Preview,
                    "output": models.OutputEvent,
                    "log": models.LogLine,
                    "deleted": models.Deleted,
                    "queue": models.QueueState,
                    "worker": models.Worker,
                },
            ),
            429: Answer("`too_many_streams`: too many listen.", ErrorEnvelope),
        },
    ),
)
