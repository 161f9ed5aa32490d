"""Jobs over the native API: submit, look, list, cancel."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Any, get_args

from aiohttp import web

from nodegraph.jobs.errors import IdempotencyMismatch
from nodegraph.jobs.listing import Which
from nodegraph.jobs.model import Job, JobStatus
from nodegraph.jobs.service import Service
from nodegraph.server import models
from nodegraph.server.call import (
    check_may,
    json_answer,
    owner_of,
    read_json,
    read_query,
    service_of,
)
from nodegraph.server.errors import ApiError
from nodegraph.server.route import Answer, Route
from nodegraph.server.views import API, LABELS, base_of, job_view, listed_view
from nodegraph.server.webhooks import hook_of

__all__ = ["ROUTES", "idempotency_key"]

MOST_LABELS, MOST_FILTERS = 16, 3
LONGEST_KEY = 255
_LABEL = re.compile(r"[A-Za-z0-9_.-]{1,40}", re.ASCII)
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_FILTER = re.compile(r"metadata\[(.*)\]", re.DOTALL)
_KEY = re.compile(r"[\x20-\x7e]{1,255}", re.ASCII)
_STORED = frozenset(get_args(JobStatus))
_NUMBERS = range(1, 2**63)


async def submit(request: web.Request) -> web.Response:
    """Check a workflow and queue it: 201 with the job."""
    asked = await read_json(request, models.JobRequest)
    document: Any = asked.workflow
    if not isinstance(document, dict) or "workflow" not in asked.model_fields_set:
        raise ApiError(422, "invalid_workflow", "'workflow' must be the object of a workflow")
    labels = asked.metadata
    if labels:
        _check_labels(labels)
    if asked.priority > 0:
        check_may(request, "put a job before those of others")
    service, key = service_of(request), idempotency_key(request)
    hook = hook_of(request, asked.webhook)
    try:
        made = await service.submit(
            document,
            owner=owner_of(request),
            client_id=asked.client_id,
            idempotency_key=key,
            targets=asked.targets,
            extra={LABELS: labels} if labels else None,
            priority=asked.priority,
            pinned=asked.pinned,
            retry=asked.retry,
            hook=hook,
        )
    except IdempotencyMismatch:
        text = f"the Idempotency-Key '{key}' was used before, for another request"
        raise ApiError(422, "idempotency_key_reuse", text) from None
    answer = await _answer(request, service, made.job, 201)
    if not made.new:
        answer.headers["Idempotency-Replayed"] = "true"
    return answer


async def look(request: web.Request) -> web.Response:
    """A job as it stands now."""
    service = service_of(request)
    job, position = await service.standing(request.match_info["id"], owner_of(request))
    return json_answer(job_view(job, base_of(request), service.max_age, position))


async def cancel(request: web.Request) -> web.Response:
    """Cancel a job; one that is finished stays as it is."""
    service = service_of(request)
    job = await service.cancel(request.match_info["id"], owner_of(request))
    return await _answer(request, service, job)


async def workflow(request: web.Request) -> web.Response:
    """What a client submitted, or with `?executed=true` what ran."""
    job = await service_of(request).get(request.match_info["id"], owner_of(request))
    executed = read_query(request, models.WorkflowQuery).executed
    text = job.workflow_text if executed else job.source_text
    form = "api" if job.format == "api" and not executed else "save"
    body = f'{{"workflow":{text},"format":"{form}"}}'  # long, and JSON already
    return web.Response(text=body, content_type="application/json")


async def listing(request: web.Request) -> web.Response:
    """A page of the jobs, newest first."""
    query = read_query(request, models.JobsQuery)
    service, owner = service_of(request), owner_of(request)
    which = Which(_statuses(query.status), _filters(request), _before(query.cursor))
    found = await service.listing(owner, which, query.limit + 1)
    page, base = found[: query.limit], base_of(request)
    places: dict[str, int] = {}
    if any(job.status == "queued" for job in page):
        places = await service.places()
    views = [listed_view(job, base, service.max_age, places.get(job.id)) for job in page]
    cursor = _cursor(page[-1].number) if len(found) > query.limit else None
    return json_answer(models.JobList(jobs=views, next_cursor=cursor))


def idempotency_key(request: web.Request) -> str | None:
    """The request's Idempotency-Key.

    Raises:
        ApiError: 400 `invalid_request`: it is empty, too long, or not of printable ASCII.
    """
    key = request.headers.get("Idempotency-Key")
    if key is not None and not _KEY.fullmatch(key):
        text = f"an Idempotency-Key has 1 to {LONGEST_KEY} printable ASCII signs"
        raise ApiError(400, "invalid_request", text)
    return key


async def _answer(
    request: web.Request, service: Service, job: Job, status: int = 200
) -> web.Response:
    position = await service.position(job.id) if job.status == "queued" else None
    return json_answer(job_view(job, base_of(request), service.max_age, position), status)


def _check_labels(labels: Mapping[str, Any]) -> None:
    problem = None
    if len(labels) > MOST_LABELS:
        problem = f"a job has at most {MOST_LABELS} labels, got {len(labels)}"
    for key, value in labels.items():
        if not _LABEL.fullmatch(key):
            problem = f"'{key[:60]}' is no label: it has 1 to 40 of A-Z a-z 0-9 _ - ."
        elif not isinstance(value, str) or not _is_value(value):
            problem = f"label '{key}': a text of at most 256 bytes without control signs is wanted"
    if problem is not None:
        raise ApiError(422, "metadata_invalid", problem)


def _is_value(value: str) -> bool:
    return not _UNSEEN.search(value) and len(value.encode()) <= 256


def _filters(request: web.Request) -> dict[str, str]:
    """The labels that listed jobs must have."""
    found: dict[str, str] = {}
    for name, value in request.query.items():
        if (match := _FILTER.fullmatch(name)) is None:
            continue
        key = match[1]
        if not _LABEL.fullmatch(key) or not _is_value(value):
            text = f"'metadata[{key[:60]}]' asks for no label that a job can have"
            raise ApiError(400, "invalid_metadata_filter", text)
        if found.setdefault(key, value) != value:
            text = f"'metadata[{key}]' is there twice with different values"
            raise ApiError(400, "invalid_metadata_filter", text)
    if len(found) > MOST_FILTERS:
        text = f"at most {MOST_FILTERS} metadata filters are taken, got {len(found)}"
        raise ApiError(400, "invalid_metadata_filter", text)
    return found


def _statuses(given: str | list[str] | None) -> list[JobStatus] | None:
    """The states to list; a job never is `expired` here, it is gone."""
    if given is None:
        return None
    texts = [given] if isinstance(given, str) else given
    names = {name.strip() for text in texts for name in text.split(",")} - {""}
    known = get_args(models.Status)
    if wrong := names.difference(known):
        text = f"there is no status {', '.join(sorted(map(repr, wrong)))}; there are: "
        raise ApiError(400, "invalid_request", text + ", ".join(known))
    return [name for name in get_args(JobStatus) if name in names] if names else None


def _cursor(number: int) -> str:
    return base64.urlsafe_b64encode(str(number).encode()).decode().rstrip("=")


def _before(cursor: str | None) -> int | None:
    if not cursor:
        return None
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        number = int(base64.b64decode(padded, altchars=b"-_", validate=True))
        if number in _NUMBERS and _cursor(number) == cursor:
            return number
    except (ValueError, binascii.Error):
        pass
    raise ApiError(400, "invalid_cursor", "this cursor is none that was given out here")


_JOB = Answer("The job.", models.Job)
_UNKNOWN = Answer("There is no such job, or it is somebody else's.", models.ErrorEnvelope)

ROUTES = (
    Route(
        "POST",
        f"{API}/jobs",
        submit,
        "Run a workflow",
        "Jobs",
        body=models.JobRequest,
        answers={
            201: Answer("The job, waiting or already further.", models.Job),
            403: Answer("`forbidden`: a priority above 0 is for `admin`.", models.ErrorEnvelope),
            422: Answer(
                "`invalid_workflow` with all problems in `details.problems`, "
                "`workflow_format_ui`, `missing_asset`, `metadata_invalid`, or "
                "`idempotency_key_reuse`: the key was used for another request.",
                models.ErrorEnvelope,
            ),
            429: Answer("`queue_full`: try again after Retry-After.", models.ErrorEnvelope),
        },
        headers={
            "Idempotency-Key": "The same request with the same key gets the job that the first "
            "one made, with Idempotency-Replayed: true."
        },
    ),
    Route(
        "GET",
        f"{API}/jobs",
        listing,
        "List jobs",
        "Jobs",
        query=models.JobsQuery,
        answers={200: Answer("A page of them, newest first.", models.JobList)},
    ),
    Route(
        "GET",
        f"{API}/jobs/{{id}}",
        look,
        "Look at a job",
        "Jobs",
        answers={200: _JOB, 404: _UNKNOWN},
    ),
    Route(
        "POST",
        f"{API}/jobs/{{id}}/cancel",
        cancel,
        "Cancel a job",
        "Jobs",
        answers={
            200: Answer("The job: canceled if it waited, else `canceling`.", models.Job),
            404: _UNKNOWN,
        },
    ),
    Route(
        "GET",
        f"{API}/jobs/{{id}}/workflow",
        workflow,
        "The workflow of a job",
        "Jobs",
        query=models.WorkflowQuery,
        answers={200: Answer("The workflow.", models.JobWorkflow), 404: _UNKNOWN},
    ),
)
