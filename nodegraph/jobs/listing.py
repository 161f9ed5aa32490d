"""Lists of jobs for clients that page through them while others are added."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import literal, select

from nodegraph.jobs.database import Database
from nodegraph.jobs.model import Job, JobStatus
from nodegraph.jobs.rows import JOB, job_of, output_of
from nodegraph.jobs.tables import jobs, outputs

__all__ = ["Which", "list_jobs"]

_DOCUMENTS = ("source", "workflow")
_LIGHT = [literal("").label(column.name) if column.name in _DOCUMENTS else column for column in JOB]
"""The columns of a job, with its two long ones left empty."""


@dataclass(frozen=True)
class Which:
    """Which jobs to list.

    Attributes:
        statuses: of any of these; None for all.
        labels: that have these among `extra["labels"]`.
        before: with a smaller number than this: where the page before ended.
    """

    statuses: Sequence[JobStatus] | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    before: int | None = None


def list_jobs(database: Database, owner: str | None, which: Which, limit: int) -> list[Job]:
    """Jobs, newest first, without their documents, which are long; blocks for a moment."""
    query = select(*_LIGHT)
    if owner is not None:
        query = query.where(jobs.c.owner == owner)
    if which.statuses is not None:
        query = query.where(jobs.c.status.in_(which.statuses))
    if which.before is not None:
        query = query.where(jobs.c.number < which.before)
    for key, value in which.labels.items():
        query = query.where(jobs.c.extra[("labels", key)].as_string() == value)
    with database.read() as db:
        rows = db.execute(query.order_by(jobs.c.number.desc()).limit(limit)).all()
        ids = [row.id for row in rows]
        made = select(outputs).where(outputs.c.job_id.in_(ids)).order_by(outputs.c.number)
        found = [output_of(row) for row in db.execute(made)] if ids else []
    return [job_of(row, tuple(one for one in found if one.job_id == row.id)) for row in rows]
