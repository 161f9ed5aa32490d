"""Jobs as version 1 clients see them: entries of the queue, of the history, and of `/jobs`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path, PurePath
from typing import Any

from nodegraph.formats.comfy_export import to_api
from nodegraph.graph.registry import Registry
from nodegraph.graph.workflow import Workflow
from nodegraph.jobs.model import Job, JobStatus
from nodegraph.jobs.service import Service
from nodegraph.server.comfy_v1_messages import story
from nodegraph.server.comfy_v1_outputs import ui_outputs

__all__ = ["EXTRA", "STATUSES", "Entries"]

EXTRA = "extra_data"
"""Where what a version 1 client sends along is in `Job.extra`."""

STATUSES: Mapping[str, tuple[JobStatus, ...]] = {
    "pending": ("queued",),
    "in_progress": ("running", "canceling"),
    "completed": ("succeeded",),
    "failed": ("failed",),
    "cancelled": ("canceled",),
}
"""What `/jobs` calls the states of a job."""
_NAMES = {state: name for name, states in STATUSES.items() for state in states}
_TEXT_PREVIEW = 1024
_VISUAL, _TEXTS = ("images", "video", "audio"), (".txt", ".md", ".json")
_Ui = dict[str, dict[str, list[Any]]]


class Entries:
    """Makes entries of jobs; blocks for a moment where a workflow is to be converted."""

    def __init__(self, service: Service, owner: str) -> None:
        """For the jobs of one owner.

        Raises:
            Starting: the node types are not known yet.
        """
        self._registry: Registry = service.registry
        self._folder: Path = service.output_dir(owner)
        description = service.description() or {"nodes": []}
        self._schemas: list[dict[str, Any]] = description["nodes"]

    def prompt(self, job: Job) -> list[Any]:
        """`[number, id, prompt, extra_data, outputs]`."""
        document = self._document(job)
        outputs = job.targets if job.targets is not None else self._effects(document)
        return [job.number, job.id, document, _extra(job), outputs]

    def history(self, job: Job) -> dict[str, Any]:
        """A finished job as the history holds it."""
        made = ui_outputs(job.outputs, self._folder)
        names = {node: _names(node, job.workflow) for node in made}
        return {
            "prompt": self.prompt(job),
            "outputs": made,
            "status": self._status(job),
            "meta": names,
        }

    def listed(self, job: Job) -> dict[str, Any]:
        """A job in the list of `/jobs`; what is not known (yet) is left out."""
        made = ui_outputs(job.outputs, self._folder)
        entry: dict[str, Any] = {
            "id": job.id,
            "status": _NAMES[job.status],
            "priority": job.number,
            "create_time": _milliseconds(job.created_at),
            "execution_start_time": _milliseconds(job.started_at),
            "execution_end_time": _milliseconds(job.completed_at),
            "outputs_count": sum(output.path is not None for output in job.outputs),
            "preview_output": _preview(made),
            "workflow_id": _workflow_id(_extra(job)),
        }
        if job.status == "failed":
            entry["execution_error"] = story(job, self._schemas)[-1][1]
        return {key: value for key, value in entry.items() if value is not None}

    def detailed(self, job: Job) -> dict[str, Any]:
        """A job by itself: with its workflow and all that it made."""
        return {
            **self.listed(job),
            "outputs": ui_outputs(job.outputs, self._folder),
            "execution_status": self._status(job) if job.finished else None,
            "workflow": {"prompt": self._document(job), "extra_data": _extra(job)},
        }

    def _document(self, job: Job) -> dict[str, Any]:
        """The workflow in the API format."""
        if job.format == "api":
            return job.source
        return to_api(Workflow.from_dict(job.workflow), self._registry)[0]

    def _effects(self, document: dict[str, Any]) -> list[str]:
        """The nodes that have results."""
        types = ((name, self._registry.get(node["class_type"])) for name, node in document.items())
        return [name for name, made in types if made is not None and made.effect]

    def _status(self, job: Job) -> dict[str, Any]:
        fine = job.status == "succeeded"
        return {
            "status_str": "success" if fine else "error",
            "completed": fine,
            "messages": story(job, self._schemas),
        }


def _extra(job: Job) -> dict[str, Any]:
    sent = (job.extra or {}).get(EXTRA)
    made = dict(sent) if isinstance(sent, dict) else {}
    if job.client_id:
        made["client_id"] = job.client_id
    return {**made, "create_time": _milliseconds(job.created_at)}


def _workflow_id(extra: dict[str, Any]) -> str | None:
    info = extra.get("extra_pnginfo")
    workflow = info.get("workflow") if isinstance(info, dict) else None
    found = workflow.get("id") if isinstance(workflow, dict) else None
    return found if isinstance(found, str) else None


def _milliseconds(seconds: float | None) -> int | None:
    return round(seconds * 1000) if seconds is not None else None


def _names(node: str, workflow: dict[str, Any]) -> dict[str, Any]:
    """By what ids a node goes; one that another node made is shown as that one."""
    own = node
    while own not in workflow.get("nodes", {}) and "/" in own:
        own = own.rpartition("/")[0]
    parent = node.rpartition("/")[0] if own != node else None
    return {"node_id": node, "display_node": own, "parent_node": parent, "real_node_id": own}


def _preview(made: _Ui) -> dict[str, Any] | None:
    """What to show of a job: a result rather than a preview, a picture rather than a text."""
    best: tuple[int, dict[str, Any]] = (0, {})
    for node, lists in made.items():
        for kind, entries in lists.items():
            for entry in entries:
                rank, shown = _ranked(kind, entry)
                if rank > best[0]:
                    best = rank, {**shown, "nodeId": node, "mediaType": kind}
    return best[1] if best[0] else None


def _ranked(kind: str, entry: Any) -> tuple[int, dict[str, Any]]:
    """How good something is to show, 0 if it cannot be; and how it is shown."""
    if isinstance(entry, dict):
        if kind in _VISUAL:
            return (4 if entry["type"] == "output" else 3), entry
        return (2 if PurePath(entry["filename"]).suffix.lower() in _TEXTS else 0), entry
    text = str(entry or "")
    cut = {"truncated": True} if len(text) > _TEXT_PREVIEW else {}
    return 1, {"content": text[:_TEXT_PREVIEW], **cut}
