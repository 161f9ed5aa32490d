"""What happens to a job, in the messages that version 1 clients know. No sockets here."""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any

from nodegraph.jobs.events import JobEvent, Preview
from nodegraph.jobs.model import Job, JobOutput
from nodegraph.server.comfy_v1_outputs import ui_of

__all__ = ["Message", "Telling", "preview_frame", "preview_frame_with_metadata", "story"]

_STATES = {"running": "running", "ran": "finished", "reused": "finished", "failed": "error"}
_EXCEPTION = re.compile(r"([A-Za-z_][\w.]*)(?::|\Z)")


@dataclass(frozen=True)
class Message:
    """One text message.

    Attributes:
        latest: whether a later one of the same type makes it worthless.
    """

    type: str
    data: dict[str, Any]
    latest: bool = False

    @cached_property
    def text(self) -> str:
        """As it is sent."""
        return json.dumps({"type": self.type, "data": self.data})


class Telling:
    """What was told of one job, and what is still to be told as its state changes.

    Every event holds the whole state, and messages are the difference to what was told before:
    after a gap, the next event tells what was missed.

    Attributes:
        job: as it stood at the last event.
        preview: the last one.
        ended: whether the end was told; nothing follows it.
    """

    def __init__(self, job: Job, folder: Path) -> None:
        """`folder` is the output folder of the job's owner."""
        self.job, self.preview = job, None
        self._folder = folder
        self._own: frozenset[str] = frozenset(job.workflow.get("nodes", ()))
        self._begun = self._planned = self.ended = False
        self._seen = self._taken = 0
        self._made: dict[str, list[JobOutput]] = {}
        self._fresh: dict[str, None] = {}
        self._step: tuple[Any, ...] = ()

    preview: Preview | None

    def hear(self, event: JobEvent, nodes: Iterable[dict[str, Any]] = ()) -> list[Message]:
        """What to tell of an event. `nodes` are the schemas of the node types."""
        if event.job is None or self.ended:
            return []
        self.job = event.job
        self.preview = event.preview or self.preview
        told: list[Message] = []
        if not self._begun:
            self._begun = True
            told.append(_start(self.job))
        told += [*self._nodes(), *self._outputs(), *self._progress()]
        if self.job.finished and event.kind in ("status", "snapshot"):
            self.ended = True  # outputs are told with the state of the end, but before it
            told += self._end(nodes)
        return told

    def catch_up(self) -> list[Message]:
        """What brings a client up to date that joins now."""
        told = [_start(self.job)]
        running = [name for name, report in self._reports() if report["status"] == "running"]
        if running:
            told.append(self._executing(running[-1]))
        self._step = ()
        return [*told, *self._progress(), self.state()]

    def state(self) -> Message:
        """`progress_state`: how each node stands that is not waiting."""
        progress = self.job.progress or {}
        nodes = {}
        for name, report in self._reports():
            state = _STATES.get(report["status"])
            if state is None:
                continue
            value, most = (0, 1) if state == "running" else (1, 1)
            if name == progress.get("current_node") and progress.get("step") is not None:
                value, most = progress["step"], progress["steps"]
            nodes[name] = {"value": value, "max": most, "state": state, **self.names(name)}
        return Message("progress_state", {"prompt_id": self.job.id, "nodes": nodes}, latest=True)

    def names(self, node: str) -> dict[str, Any]:
        """By what ids a node goes; one made by another node is shown as that one."""
        own = node
        while own not in self._own and "/" in own:
            own = own.rpartition("/")[0]
        parent = node.rpartition("/")[0] if own != node else None
        return {
            "node_id": node,
            "prompt_id": self.job.id,
            "display_node_id": own,
            "parent_node_id": parent,
            "real_node_id": own,
        }

    def _reports(self) -> Iterable[tuple[str, dict[str, Any]]]:
        return (self.job.nodes or {}).items()

    def _nodes(self) -> list[Message]:
        """The nodes that were not heard of before: reused, or begun."""
        reports = self.job.nodes or {}
        fresh = [*islice(reports.items(), self._seen, None)]
        self._seen = len(reports)
        told = []
        reused = [name for name, report in fresh if report["status"] == "reused"]
        if reused or (fresh and not self._planned):
            self._planned = True
            told.append(_cached(self.job, reused))
        begun = ("running", "ran", "failed")
        told += [self._executing(name) for name, report in fresh if report["status"] in begun]
        return told

    def _executing(self, node: str) -> Message:
        shown = self.names(node)["display_node_id"]
        data = {"node": node, "display_node": shown, "prompt_id": self.job.id}
        return Message("executing", data)

    def _outputs(self) -> list[Message]:
        """What settled nodes made since it was last told."""
        for output in self.job.outputs[self._taken :]:
            self._made.setdefault(output.node, []).append(output)
            self._fresh[output.node] = None
        self._taken = len(self.job.outputs)
        reports = self.job.nodes or {}
        told = []
        for node in [*self._fresh]:
            if self.job.finished or reports.get(node, {}).get("status") != "running":
                del self._fresh[node]
                shown = self.names(node)["display_node_id"]
                made = ui_of(self._made[node], self._folder)
                data = {"node": node, "display_node": shown, "output": made}
                told.append(Message("executed", {**data, "prompt_id": self.job.id}))
        return told

    def _progress(self) -> list[Message]:
        at = self.job.progress or {}
        step = (at.get("current_node"), at.get("step"), at.get("steps"))
        if step == self._step or None in step:
            return []
        self._step = step
        data = {"value": step[1], "max": step[2], "prompt_id": self.job.id, "node": step[0]}
        return [Message("progress", data, latest=True)]

    def _end(self, nodes: Iterable[dict[str, Any]]) -> list[Message]:
        last = {"node": None, "display_node": None, "prompt_id": self.job.id}
        told = [] if self._planned else [_cached(self.job, [])]
        return [*told, self.state(), _ending(self.job, nodes), Message("executing", last)]


def story(job: Job, nodes: Iterable[dict[str, Any]] = ()) -> list[list[Any]]:
    """What was told of a job that is finished, as the history holds it: [[type, data], ...]."""
    if not job.finished:
        return []
    told = []
    if job.started_at is not None:
        reports = (job.nodes or {}).items()
        reused = [name for name, report in reports if report["status"] == "reused"]
        told = [_start(job), _cached(job, reused)]
    return [[message.type, message.data] for message in (*told, _ending(job, nodes))]


def preview_frame(preview: Preview) -> bytes:
    """A binary message of type 1: a picture and nothing else."""
    kind = 2 if preview.content_type == "image/png" else 1
    return struct.pack(">II", 1, kind) + preview.data


def preview_frame_with_metadata(preview: Preview, names: dict[str, Any]) -> bytes:
    """A binary message of type 4: a picture, and whose it is (see `Telling.names`)."""
    known = json.dumps({**names, "image_type": preview.content_type}).encode()
    return struct.pack(">II", 4, len(known)) + known + preview.data


def _stamped(job: Job, at: float | None) -> dict[str, Any]:
    return {"prompt_id": job.id, "timestamp": round((at or job.created_at) * 1000)}


def _start(job: Job) -> Message:
    return Message("execution_start", _stamped(job, job.started_at))


def _cached(job: Job, nodes: list[str]) -> Message:
    return Message("execution_cached", {"nodes": nodes, **_stamped(job, job.started_at)})


def _ending(job: Job, nodes: Iterable[dict[str, Any]]) -> Message:
    """How a job ended; `nodes` are the schemas of the node types."""
    stamp = _stamped(job, job.completed_at)
    if job.status == "succeeded":
        return Message("execution_success", stamp)
    reports = job.nodes or {}
    done = [name for name, report in reports.items() if report["status"] in ("ran", "reused")]
    if job.status == "canceled":
        stopped = ((n, r) for n, r in reports.items() if r["status"] in ("canceled", "running"))
        name, report = next(stopped, ("", {"type": ""}))
        where = {"node_id": name, "node_type": report["type"], "executed": done}
        return Message("execution_interrupted", {**stamp, **where})
    error = job.error
    node = error.node_id if error is not None else None
    trace = (error.traceback or "") if error is not None else ""
    data = {
        **stamp,
        "node_id": node or "",
        "node_type": (error.class_type if error is not None else None) or "",
        "executed": done,
        "exception_message": error.message if error is not None else "",
        "exception_type": _exception(trace) or (error.code if error is not None else ""),
        "traceback": trace.splitlines(keepends=True),
        "current_inputs": _inputs(job, node, nodes),
        "current_outputs": done,
    }
    return Message("execution_error", data)


def _exception(trace: str) -> str | None:
    """The class of the exception that a traceback ends with."""
    if not trace.startswith("Traceback"):
        return None
    for line in reversed(trace.splitlines()):
        if found := _EXCEPTION.match(line):
            return found[1]
    return None


def _inputs(job: Job, node: str | None, nodes: Iterable[dict[str, Any]]) -> dict[str, list[Any]]:
    """The values written at a node's inputs; nothing that may be a secret."""
    entry = job.workflow.get("nodes", {}).get(node)
    if entry is None:
        return {}
    type_name = entry.get("type")
    schema = next((n for n in nodes if type_name in (n["name"], *n["aliases"])), None)
    if schema is None:
        return {}
    kinds = {one["name"]: one.get("widget", {}).get("kind") for one in schema["inputs"]}
    return {
        name: [value]
        for name, value in entry.get("inputs", {}).items()
        if kinds.get(name, "secret") != "secret" and not isinstance(value, dict)
    }
