"""The pydantic models of the editor's endpoints: workflows, drafts, formats, node schemas.

Bodies are read strictly: a number in a text is no number. Times are UTC.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

__all__ = [
    "Body",
    "Colours",
    "Copied",
    "Device",
    "Document",
    "Draft",
    "DraftInfo",
    "DraftList",
    "DraftQuery",
    "DraftRef",
    "DraftSummary",
    "Exported",
    "ImportRequest",
    "ImportUpload",
    "Imported",
    "Model",
    "ModelList",
    "NewName",
    "NodeList",
    "PageQuery",
    "Plugin",
    "PluginList",
    "PutDraft",
    "Remark",
    "Report",
    "SaveWorkflow",
    "Saved",
    "SearchQuery",
    "SystemFigures",
    "Validated",
    "VersionQuery",
    "WireType",
    "WorkerFigures",
    "WorkflowBody",
    "WorkflowInfo",
    "WorkflowList",
    "WorkflowProblem",
    "WorkflowVersion",
    "WorkflowVersions",
]

Document = dict[str, Any]
"""A workflow as JSON."""


class Model(BaseModel):
    """Made ready when it is first used, so that the server starts sooner."""

    model_config = ConfigDict(defer_build=True)


class Body(Model):
    """A request body: nothing in it is guessed, nothing unknown is passed over."""

    model_config = ConfigDict(extra="forbid", strict=True)


class PageQuery(Model):
    """A part of a listing."""

    limit: Annotated[int, Field(ge=1, le=500, description="The most that is listed.")] = 100
    offset: Annotated[int, Field(ge=0, le=2**31, description="How many to pass over.")] = 0


class SearchQuery(PageQuery):
    """A part of a listing by name."""

    search: Annotated[
        str, Field(max_length=200, description="Only names with this text, whatever its case.")
    ] = ""


# -- node types ------------------------------------------------------------------------------


class Colours(Model):
    """Of sockets and links, on a light and on a dark ground."""

    light: Annotated[str, Field(examples=["#7a5c00"])]
    dark: Annotated[str, Field(examples=["#d9b13b"])]


class WireType(Model):
    """A type of value that links carry."""

    display_name: Annotated[str, Field(examples=["Text encoder"])]
    bases: Annotated[list[str], Field(description="An input that takes one of these takes it too.")]
    colour: Colours


class NodeList(Model):
    """Every node type, as `nodegraph nodes --json` describes it, and what an editor draws with."""

    nodes: Annotated[list[dict[str, Any]], Field(description="Name, inputs, widgets, outputs, ...")]
    wire_types: Annotated[dict[str, list[str]], Field(description="Type: its bases.")]
    packs: Annotated[dict[str, Any], Field(description="Pack: its version.")]
    types: dict[str, WireType]
    categories: Annotated[dict[str, str], Field(description="Category: what it is called.")]
    aliases: Annotated[dict[str, str], Field(description="Another name: the node type it means.")]


class ModelList(Model):
    """The models that are there, by kind."""

    models: Annotated[
        dict[str, list[str]], Field(examples=[{"checkpoints": ["shapes-64"], "loras": []}])
    ]


class Plugin(Model):
    """A node pack."""

    name: str
    module: str
    version: str | None
    error: Annotated[str | None, Field(description="Why it is disabled.")]
    nodes: Annotated[int, Field(description="How many node types are of it.")]


class PluginList(Model):
    """The installed node packs."""

    plugins: list[Plugin]


class Device(Model):
    """Where nodes compute. Memory is in bytes."""

    name: str
    type: str
    index: int | None = None
    vram_total: int | None = None
    vram_free: int | None = None


class WorkerFigures(Model):
    """The process that runs the nodes."""

    state: Annotated[str, Field(examples=["idle"])]
    pid: int | None
    restarts: int
    rss: Annotated[int | None, Field(description="Its resident memory in bytes.")]
    cache_bytes: Annotated[int | None, Field(description="What its memory cache holds.")]
    answered: Annotated[float | None, Field(description="Seconds since it was heard of.")]


class SystemFigures(Model):
    """The machine, the worker and the queue. Memory is in bytes, times are in seconds."""

    versions: dict[str, str | None]
    device: str
    devices: list[Device]
    ram_total: int
    ram_free: int
    worker: WorkerFigures
    uptime: float
    queued: int
    running: int
    paused: bool


# -- saved workflows -------------------------------------------------------------------------


class WorkflowInfo(Model):
    """A saved workflow without its document."""

    name: Annotated[str, Field(examples=["portraits/soft light"])]
    version: Annotated[int, Field(description="The newest; 1 is the first.")]
    saved_at: AwareDatetime
    size: Annotated[int, Field(description="Of the document, in characters.")]


class WorkflowList(Model):
    """Saved workflows by name."""

    workflows: list[WorkflowInfo]
    total: int
    next: Annotated[int | None, Field(description="The `offset` of what follows; null at the end.")]


class Remark(Model):
    """One thing that is not in the new file as it was in the old one."""

    code: str
    message: str
    node: str | None
    field: str | None
    lost: Annotated[bool, Field(description="Nothing in the new file stands for it.")]


Updates = Annotated[
    list[Remark],
    Field(
        description="Nodes of older versions whose inputs are those of the installed version in "
        "`document`; what is stored has them as they were until it is saved."
    ),
]


class WorkflowVersion(Model):
    """One version of a workflow with its document."""

    name: str
    version: int
    saved_at: AwareDatetime
    document: Document
    updates: Updates


class WorkflowVersions(Model):
    """The versions that are kept, newest first."""

    versions: list[WorkflowInfo]


class VersionQuery(Model):
    """Which version of a workflow."""

    version: Annotated[int | None, Field(ge=1, le=2**31 - 1, description="Else the newest.")] = None


class DraftRef(Body):
    """A draft as the client knows it."""

    name: str
    revision: str


class SaveWorkflow(Body):
    """The next version of a workflow."""

    document: Document
    base_version: Annotated[
        int | None,
        Field(ge=1, le=2**31 - 1, description="The version that was edited; null for a new one."),
    ] = None
    draft: Annotated[
        DraftRef | None, Field(description="The draft that holds this edit: it is dropped.")
    ] = None


class Saved(Model):
    """What was saved."""

    name: str
    version: int
    saved_at: AwareDatetime


class NewName(Body):
    """Another name for a workflow."""

    to: Annotated[str, Field(examples=["portraits/hard light"])]


class Copied(NewName):
    """A copy of a workflow under another name."""

    version: Annotated[int | None, Field(ge=1, le=2**31 - 1, description="Else the newest.")] = None


# -- drafts ----------------------------------------------------------------------------------


class PutDraft(Body):
    """An unsaved edit, to be found again after a crash."""

    document: Document
    base_version: Annotated[
        int, Field(ge=0, le=2**31 - 1, description="The version that was edited; 0 for none.")
    ] = 0
    seen: Annotated[
        str | None,
        Field(
            description="The `revision` that this client wrote or read last; null if it has seen "
            "none. If another one is there by now, nothing is written (409)."
        ),
    ] = None
    overwrite: Annotated[bool, Field(description="Write it whatever is there.")] = False


class DraftInfo(Model):
    """An unsaved edit without its document."""

    name: str
    base_version: int
    saved_at: AwareDatetime
    revision: str


class Draft(DraftInfo):
    """An unsaved edit."""

    document: Document
    updates: Updates


class DraftSummary(Model):
    """An unsaved edit in a list."""

    name: str
    named: Annotated[bool, Field(description="False if it was never saved under a name.")]
    base_version: int
    saved_at: AwareDatetime
    size: int


class DraftList(Model):
    """Every unsaved edit, newest first."""

    drafts: list[DraftSummary]


class DraftQuery(Model):
    """Which draft to drop."""

    revision: Annotated[str, Field(description="Only if it is at this one; `*` for any.")] = "*"


# -- formats ---------------------------------------------------------------------------------


class WorkflowBody(Body):
    """A workflow, in our format or ComfyUI's API format."""

    workflow: Document


class ImportRequest(Body):
    """What to read a workflow from: one of these."""

    document: Annotated[
        Document | None, Field(description="The JSON of a file: ours, or either of ComfyUI's.")
    ] = None
    asset_id: Annotated[str | None, Field(description="An upload, or an output of a job.")] = None


class ImportUpload(Model):
    """A file with a workflow: JSON, or a PNG, WebP or JPEG picture that holds one."""

    file: Annotated[
        str,
        Field(description="The file.", json_schema_extra={"type": "string", "format": "binary"}),
    ]


class Report(Model):
    """What a file was, and what became of it."""

    source: Annotated[str, Field(examples=["comfyui-ui"])]
    remarks: list[Remark]


class Imported(Model):
    """A workflow in our format."""

    workflow: Document
    report: Report


class Exported(Model):
    """A workflow in ComfyUI's API format."""

    prompt: Document
    report: Report


class WorkflowProblem(Model):
    """One thing wrong with a workflow."""

    code: str
    message: str
    node: str | None
    field: str | None
    expected: str | None
    got: str | None
    nearest: Annotated[str | None, Field(description="What may have been meant.")]


class Validated(Model):
    """Everything wrong with a workflow, in nodes that a run does not need too."""

    problems: list[WorkflowProblem]
