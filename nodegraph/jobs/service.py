"""All that a server does with jobs, behind one object: handlers hold a `Service` and nothing else.

It runs in one asyncio loop and imports neither torch nor any node pack: it knows node types by
the description that the worker gave (kept in `<data>/cache/schemas.json`, so that it can answer
before the worker is up). What reads or writes the disk runs in threads.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing, suppress
from pathlib import Path
from typing import Any

from nodegraph.errors import NodegraphError, Problem
from nodegraph.graph.registry import Registry
from nodegraph.graph.updating import Update
from nodegraph.jobs.desk import Desk, Submission, SubmitOptions
from nodegraph.jobs.errors import Starting
from nodegraph.jobs.events import JobEvent
from nodegraph.jobs.figures import memory
from nodegraph.jobs.hooks import Hooks
from nodegraph.jobs.hub import Listener
from nodegraph.jobs.model import Job
from nodegraph.jobs.parts import OWNER, Parts
from nodegraph.jobs.protocol import Frame
from nodegraph.jobs.retention import Retention, remove_temporary
from nodegraph.jobs.runner import SHARED_TICK
from nodegraph.jobs.supervisor import Death, WorkerOptions

__all__ = ["Service", "Submission", "SubmitOptions"]

RETENTION_SECONDS = 60.0
_LOG = logging.getLogger(__name__)


class Service(Desk):
    """Jobs, assets, workflows and the worker of one data directory.

    Attributes:
        data: the data directory.
        assets: uploads and outputs by content. Its methods block: call them by `blocking`.
        workflows: saved workflows. Its methods block: call them by `blocking`.
        hooks: who is to be told of the end of jobs. Its methods block: call them by `blocking`.
    """

    @classmethod
    async def start(
        cls,
        data: Path,
        *,
        database: str | None = None,
        model_dirs: Sequence[Path] = (),
        device: str = "cpu",
        dtype: str = "auto",
        queue_limit: int = 1000,
        max_attempts: int = 1,
        cancel_grace: float = 20.0,
        max_age: float | None = None,
        max_bytes: int | None = None,
        retry_interrupted: bool = False,
        packs: Sequence[str] = (),
    ) -> Service:
        """Open the data directory, recover from a crash, and start a worker in the background.

        Args:
            database: an SQLAlchemy URL; by default `nodegraph.db` in the data directory.
            queue_limit: how many jobs may wait.
            max_attempts: how often a job is started at most whose worker dies.
            cancel_grace: seconds a cancelled job has to stop before its worker is killed.
            max_age: seconds after which finished jobs are forgotten; None keeps them.
            max_bytes: how much the outputs of finished jobs may hold; None for no limit.
            retry_interrupted: whether every job that a crash of the server cut off is queued
                again, and not only those that ask for it.
            packs: modules with `NODES` to use in place of the installed packs.

        Raises:
            DataDirectoryBusy: another server has it; says which.
            StoreError: the database is newer than this program, locked, or not a database.
        """
        parts = await Parts.open(
            data, database=database, queue_limit=queue_limit, retry=retry_interrupted
        )
        retention = Retention(
            parts.stores.jobs, parts.assets, [data], max_age=max_age, max_bytes=max_bytes
        )
        options = WorkerOptions(data, tuple(model_dirs), device, dtype, tuple(packs))
        made = cls(parts, options, retention, max_attempts=max_attempts, grace=cancel_grace)
        made._begin()
        return made

    def __init__(
        self,
        parts: Parts,
        options: WorkerOptions,
        retention: Retention,
        *,
        max_attempts: int,
        grace: float,
    ) -> None:
        """Use `start`."""
        super().__init__(parts, options, max_attempts=max_attempts, grace=grace)
        self._retention = retention
        self._worker.on_frames = self._on_frames
        self._worker.on_log = self._runner.on_log
        self._worker.on_death = self._on_death
        self._worker.clear_up = self._clear_up
        self.hooks = Hooks(parts.database)
        self._started = time.monotonic()
        self._stopped = False
        self._chores: asyncio.Task[None] | None = None

    async def stop(self, *, finish: bool = False, timeout: float = 60.0) -> None:
        """Stop taking jobs; let the running one finish (`finish`, for `timeout` seconds at most)
        or put it back into the queue; end the worker; close the store and end subscriptions.

        A second call does nothing."""
        if self._stopped:
            return
        self._stopped = True
        await self._runner.stop(finish=finish, timeout=timeout)
        await self._worker.stop()
        if self._chores is not None:
            self._chores.cancel()
            await asyncio.wait([self._chores])
        self._places.stop()
        self._hub.close()
        await self._parts.close()

    def hurry(self) -> None:
        """Let a `stop` that waits for the running job put it back into the queue instead."""
        self._runner.hurry()

    def _begin(self) -> None:
        self._chores = asyncio.get_running_loop().create_task(self._keep_house())

    async def _keep_house(self) -> None:
        """Clear up what a crash left, only then start the worker; from then on, apply retention."""
        await self.blocking(remove_temporary, self._parts.work_folders())
        await self.blocking(self.assets.sweep)
        self._worker.start()
        self._runner.start()
        while True:
            with suppress(NodegraphError):
                for job_id in await self.blocking(self._retention.apply):
                    self._hub.forget(job_id)
            await asyncio.sleep(RETENTION_SECONDS)

    def _on_frames(self, frames: list[Frame]) -> None:
        for frame in frames:
            if frame.header["is"] == "ready":
                self._nodes.learn(frame)
            elif frame.header["is"] == "updated":
                self._updates.take(frame)
        self._runner.on_frames(frames)

    def _on_death(self, death: Death) -> None:
        if not self._stopped:
            last = death.log.rpartition("\n")[2] if not death.was_ready else ""
            _LOG.warning("the worker is gone: %s%s", death.cause, last and f": {last}")
        self._runner.on_death(death)

    def _clear_up(self) -> None:
        """Remove half-written results; elsewhere it is we who write, and may be doing so."""
        with suppress(OSError):
            remove_temporary([self.data / "outputs", *self.data.glob("users/*/outputs")])

    # -- events --------------------------------------------------------------------------

    async def subscribe(
        self, job_id: str | None = None, owner: str | None = None, *, backlog: int = 256
    ) -> AsyncGenerator[JobEvent, None]:
        """Everything that happens to a job, or to all jobs of an owner (None: of everybody).

        With `job_id`, the first item is a snapshot, and the iterator ends after the event with
        which the job is finished (at once after the snapshot if it was). Without, it starts
        with a snapshot of every job that waits or runs here, followed by one `queue`, and goes
        on until it is closed or the service stops. A listener that is `backlog` events behind
        gets new snapshots in place of what it missed. Close it (`aclosing`) when its client has
        gone.

        Raises:
            NotFound: at the first item: there is no such job, or it is another owner's.
        """
        async with aclosing(self.news(job_id, owner, backlog=backlog)) as batches:
            async for batch in batches:
                for event in batch:
                    yield event

    async def news(
        self, job_id: str | None = None, owner: str | None = None, *, backlog: int = 256
    ) -> AsyncGenerator[list[JobEvent], None]:
        """The same, with all the events together that wait when somebody looks.

        Raises:
            NotFound: see `subscribe`.
        """
        listener = Listener(job_id, owner, backlog)
        remove = self._hub.add(listener)
        try:
            while True:
                listener.begin_again()
                state = await self._snapshots(listener)
                yield state
                job = state[0].job
                if job_id is not None and job is not None and job.finished:
                    return
                while taken := await self._next(listener):
                    last = next((n for n, event in enumerate(taken) if _is_last(event)), None)
                    if job_id is not None and last is not None:
                        yield taken[: last + 1]
                        return
                    yield taken
                if not listener.lost:
                    return
        finally:
            remove()

    def on_end(self, tell: Callable[[Job], None]) -> Callable[[], None]:
        """Call `tell` with each job that ends here, once its end is stored; the result ends it."""
        return self._hub.add(_Ends(tell))

    async def _next(self, listener: Listener) -> list[JobEvent]:
        """The next events; none if everything is to be told again, or nothing any more."""
        here = listener.job_id is None or self._hub.find(listener.job_id) is not None
        if here or not self._parts.database.shared:
            return await listener.take()
        try:
            async with asyncio.timeout(SHARED_TICK):
                return await listener.take()
        except TimeoutError:  # another server may run it: look
            listener.lost = True
            return []

    async def _snapshots(self, listener: Listener) -> list[JobEvent]:
        """How everything stands that a listener hears of."""
        if listener.job_id is not None:
            job, position = await self.standing(listener.job_id, listener.owner)
            return [self._snapshot(job, position)]
        waiting = await self.waiting(listener.owner)
        running = await self.running(listener.owner)
        queued = [self._snapshot(job, place) for place, job in enumerate(waiting)]
        told = [*(self._snapshot(job, None) for job in running), *queued]
        return [*told, JobEvent("queue", None)]

    def _snapshot(self, job: Job, position: int | None) -> JobEvent:
        live = self._hub.find(job.id)
        preview = live.preview if live is not None else None
        return JobEvent("snapshot", self._current(job), position=position, preview=preview)

    # -- nodes, worker, system -----------------------------------------------------------

    def description(self) -> dict[str, Any] | None:
        """The node schemas (`nodegraph.graph.schema.describe`); None before they are known."""
        return self._nodes.description

    @property
    def registry(self) -> Registry:
        """The node types: to check and convert workflows with, none can run here.

        Raises:
            Starting: they are not known yet.
        """
        if not self._nodes.known:
            raise Starting("the node types are still being loaded; try again in a moment")
        return self._checker.registry

    async def problems(self, document: dict[str, Any], owner: str = OWNER) -> list[Problem]:
        """Everything wrong with a workflow, in nodes that a run does not need too.

        Raises:
            UiFormat, WorkflowFileError, Starting: see `submit`.
        """
        present, _ = await self._updates.of(document, self.registry)
        return await self.blocking(self._checker.problems, present, self.files(owner), owner)

    async def updated(self, document: dict[str, Any]) -> tuple[dict[str, Any], list[Update]]:
        """A document with its nodes at the versions that are installed, and what was done for it.

        It comes back as it is while the worker cannot be asked: nobody is kept from his work.
        """
        try:
            return await self._updates.of(document, self.registry)
        except Starting:
            return document, []

    @property
    def max_age(self) -> float | None:
        """Seconds after which finished jobs are forgotten; None if they are kept."""
        return self._retention.max_age

    def packs(self) -> list[dict[str, Any]]:
        """The node packs: {"name", "module", "version", "error" (why it is disabled, or None)}."""
        return self._nodes.packs

    async def ready(self) -> None:
        """Return once the worker answers (it may have been replaced since)."""
        await self._worker.ready()

    def system(self) -> dict[str, Any]:
        """Figures: {"versions", "device", "devices": [{"name", "type", "index", "vram_total",
        "vram_free"}], "ram_total", "ram_free", "worker": {"pid", "state", "restarts", "rss",
        "cache_bytes", "answered" (seconds ago)}, "uptime"}; `worker.state` is `starting`,
        `idle`, `busy`, `silent` (no heartbeat) or `down`."""
        total, free = memory()
        worker, last = self._worker, self._worker.last
        return {
            "versions": self._nodes.versions,
            "device": self.options.device,
            "devices": last.get("devices") or self._nodes.devices,
            "ram_total": total,
            "ram_free": free,
            "worker": {
                "pid": worker.pid,
                "state": worker.state,
                "restarts": worker.restarts,
                "rss": last.get("rss"),
                "cache_bytes": last.get("cache_bytes"),
                "answered": round(time.monotonic() - worker.answered, 3) if worker.pid else None,
            },
            "uptime": round(time.monotonic() - self._started, 3),
        }

    def metrics(self) -> dict[str, Any]:
        """Counts since the start: {"jobs": {status: n}, "nodes": {type: {"ran", "reused",
        "failed", "seconds"}}, "worker_restarts", "events", "resynced_listeners"}."""
        nodes = {
            name: {
                "ran": counts["ran"],
                "reused": counts["reused"],
                "failed": counts["failed"],
                "seconds": counts["microseconds"] / 1e6,
            }
            for name, counts in self._runner.nodes.items()
        }
        return {
            "jobs": dict(self._runner.ended),
            "nodes": nodes,
            "worker_restarts": self._worker.restarts,
            "events": self._hub.events,
            "resynced_listeners": self._hub.resynced,
        }

    async def free(self) -> None:
        """Let the worker drop its memory cache and unload models, once no job runs."""
        self._worker.send({"do": "free"})


class _Ends(Listener):
    """Passes on ends of jobs, and keeps nothing."""

    def __init__(self, tell: Callable[[Job], None]) -> None:
        super().__init__(None, None, 0)
        self._tell = tell

    def put(self, event: JobEvent) -> bool:
        if event.kind == "status" and event.job is not None and event.job.finished:
            self._tell(event.job)
        return True


def _is_last(event: JobEvent) -> bool:
    """Whether nothing more will happen to the event's job."""
    finished = event.job is not None and event.job.finished
    return event.kind == "deleted" or (event.kind == "status" and finished)
