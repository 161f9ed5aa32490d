"""The pydantic models of the editor's endpoints: jobs, queue, history, input files, events."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, Field

from nodegraph.server.editor_models import Body, Document, Model, PageQuery, SearchQuery
from nodegraph.server.models import JobError, Output, Progress, Status

__all__ = [
    "Cleared",
    "Deleted",
    "EditorJob",
    "EditorOutput",
    "Finished",
    "History",
    "HistoryQuery",
    "InputFile",
    "InputFromAsset",
    "InputList",
    "InputQuery",
    "InputUpload",
    "JobCard",
    "LogLine",
    "MoveJob",
    "NodeEvent",
    "NodeReport",
    "OutputEvent",
    "Pin",
    "Preview",
    "Priority",
    "ProgressEvent",
    "Queue",
    "QueueState",
    "RanWorkflow",
    "Snapshot",
    "ThumbnailQuery",
    "Worker",
]

Finished = Literal["succeeded", "failed", "canceled"]


class EditorOutput(Output):
    """Something a job made, and how to show it."""

    output: Annotated[str, Field(description="Of its node.", examples=["images"])]
    temporary: Annotated[bool, Field(description="A preview, kept apart from results.")]
    thumbnail_url: Annotated[str | None, Field(description="Null if it is no picture.")]
    text: Annotated[str | None, Field(description="Of a text; its first 10,000 characters.")]


class JobCard(Model):
    """A job in a list."""

    id: str
    title: Annotated[str, Field(description="The name in its workflow.")]
    text: Annotated[str | None, Field(description="The first words written in its workflow.")]
    seed: Annotated[str | None, Field(description="The first seed in its workflow, in digits.")]
    status: Status
    client_id: str
    metadata: Annotated[dict[str, str], Field(description="Its labels.")]
    targets: list[str] | None
    priority: int
    position: Annotated[
        int | None, Field(description="How many jobs wait before it; null if it does not wait.")
    ]
    pinned: bool
    created_at: AwareDatetime
    started_at: AwareDatetime | None
    completed_at: AwareDatetime | None
    progress: Progress | None
    error: JobError | None
    outputs: list[EditorOutput]


class NodeReport(Model):
    """What became of a node: `reason` says why it ran or did not."""

    type: str | None = None
    status: Annotated[str, Field(examples=["reused"])]
    reason: Annotated[str | None, Field(examples=["input 'seed' changed 7 -> 8"])] = None
    seconds: float | None = None
    error: Any = None


class EditorJob(JobCard):
    """A job with what became of each of its nodes."""

    nodes: dict[str, NodeReport]


class RanWorkflow(Model):
    """What a job ran: in our format, with seeds and assets resolved; and as it was sent."""

    workflow: Document
    source: Document
    format: Literal["native", "api"]


class Pin(Body):
    """Whether a job is kept from retention."""

    pinned: bool


# -- the queue -------------------------------------------------------------------------------


class QueueState(Model):
    """Of everybody how many jobs wait and run; of the caller where each waits."""

    paused: bool
    queued: int
    running: int
    positions: Annotated[dict[str, int], Field(description="Job: how many wait before it.")]


class Queue(Model):
    """The queue: the caller's jobs, and how many there are of everybody."""

    paused: bool
    queued: int
    running_count: int
    running: list[EditorJob]
    waiting: Annotated[list[JobCard], Field(description="By turn; clients take turns.")]
    next: Annotated[int | None, Field(description="The `offset` of what follows; null at the end.")]


class MoveJob(Body):
    """Where in the queue a job goes."""

    before: Annotated[
        str | None, Field(description="A waiting job of the same priority; null: the last place.")
    ] = None


class Priority(Body):
    """How early a job runs."""

    priority: Annotated[int, Field(ge=-1000, le=1000, description="Higher runs earlier.")]


class Cleared(Model):
    """How many jobs it concerned."""

    count: int


# -- history ---------------------------------------------------------------------------------


class HistoryQuery(PageQuery):
    """A part of the finished jobs."""

    limit: Annotated[int, Field(ge=1, le=100, description="The most that is listed.")] = 50
    status: Annotated[Finished | None, Field(description="Only those that ended so.")] = None


class History(Model):
    """Finished jobs, newest first."""

    jobs: list[JobCard]
    total: int
    next: Annotated[int | None, Field(description="The `offset` of what follows; null at the end.")]


# -- files -----------------------------------------------------------------------------------


class ThumbnailQuery(Model):
    """How large."""

    size: Annotated[
        int, Field(ge=16, le=1024, description="The longer side; the next of 128, 256, 512, 1024.")
    ] = 256


class InputQuery(SearchQuery):
    """A part of the input files."""

    kind: Annotated[
        str,
        Field(
            max_length=50,
            description="Only files for a widget that accepts this: image, video, audio, text, "
            "latent.",
        ),
    ] = ""


class InputFile(Model):
    """A file that nodes such as LoadImage find by its name."""

    name: Annotated[str, Field(examples=["photos/cat.png"])]
    size: int
    modified_at: AwareDatetime
    content_type: str
    url: str
    thumbnail_url: str | None


class InputList(Model):
    """Input files, newest first."""

    files: list[InputFile]
    total: int
    next: Annotated[int | None, Field(description="The `offset` of what follows; null at the end.")]


class InputUpload(Model):
    """The fields of an upload."""

    file: Annotated[
        str,
        Field(description="The file.", json_schema_extra={"type": "string", "format": "binary"}),
    ]
    name: Annotated[
        str | None, Field(description="Its name, before `file`; else that of the file field.")
    ] = None


class InputFromAsset(Body):
    """An asset, an output for example, as an input file."""

    asset_id: str
    name: Annotated[str | None, Field(description="Else that of the asset.")] = None


# -- events ----------------------------------------------------------------------------------


class Preview(Model):
    """A picture of what a node has so far."""

    job_id: str
    node_id: str
    content_type: str
    width: int
    height: int
    data_base64: str


class NodeEvent(Model):
    """The data of the event `node`: one began, or was settled."""

    job_id: str
    node_id: str
    report: NodeReport
    progress: Progress | None


class ProgressEvent(Model):
    """The data of the event `progress`."""

    job_id: str
    progress: Progress | None


class OutputEvent(Model):
    """The data of the event `output`."""

    job_id: str
    output: EditorOutput


class LogLine(Model):
    """The data of the event `log`: what a node printed."""

    job_id: str
    node_id: str | None
    level: Annotated[str, Field(examples=["info"])]
    message: str


class Deleted(Model):
    """The data of the event `deleted`: the job is forgotten."""

    job_id: str


class Worker(Model):
    """How the process stands that runs the nodes."""

    state: Annotated[str, Field(examples=["idle"])]
    pid: int | None
    restarts: int


class Snapshot(Model):
    """The data of the event `snapshot`: everything, in place of all that was told before."""

    jobs: Annotated[list[EditorJob], Field(description="What runs and what waits.")]
    previews: Annotated[list[Preview], Field(description="The last one of each that runs.")]
    queue: QueueState
    worker: Worker
