"""The job that runs now: what its worker said of it so far, and what follows from that."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from nodegraph.jobs.events import Preview
from nodegraph.jobs.hub import LiveJob
from nodegraph.jobs.model import JobError, JobStatus
from nodegraph.jobs.progress import Progress
from nodegraph.jobs.protocol import Frame
from nodegraph.jobs.supervisor import Death

__all__ = ["End", "Run"]


@dataclass(frozen=True)
class End:
    """How a run ended; no status means that it goes back into the queue, `spent` that this
    counts as an attempt."""

    status: JobStatus | None
    error: JobError | None = None
    spent: bool = True


@dataclass
class Run:
    """One run of a job.

    Attributes:
        counts: by node type, what became of nodes; shared by all runs.
        reports: what became of each node.
        running: the nodes that run now, with their types.
        lines: how many lines were printed.
        heard: whether the worker said anything of it.
        asked: whether the worker was asked to stop it.
        fault: why it has failed though the worker does not know.
        ordered: whether the worker was told to run it.
        untold: events that are still to be published.
    """

    live: LiveJob
    counts: dict[str, Counter[str]]
    progress: Progress = field(default_factory=Progress)
    reports: dict[str, dict[str, Any]] = field(default_factory=dict)
    running: dict[str, str] = field(default_factory=dict)
    lines: int = 0
    heard: bool = False
    asked: bool = False
    fault: JobError | None = None
    ordered: bool = False
    untold: list[dict[str, Any]] = field(default_factory=list)

    def note(self, frame: Frame) -> list[dict[str, Any]]:
        """Take up what the worker said; returns the events to tell of it."""
        header = frame.header
        match header["is"]:
            case "plan":
                self.progress.plan(header["nodes"])
            case "progress":
                self.progress.stepped(header["node"], header["value"], header["total"])
            case "preview":
                made = Preview(header["node"], frame.payload, header["width"], header["height"])
                self.live.preview = made
                return [{"kind": "preview", "preview": made, "node": made.node}]
            case "node":
                return [self._node(header)]
        return []

    def _node(self, header: dict[str, Any]) -> dict[str, Any]:
        node = header["node"]
        keys = ("type", "status", "reason", "seconds", "error")
        report = self.reports[node] = {key: header.get(key) for key in keys}
        if header["status"] == "running":
            self.running[node] = header["type"]
            self.progress.started(node, header["type"])
        else:
            self.running.pop(node, None)
            self.progress.settled(node)
            self._count(header)
        return {"kind": "node", "node": node, "report": {"node": node, **report}}

    def _count(self, header: dict[str, Any]) -> None:
        counts = self.counts.setdefault(header["type"], Counter())
        counts[header["status"]] += 1
        if header["status"] == "ran":
            counts["microseconds"] += round(header["seconds"] * 1e6)

    def end_of(self, header: dict[str, Any]) -> End:
        """What the worker's last word means."""
        error = JobError(**header["error"]) if header["error"] is not None else None
        if self.fault is not None and header["status"] == "succeeded":
            return End("failed", self.fault)
        return End(header["status"], error)

    def died(self, death: Death, max_attempts: int, *, requeue: bool) -> End:
        """What the death of the worker means.

        A worker that never spoke of the job was dying before it got it: that is tried once more.
        """
        job = self.live.job
        for node in self.running:
            self.reports[node] |= {"status": "failed", "error": "the worker process died"}
        if job.status == "canceling":
            return End("canceled")
        if requeue:
            return End(None, spent=False)
        if job.attempts < max_attempts or (not self.heard and job.attempts < 2):
            return End(None)
        where, node_id, type_name = "during the job", None, None
        for node_id, type_name in self.running.items():
            where = f"while node '{node_id}' ({type_name}) ran"
        text = f"the worker process died {where}: {death.cause}"
        error = JobError("worker_crashed", text, node_id, type_name, death.log or None)
        return End("failed", error)
