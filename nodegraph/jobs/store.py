"""Jobs in the database. Every change of state checks the state it leaves, in one statement."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, replace
from typing import Any

from sqlalchemy import (
    Connection,
    CursorResult,
    Select,
    bindparam,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from nodegraph.jobs.assets import Asset
from nodegraph.jobs.database import Database
from nodegraph.jobs.errors import NotFound, QueueFull, WrongState
from nodegraph.jobs.hooks import add_hook
from nodegraph.jobs.model import (
    ACTIVE,
    FINISHED,
    Job,
    JobError,
    JobOutput,
    JobStatus,
    NewJob,
    NewOutput,
    Page,
)
from nodegraph.jobs.repeats import repeated_in
from nodegraph.jobs.rows import JOB, job_of, output_of
from nodegraph.jobs.tables import assets, jobs, outputs

__all__ = ["JobStore"]

# Statements of every job's way, made once: making them takes longer than running them.
_QUEUED = select(func.count(), func.min(jobs.c.position), func.max(jobs.c.position)).where(
    jobs.c.status == "queued"
)
_ONE = select(*JOB).where(jobs.c.id == bindparam("wanted"))
_OUTPUTS_OF_ONE = (
    select(outputs).where(outputs.c.job_id == bindparam("wanted")).order_by(outputs.c.number)
)
_NEW_JOB, _NEW_ASSET, _NEW_OUTPUT = insert(jobs), insert(assets), insert(outputs)
_RUNS = update(jobs).where(
    jobs.c.id == bindparam("wanted"),
    jobs.c.status.in_(ACTIVE),
    jobs.c.attempts == bindparam("attempt"),
)
_AS_STORED = (
    *("id", "owner", "client_id", "status", "format", "extra", "targets", "priority"),
    *("created_at", "started_at", "attempts", "worker"),
)
_TOUCH = _RUNS.values(attempts=jobs.c.attempts)
_END = _RUNS.values(
    {name: bindparam(name) for name in ("status", "completed_at", "nodes", "progress", "error")}
)


class JobStore:
    """The jobs of one database. Every method blocks for a moment; safe to use from threads.

    Args:
        limit: how many jobs may wait.
        clock: seconds since 1970; may jump, which changes times and no order.
    """

    def __init__(
        self, database: Database, *, limit: int = 1000, clock: Callable[[], float] = time.time
    ) -> None:
        self.database = database
        self.limit, self.clock = limit, clock

    # -- making and finding --------------------------------------------------------------

    def create(self, new: NewJob, worker: str | None = None) -> tuple[Job, bool]:
        """Queue a job; returns it, and whether it is new (false for a repeated request).

        Args:
            worker: who takes it at once if nothing else waits.

        Raises:
            QueueFull: as many jobs wait as may.
            IdempotencyMismatch: the key was used for another request.
            WrongState: the id is taken.
        """
        try:
            with self.database.write() as db:
                if (known := self._by_key(db, new)) is not None:
                    return known, False
                count, first, last = db.execute(_QUEUED).one()
                if count >= self.limit:
                    raise QueueFull(self.limit)
                place = (first or 0.0) - 1 if new.front else (last or 0.0) + 1
                values = self._values(new, place, worker if count == 0 else None)
                number = _number(db.execute(_NEW_JOB, values))
                add_hook(db, values["id"], new.hook)
        except IntegrityError:
            return self._taken(new)
        return self._made(new, number, values), True

    def _values(self, new: NewJob, place: float, worker: str | None) -> dict[str, Any]:
        now = self.clock()
        return {
            "id": new.id or str(uuid.uuid4()),
            "owner": new.owner,
            "client_id": new.client_id,
            "status": "queued" if worker is None else "running",
            "worker": worker,
            "started_at": None if worker is None else now,
            "attempts": 0 if worker is None else 1,
            "format": new.format,
            "source": new.source,
            "workflow": new.workflow,
            "extra": new.extra,
            "targets": new.targets,
            "priority": new.priority,
            "position": place,
            "created_at": now,
            "pinned": int(new.pinned),
            "retry": int(new.retry),
            "idempotency_key": new.idempotency_key,
            "body_digest": new.body_digest,
        }

    def _made(self, new: NewJob, number: int, values: dict[str, Any]) -> Job:
        return Job(
            number=number,
            source_text=new.source,
            workflow_text=new.workflow,
            pinned=new.pinned,
            retry=new.retry,
            **{name: values[name] for name in _AS_STORED},
        )

    def _taken(self, new: NewJob) -> tuple[Job, bool]:
        """Another process was quicker with the key, or somebody has the id."""
        with self.database.read() as db:
            known = self._by_key(db, new)
        if known is None:
            raise WrongState(f"there is already a job '{new.id}'")
        return known, False

    def _by_key(self, db: Connection, new: NewJob) -> Job | None:
        if new.idempotency_key is None:
            return None
        known = repeated_in(db, new.owner, new.idempotency_key, new.body_digest)
        return self._one(db, known) if known is not None else None

    def get(self, job_id: str, owner: str | None = None) -> Job:
        """A job with its outputs.

        Raises:
            NotFound: there is none, or it is another owner's.
        """
        with self.database.read() as db:
            return self._one(db, job_id, owner)

    def _one(self, db: Connection, job_id: str, owner: str | None = None) -> Job:
        row = db.execute(_ONE, {"wanted": job_id}).one_or_none()
        if row is None or owner not in (None, row.owner):
            raise NotFound(f"there is no job '{job_id}'")
        made = db.execute(_OUTPUTS_OF_ONE, {"wanted": job_id})
        return job_of(row, tuple(output_of(found) for found in made))

    def some(self, ids: Sequence[str]) -> list[Job]:
        """Those of some jobs that there are."""
        with self.database.read() as db:
            return _read(db, select(*JOB).where(jobs.c.id.in_(ids)))

    def page(
        self,
        owner: str | None = None,
        statuses: Sequence[JobStatus] = (),
        *,
        limit: int = 50,
        offset: int = 0,
        oldest_first: bool = False,
    ) -> Page:
        """Jobs, newest first unless asked otherwise."""
        order = jobs.c.number if oldest_first else jobs.c.number.desc()
        query = _filtered(select(*JOB), owner, statuses).order_by(order).limit(limit)
        count = _filtered(select(func.count()).select_from(jobs), owner, statuses)
        with self.database.read() as db:
            total = db.scalar(count) or 0
            found = _read(db, query.offset(offset))
        after = offset + len(found)
        return Page(tuple(found), total, after if found and after < total else None)

    def active(self, worker: str | None = None) -> list[Job]:
        """What runs or is being cancelled, of one server or of all."""
        query = select(*JOB).where(jobs.c.status.in_(ACTIVE)).order_by(jobs.c.number)
        if worker is not None:
            query = query.where(jobs.c.worker == worker)
        with self.database.read() as db:
            return _read(db, query)

    # -- moving on -----------------------------------------------------------------------

    def commit(
        self,
        job: Job,
        made: Sequence[tuple[NewOutput, Asset]] = (),
        *,
        status: JobStatus | None = None,
        error: JobError | None = None,
        nodes: dict[str, dict[str, Any]] | None = None,
        progress: dict[str, Any] | None = None,
    ) -> Job:
        """Add outputs to a running job and, with `status`, end it, in one transaction.

        Raises:
            WrongState: it does not run (any more), or was given to another server; nothing
                is changed.
        """
        values: dict[str, Any] = {}
        if status is not None:
            values = {"completed_at": self.clock(), "nodes": nodes, "progress": progress}
            values |= {"status": status, "error": asdict(error) if error else None}
        which = {"wanted": job.id, "attempt": job.attempts}
        with self.database.write() as db:
            if not db.execute(_END if values else _TOUCH, {**which, **values}).rowcount:
                raise WrongState(f"job '{job.id}' does not run any more")
            added = tuple(_add(db, job.id, output, asset) for output, asset in made)
        job = replace(job, outputs=(*job.outputs, *added))
        if status is None:
            return job
        values |= {"error": error}
        return replace(job, **values)

    def cancel(self, job_id: str) -> Job:
        """Cancel a job: at once if it waits; a running one is `canceling` until it stops.

        Cancelling a job that is finished or being cancelled changes nothing.

        Raises:
            NotFound: there is none.
        """
        mine = jobs.c.id == job_id
        with self.database.write() as db:
            waits = update(jobs).where(mine, jobs.c.status == "queued")
            if not db.execute(waits.values(status="canceled", completed_at=self.clock())).rowcount:
                runs = update(jobs).where(mine, jobs.c.status == "running")
                db.execute(runs.values(status="canceling"))
            return self._one(db, job_id)

    def requeue(self, job: Job, *, spent: bool = True) -> Job | None:
        """Put a running job back to the front of the queue, with nothing of what it did.

        Args:
            spent: whether this counts as an attempt.

        Returns:
            None if it does not run any more.
        """
        fresh: dict[str, Any] = {
            "started_at": None,
            "worker": None,
            "progress": None,
            "nodes": None,
        }
        if not spent:
            fresh["attempts"] = jobs.c.attempts - 1
        with self.database.write() as db:
            first = select(func.min(jobs.c.position)).where(jobs.c.status == "queued")
            place = (db.scalar(first) or 0.0) - 1
            mine = (jobs.c.id == job.id, jobs.c.status == "running")
            values = {"status": "queued", "position": place, **fresh}
            if not db.execute(update(jobs).where(*mine).values(**values)).rowcount:
                return None
            db.execute(delete(outputs).where(outputs.c.job_id == job.id))
            db.execute(delete(assets).where(assets.c.job_id == job.id))
            return self._one(db, job.id)

    def recover(self, worker: str, retry: bool = False) -> list[Job]:
        """After a crash of the server `worker`: end what it ran, or queue it again if asked for.

        Args:
            worker: the name of the server.
            retry: whether every job is queued again, and not only those that ask for it.

        Returns:
            The jobs that were running, as they stand now.
        """
        text = "the server stopped while the job ran"
        found = []
        for job in self.active(worker):
            again = (retry or job.retry) and job.status == "running"
            if again and (requeued := self.requeue(job)) is not None:
                found.append(requeued)
            elif job.status == "canceling":
                found.append(self.commit(job, status="canceled", progress=job.progress))
            else:
                error = JobError("interrupted", text)
                found.append(self.commit(job, status="failed", error=error, progress=job.progress))
        return found

    def pin(self, job_id: str, pinned: bool) -> Job:
        """Keep a job from retention, or no longer."""
        with self.database.write() as db:
            db.execute(update(jobs).where(jobs.c.id == job_id).values(pinned=int(pinned)))
            return self._one(db, job_id)

    def delete(self, job_id: str, *, pinned: bool = True) -> Job:
        """Forget a job that is finished or waits, and the records of its outputs.

        Raises:
            NotFound: there is none.
            WrongState: it is running, or pinned and `pinned` is not set.
        """
        with self.database.write() as db:
            job = self._one(db, job_id)
            if job.pinned and not pinned:
                raise WrongState(f"job '{job_id}' is pinned")
            idle = (jobs.c.id == job_id, jobs.c.status.not_in(ACTIVE))
            if not db.execute(delete(jobs).where(*idle)).rowcount:
                raise WrongState(f"job '{job_id}' is running; cancel it first")
        return job

    def expired(self, before: float, limit: int = 500) -> list[Job]:
        """Finished jobs that ended before a time and are not pinned, oldest first."""
        query = select(*JOB).where(
            jobs.c.status.in_(FINISHED), jobs.c.pinned == 0, jobs.c.completed_at < before
        )
        with self.database.read() as db:
            return _read(db, query.order_by(jobs.c.number).limit(limit))

    def has_output(self, output: NewOutput) -> bool:
        """Whether a job that is kept recorded the same file."""
        same = (outputs.c.hash == output.hash, outputs.c.path == output.path)
        with self.database.read() as db:
            return db.execute(select(outputs.c.number).where(*same).limit(1)).first() is not None

    def sizes(self) -> list[tuple[str, int, bool]]:
        """Id, bytes of outputs, and whether it is pinned, of each finished job, oldest first."""
        total = func.coalesce(func.sum(outputs.c.size), 0)
        query = (
            select(jobs.c.id, total, jobs.c.pinned)
            .select_from(jobs.outerjoin(outputs, outputs.c.job_id == jobs.c.id))
            .where(jobs.c.status.in_(FINISHED))
            .group_by(jobs.c.id, jobs.c.number, jobs.c.pinned)
            .order_by(jobs.c.number)
        )
        with self.database.read() as db:
            return [(row[0], int(row[1]), bool(row[2])) for row in db.execute(query)]


def _filtered(query: Select[Any], owner: str | None, statuses: Iterable[JobStatus]) -> Select[Any]:
    if owner is not None:
        query = query.where(jobs.c.owner == owner)
    if wanted := list(statuses):
        query = query.where(jobs.c.status.in_(wanted))
    return query


def _read(db: Connection, query: Select[Any]) -> list[Job]:
    rows = db.execute(query).all()
    made = _outputs_of(db, [row.id for row in rows])
    return [job_of(row, made.get(row.id, ())) for row in rows]


def _outputs_of(db: Connection, ids: Sequence[str]) -> dict[str, tuple[JobOutput, ...]]:
    found: dict[str, list[JobOutput]] = {}
    if ids:
        mine = select(outputs).where(outputs.c.job_id.in_(ids)).order_by(outputs.c.number)
        for row in db.execute(mine):
            found.setdefault(row.job_id, []).append(output_of(row))
    return {job_id: tuple(made) for job_id, made in found.items()}


def _add(db: Connection, job_id: str, new: NewOutput, asset: Asset) -> JobOutput:
    db.execute(_NEW_ASSET, asset.row())
    values = {**vars(new), "temporary": int(new.temporary), "job_id": job_id}
    number = _number(db.execute(_NEW_OUTPUT, values))
    return JobOutput(**vars(new), number=number, job_id=job_id)


def _number(result: CursorResult[Any]) -> int:
    key = result.inserted_primary_key
    assert key is not None
    return int(key[0])
