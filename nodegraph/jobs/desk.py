"""Jobs and the queue as clients see them: submitting, looking, cancelling, reordering."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial as partial_of
from pathlib import Path
from typing import Any, TypeVar, Unpack

from nodegraph.engine.files import Files
from nodegraph.graph.registry import Registry
from nodegraph.jobs.checking import Checker, source_of
from nodegraph.jobs.errors import NotFound, Starting
from nodegraph.jobs.hub import Hub
from nodegraph.jobs.known_nodes import KnownNodes
from nodegraph.jobs.listing import Which, list_jobs
from nodegraph.jobs.model import Job, JobStatus, NewJob, Page, QueueCounts
from nodegraph.jobs.parts import Parts, Places
from nodegraph.jobs.repeats import repeated
from nodegraph.jobs.runner import Runner
from nodegraph.jobs.submission import Submission, SubmitOptions, digest_of, request_of
from nodegraph.jobs.supervisor import Supervisor, WorkerOptions
from nodegraph.jobs.updates import Updates

__all__ = ["Desk", "Submission", "SubmitOptions"]

T = TypeVar("T")
SMALL = 32  # nodes; a larger workflow is planned in a thread


class Desk:
    """The jobs of one data directory (see `Service`).

    Attributes:
        data: the data directory.
        options: how the worker is started.
        assets: uploads and outputs by content. Its methods block: call them by `blocking`.
        workflows: saved workflows. Its methods block: call them by `blocking`.
    """

    def __init__(
        self, parts: Parts, options: WorkerOptions, *, max_attempts: int, grace: float
    ) -> None:
        self.data, self.options = parts.data, options
        self.assets, self.workflows = parts.assets, parts.workflows
        self._parts, self._stores = parts, parts.stores
        self._paused = parts.paused
        self._hub = Hub()
        self._checker = Checker(Registry(), parts.assets)
        self._nodes = KnownNodes(options, self._checker)
        self._worker = Supervisor(options)
        self._runner = Runner(
            parts.stores,
            self._hub,
            self._worker,
            parts.name,
            max_attempts=max_attempts,
            grace=grace,
            folders=lambda owner: (self.output_dir(owner), self._input_dirs(owner)),
        )
        self._places = Places(self._hub, parts)
        self._updates = Updates(self._worker)
        self._runner.on_claim = self._places.changed

    # -- jobs ----------------------------------------------------------------------------

    async def submit(
        self, document: dict[str, Any], **options: Unpack[SubmitOptions]
    ) -> Submission:
        """Check a workflow and queue it.

        Asset references ({"__type": "core/ASSET", "info": {"id": ...}}) become file names and
        seeds that say "random" become numbers, in `job.workflow`; `job.source` stays verbatim.

        Args:
            document: our workflow format, or ComfyUI's API format.
            options: see `SubmitOptions`.

        Raises:
            InvalidWorkflow: with all problems.
            MissingPart: nothing is wrong but that models or node types are not installed.
            MissingAsset: an asset reference is malformed, or not an asset of the owner's.
            UiFormat: the document is the file of ComfyUI's editor, not its API format.
            WorkflowFileError: it is no workflow of either format.
            QueueFull: as many jobs wait as may.
            IdempotencyMismatch: the key was used for another request.
            WrongState: `job_id` is taken, or no name.
            Starting: the node types are not known yet (first start, the worker is loading), or
                nodes of older versions are in it and the worker does not answer.
        """
        request = request_of(options)
        owner = request["owner"]
        more = (options.get("targets"), options.get("partial", False))
        if request["idempotency_key"] is not None:
            done = await self.blocking(self._repeated, document, request, *more)
            if done is not None:
                return Submission(await self.get(done), False)
        if not self._nodes.known:
            raise Starting("the node types are still being loaded; try again in a moment")
        present, _ = await self._updates.of(document, self._checker.registry)
        args = (present, options.get("format"), self.files(owner), owner)
        if _is_small(document):
            ready = self._checker.prepare(*args, *more)
        else:
            ready = await self.blocking(self._checker.prepare, *args, *more)
        known: dict[str, Any] = {
            "source": ready.source if present is document else source_of(document),
            "workflow": ready.workflow,
            "format": ready.format,
        }
        new = NewJob(**request, **known, targets=ready.targets)
        job, made = await self._create(new)
        return Submission(job, made, ready.problems)

    def _repeated(
        self,
        document: dict[str, Any],
        request: dict[str, Any],
        targets: Sequence[str] | None,
        partial: bool,
    ) -> str | None:
        """The job that the same request made before, even if it could not be made any more."""
        if not request["body_digest"]:
            source = source_of(document)
            request["body_digest"] = digest_of(source, targets, partial, request["extra"])
        mine = request["owner"], request["idempotency_key"], request["body_digest"]
        return repeated(self._stores.jobs.database, *mine)

    async def _create(self, new: NewJob) -> tuple[Job, bool]:
        """Store a job. If nothing else is to be done it is claimed with that, in one step."""
        worker = self._runner.reserve() if not self._paused else None
        try:
            job, made = await self._stores.write(self._stores.jobs.create, new, worker)
        except BaseException:
            self._runner.wake()
            raise
        if made and job.status == "running":
            self._runner.give(job)
        elif made:
            if not self._parts.database.shared:
                self._hub.wait(job)
            self._hub.publish("status", job)
            self._runner.wake()
        elif worker is not None:
            self._runner.wake()
        return job, made

    async def get(self, job_id: str, owner: str | None = None) -> Job:
        """A job as it stands now: outputs, node reports and progress included.

        Raises:
            NotFound: there is none, or it is another owner's.
        """
        live = self._hub.find(job_id)
        job = live.job if live is not None else self._hub.waits(job_id)
        if job is None:
            return await self._parts.read(self._stores.jobs.get, job_id, owner)
        if owner not in (None, job.owner):
            raise NotFound(f"there is no job '{job_id}'")
        return job

    async def standing(self, job_id: str, owner: str | None = None) -> tuple[Job, int | None]:
        """A job, and how many wait before it (None if it does not wait).

        Raises:
            NotFound: there is none, or it is another owner's.
        """
        if self._hub.find(job_id) is not None:
            return await self.get(job_id, owner), None
        if self._hub.waits(job_id) is not None:
            job, place = await self.get(job_id, owner), await self.position(job_id)
        else:
            job, place = await self._parts.read(self._stores.queue.standing, job_id, owner)
        # It may have been claimed, or have ended, while the thread was on its way back.
        return (await self.get(job_id, owner), None) if self._hub.find(job_id) else (job, place)

    async def page(
        self,
        owner: str | None = None,
        statuses: Sequence[JobStatus] = (),
        *,
        limit: int = 50,
        offset: int = 0,
        oldest_first: bool = False,
    ) -> Page:
        """Some of the jobs, newest first unless asked otherwise."""
        read = partial_of(self._stores.jobs.page, limit=limit, offset=offset)
        found = await self._parts.read(read, owner, statuses, oldest_first=oldest_first)
        return replace(found, jobs=tuple(self._current(job) for job in found.jobs))

    async def listing(self, owner: str | None, which: Which, limit: int) -> list[Job]:
        """Jobs, newest first, without their documents (`source_text`, `workflow_text`)."""
        found = await self._parts.read(list_jobs, self._stores.jobs.database, owner, which, limit)
        return [self._current(job) for job in found]

    def _current(self, job: Job) -> Job:
        live = self._hub.live.get(job.id)
        return live.job if live is not None else job

    async def waiting(self, owner: str | None = None) -> list[Job]:
        """The waiting jobs in the order in which they will run."""
        return await self._parts.read(self._stores.queue.waiting, owner)

    async def running(self, owner: str | None = None) -> list[Job]:
        """The jobs that run or are being cancelled."""
        found = await self._parts.read(self._stores.jobs.active)
        mine = (self._current(job) for job in found)
        return [job for job in mine if not job.finished and owner in (None, job.owner)]

    async def position(self, job_id: str) -> int | None:
        """How many jobs wait before it; None if it does not wait."""
        if job_id in self._hub.live:
            return None
        return await self._parts.read(self._stores.queue.place, job_id)

    async def places(self) -> dict[str, int]:
        """Of each waiting job, how many wait before it."""
        order = await self._parts.read(self._stores.queue.order)
        return {job_id: place for place, job_id in enumerate(order)}

    async def cancel(self, job_id: str, owner: str | None = None) -> Job:
        """Cancel a job: one that waits at once; one that runs is `canceling` until it stops.

        A finished job stays as it is and is returned.

        Raises:
            NotFound: there is none, or it is another owner's.
        """
        await self.get(job_id, owner)
        job = await self._stores.write(self._stores.jobs.cancel, job_id)
        self._hub.changed(job_id)
        if job.status == "canceling":
            self._runner.cancel(job)
        elif job.status == "canceled" and self._hub.find(job_id) is None:
            self._hub.publish("status", job)
            self._places.changed()
        return self._current(job)

    async def delete(self, job_id: str, owner: str | None = None) -> None:
        """Forget a job that waits (it never runs) or is finished, with its recorded outputs.

        Raises:
            NotFound: there is none, or it is another owner's.
            WrongState: it is running.
        """
        job = await self.get(job_id, owner)
        job = await self._stores.write(self._stores.jobs.delete, job_id)
        await self._stores.write(self.assets.forget_job, job_id)
        self._hub.forget(job_id)
        self._hub.publish("deleted", job)
        self._places.changed()

    async def pin(self, job_id: str, pinned: bool, owner: str | None = None) -> Job:
        """Keep a job from retention, or no longer."""
        await self.get(job_id, owner)
        job = await self._stores.write(self._stores.jobs.pin, job_id, pinned)
        self._hub.changed(job_id)
        live = self._hub.find(job_id)
        if live is not None:
            live.job = replace(live.job, pinned=pinned)
            return live.job
        return job

    # -- the queue -----------------------------------------------------------------------

    async def queue(self) -> QueueCounts:
        """How many jobs wait and run, and whether the queue is paused."""
        return await self._parts.read(self._stores.queue.counts)

    async def pause(self, paused: bool) -> None:
        """Hold waiting jobs back or let them go on; what runs goes on. Survives a restart."""
        self._paused = paused
        await self._stores.write(self._stores.queue.pause, paused)
        self._hub.publish("queue", None)
        self._runner.wake()

    async def move(self, job_id: str, before: str | None, owner: str | None = None) -> None:
        """Put a waiting job before another one, or last (None), among its priority.

        Raises:
            NotFound, WrongState: one of them does not wait.
        """
        for name in filter(None, (job_id, before)):
            await self.get(name, owner)
        await self._stores.write(self._stores.queue.move, job_id, before)
        self._hub.publish("queue", None)
        self._places.changed()

    async def set_priority(self, job_id: str, priority: int, owner: str | None = None) -> Job:
        """Higher runs earlier.

        Raises:
            NotFound, WrongState: it does not wait.
        """
        await self.get(job_id, owner)
        await self._stores.write(self._stores.queue.prioritise, job_id, priority)
        self._hub.changed(job_id)
        self._hub.publish("queue", None)
        self._places.changed()
        return await self.get(job_id)

    # -- folders and threads -------------------------------------------------------------

    def input_dir(self, owner: str = "local") -> Path:
        """The folder of an owner's input files (made if it is not there)."""
        folder = self._parts.home(owner) / "input"
        if not folder.is_dir():  # half the time of asking for it each time
            folder.mkdir(parents=True, exist_ok=True)
        return folder

    def _input_dirs(self, owner: str) -> list[Path]:
        return [self.input_dir(owner), self.assets.lent(owner)]

    def output_dir(self, owner: str = "local") -> Path:
        """The folder of an owner's results; `temp` in it holds temporary ones."""
        return self._parts.home(owner) / "outputs"

    def files(self, owner: str = "local") -> Files:
        """Where the names of models and input files in an owner's workflows are looked up."""
        return Files(
            self.data,
            self.output_dir(owner),
            self._input_dirs(owner),
            self.options.model_dirs,
            self._nodes.models,
            any_path=False,
        )

    async def blocking(self, function: Callable[..., T], /, *args: Any, **kwargs: Any) -> T:
        """Call something that blocks (methods of `assets` and `workflows`) in a thread."""
        return await self._parts.read(function, *args, **kwargs)


def _is_small(document: object) -> bool:
    """Whether checking a document takes no time worth a thread."""
    nodes = document.get("nodes", document) if isinstance(document, dict) else ()
    return isinstance(nodes, dict | tuple) and len(nodes) <= SMALL
