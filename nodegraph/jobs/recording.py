"""Keeping what a run made: content into its place, records and the job's state in one commit."""

from __future__ import annotations

import mimetypes
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from nodegraph.jobs.assets import Asset, AssetStore
from nodegraph.jobs.errors import StoreError
from nodegraph.jobs.model import Job, JobError, JobStatus, NewOutput
from nodegraph.jobs.store import JobStore

__all__ = ["record", "record_and_claim"]


def record_and_claim(
    claim: Callable[[], Job | None] | None,
    jobs: JobStore,
    assets: AssetStore,
    job: Job,
    made: Sequence[dict[str, Any]],
    status: JobStatus | None,
    error: JobError | None,
) -> tuple[Job, Job | None]:
    """The same as `record`, and right after it the claim of the next job, if one is wanted.

    Returns:
        The job as stored, and the next one; None if there is none, or the claim failed.
    """
    stored = record(jobs, assets, job, made, status, error)
    if claim is not None:
        with suppress(StoreError):
            return stored, claim()
    return stored, None


def record(
    jobs: JobStore,
    assets: AssetStore,
    job: Job,
    made: Sequence[dict[str, Any]],
    status: JobStatus | None,
    error: JobError | None,
) -> Job:
    """Commit outputs (as the worker's `output` frames say them) and, with `status`, the end.

    Raises:
        OSError: a file is gone, or the disk is full; nothing is recorded.
        WrongState, StoreError: see `JobStore.commit`.
    """
    with assets.lock:
        outputs = [_output(assets, job, one) for one in made]
        return jobs.commit(
            job, outputs, status=status, error=error, nodes=job.nodes, progress=job.progress
        )


def _output(assets: AssetStore, job: Job, made: dict[str, Any]) -> tuple[NewOutput, Asset]:
    path, text = made["path"], made["text"]
    if path is not None:
        name, kind = Path(path).name, mimetypes.guess_type(path)[0]
        digest, size = made["hash"], made["size"]
        assets.place_file(Path(path), digest)
    else:
        data = (text or "").encode("utf-8", "replace")
        name, kind = f"{made['name']}.txt", "text/plain"
        digest, size = assets.place_bytes(data), len(data)
    kind = kind or "application/octet-stream"
    asset = assets.new(digest, size, job.owner, name, kind, job_id=job.id)
    keys = ("node", "name", "type", "path", "text", "temporary")
    known = {"content_type": kind, "size": size, "asset_id": asset.id, "hash": digest}
    return NewOutput(**{key: made[key] for key in keys}, **known), asset
