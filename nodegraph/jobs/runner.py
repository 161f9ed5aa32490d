"""Claims jobs, has the worker run them, and records what comes of them.

What a node made is committed to the store before anybody is told of it. Frames that arrive
together are committed together, so that a job whose nodes are all reused costs three short
transactions: its creation, its claim, and its end with all outputs. A job that comes while nothing
else is to be done is claimed in the transaction that creates it; while jobs wait, the next one is
claimed right after the end of the last one is stored, before what other clients have stored.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter, deque
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from nodegraph.errors import NodegraphError
from nodegraph.jobs.assets import AssetStore
from nodegraph.jobs.errors import StoreError
from nodegraph.jobs.events import LogLine
from nodegraph.jobs.hub import Hub
from nodegraph.jobs.model import Job, JobError
from nodegraph.jobs.protocol import Frame
from nodegraph.jobs.queue import Queue
from nodegraph.jobs.recording import record_and_claim
from nodegraph.jobs.running import End, Run
from nodegraph.jobs.store import JobStore
from nodegraph.jobs.supervisor import Death, Supervisor
from nodegraph.jobs.texts import storable

__all__ = ["Runner", "Stores"]

T = TypeVar("T")
SHARED_TICK = 1.0  # seconds; other servers on one database cannot wake us
_STORE_PAUSE = 1.0
_LOG_LINES = 1000
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Stores:
    """What is on disk, and the one thread that writes to it."""

    jobs: JobStore
    queue: Queue
    assets: AssetStore
    writer: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(1, thread_name_prefix="store")
    )

    async def write(self, function: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        """Call something that writes, in its turn."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self.writer, partial(function, *args, **kwargs))


class Runner:
    """Runs the jobs of a queue, one at a time.

    Args:
        name: of this server, recorded with the jobs it runs.
        max_attempts: how often a job is started whose worker dies.
        grace: seconds a cancelled job has before its worker is killed.
        folders: the output folder and the input folders of an owner.
    """

    def __init__(
        self,
        stores: Stores,
        hub: Hub,
        worker: Supervisor,
        name: str,
        *,
        max_attempts: int,
        grace: float,
        folders: Callable[[str], tuple[Path, list[Path]]],
    ) -> None:
        self._stores, self._hub, self._worker, self._name = stores, hub, worker, name
        self._max_attempts, self._grace, self._folders = max_attempts, grace, folders
        self._shared = stores.jobs.database.shared
        self._wake = asyncio.Event()
        self._arrived = asyncio.Event()
        self._frames: deque[Frame | Death] = deque()
        self._now: Run | None = None
        self._stopping = self._requeue = self._idle = self._empty = False
        self._given: Run | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[None] | None = None
        self.ended: Counter[str] = Counter()
        self.nodes: dict[str, Counter[str]] = {}
        self.on_claim: Callable[[], None] = lambda: None

    # -- from outside --------------------------------------------------------------------

    def start(self) -> None:
        """Begin to claim jobs."""
        self._task = asyncio.get_running_loop().create_task(self._serve())

    def wake(self) -> None:
        """There may be something to do."""
        self._idle = self._empty = False
        self._wake.set()

    def reserve(self) -> str | None:
        """The name to claim a job by while it is made, if nothing runs and nothing waits.

        Call `give` with that job, or `wake` if it came to nothing.
        """
        if not self._idle or not self._worker.up:
            return None
        self._idle = False
        return self._name

    def give(self, job: Job) -> None:
        """Run a job that was claimed for us; the worker has it before anybody waits for it."""
        self._given = self._begin(job)
        self._order_early(self._given)
        self._wake.set()

    def _begin(self, job: Job) -> Run:
        self._now = Run(self._hub.begin(job), self.nodes)
        return self._now

    def cancel(self, job: Job) -> None:
        """A job is `canceling` in the store: tell the worker if it runs here."""
        known = (self._now, self._given)
        run = next((run for run in known if run and run.live.job.id == job.id), None)
        if job.status != "canceling" or run is None or run.asked:
            return
        run.asked = True
        run.live.job = replace(run.live.job, status="canceling")
        self._worker.send({"do": "cancel", "job": job.id})
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(self._grace, self._kill, run)
        self._hub.publish("status", run.live.job)

    def _kill(self, run: Run) -> None:
        if self._now is run:
            self._worker.kill()

    async def stop(self, *, finish: bool, timeout: float) -> None:
        """Claim nothing more; let the running job end, or put it back into the queue."""
        self._stopping = True
        self.wake()
        if self._task is None:
            return
        if finish and self._now is not None:
            await asyncio.wait([self._task], timeout=timeout)
        self.hurry()
        await asyncio.wait([self._task], timeout=30)
        self._task.cancel()

    def hurry(self) -> None:
        """While stopping: put the running job back into the queue at once."""
        if self._now is not None:
            self._requeue = True
            self._worker.kill()
            self._arrived.set()

    def on_frames(self, frames: list[Frame]) -> None:
        """The worker said something."""
        self._frames.extend(frames)
        self._arrived.set()

    def on_death(self, death: Death) -> None:
        """The worker is gone."""
        self._frames.append(death)
        self._arrived.set()

    def on_log(self, line: str) -> None:
        """The worker, or a node, printed a line."""
        run = self._now
        if run is None or run.lines >= _LOG_LINES:
            return
        run.lines += 1
        node = next(reversed(run.running), None)
        text = line if run.lines < _LOG_LINES else "... (no more lines are shown)"
        self._hub.publish("log", run.live.job, log=LogLine("info", text, node))

    # -- the loop ------------------------------------------------------------------------

    async def _serve(self) -> None:
        while not self._stopping:
            if not self._worker.up:
                await self._either(self._worker.ready())
                continue
            self._wake.clear()
            try:
                run = await self._claim() if not self._empty else None
            except StoreError:
                self._empty = False
                await asyncio.sleep(_STORE_PAUSE)
                continue
            if run is None:
                run = await self._wait()
            if run is not None:
                await self._see_through(run)
        if (given := self._take()) is not None:
            await self._see_through(given)

    def _take(self) -> Run | None:
        """The job that was claimed for us already, if there is one."""
        given, self._given = self._given, None
        return given

    async def _claim(self) -> Run | None:
        if (given := self._take()) is not None:
            return given
        self._empty = not self._shared  # unless somebody says otherwise in the meantime
        job = await self._stores.write(self._stores.queue.claim, self._name)
        if job is None:
            return None
        self._empty = False
        return self._begin(job)

    async def _wait(self) -> Run | None:
        """Wait until there is something to do; a job if it was claimed for us already."""
        self._idle = not (self._shared or self._wake.is_set())
        try:
            async with asyncio.timeout(SHARED_TICK if self._shared else None):
                await self._wake.wait()
        except TimeoutError:
            return None
        finally:
            self._idle = False
        return self._take()

    async def _see_through(self, run: Run) -> None:
        self.on_claim()
        try:
            if self._stopping and not run.ordered:
                await self._commit(run, [], End(None, spent=False))
            else:
                await self._run(run)
        except Exception as error:  # a bug of ours fails one job, not the queue
            _LOG.exception("job %s could not be run", run.live.job.id)
            text = storable(f"{type(error).__name__}: {error}")
            with suppress(Exception):  # else this ends the queue; the next start ends the job
                await self._commit(run, [], End("failed", JobError("internal_error", text)))
        finally:
            self._now = self._given
            self._worker.busy = self._now is not None and self._now.ordered
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
            self._hub.end(run.live.job.id)

    async def _either(self, other: Awaitable[None]) -> None:
        """Wait for something, or for the order to stop."""
        task = asyncio.ensure_future(other)
        while not self._stopping and not task.done():
            wake = asyncio.ensure_future(self._wake.wait())
            await asyncio.wait({task, wake}, return_when=asyncio.FIRST_COMPLETED)
            wake.cancel()
            if not task.done():
                self._wake.clear()
        task.cancel()

    async def _run(self, run: Run) -> None:
        while not (run.ordered or self._worker.up or self._stopping):
            await self._either(self._worker.ready())
        if not (run.ordered or self._worker.up):
            await self._commit(run, [], End(None, spent=False))
            return
        if not run.ordered:
            self._order(run)
        watch = asyncio.ensure_future(self._watch(run.live.job)) if self._shared else None
        end = None
        while end is None:
            end = await self._handle(run)
        if watch is not None:
            watch.cancel()

    def _order_early(self, run: Run) -> None:
        """Order a run before its turn in the loop, if that can be; else its turn comes."""
        if self._worker.up:
            with suppress(Exception):
                self._order(run)

    def _order(self, run: Run) -> None:
        job = run.live.job
        self._worker.busy = True
        self._frames.clear()
        self._arrived.clear()
        out, inputs = self._folders(job.owner)
        header = {"do": "run", "job": job.id, "targets": job.targets, "output_dir": str(out)}
        header["input_dirs"] = [str(folder) for folder in inputs]
        self._worker.send(header, job.workflow_text.encode())
        run.ordered = True
        if run.asked:
            self._worker.send({"do": "cancel", "job": job.id})
        self._hub.publish("status", job)

    async def _watch(self, job: Job) -> None:
        """Hear of a cancel that came to another server."""
        while True:
            await asyncio.sleep(SHARED_TICK)
            with suppress(NodegraphError):
                self.cancel(await self._stores.write(self._stores.jobs.get, job.id))

    async def _handle(self, run: Run) -> End | None:
        """Wait for frames; commit what is to be kept, then tell of it."""
        if not (self._requeue and not self._worker.up):
            await self._arrived.wait()
        self._arrived.clear()
        made: list[dict[str, Any]] = []
        told: list[dict[str, Any]] = []
        end: End | None = None
        while self._frames and end is None:
            frame = self._frames.popleft()
            if isinstance(frame, Death):
                end = run.died(frame, self._max_attempts, requeue=self._requeue)
            elif frame.header.get("job") == run.live.job.id:
                run.heard = True
                if frame.header["is"] == "output":
                    made.append(frame.header)
                elif frame.header["is"] == "done":
                    end = run.end_of(frame.header)
                else:
                    told.extend(run.note(frame))
        if self._requeue and end is None and not self._worker.up:
            end = End(None, spent=False)
        self._note(run, told)
        if end is None or end.status is None:
            self._tell(run)  # else with the end: one wakeup of those who listen
        if made or end is not None:
            await self._commit(run, made, end)
        return end

    def _note(self, run: Run, told: list[dict[str, Any]]) -> None:
        progress = run.progress.snapshot()
        job = run.live.job
        further = progress != job.progress
        if told or further:
            run.live.job = replace(job, progress=progress, nodes=dict(run.reports))
        run.untold = [{"job": run.live.job, **values} for values in told]
        if further:
            run.untold.append({"kind": "progress", "job": run.live.job})

    def _tell(self, run: Run) -> None:
        untold, run.untold = run.untold, []
        for values in untold:
            self._hub.publish(**values)

    # -- the end -------------------------------------------------------------------------

    async def _commit(self, run: Run, made: list[dict[str, Any]], end: End | None) -> None:
        """Store outputs, and the end if it is one, however often it takes."""
        while True:
            try:
                await self._store(run, made, end)
                return
            except StoreError:
                if self._stopping and end is not None:
                    return  # the next start finds it running, which is the truth
                await asyncio.sleep(_STORE_PAUSE)
            except OSError as error:
                run.fault = JobError("output_error", f"an output could not be kept: {error}")
                made = []
                end = End("failed", run.fault) if end is not None and end.status else end
            except NodegraphError:  # somebody else settled or deleted it
                with suppress(NodegraphError):
                    run.live.job = await self._stores.write(self._stores.jobs.get, run.live.job.id)
                    self._hub.publish("status", run.live.job)
                return

    async def _store(self, run: Run, made: list[dict[str, Any]], end: End | None) -> None:
        job = replace(run.live.job, nodes=dict(run.reports))
        write, jobs = self._stores.write, self._stores.jobs
        if end is not None and end.status is None:
            again = await write(jobs.requeue, job, spent=end.spent)
            self._empty = False
            if again is not None:
                run.live.job = again
                self._hub.publish("status", again)
                return
            end = End("canceled")  # asked for in the last moment
        status, error = (end.status, end.error) if end is not None else (None, None)
        more = status is not None and not (self._empty or self._stopping) and self._worker.up
        claim = partial(self._stores.queue.claim, self._name) if more else None
        settle = partial(record_and_claim, claim, jobs, self._stores.assets)
        stored, following = await write(settle, job, made, status, error)
        if following is not None:
            self._given = Run(self._hub.begin(following), self.nodes)
        self._tell(run)
        # A cancel may have come in the meantime.
        run.live.job = replace(stored, status=stored.status if status else run.live.job.status)
        for output in stored.outputs[len(job.outputs) :]:
            self._hub.publish("output", run.live.job, output=output, node=output.node)
        if status is not None:
            self.ended[status] += 1
            self._hub.publish("status", run.live.job)
        if self._given is not None and not self._stopping:
            self._order_early(self._given)
