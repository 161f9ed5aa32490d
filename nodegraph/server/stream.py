"""What happens to a job, as server-sent events: `status`, `progress`, `preview`, `output`, `log`.

A stream begins with how everything stands, so that a listener may come late, or again. It
carries no ids: a `Last-Event-ID` of a browser that comes again is not looked at. Of a finished
job the state comes last, after its outputs, since clients stop reading there.
"""

from __future__ import annotations

import asyncio
import base64
import json
import time
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing, suppress
from typing import Any

from aiohttp import web

from nodegraph.jobs.events import JobEvent
from nodegraph.jobs.model import Job, JobOutput
from nodegraph.server import models
from nodegraph.server.call import owner_of, service_of
from nodegraph.server.errors import ApiError
from nodegraph.server.route import Answer, Route
from nodegraph.server.views import API, base_of, expiry_of, output_view

__all__ = ["ROUTES", "EventStream", "Streams", "setup"]

BACKLOG = 64
"""Events that may wait for a listener; one that reads too slowly gets the whole state instead."""
MOST_STREAMS = 2000
LOOK_SECONDS = 1.0
"""How often it is looked whether a listener is still there."""
KEEP_ALIVE_SECONDS = 15.0
STUCK_SECONDS = 60.0
"""After how long a listener that reads nothing is let go."""


class EventStream:
    """One answer of server-sent events: keeps it alive, and ends it when its listener has gone.

    Use it as a context; leave it by any way.

    Args:
        request: what is answered.
        streams: those that are open.
        alive: the frame that says that a silent stream lives; scripts of a page cannot see the
            comment that it is by default.
    """

    def __init__(
        self, request: web.Request, streams: Streams, alive: bytes = b": still here\n\n"
    ) -> None:
        self._request, self._streams, self._alive = request, streams, alive
        self.response = web.StreamResponse(
            headers={
                "Content-Type": "text/event-stream; charset=utf-8",
                "Cache-Control": "no-store",
                "X-Accel-Buffering": "no",
            }
        )
        self._limit = asyncio.timeout(None)
        self._last = time.monotonic()
        self._begun: float | None = None

    async def send(self, frames: bytes) -> None:
        """Write frames and wait until the listener has room for more.

        Raises:
            ConnectionError: it has gone.
        """
        self._begun = self._last = time.monotonic()
        await self.response.write(frames)
        self._begun = None

    async def tell(self, frames: AsyncGenerator[bytes, None]) -> web.StreamResponse:
        """Send everything there is; ends early when the listener goes or the server stops."""
        await self.response.prepare(self._request)
        watch = asyncio.get_running_loop().create_task(self._watch())
        self._streams.add(self)
        try:
            with suppress(TimeoutError, ConnectionError):
                async with self._limit, aclosing(frames):
                    async for some in frames:
                        await self.send(some)
        finally:
            self._streams.remove(self)
            watch.cancel()
        return self.response

    def end(self) -> None:
        """Send nothing more."""
        if not self._limit.expired():
            self._limit.reschedule(asyncio.get_running_loop().time())

    async def _watch(self) -> None:
        """Say now and then that the stream lives; end it if nobody reads it."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            transport, now = self._request.transport, time.monotonic()
            if transport is None or transport.is_closing():
                break
            if self._begun is not None and now - self._begun > STUCK_SECONDS:
                transport.abort()
                break
            if self._begun is None and now - self._last > KEEP_ALIVE_SECONDS:
                with suppress(ConnectionError):
                    await self.send(self._alive)
        self.end()


class Streams:
    """The streams that are open, and the frames they have in common."""

    def __init__(self) -> None:
        self._open: set[EventStream] = set()
        self._frames: dict[int, bytes] = {}

    def __len__(self) -> int:
        return len(self._open)

    def add(self, stream: EventStream) -> None:
        """Hold a stream that was opened."""
        self._open.add(stream)

    def remove(self, stream: EventStream) -> None:
        """Forget a stream."""
        self._open.discard(stream)

    def end(self) -> None:
        """End all of them: the server stops."""
        for stream in tuple(self._open):
            stream.end()

    def check(self) -> None:
        """Refuse one more if there are as many as may be.

        Raises:
            ApiError: 429 `too_many_streams`.
        """
        if len(self._open) >= MOST_STREAMS:
            text = f"{MOST_STREAMS} streams are open, which is the most; look at the job instead"
            raise ApiError(429, "too_many_streams", text, headers={"Retry-After": "5"})

    def frame(self, event: JobEvent) -> bytes:
        """A progress, preview or log event as a frame, made once for all who listen."""
        known = self._frames.get(event.number)
        if known is None:
            known = _frame(event.kind, _data(event))
            while len(self._frames) >= BACKLOG:
                del self._frames[next(iter(self._frames))]
            self._frames[event.number] = known
        return known


STREAMS: web.AppKey[Streams] = web.AppKey("streams", Streams)


def setup(app: web.Application) -> None:
    """Hold the streams of an application; they end before it waits for its last answers."""
    streams = app[STREAMS] = Streams()

    async def stop(_: web.Application) -> None:
        streams.end()

    app.on_shutdown.append(stop)


async def events(request: web.Request) -> web.StreamResponse:
    """Everything that happens to a job, from how it stands to its end."""
    streams, service = request.app[STREAMS], service_of(request)
    streams.check()
    news = service.news(request.match_info["id"], owner_of(request), backlog=BACKLOG)
    async with aclosing(news):
        first = await anext(news)  # there is such a job
        told = _Told(base_of(request), service.max_age, streams)
        return await EventStream(request, streams).tell(told.all(first, news))


class _Told:
    """What one listener was told of a job."""

    def __init__(self, base: str, max_age: float | None, streams: Streams) -> None:
        self._base, self._max_age, self._streams = base, max_age, streams
        self._outputs: set[int] = set()
        self._progress: dict[str, Any] | None = None
        self._status: models.StatusEvent | None = None

    async def all(
        self, first: list[JobEvent], news: AsyncGenerator[list[JobEvent], None]
    ) -> AsyncGenerator[bytes, None]:
        """The frames of events that come together; none for what the listener knows."""
        yield b"".join(frame for event in first for frame in self._of(event))
        async for events in news:
            if frames := b"".join(frame for event in events for frame in self._of(event)):
                yield frames

    def _of(self, event: JobEvent) -> Iterator[bytes]:
        job = event.job
        if job is None or event.kind == "deleted":
            return
        if event.kind in ("snapshot", "status"):
            yield from self._state(event, job)
        elif event.kind == "output" and event.output is not None:
            yield from self._made((event.output,), job)
        elif event.kind == "progress":
            self._progress = job.progress
            yield self._streams.frame(event)
        elif event.kind in ("preview", "log"):
            yield self._streams.frame(event)

    def _state(self, event: JobEvent, job: Job) -> Iterator[bytes]:
        status = models.StatusEvent(status=job.status, queue_position=event.position)
        if not job.finished and status != self._status:
            yield _frame("status", status.model_dump_json())
        self._status = status
        if job.progress is not None and job.progress != self._progress:
            self._progress = job.progress
            yield _frame("progress", json.dumps(job.progress))
        yield from self._made(job.outputs, job)
        if event.preview is not None:
            yield _frame("preview", _data(event))
        if job.finished:
            yield _frame("status", status.model_dump_json())

    def _made(self, outputs: tuple[JobOutput, ...], job: Job) -> Iterator[bytes]:
        for output in outputs:
            if output.number not in self._outputs:
                self._outputs.add(output.number)
                view = output_view(output, self._base, expiry_of(job, self._max_age))
                yield _frame("output", view.model_dump_json())


def _frame(name: str, data: str) -> bytes:
    return f"event: {name}\ndata: {data}\n\n".encode()


def _data(event: JobEvent) -> str:
    """What is the same for every listener, as JSON without line breaks."""
    if event.preview is not None:
        shown = event.preview
        picture = base64.b64encode(shown.data).decode()
        found = {"node_id": shown.node, "content_type": shown.content_type}
        return json.dumps({**found, "data_base64": picture})
    if event.log is not None:
        line = {"level": event.log.level, "message": event.log.message}
        return json.dumps({**line, "node_id": event.log.node})
    return json.dumps(event.job.progress if event.job is not None else None)


ROUTES = (
    Route(
        "GET",
        f"{API}/jobs/{{id}}/events",
        events,
        "Listen to a job",
        "Jobs",
        answers={
            200: Answer(
                "Events `status`, `progress`, `preview`, `output` and `log`, the data of each "
                "JSON: first how the job stands, then what happens, until it has ended.",
                content_type="text/event-stream",
            ),
            404: Answer("There is no such job, or it is somebody else's.", models.ErrorEnvelope),
            429: Answer("`too_many_streams`: too many listen.", models.ErrorEnvelope),
        },
    ),
)
