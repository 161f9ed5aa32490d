"""Jobs as values: what is asked for, how it stands, what it made."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

__all__ = [
    "ACTIVE",
    "FINISHED",
    "Hook",
    "Job",
    "JobError",
    "JobFormat",
    "JobOutput",
    "JobStatus",
    "NewJob",
    "NewOutput",
    "Page",
    "QueueCounts",
]

JobStatus = Literal["queued", "running", "canceling", "succeeded", "failed", "canceled"]
JobFormat = Literal["native", "api"]
ACTIVE: tuple[JobStatus, ...] = ("running", "canceling")
FINISHED: tuple[JobStatus, ...] = ("succeeded", "failed", "canceled")


@dataclass(frozen=True)
class Hook:
    """Where the end of a job is to be told.

    Attributes:
        secret: the message is signed with it; never shown.
        base: scheme and authority of this server as the client knows it, for links.
    """

    url: str
    secret: str | None
    base: str


@dataclass(frozen=True, kw_only=True)
class NewJob:
    """What a client submits, checked and with seeds resolved.

    Attributes:
        source: the document as it was sent, as JSON; `format` says which kind it is.
        workflow: the same in our format, as JSON.
        targets: ids of the nodes to run; None for all effect nodes.
        body_digest: of the request, to tell a repeated one from another under the same key.
        front: before all that waits with the same priority.
        retry: whether a crash of the server puts it back into the queue.
        hook: who is told of its end.
    """

    owner: str
    source: str
    workflow: str
    format: JobFormat = "native"
    client_id: str = ""
    extra: dict[str, Any] | None = None
    targets: list[str] | None = None
    priority: int = 0
    front: bool = False
    idempotency_key: str | None = None
    body_digest: str = ""
    pinned: bool = False
    retry: bool = False
    hook: Hook | None = None
    id: str | None = None


@dataclass(frozen=True)
class JobError:
    """Why a job failed, for the user."""

    code: str
    message: str
    node_id: str | None = None
    class_type: str | None = None
    traceback: str | None = None


@dataclass(frozen=True)
class NewOutput:
    """Something a node made: its content is an asset, and a file of the output folder or a text.

    Attributes:
        node: the id of the node.
        name: the name of this output of the node, such as `images`.
        type: `image`, `latent`, `text`, ...
        asset_id, hash: the record of the content and its BLAKE3 in hex.
        path: where the node saved it; None for a text.
        temporary: a preview, kept apart from results.
    """

    node: str
    name: str
    type: str
    content_type: str
    size: int
    asset_id: str
    hash: str
    path: str | None = None
    text: str | None = None
    temporary: bool = False


@dataclass(frozen=True)
class JobOutput(NewOutput):
    """An output that is committed."""

    number: int = 0
    job_id: str = ""


@dataclass(frozen=True)
class Job:
    """One execution of a workflow, as the store holds it. Times are seconds since 1970.

    Attributes:
        number: grows by one with each job; never used twice.
        source_text: the document as it was sent, in `format`; `source` is it parsed.
        workflow_text: what is run, in our format; `workflow` is it parsed.
        attempts: how often it was started.
        worker: which worker it was given to last.
        progress: {"value" (0 to 1), "nodes_done", "nodes_total", "current_node",
            "current_node_class", "step", "steps", "message"}; None before it runs.
        nodes: what became of each node: id -> {"status", "type", "reason", "seconds", "error"}.
        retry: whether a crash of the server puts it back into the queue.
    """

    number: int
    id: str
    owner: str
    client_id: str
    status: JobStatus
    format: JobFormat
    source_text: str
    workflow_text: str
    extra: dict[str, Any] | None
    targets: list[str] | None
    priority: int
    created_at: float
    started_at: float | None = None
    completed_at: float | None = None
    attempts: int = 0
    worker: str | None = None
    progress: dict[str, Any] | None = None
    nodes: dict[str, dict[str, Any]] | None = None
    error: JobError | None = None
    pinned: bool = False
    retry: bool = False
    outputs: tuple[JobOutput, ...] = ()

    @property
    def finished(self) -> bool:
        return self.status in FINISHED

    @cached_property
    def source(self) -> dict[str, Any]:
        """The document as it was sent."""
        found: dict[str, Any] = json.loads(self.source_text)
        return found

    @cached_property
    def workflow(self) -> dict[str, Any]:
        """What is run: our format, with seeds resolved."""
        found: dict[str, Any] = json.loads(self.workflow_text)
        return found


@dataclass(frozen=True)
class Page:
    """A part of a listing; `next` is the offset at which it goes on, None at the end."""

    jobs: tuple[Job, ...]
    total: int
    next: int | None


@dataclass(frozen=True)
class QueueCounts:
    """How many jobs wait and run, and whether the queue is paused."""

    queued: int
    running: int
    paused: bool
