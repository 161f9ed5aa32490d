"""The queue: what runs and waits, and in which order; a caller sees and moves their own jobs."""

from __future__ import annotations

from aiohttp import web

from nodegraph.jobs.errors import NotFound
from nodegraph.jobs.listing import Which
from nodegraph.jobs.service import Service
from nodegraph.server import editor_job_models as models
from nodegraph.server.call import (
    check_may,
    json_answer,
    owner_of,
    read_json,
    read_query,
    service_of,
)
from nodegraph.server.editor_models import PageQuery
from nodegraph.server.editor_views import card_of, job_of
from nodegraph.server.models import ErrorEnvelope
from nodegraph.server.route import Answer, Route

__all__ = ["ROUTES", "queue_state"]

PATH = "/api/editor/queue"
MOST = 10_000


async def queue_state(service: Service, owner: str) -> models.QueueState:
    """How many wait and run, and where the owner's jobs stand."""
    counts = await service.queue()
    mine = await _waiting(service, owner)
    return models.QueueState(
        paused=counts.paused, queued=counts.queued, running=counts.running, positions=mine
    )


async def _waiting(service: Service, owner: str) -> dict[str, int]:
    """The owner's waiting jobs by turn, and how many wait before each."""
    waiting = await service.listing(owner, Which(statuses=("queued",)), MOST)
    if not waiting:
        return {}
    mine = {job.id for job in waiting}
    return {name: place for name, place in (await service.places()).items() if name in mine}


async def look(request: web.Request) -> web.Response:
    """The caller's jobs that run and wait, by turn."""
    query, service, owner = read_query(request, PageQuery), service_of(request), owner_of(request)
    state = await queue_state(service, owner)
    page = [*state.positions.items()][query.offset : query.offset + query.limit]
    waiting = [
        card
        for name, place in page
        if (card := await _card(service, owner, name, place)) is not None
    ]
    after = query.offset + len(page)
    return json_answer(
        models.Queue(
            paused=state.paused,
            queued=state.queued,
            running_count=state.running,
            running=[job_of(job) for job in await service.running(owner)],
            waiting=waiting,
            next=after if page and after < len(state.positions) else None,
        )
    )


async def _card(service: Service, owner: str, name: str, place: int) -> models.JobCard | None:
    """A waiting job; None if it was deleted or began meanwhile."""
    try:
        job = await service.get(name, owner)
    except NotFound:
        return None
    return card_of(job, place) if job.status == "queued" else None


async def pause(request: web.Request) -> web.Response:
    """Hold back what waits; what runs goes on. It stays so across restarts."""
    return await _pause(request, True)


async def resume(request: web.Request) -> web.Response:
    """Let what waits go on."""
    return await _pause(request, False)


async def _pause(request: web.Request, paused: bool) -> web.Response:
    check_may(request, "hold the queue of everybody")
    service = service_of(request)
    await service.pause(paused)
    return json_answer(await queue_state(service, owner_of(request)))


async def clear(request: web.Request) -> web.Response:
    """Cancel every job of the caller's that waits; what runs goes on."""
    service, owner = service_of(request), owner_of(request)
    count = 0
    for job in await service.listing(owner, Which(statuses=("queued",)), MOST):
        try:
            job, place = await service.standing(job.id, owner)
            if place is not None:
                count += (await service.cancel(job.id, owner)).status == "canceled"
        except NotFound:
            continue
    return json_answer(models.Cleared(count=count))


async def move(request: web.Request) -> web.Response:
    """Put a waiting job before another one of the caller's, or last among its priority."""
    service, owner = service_of(request), owner_of(request)
    body = await read_json(request, models.MoveJob)
    await service.move(request.match_info["id"], body.before, owner)
    return json_answer(await queue_state(service, owner))


async def set_priority(request: web.Request) -> web.Response:
    """Let a waiting job run earlier or later."""
    service, owner = service_of(request), owner_of(request)
    body = await read_json(request, models.Priority)
    if body.priority > 0:
        check_may(request, "put a job before those of others")
    await service.set_priority(request.match_info["id"], body.priority, owner)
    return json_answer(await queue_state(service, owner))


_TAG = "Editor: queue"
_STATE = Answer("How the queue stands now.", models.QueueState)
_ABSENT = Answer("There is no such job, or it is somebody else's.", ErrorEnvelope)
_STARTED = Answer("`wrong_state`: it does not wait, or has another priority.", ErrorEnvelope)
_FORBIDDEN = Answer("Several people use this server, and you are not `admin`.", ErrorEnvelope)

ROUTES = (
    Route(
        "GET",
        PATH,
        look,
        "Look at the queue",
        _TAG,
        query=PageQuery,
        answers={200: Answer("What runs and waits.", models.Queue)},
    ),
    Route(
        "POST",
        f"{PATH}/pause",
        pause,
        "Pause the queue",
        _TAG,
        answers={200: _STATE, 403: _FORBIDDEN},
    ),
    Route(
        "POST",
        f"{PATH}/resume",
        resume,
        "Resume the queue",
        _TAG,
        answers={200: _STATE, 403: _FORBIDDEN},
    ),
    Route(
        "POST",
        f"{PATH}/clear",
        clear,
        "Clear the queue",
        _TAG,
        answers={200: Answer("How many were canceled.", models.Cleared)},
    ),
    Route(
        "POST",
        f"{PATH}/{{id}}/move",
        move,
        "Move a waiting job",
        _TAG,
        body=models.MoveJob,
        answers={200: _STATE, 404: _ABSENT, 409: _STARTED},
    ),
    Route(
        "POST",
        f"{PATH}/{{id}}/priority",
        set_priority,
        "Change the priority of a waiting job",
        _TAG,
        body=models.Priority,
        answers={200: _STATE, 403: _FORBIDDEN, 404: _ABSENT, 409: _STARTED},
    ),
)
