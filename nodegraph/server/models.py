"""The pydantic models of the native API, `/api/v2`: what the official clients of the contract read.

Beyond the contract a job request may name targets, a priority and how the job is kept, and a
listed job is a whole one. Times are UTC.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, SkipValidation

__all__ = [
    "Asset",
    "AssetFromHash",
    "AssetUpload",
    "Error",
    "ErrorEnvelope",
    "Job",
    "JobError",
    "JobList",
    "JobRequest",
    "JobUrls",
    "JobWorkflow",
    "JobsQuery",
    "ListedJob",
    "LogEvent",
    "Output",
    "OutputKind",
    "PreviewEvent",
    "Progress",
    "Status",
    "StatusEvent",
    "WebhookRequest",
    "WorkflowQuery",
]

Status = Literal["queued", "running", "succeeded", "canceling", "canceled", "failed", "expired"]
OutputKind = Literal["image", "video", "audio", "text", "file", "latent"]
Hash = Annotated[str, Field(examples=["blake3:9f8a1c0d"], description="`blake3:<hex>`")]


class Error(BaseModel):
    """What went wrong: `code` for programs, `message` for people."""

    code: Annotated[str, Field(examples=["invalid_workflow"])]
    message: str
    details: dict[str, Any] | None = None


class ErrorEnvelope(BaseModel):
    """The body of every answer that is not a success."""

    error: Error


class ExtraData(BaseModel):
    """Taken for the contract's sake, used and stored nowhere: no node here talks to a vendor."""

    model_config = ConfigDict(extra="forbid")
    api_key_comfy_org: str | None = None


class WebhookRequest(BaseModel):
    """Where the end of the job shall be told."""

    model_config = ConfigDict(extra="forbid")

    url: Annotated[str, Field(description="http:// or https://, at a public address.")]
    secret: Annotated[
        str | None,
        Field(
            min_length=16,
            max_length=200,
            description="Messages are signed with it: the text itself, or `whsec_` and base64.",
        ),
    ] = None


class JobRequest(BaseModel):
    """A job to run. Only `workflow` is needed."""

    model_config = ConfigDict(
        extra="forbid", protected_namespaces=(), json_schema_extra={"required": ["workflow"]}
    )

    workflow: Annotated[
        dict[str, Any],
        SkipValidation,  # what is wrong with it is told as a workflow's problems are
        Field(
            description="Our workflow format, or ComfyUI's API format. An asset stands in it as "
            '{"__type": "core/ASSET", "info": {"id": "<asset id>"}}.'
        ),
    ] = Field(default_factory=dict)
    metadata: dict[str, Any] | None = Field(
        None,
        description="Up to 16 labels: keys of 1 to 40 letters, digits, _ - and . signs, values of "
        "at most 256 bytes without control signs.",
    )
    extra_data: ExtraData | None = None
    targets: list[str] | None = Field(
        None, description="Ids of the nodes to run, with what they need; by default all effects."
    )
    priority: Annotated[int, Field(ge=-1000, le=1000, description="Higher runs earlier.")] = 0
    client_id: Annotated[str, Field(max_length=100, description="Clients take turns.")] = ""
    pinned: bool = Field(False, description="Never deleted by retention.")
    retry: bool = Field(False, description="Queued again if the server stops while it runs.")
    webhook: WebhookRequest | None = Field(None, description="Told of the end of the job.")


class JobsQuery(BaseModel):
    """Which jobs to list, newest first. `metadata[<key>]=<value>` keeps those with a label."""

    limit: Annotated[int, Field(ge=1, le=100, description="Jobs in a page.")] = 50
    cursor: str | None = Field(None, description="`next_cursor` of the page before.")
    status: str | list[str] | None = Field(
        None, description="Only jobs of these states, with commas between them."
    )


class WorkflowQuery(BaseModel):
    """Which form of a job's workflow is wanted."""

    executed: bool = Field(False, description="What ran, in our format: seeds and assets resolved.")


class Progress(BaseModel):
    """How far a job is: one snapshot is enough to bring a client up to date."""

    value: Annotated[float, Field(ge=0, le=1, description="The whole, by nodes and steps.")]
    nodes_done: int
    nodes_total: int
    current_node: str | None = None
    current_node_class: str | None = None
    step: int | None = None
    steps: int | None = None
    message: Annotated[str | None, Field(examples=["KSampler 21/50"])] = None


class JobError(BaseModel):
    """Why a job failed."""

    code: Annotated[str, Field(examples=["node_execution_error"])]
    message: str
    node_id: str | None = None
    class_type: str | None = None
    traceback: str | None = None


class Output(BaseModel):
    """Something a job made. It is an asset, there as soon as its node has finished."""

    node_id: str
    name: Annotated[str, Field(examples=["00001.png"])]
    type: OutputKind
    content_type: Annotated[str, Field(examples=["image/png"])]
    size_bytes: int
    id: Annotated[str, Field(description="Of the asset.")]
    hash: Hash | None
    url: Annotated[str, Field(description="Where its content is.")]
    url_expires_at: AwareDatetime
    job_id: str | None = None


class JobUrls(BaseModel):
    """Where to go on from here, relative to the host."""

    self: str
    events: str
    cancel: str


class Job(BaseModel):
    """One execution of a workflow."""

    id: str
    status: Status
    created_at: AwareDatetime
    started_at: AwareDatetime | None
    completed_at: AwareDatetime | None
    expires_at: Annotated[
        AwareDatetime, Field(description="Until when it is kept; the year 9999 if forever.")
    ]
    queue_position: Annotated[
        int | None, Field(description="How many jobs wait before it; null if it does not wait.")
    ]
    progress: Progress | None
    outputs: list[Output]
    error: JobError | None
    metrics: dict[str, int | None] | None = Field(
        None, description="`queue_ms` and `execution_ms`, null before they are known."
    )
    metadata: dict[str, str] = Field(default_factory=dict, description="Its labels.")
    urls: JobUrls


class ListedJob(Job):
    """A job in a list, with the two times under the names that lists of the contract have."""

    create_time: AwareDatetime
    update_time: AwareDatetime


class JobList(BaseModel):
    """Some jobs, newest first."""

    jobs: list[ListedJob]
    next_cursor: str | None = Field(
        None, description="For the page that follows; null on the last one."
    )


class JobWorkflow(BaseModel):
    """The workflow behind a job; `format` is `save` for ours and `api` for ComfyUI's API format."""

    workflow: dict[str, Any]
    format: Literal["save", "api"]


class StatusEvent(BaseModel):
    """The data of an event `status`."""

    status: Status
    queue_position: int | None = None


class PreviewEvent(BaseModel):
    """The data of an event `preview`: a picture of what a node has so far."""

    node_id: str
    content_type: str
    data_base64: str


class LogEvent(BaseModel):
    """The data of an event `log`: a line that a node printed."""

    level: str
    message: str
    node_id: str | None = None


class AssetUpload(BaseModel):
    """The fields of an upload."""

    file: Annotated[
        str,
        Field(description="The file.", json_schema_extra={"type": "string", "format": "binary"}),
    ]
    file_path: str | None = Field(None, description="Its name; else that of the file field.")
    content_type: str | None = Field(
        None, description="Looked at by nobody: the type is seen from the content."
    )
    expected_hash: Hash | None = Field(None, description="Refused (409) if it is another.")
    tags: list[str] | None = Field(None, description="Taken and not kept.")


class AssetFromHash(BaseModel):
    """Another record over content that is here already."""

    hash: Hash
    file_path: str | None = None
    tags: list[str] | None = None
    content_type: str | None = None


class Asset(BaseModel):
    """A stored file: a record of its own over content that is kept once."""

    id: str
    hash: Hash | None
    size_bytes: int
    content_type: str
    file_path: str | None = None
    created_new: bool | None = Field(
        None, description="Of answers that made it: whether the content is new here."
    )
    created_at: AwareDatetime
    url: str
    url_expires_at: AwareDatetime
    expires_at: AwareDatetime | None = Field(None, description="Null: kept until it is deleted.")
    job_id: str | None = Field(None, description="The job that made it; null for uploads.")
