"""What listeners are told of jobs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from nodegraph.jobs.model import Job, JobOutput

__all__ = ["EventKind", "JobEvent", "LogLine", "Preview"]

EventKind = Literal[
    "snapshot", "status", "node", "progress", "preview", "output", "log", "queue", "deleted"
]


@dataclass(frozen=True, slots=True)
class Preview:
    """A picture of what a node has so far, as the bytes of a JPEG."""

    node: str
    data: bytes
    width: int
    height: int
    content_type: str = "image/jpeg"


@dataclass(frozen=True, slots=True)
class LogLine:
    """A line that a node printed, or the worker itself; `level` is `info` or `error`."""

    level: str
    message: str
    node: str | None = None


@dataclass(frozen=True, slots=True)
class JobEvent:
    """Something happened to a job.

    `job` is always the job as it stands after the event: `job.status`, `job.progress`,
    `job.nodes` and `job.outputs` are whole, so that any event brings a listener up to date.

    Attributes:
        kind: `snapshot` comes first to every listener, and again in place of what a slow one
            missed; `status` is a change of state; `node` a node that started or was settled
            (`node` has its id, `report` what became of it); `progress`, `preview`, `output` and
            `log` as they say; `queue` means that the waiting jobs or the pause changed (`job` is
            None); `deleted` that the job is forgotten.
        number: grows by one with each event of this server; 0 for snapshots.
        position: how many jobs wait before this one, in snapshots and changes of state of a
            job that waits.
        preview: of a `preview`; of a `snapshot` the last one there was.
        report: of a `node`: {"node", "type", "status", "reason", "seconds", "error"}, where
            `status` is `running`, `ran`, `reused`, `skipped`, `failed` or `canceled`.
    """

    kind: EventKind
    job: Job | None
    number: int = 0
    position: int | None = None
    preview: Preview | None = None
    node: str | None = None
    report: dict[str, Any] | None = None
    output: JobOutput | None = None
    log: LogLine | None = None
