"""Who listens to which jobs, and what they are told.

The hub holds the jobs that run here and those that ended lately, each with its last preview: a
listener who joins late gets the whole state first. Each listener has a bounded queue; one that
reads too slowly loses what waits there and gets the whole state again instead.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from nodegraph.jobs.events import EventKind, JobEvent, Preview
from nodegraph.jobs.model import Job

__all__ = ["Hub", "Listener", "LiveJob"]

RECENT = 64
"""How many jobs that ended are kept at hand."""
RECENT_BYTES = 100_000
"""The longest text of such a job."""


@dataclass(slots=True)
class LiveJob:
    """A job as it stands at this moment."""

    job: Job
    preview: Preview | None = None


class Listener:
    """The queue of one listener.

    Args:
        job_id: the job to hear of; None for all.
        owner: whose jobs to hear of; None for everybody's.
        backlog: how many events may wait.
    """

    def __init__(self, job_id: str | None, owner: str | None, backlog: int) -> None:
        self.job_id, self.owner = job_id, owner
        self._events: deque[JobEvent] = deque()
        self._backlog, self._arrived = backlog, asyncio.Event()
        self.lost = False
        self.closed = False

    def put(self, event: JobEvent) -> bool:
        """Add an event; false if the listener was too slow and everything was dropped."""
        if self.owner is not None and event.job is not None and event.job.owner != self.owner:
            return True
        fits = len(self._events) < self._backlog
        if fits and not self.lost:
            self._events.append(event)
        else:
            self._events.clear()
            self.lost = True
        self._arrived.set()
        return fits

    def begin_again(self) -> None:
        """Drop what waits: a whole state is about to be taken."""
        self._events.clear()
        self.lost = False

    def close(self) -> None:
        """Nothing more will come."""
        self.closed = True
        self._arrived.set()

    async def take(self) -> list[JobEvent]:
        """All events that wait, at least one; none if some were lost (see `lost`) or nothing
        more will come."""
        while not self._events and not self.lost and not self.closed:
            self._arrived.clear()
            await self._arrived.wait()
        taken = [*self._events] if not self.lost else []
        self._events.clear()
        return taken


class Hub:
    """Jobs at hand and their listeners; for one event loop."""

    def __init__(self) -> None:
        self.live: dict[str, LiveJob] = {}
        self._recent: OrderedDict[str, LiveJob] = OrderedDict()
        self._waiting: OrderedDict[str, Job] = OrderedDict()
        self._by_job: dict[str, set[Listener]] = {}
        self._general: set[Listener] = set()
        self.events = self.resynced = 0

    def find(self, job_id: str) -> LiveJob | None:
        """A job that runs here or ended lately."""
        return self.live.get(job_id) or self._recent.get(job_id)

    def begin(self, job: Job) -> LiveJob:
        """A job runs here from now on."""
        self.forget(job.id)
        made = self.live[job.id] = LiveJob(job)
        return made

    def end(self, job_id: str) -> None:
        """A job does not run here any more; it stays at hand for a while if it is finished."""
        done = self.live.pop(job_id, None)
        if done is None or not done.job.finished:
            return
        if _is_short(done.job):
            self._recent[job_id] = done
            while len(self._recent) > RECENT:
                self._recent.popitem(last=False)

    def wait(self, job: Job) -> None:
        """A job was queued a moment ago; it is at hand until it runs or is changed."""
        if job.status == "queued" and _is_short(job):
            self._waiting[job.id] = job
            while len(self._waiting) > RECENT:
                self._waiting.popitem(last=False)

    def waits(self, job_id: str) -> Job | None:
        """A job that was queued lately and waits."""
        return self._waiting.get(job_id)

    def forget(self, job_id: str) -> None:
        """A job was deleted or changed in the store."""
        self._recent.pop(job_id, None)
        self.changed(job_id)

    def changed(self, job_id: str) -> None:
        """A job that waits was changed in the store."""
        self._waiting.pop(job_id, None)

    def publish(self, kind: EventKind, job: Job | None, **values: Any) -> None:
        """Tell everybody whom it concerns."""
        self.events += 1
        event = JobEvent(kind, job, self.events, **values)
        listeners = (*self._by_job.get(job.id, ()), *self._general) if job else self._general
        for listener in tuple(listeners):
            if not listener.put(event):
                self.resynced += 1

    def listens(self, job_id: str) -> bool:
        """Whether somebody listens to this very job."""
        return job_id in self._by_job

    @property
    def watched(self) -> list[str]:
        """The jobs that somebody listens to."""
        return [*self._by_job]

    def add(self, listener: Listener) -> Callable[[], None]:
        """Begin to listen; the result ends it."""
        if listener.job_id is None:
            self._general.add(listener)
        else:
            self._by_job.setdefault(listener.job_id, set()).add(listener)
        return lambda: self._remove(listener)

    def _remove(self, listener: Listener) -> None:
        self._general.discard(listener)
        if listener.job_id is not None and (mine := self._by_job.get(listener.job_id)):
            mine.discard(listener)
            if not mine:
                del self._by_job[listener.job_id]

    def close(self) -> None:
        """End every subscription."""
        listeners = [*self._general, *(one for some in self._by_job.values() for one in some)]
        for listener in listeners:
            listener.close()


def _is_short(job: Job) -> bool:
    return len(job.source_text) + len(job.workflow_text) <= RECENT_BYTES
