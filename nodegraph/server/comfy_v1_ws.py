"""`/ws`: what happens to jobs, told to the WebSockets of version 1 clients.

One subscription to the service serves all sockets: an event becomes messages once, and each
message is put where it belongs. Messages of a job go to the client that submitted it, or, if it
named none, to all clients of its owner; the length of the queue goes to all clients of an owner.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Coroutine
from contextlib import aclosing
from typing import Any

from aiohttp import WSCloseCode, web

from nodegraph.errors import NodegraphError
from nodegraph.jobs.errors import NotFound
from nodegraph.jobs.events import JobEvent
from nodegraph.jobs.model import Job
from nodegraph.jobs.service import Service
from nodegraph.jobs.tables import NAME
from nodegraph.server.call import owner_of, settings_of
from nodegraph.server.comfy_v1_messages import Message, Telling
from nodegraph.server.comfy_v1_socket import Socket
from nodegraph.server.errors import ApiError
from nodegraph.server.route import Route

__all__ = ["ROUTES", "Board", "add_board"]

MOST_SOCKETS = 2000
_BACKLOG = 10_000
_LOOK_SECONDS = 5.0
_STATE_SECONDS = 0.1
_STATUS_SECONDS = 0.05
_LOG = logging.getLogger(__name__)


class Board:
    """The sockets that listen, and the jobs that run."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._sockets: dict[str, dict[str, Socket]] = {}
        self._open: set[Socket] = set()
        self._telling: dict[str, Telling] = {}
        self._states: dict[str, asyncio.TimerHandle] = {}
        self._changed: set[str] = set()
        self._changes = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._status: asyncio.Task[None] | None = None

    @property
    def count(self) -> int:
        """How many sockets are open."""
        return len(self._open)

    def start(self) -> None:
        """Begin to listen to the service."""
        self._do(self._pump())
        self._do(self._look())

    async def stop(self) -> None:
        """Close every socket."""
        for task in self._tasks:
            task.cancel()
        for timer in self._states.values():
            timer.cancel()
        going = WSCloseCode.GOING_AWAY
        await asyncio.gather(*(one.close(going, "the server stops") for one in self._open))

    def _do(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    # -- sockets -------------------------------------------------------------------------

    async def serve(self, socket: Socket) -> None:
        """See a socket through, from its first message to its end.

        Raises:
            ApiError: 503 `too_many_sockets`.
        """
        if len(self._open) >= MOST_SOCKETS:
            text = f"{MOST_SOCKETS} clients listen already"
            raise ApiError(503, "too_many_sockets", text, headers={"Retry-After": "5"})
        self._open.add(socket)
        try:
            await socket.open()
            await self._welcome(socket)
            await socket.serve()
        finally:
            self._open.discard(socket)
            mine = self._sockets.get(socket.owner, {})
            if mine.get(socket.sid) is socket:
                del mine[socket.sid]
            if not mine:
                self._sockets.pop(socket.owner, None)

    async def _welcome(self, socket: Socket) -> None:
        """The first messages. A socket with the same id hears nothing any more."""
        before = self._changes
        first = _status_of(await self._remaining(socket.owner))
        socket.send(Message("status", {**first.data, "sid": socket.sid}))
        self._sockets.setdefault(socket.owner, {})[socket.sid] = socket
        if self._changes != before:
            self._note(socket.owner)
        for telling in self._telling.values():
            if socket in self._audience(telling.job):
                for message in telling.catch_up():
                    socket.send(message)
                if (preview := telling.preview) is not None:
                    socket.show_soon(preview, telling.names(preview.node))

    def _audience(self, job: Job) -> list[Socket]:
        mine = self._sockets.get(job.owner, {})
        if not job.client_id:
            return [*mine.values()]
        found = mine.get(job.client_id)
        return [found] if found is not None else []

    # -- jobs ----------------------------------------------------------------------------

    async def _pump(self) -> None:
        while True:
            try:
                async with aclosing(self._service.subscribe(backlog=_BACKLOG)) as events:
                    async for event in events:
                        self._hear_safely(event)
                return  # the service has stopped
            except NodegraphError:
                _LOG.exception("the events of jobs could not be read; trying again")
                await asyncio.sleep(1)

    def _hear_safely(self, event: JobEvent) -> None:
        try:
            self._hear(event)
        except Exception:  # a bug of ours costs one message, not all that follow
            _LOG.exception("an event of kind %s could not be told", event.kind)

    def _hear(self, event: JobEvent) -> None:
        job = event.job
        if event.kind in ("status", "queue", "deleted"):
            for owner in [job.owner] if job is not None else [*self._sockets]:
                self._note(owner)
        if job is None:
            return
        self._tell(event, job)

    def _tell(self, event: JobEvent, job: Job) -> None:
        """Pass on what an event means for a job that has begun."""
        telling = self._telling.get(job.id)
        if job.status == "queued" or event.kind == "deleted" or job.started_at is None:
            self._forget(job.id)
            return
        if telling is None:
            if job.finished and event.kind != "status":
                return
            folder = self._service.output_dir(job.owner)
            telling = self._telling[job.id] = Telling(job, folder)
        if job.owner not in self._sockets and not job.finished:
            telling.job, telling.preview = job, event.preview or telling.preview
            return  # nobody hears it; who comes is told the whole
        nodes = (self._service.description() or {}).get("nodes", ())
        audience = self._audience(job)
        for message in telling.hear(event, nodes):
            for socket in audience:
                socket.send(message)
        if event.kind == "preview" and event.preview is not None:
            for socket in audience:
                socket.show(event.preview, telling.names(event.preview.node))
        if telling.ended:
            self._forget(job.id)
        elif audience and event.kind in ("node", "progress") and job.id not in self._states:
            seconds = max(_STATE_SECONDS, len(job.nodes or ()) / 2000)
            timer = asyncio.get_running_loop().call_later(seconds, self._tell_state, job.id)
            self._states[job.id] = timer

    def _tell_state(self, job_id: str) -> None:
        """`progress_state` is long: it is sent now and then, with all that changed since."""
        self._states.pop(job_id, None)
        telling = self._telling.get(job_id)
        if telling is not None:
            message = telling.state()
            for socket in self._audience(telling.job):
                socket.send(message)

    def _forget(self, job_id: str) -> None:
        self._telling.pop(job_id, None)
        if (timer := self._states.pop(job_id, None)) is not None:
            timer.cancel()

    async def _look(self) -> None:
        """Tell the end of jobs whose last events were lost."""
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            for job_id in [*self._telling]:
                try:
                    job = await self._service.get(job_id)
                except NotFound:
                    self._forget(job_id)
                    continue
                except NodegraphError:
                    continue
                if job.finished and job_id in self._telling:
                    self._note(job.owner)
                    self._tell(JobEvent("status", job), job)

    # -- the queue -----------------------------------------------------------------------

    def _note(self, owner: str) -> None:
        """The queue of an owner changed."""
        self._changes += 1
        if owner in self._sockets:
            self._changed.add(owner)
            if self._status is None or self._status.done():
                self._status = self._do(self._tell_status())

    async def _tell_status(self) -> None:
        while self._changed:
            owners = [*self._changed]
            self._changed.clear()
            for owner in owners:
                try:
                    message = _status_of(await self._remaining(owner))
                except NodegraphError:
                    continue  # the next change tells it
                for socket in self._sockets.get(owner, {}).values():
                    socket.send(message)
            await asyncio.sleep(_STATUS_SECONDS)

    async def _remaining(self, owner: str) -> int:
        page = await self._service.page(owner, ("queued", "running", "canceling"), limit=1)
        return page.total


def _status_of(remaining: int) -> Message:
    status = {"exec_info": {"queue_remaining": remaining}}
    return Message("status", {"status": status}, latest=True)


BOARD: web.AppKey[Board] = web.AppKey("board", Board)


def add_board(app: web.Application, service: Service) -> None:
    """Tell the sockets of an application what happens, from its start to its shutdown."""
    board = app[BOARD] = Board(service)

    async def start(_: web.Application) -> None:
        board.start()

    async def stop(_: web.Application) -> None:
        await board.stop()

    app.on_startup.append(start)
    app.on_shutdown.append(stop)


async def listen(request: web.Request) -> web.StreamResponse:
    """A WebSocket that hears of the jobs of its owner."""
    given = request.query.get("clientId", "").replace("\0", "")[:NAME]
    sid = given or uuid.uuid4().hex
    socket = Socket(request, owner_of(request), sid, settings_of(request).max_upload)
    await request.app[BOARD].serve(socket)
    return socket.response


ROUTES = (Route("GET", "/ws", listen), Route("GET", "/api/ws", listen))
