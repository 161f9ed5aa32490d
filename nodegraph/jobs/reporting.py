"""What a worker says of a run: the engine's events as frames, previews as JPEG, files hashed."""

from __future__ import annotations

import io
import json
import os
import socket
import sys
import threading
import time
import traceback
from pathlib import Path
from typing import Any

from blake3 import blake3

from nodegraph.engine.events import (
    Event,
    NodeDone,
    NodePreview,
    NodeProgress,
    NodeStarted,
    Output,
    OutputMade,
    RunStarted,
)
from nodegraph.errors import InvalidWorkflow, MissingPart, NodeFailed, OutputError
from nodegraph.graph.workflow import Workflow
from nodegraph.jobs.progress import weight_of
from nodegraph.jobs.protocol import encode
from nodegraph.jobs.texts import storable_value

__all__ = ["PREVIEW_SECONDS", "Link", "Reporter", "failure_of"]

PREVIEW_SECONDS = 0.25
"""The least time between two previews of a job."""
PREVIEW_SIZE = 512
_REMEMBERED_FILES = 10_000
_TRACEBACK = _MESSAGE = 64 * 1024

_Stamp = tuple[int, int, int]


class Link:
    """The worker's end of the socket pair; safe to use from several threads."""

    def __init__(self, end: socket.socket) -> None:
        self._end, self._lock = end, threading.Lock()
        self._held: list[bytes] = []

    def send(self, header: dict[str, Any], payload: Any = b"") -> None:
        """Send a frame, and what was held before it."""
        self._post(self._frame(header, payload))

    def hold(self, header: dict[str, Any]) -> None:
        """Send a frame with the next one: for what nobody waits for."""
        with self._lock:
            self._held.append(self._frame(header))

    def _frame(self, header: dict[str, Any], payload: Any = b"") -> bytes:
        if not isinstance(payload, bytes):
            payload = json.dumps(payload, separators=(",", ":")).encode()
        return encode(storable_value(header), payload)

    def _post(self, frame: bytes) -> None:
        with self._lock:
            data = b"".join((*self._held, frame))
            self._held.clear()
            try:
                self._end.sendall(data)
            except OSError:
                os._exit(0)  # the server is gone

    def receive(self) -> bytes:
        """Some bytes; none when the other end is gone."""
        try:
            return self._end.recv(1 << 16)
        except OSError:
            return b""

    def close(self) -> None:
        """Let go of the socket."""
        self._end.close()


class Reporter:
    """The `emit` of one job's run.

    Attributes:
        workflow: what runs; set before the run.
    """

    _digests: dict[str, tuple[_Stamp, str]] = {}  # noqa: RUF012 - of files, for the worker's life

    def __init__(self, link: Link, job: str) -> None:
        self._link, self._job = link, job
        self._lock = threading.Lock()
        self._types: dict[str, str] = {}
        self._last_preview = 0.0
        self.workflow = Workflow()

    def __call__(self, event: Event) -> None:
        """Say what happened; called from several threads."""
        match event:
            case NodeDone():
                self._node_done(event)
            case NodeStarted():
                self._types[event.node] = event.type
                self._send("node", node=event.node, type=event.type, status="running")
            case NodeProgress():
                self._send("progress", node=event.node, value=event.value, total=event.total)
            case NodePreview():
                self._preview(event)
            case OutputMade():
                self._output(event.output)
            case RunStarted():
                self._plan(event)

    def _send(self, what: str, payload: bytes = b"", **values: Any) -> None:
        self._link.send({"is": what, "job": self._job, **values}, payload)

    def _plan(self, event: RunStarted) -> None:
        entries = self.workflow.nodes
        self._types.update({name: entries[name].type for name in event.nodes})
        nodes = [
            (name, entries[name].type, weight_of(entries[name].inputs)) for name in event.nodes
        ]
        self._link.hold({"is": "plan", "job": self._job, "nodes": nodes})

    def _node_done(self, event: NodeDone) -> None:
        header = {
            "is": "node",
            "job": self._job,
            "node": event.node,
            "type": self._types.get(event.node, ""),
            "status": event.status,
            "reason": event.reason[:_MESSAGE],
            "seconds": round(event.seconds, 4),
            "error": event.error and event.error[:_MESSAGE],
        }
        if event.status in ("reused", "skipped"):  # quick, and more will follow
            self._link.hold(header)
        else:
            self._link.send(header)

    def _preview(self, event: NodePreview) -> None:
        now = time.monotonic()
        with self._lock:
            if now - self._last_preview < PREVIEW_SECONDS:
                return
            self._last_preview = now
        image = event.image.convert("RGB")
        image.thumbnail((PREVIEW_SIZE, PREVIEW_SIZE))
        buffer = io.BytesIO()
        image.save(buffer, "JPEG", quality=85)
        size = {"width": image.width, "height": image.height}
        self._send("preview", buffer.getvalue(), node=event.node, **size)

    def _output(self, output: Output) -> None:
        values: dict[str, Any] = {
            "node": output.node,
            "name": output.name,
            "type": output.type,
            "path": output.path,
            "text": output.text,
            "temporary": output.temporary,
        }
        if output.path is not None:
            values["hash"], values["size"] = self._digest(output.path)
        self._link.hold({"is": "output", "job": self._job, **values})

    def _digest(self, path: str) -> tuple[str, int]:
        """The BLAKE3 of a file; read again only if it was changed."""
        found = Path(path).stat()
        stamp = (found.st_size, found.st_mtime_ns, found.st_ino)
        known = self._digests.get(path)
        if known is None or known[0] != stamp:
            while len(self._digests) >= _REMEMBERED_FILES:
                del self._digests[next(iter(self._digests))]
            known = self._digests[path] = (stamp, blake3().update_mmap(path).hexdigest())
        return known[1], found.st_size

    def done(self, status: str, seconds: float, error: BaseException | None) -> None:
        """The job is over."""
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        failure = failure_of(error) if error is not None and status == "failed" else None
        self._send("done", status=status, seconds=round(seconds, 4), error=failure)


def failure_of(error: BaseException) -> dict[str, Any]:
    """An error as `JobError` has it."""
    if isinstance(error, NodeFailed):
        return {
            "code": "node_execution_error",
            "message": error.message[:_MESSAGE],
            "node_id": error.node,
            "class_type": error.type,
            "traceback": _logged(error),
        }
    for kind, code in _CODES:
        if isinstance(error, kind):
            return {"code": code, "message": str(error)[:_MESSAGE]}
    text = "".join(traceback.format_exception(error))[-_TRACEBACK:]
    return {
        "code": "internal_error",
        "message": f"{type(error).__name__}: {error}"[:_MESSAGE],
        "traceback": text,
    }


_CODES: tuple[tuple[type[Exception], str], ...] = (
    (MissingPart, "missing_part"),
    (InvalidWorkflow, "invalid_workflow"),
    (OutputError, "output_error"),
)


def _logged(error: NodeFailed) -> str | None:
    """The traceback that the engine wrote to the log of the day."""
    if error.log is None:
        return None
    try:
        with Path(error.log).open("rb") as stream:
            stream.seek(0, os.SEEK_END)
            stream.seek(max(0, stream.tell() - _TRACEBACK))
            tail = stream.read().decode(errors="replace")
    except OSError:
        return None
    _, found, after = tail.rpartition(f"node '{error.node}' ({error.type})\n")
    return after.strip() if found else None
