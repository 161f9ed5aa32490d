"""The log: one line for each thing that happened, as text or as JSON, on stderr.

A line never holds a control sign, the query of a URL, a header or a body: nothing that a client
sends can forge a line, drive a terminal, or bring a secret into the log.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Literal, TextIO

from aiohttp import web
from aiohttp.typedefs import Handler

from nodegraph.jobs.model import Job
from nodegraph.server.call import OWNER
from nodegraph.server.counts import COUNTS

__all__ = ["LogFormat", "note_end", "observe", "set_up"]

LogFormat = Literal["text", "json"]
_log = logging.getLogger("nodegraph.requests")
_jobs = logging.getLogger("nodegraph.jobs.ended")

_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_LONGEST = 4000
_FIELDS = "fields"
_CLIENT_GONE = 499


def set_up(form: LogFormat, level: str = "INFO", stream: TextIO | None = None) -> None:
    """Send the log of this process to a stream, stderr by default."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines() if form == "json" else TextLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("nodegraph").setLevel(level)


class TextLines(logging.Formatter):
    """`2030-01-01 12:00:00 INFO message`; the lines of a traceback are indented."""

    def format(self, record: logging.LogRecord) -> str:
        when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(record.created))
        line = f"{when} {record.levelname} {_clean(record.getMessage())}"
        if record.exc_info:
            trace = self.formatException(record.exc_info)
            line += "".join(f"\n    {_clean(part)}" for part in trace.split("\n"))
        return line


class JsonLines(logging.Formatter):
    """One JSON object a line: time, level, logger, message, and the fields of the event."""

    def format(self, record: logging.LogRecord) -> str:
        fields: Mapping[str, Any] = getattr(record, _FIELDS, {})
        entry = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": _clean(record.getMessage()),
            **fields,
        }
        if record.exc_info:
            entry["traceback"] = self.formatException(record.exc_info)
        return json.dumps(entry)


def observe(app: web.Application) -> None:
    """Log and count every request. Before anything else that looks at requests."""

    @web.middleware
    async def look(request: web.Request, handler: Handler) -> web.StreamResponse:
        begun, status = time.perf_counter(), _CLIENT_GONE
        try:
            answer = await handler(request)
            status = answer.status
        except web.HTTPException as error:
            status = error.status
            raise
        else:
            return answer
        finally:
            _note(request, status, time.perf_counter() - begun)

    app.middlewares.append(look)


def note_end(job: Job) -> None:
    """Log that a job ended."""
    seconds = (job.completed_at or 0.0) - (job.started_at or job.completed_at or 0.0)
    code = job.error.code if job.error is not None else None
    fields = {
        "job": job.id,
        "user": job.owner,
        "status": job.status,
        "code": code,
        "ms": round(seconds * 1000, 1),
    }
    text = f"job {job.id} {job.status} after {seconds:.2f} s" + (f": {code}" if code else "")
    _jobs.info("%s", text, extra={_FIELDS: fields})


def _note(request: web.Request, status: int, seconds: float) -> None:
    resource = request.match_info.route.resource
    route = resource.canonical if resource is not None else ""
    request.app[COUNTS].add(request.method, route, status, seconds)
    changes = request.method not in ("GET", "HEAD", "OPTIONS")
    level = logging.INFO if changes or status >= 400 else logging.DEBUG
    if not _log.isEnabledFor(level):
        return
    fields = {
        "method": _clean(request.method)[:20],
        "path": _clean(request.rel_url.raw_path)[:500],
        "route": route,
        "status": status,
        "ms": round(seconds * 1000, 2),
        "user": request.get(OWNER),
        "remote": request.remote,
    }
    if "jobs" in route and (job := request.match_info.get("id")):
        fields["job"] = _clean(job)[:100]
    _log.log(level, "%(method)s %(path)s %(status)d %(ms)s ms", fields, extra={_FIELDS: fields})


def _clean(text: str) -> str:
    """The text on one line, with signs that are not to be seen written out."""
    return _UNSEEN.sub(lambda found: found[0].encode("unicode_escape").decode(), text)[:_LONGEST]
