"""Rows to values and back."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row

from nodegraph.jobs.model import Job, JobError, JobOutput
from nodegraph.jobs.tables import jobs

__all__ = ["JOB", "job_of", "output_of"]

_HIDDEN = {"idempotency_key", "body_digest", "position"}
JOB = tuple(column for column in jobs.columns if column.name not in _HIDDEN)
"""The columns that make a `Job`."""


def job_of(row: Row[Any], outputs: tuple[JobOutput, ...] = ()) -> Job:
    """A job of a row of `JOB`."""
    values = dict(row._mapping)
    values["source_text"] = values.pop("source")
    values["workflow_text"] = values.pop("workflow")
    values["pinned"], values["retry"] = bool(row.pinned), bool(row.retry)
    if row.error is not None:
        values["error"] = JobError(**row.error)
    return Job(**values, outputs=outputs)


def output_of(row: Row[Any]) -> JobOutput:
    """An output of a row of the outputs table."""
    return JobOutput(**{**row._mapping, "temporary": bool(row.temporary)})
