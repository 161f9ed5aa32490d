"""Which job is next: priority first, then clients in turn, then the order of arrival.

A claim is one UPDATE that checks that the job still waits, so several servers may share a
queue; on PostgreSQL, rows that another claim holds are skipped rather than waited for.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    bindparam,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.sql.dml import ReturningUpdate

from nodegraph.jobs.errors import NotFound, WrongState
from nodegraph.jobs.model import ACTIVE, Job, QueueCounts
from nodegraph.jobs.rows import JOB, job_of
from nodegraph.jobs.store import JobStore
from nodegraph.jobs.tables import jobs, settings

__all__ = ["Queue"]

REMEMBERED_CLIENTS = 1000

_WAITS: ColumnElement[bool] = jobs.c.status == "queued"
_PAUSE = {"owner": "", "name": "queue paused"}
_PAUSED = select(settings.c.name).where(
    settings.c.owner == _PAUSE["owner"], settings.c.name == _PAUSE["name"]
)

_TOP = select(func.max(jobs.c.priority)).where(_WAITS).scalar_subquery()
_CLIENT = (jobs.c.priority, jobs.c.owner, jobs.c.client_id)
_CLIENTS = (
    select(*_CLIENT, func.min(jobs.c.position).label("place"))
    .where(_WAITS, jobs.c.priority == _TOP, ~_PAUSED.exists())
    .group_by(*_CLIENT)
)
"""Who has jobs of the highest priority waiting; nobody while the queue is paused."""
_FIRST = (
    select(jobs.c.id)
    .where(
        _WAITS,
        jobs.c.priority == bindparam("level"),
        jobs.c.owner == bindparam("whose"),
        jobs.c.client_id == bindparam("tab"),
    )
    .order_by(jobs.c.position, jobs.c.number)
    .limit(1)
)


_ME = jobs.alias()
_MINE = (_ME.c.id == bindparam("wanted"), _ME.c.status == "queued")
_BEFORE = (jobs.c.priority > _ME.c.priority) | (
    (jobs.c.priority == _ME.c.priority) & (jobs.c.position < _ME.c.position)
)
_PLACE = select(
    select(func.count()).select_from(_ME).where(*_MINE).scalar_subquery().label("waits"),
    select(func.count())
    .select_from(jobs.join(_ME, _BEFORE))
    .where(_WAITS, *_MINE)
    .scalar_subquery()
    .label("before"),
)
"""Whether a job waits, and how many before it."""


def _claim(first: Select[Any]) -> ReturningUpdate[Any]:
    taken = update(jobs).where(jobs.c.id == first.scalar_subquery(), _WAITS)
    values: dict[str, Any] = {"worker": bindparam("by"), "started_at": bindparam("now")}
    values |= {"status": "running", "attempts": jobs.c.attempts + 1}
    return taken.values(values).returning(*JOB)


_CLAIM, _CLAIM_SHARED = _claim(_FIRST), _claim(_FIRST.with_for_update(skip_locked=True))


class Queue:
    """The waiting jobs of a store, as one server sees them. Every method blocks for a moment."""

    def __init__(self, store: JobStore) -> None:
        self._store, self._database = store, store.database
        self._turn = 0
        self._served: OrderedDict[tuple[str, str], int] = OrderedDict()

    def claim(self, worker: str) -> Job | None:
        """Take the next job and mark it running; None if none waits or the queue is paused."""
        claim = _CLAIM_SHARED if self._database.dialect == "postgresql" else _CLAIM
        with self._database.write() as db:
            waiting = db.execute(_CLIENTS).all()
            for client in sorted(waiting, key=self._turn_of):
                which = {"level": client.priority, "whose": client.owner, "tab": client.client_id}
                now = {"by": worker, "now": self._store.clock()}
                row = db.execute(claim, {**which, **now}).one_or_none()
                if row is not None:
                    self._note(row.owner, row.client_id)
                    return job_of(row)
        return None

    def _turn_of(self, client: Any) -> tuple[int, float]:
        return self._served.get((client.owner, client.client_id), 0), client.place

    def _note(self, owner: str, client_id: str) -> None:
        self._turn += 1
        self._served[owner, client_id] = self._turn
        self._served.move_to_end((owner, client_id))
        while len(self._served) > REMEMBERED_CLIENTS:
            self._served.popitem(last=False)

    def counts(self) -> QueueCounts:
        """How many jobs wait and run, and whether the queue is paused."""
        with self._database.read() as db:
            query = select(jobs.c.status, func.count()).where(
                jobs.c.status.in_(("queued", *ACTIVE))
            )
            found = {row[0]: int(row[1]) for row in db.execute(query.group_by(jobs.c.status))}
            paused = db.execute(_PAUSED).first() is not None
        running = sum(found.get(status, 0) for status in ACTIVE)
        return QueueCounts(found.get("queued", 0), running, paused)

    def pause(self, paused: bool) -> None:
        """Hold waiting jobs back, or let them go on; kept across restarts."""
        mine = (settings.c.owner == _PAUSE["owner"], settings.c.name == _PAUSE["name"])
        with self._database.write() as db:
            db.execute(delete(settings).where(*mine))
            if paused:
                db.execute(insert(settings).values(**_PAUSE, value=True))

    def waiting(self, owner: str | None = None) -> list[Job]:
        """The waiting jobs by priority and position (clients' turns may change the order)."""
        query = select(*JOB).where(_WAITS)
        if owner is not None:
            query = query.where(jobs.c.owner == owner)
        order = (jobs.c.priority.desc(), jobs.c.position, jobs.c.number)
        with self._database.read() as db:
            return [job_of(row) for row in db.execute(query.order_by(*order))]

    def order(self) -> list[str]:
        """The ids of the waiting jobs by priority and position."""
        order = (jobs.c.priority.desc(), jobs.c.position, jobs.c.number)
        with self._database.read() as db:
            return [*db.scalars(select(jobs.c.id).where(_WAITS).order_by(*order))]

    def place(self, job_id: str) -> int | None:
        """How many waiting jobs come before one, by priority and position; None if it waits not."""
        with self._database.read() as db:
            row = db.execute(_PLACE, {"wanted": job_id}).one()
        return int(row.before) if row.waits else None

    def standing(self, job_id: str, owner: str | None = None) -> tuple[Job, int | None]:
        """A job with its outputs, and its place (see `place`).

        Raises:
            NotFound: there is none, or it is another owner's.
        """
        job = self._store.get(job_id, owner)
        return job, self.place(job_id) if job.status == "queued" else None

    def move(self, job_id: str, before: str | None) -> None:
        """Put a waiting job before another one of its priority, or last.

        Raises:
            NotFound: there is no such job.
            WrongState: one of the two does not wait, or they differ in priority.
        """
        with self._database.write() as db:
            priority = self._priority(db, job_id)
            if before is not None and self._priority(db, before) != priority:
                raise WrongState(f"job '{before}' has another priority than job '{job_id}'")
            query = select(jobs.c.id).where(_WAITS, jobs.c.priority == priority)
            ids = [*db.scalars(query.order_by(jobs.c.position, jobs.c.number))]
            ids.remove(job_id)
            ids.insert(ids.index(before) if before is not None else len(ids), job_id)
            for place, name in enumerate(ids):
                db.execute(update(jobs).where(jobs.c.id == name).values(position=float(place)))

    def prioritise(self, job_id: str, priority: int) -> None:
        """Change the priority of a waiting job.

        Raises:
            NotFound: there is no such job.
            WrongState: it does not wait.
        """
        with self._database.write() as db:
            self._priority(db, job_id)
            db.execute(update(jobs).where(jobs.c.id == job_id).values(priority=priority))

    def _priority(self, db: Connection, job_id: str) -> int:
        query = select(jobs.c.status, jobs.c.priority).where(jobs.c.id == job_id)
        row = db.execute(query).one_or_none()
        if row is None:
            raise NotFound(f"there is no job '{job_id}'")
        if row.status != "queued":
            raise WrongState(f"job '{job_id}' does not wait: it is {row.status}")
        return int(row.priority)
