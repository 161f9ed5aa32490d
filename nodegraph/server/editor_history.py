"""Jobs that have ended, with what they made; jobs one by one, pinned or forgotten."""

from __future__ import annotations

from aiohttp import web

from nodegraph.jobs.errors import NotFound, WrongState
from nodegraph.jobs.model import FINISHED, Page
from nodegraph.server import editor_job_models as models
from nodegraph.server.call import json_answer, owner_of, read_json, read_query, service_of
from nodegraph.server.editor_views import card_of, job_of
from nodegraph.server.models import ErrorEnvelope
from nodegraph.server.route import Answer, Route

__all__ = ["ROUTES"]

MOST_CLEARED = 1000


async def history(request: web.Request) -> web.Response:
    """Finished jobs with their outputs, newest first."""
    query, service = read_query(request, models.HistoryQuery), service_of(request)
    statuses = (query.status,) if query.status is not None else FINISHED
    found = await service.page(owner_of(request), statuses, limit=query.limit, offset=query.offset)
    return json_answer(await service.blocking(_history, found))


def _history(page: Page) -> models.History:
    cards = [card_of(job) for job in page.jobs]
    return models.History(jobs=cards, total=page.total, next=page.next)


async def clear(request: web.Request) -> web.Response:
    """Forget the finished jobs that are not pinned, a thousand at most: 0 says there are none."""
    service, owner = service_of(request), owner_of(request)
    ids: list[str] = []
    offset: int | None = 0
    while offset is not None and len(ids) < MOST_CLEARED:
        page = await service.page(owner, FINISHED, limit=200, offset=offset, oldest_first=True)
        ids += [job.id for job in page.jobs if not job.pinned]
        offset = page.next
    count = 0
    for job_id in ids[:MOST_CLEARED]:
        try:
            await service.delete(job_id, owner)
        except (NotFound, WrongState):
            continue
        count += 1
    return json_answer(models.Cleared(count=count))


async def look(request: web.Request) -> web.Response:
    """A job with what became of each node, and why."""
    service = service_of(request)
    job, position = await service.standing(request.match_info["id"], owner_of(request))
    return json_answer(await service.blocking(job_of, job, position))


async def workflow(request: web.Request) -> web.Response:
    """What a job ran, to load it again."""
    service = service_of(request)
    job = await service.get(request.match_info["id"], owner_of(request))
    body = f'{{"format":"{job.format}","workflow":{job.workflow_text},"source":{job.source_text}}}'
    return web.Response(text=body, content_type="application/json")


async def pin(request: web.Request) -> web.Response:
    """Keep a job and what it made from being deleted by age or size, or no longer."""
    service = service_of(request)
    body = await read_json(request, models.Pin)
    job = await service.pin(request.match_info["id"], body.pinned, owner_of(request))
    return json_answer(await service.blocking(card_of, job))


async def delete(request: web.Request) -> web.Response:
    """Forget a job and the records of what it made; one that waits never runs.

    Files in the output folder stay.
    """
    await service_of(request).delete(request.match_info["id"], owner_of(request))
    return web.Response(status=204)


_TAG = "Editor: history"
_JOB = "/api/editor/jobs/{id}"
_ABSENT = Answer("There is no such job, or it is somebody else's.", ErrorEnvelope)

ROUTES = (
    Route(
        "GET",
        "/api/editor/history",
        history,
        "List finished jobs",
        _TAG,
        query=models.HistoryQuery,
        answers={200: Answer("Some of them.", models.History)},
    ),
    Route(
        "POST",
        "/api/editor/history/clear",
        clear,
        "Forget finished jobs",
        _TAG,
        answers={200: Answer("How many were forgotten.", models.Cleared)},
    ),
    Route(
        "GET",
        _JOB,
        look,
        "Look at a job",
        _TAG,
        answers={200: Answer("How it stands.", models.EditorJob), 404: _ABSENT},
    ),
    Route(
        "GET",
        f"{_JOB}/workflow",
        workflow,
        "Load what a job ran",
        _TAG,
        answers={200: Answer("The workflow.", models.RanWorkflow), 404: _ABSENT},
    ),
    Route(
        "PUT",
        f"{_JOB}/pin",
        pin,
        "Pin a job",
        _TAG,
        body=models.Pin,
        answers={200: Answer("The job.", models.JobCard), 404: _ABSENT},
    ),
    Route(
        "DELETE",
        _JOB,
        delete,
        "Forget a job",
        _TAG,
        answers={
            204: Answer("It is forgotten.", content_type=""),
            404: _ABSENT,
            409: Answer("`wrong_state`: it is running.", ErrorEnvelope),
        },
    ),
)
