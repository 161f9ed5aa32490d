"""Jobs, outputs and assets of the service as the models that clients of the native API read."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import PurePath
from typing import Any, get_args

from aiohttp import web

from nodegraph.jobs import model
from nodegraph.jobs.assets import Asset
from nodegraph.server import models

__all__ = [
    "API",
    "LABELS",
    "asset_view",
    "base_of",
    "expiry_of",
    "job_view",
    "listed_view",
    "output_view",
    "progress_view",
]

API = "/api/v2"
LABELS = "labels"
"""Where the labels of a job are in `Job.extra`."""
FOREVER = datetime(9999, 1, 1, tzinfo=UTC)
"""The contract wants a date where we keep things until somebody deletes them."""

_KINDS: dict[str, models.OutputKind] = {kind: kind for kind in get_args(models.OutputKind)}


def base_of(request: web.Request) -> str:
    """The scheme and authority by which the client reached this server."""
    return f"{request.scheme}://{request.host}"


def job_view(
    job: model.Job, base: str, max_age: float | None, position: int | None = None
) -> models.Job:
    """A job as the contract has it.

    Args:
        base: scheme and authority for links to content.
        max_age: seconds after which finished jobs are forgotten.
        position: how many jobs wait before it, if it waits.
    """
    return models.Job(**_values(job, base, max_age, position))


def listed_view(
    job: model.Job, base: str, max_age: float | None, position: int | None = None
) -> models.ListedJob:
    """A job in a list."""
    changed = job.completed_at or job.started_at or job.created_at
    return models.ListedJob(
        **_values(job, base, max_age, position),
        create_time=_time(job.created_at),
        update_time=_time(changed),
    )


def _values(
    job: model.Job, base: str, max_age: float | None, position: int | None
) -> dict[str, Any]:
    expires = expiry_of(job, max_age)
    here = f"{API}/jobs/{job.id}"
    error = job.error
    return {
        "id": job.id,
        "status": job.status,
        "created_at": _time(job.created_at),
        "started_at": _time(job.started_at) if job.started_at is not None else None,
        "completed_at": _time(job.completed_at) if job.completed_at is not None else None,
        "expires_at": expires,
        "queue_position": position if job.status == "queued" else None,
        "progress": progress_view(job),
        "outputs": [output_view(output, base, expires) for output in job.outputs],
        "error": models.JobError(**vars(error)) if error is not None else None,
        "metrics": {
            "queue_ms": _milliseconds(job.created_at, job.started_at),
            "execution_ms": _milliseconds(job.started_at, job.completed_at),
        },
        "metadata": _labels(job),
        "urls": models.JobUrls(self=here, events=f"{here}/events", cancel=f"{here}/cancel"),
    }


def expiry_of(job: model.Job, max_age: float | None) -> datetime:
    """Until when a job is kept."""
    if max_age is None or job.pinned:
        return FOREVER
    return _time((job.completed_at or time.time()) + max_age)


def progress_view(job: model.Job) -> models.Progress | None:
    """How far a job is; None before it runs."""
    return models.Progress(**job.progress) if job.progress is not None else None


def output_view(output: model.JobOutput, base: str, expires: datetime = FOREVER) -> models.Output:
    """An output as the contract has it."""
    name = PurePath(output.path).name if output.path is not None else f"{output.name}.txt"
    return models.Output(
        node_id=output.node,
        name=name,
        type=_KINDS.get(output.type, "file"),
        content_type=output.content_type,
        size_bytes=output.size,
        id=output.asset_id,
        hash=f"blake3:{output.hash}",
        url=_content(base, output.asset_id),
        url_expires_at=expires,
        job_id=output.job_id,
    )


def asset_view(asset: Asset, base: str, created_new: bool | None = None) -> models.Asset:
    """An asset as the contract has it."""
    return models.Asset(
        id=asset.id,
        hash=f"blake3:{asset.hash}",
        size_bytes=asset.size,
        content_type=asset.content_type,
        file_path=asset.name,
        created_new=created_new,
        created_at=_time(asset.created_at),
        url=_content(base, asset.id),
        url_expires_at=FOREVER,
        job_id=asset.job_id,
    )


def _labels(job: model.Job) -> dict[str, str]:
    """The labels of a job; what other interfaces keep in the same place is none of ours."""
    found = (job.extra or {}).get(LABELS)
    pairs = found.items() if isinstance(found, dict) else ()
    return {key: value for key, value in pairs if isinstance(value, str)}


def _content(base: str, asset_id: str) -> str:
    return f"{base}{API}/assets/{asset_id}/content"


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _milliseconds(begin: float | None, end: float | None) -> int | None:
    if begin is None or end is None:
        return None
    return max(0, round((end - begin) * 1000))  # a clock that was set back makes it negative
