"""Jobs of the service as the models that the editor reads."""

from __future__ import annotations

import base64
from datetime import datetime
from typing import Any

from nodegraph.jobs.events import Preview
from nodegraph.jobs.model import Job, JobOutput
from nodegraph.server import editor_job_models as models
from nodegraph.server.editor_summary import seed_of, text_of
from nodegraph.server.editor_workflows import moment
from nodegraph.server.models import JobError, Progress
from nodegraph.server.views import LABELS, output_view

__all__ = ["card_of", "job_of", "output_of", "preview_of", "thumbnail_url"]

MOST_TEXT = 10_000
PICTURES = frozenset(f"image/{kind}" for kind in ("png", "jpeg", "webp", "gif", "bmp", "tiff"))
"""What a thumbnail is made of."""


def card_of(job: Job, position: int | None = None) -> models.JobCard:
    """A job in a list; blocks for as long as reading its workflow takes."""
    return models.JobCard(**_values(job, position))


def job_of(job: Job, position: int | None = None) -> models.EditorJob:
    """A job with the reports of its nodes."""
    reports = {
        node: models.NodeReport.model_validate(report) for node, report in (job.nodes or {}).items()
    }
    return models.EditorJob(**_values(job, position), nodes=reports)


def _values(job: Job, position: int | None) -> dict[str, Any]:
    title, labels = job.workflow.get("name"), (job.extra or {}).get(LABELS)
    return {
        "id": job.id,
        "title": title if isinstance(title, str) else "",
        "text": text_of(job.workflow),
        "seed": seed_of(job.workflow),
        "status": job.status,
        "client_id": job.client_id,
        "metadata": labels if isinstance(labels, dict) else {},
        "targets": job.targets,
        "priority": job.priority,
        "position": position if job.status == "queued" else None,
        "pinned": job.pinned,
        "created_at": moment(job.created_at),
        "started_at": _maybe(job.started_at),
        "completed_at": _maybe(job.completed_at),
        "progress": Progress(**job.progress) if job.progress is not None else None,
        "error": JobError(**vars(job.error)) if job.error is not None else None,
        "outputs": [output_of(output) for output in job.outputs],
    }


def output_of(output: JobOutput) -> models.EditorOutput:
    """An output; its addresses are relative to this server."""
    return models.EditorOutput(
        **vars(output_view(output, "")),
        output=output.name,
        temporary=output.temporary,
        thumbnail_url=thumbnail_url(f"assets/{output.asset_id}", output.content_type),
        text=output.text[:MOST_TEXT] if output.text is not None else None,
    )


def thumbnail_url(where: str, content_type: str) -> str | None:
    """The address of a thumbnail, None of what is no picture; `where` is part of a URL."""
    if content_type not in PICTURES:
        return None
    return f"/api/editor/{where}/thumbnail"


def preview_of(job_id: str, preview: Preview) -> models.Preview:
    """A preview of a running job."""
    return models.Preview(
        job_id=job_id,
        node_id=preview.node,
        content_type=preview.content_type,
        width=preview.width,
        height=preview.height,
        data_base64=base64.b64encode(preview.data).decode(),
    )


def _maybe(seconds: float | None) -> datetime | None:
    return moment(seconds) if seconds is not None else None
