"""Version 1: finished jobs. They are read from the store, so a restart loses none of them."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Annotated, Any

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from nodegraph.jobs.errors import NotFound
from nodegraph.jobs.model import FINISHED, Job
from nodegraph.jobs.service import Service
from nodegraph.server.call import owner_of, read_json, read_query, service_of
from nodegraph.server.comfy_v1 import QueueOrder, refuse_unknown
from nodegraph.server.comfy_v1_entries import Entries
from nodegraph.server.comfy_v1_looks import LOOKS
from nodegraph.server.comfy_v1_routes import answer, both

__all__ = ["ROUTES"]

MOST_ITEMS = 200
"""How many jobs one answer holds at most; more are reached by `offset`."""
_MOST_BYTES = 32 * 2**20
_CHUNK = 50


class HistoryQuery(BaseModel):
    """Which part of the history: the newest, or from the oldest on with `offset` (0 and up)."""

    model_config = ConfigDict(extra="ignore")

    max_items: Annotated[int, Field(ge=0)] = MOST_ITEMS
    offset: Annotated[int, Field(lt=2**63)] = -1


async def history(request: web.Request) -> web.Response:
    """Finished jobs by id, the newest last."""
    query = read_query(request, HistoryQuery)
    service, owner = service_of(request), owner_of(request)
    entries = Entries(service, owner)
    jobs = await _read(service, owner, min(query.max_items, MOST_ITEMS), query.offset)

    def listing() -> str:
        return json.dumps({job.id: entries.history(job) for job in jobs})

    return web.Response(text=await service.blocking(listing), content_type="application/json")


async def _read(service: Service, owner: str, most: int, offset: int) -> list[Job]:
    """Some jobs, oldest first; fewer than asked for if their workflows are very long."""
    forward = offset >= 0
    found: list[Job] = []
    size, at = 0, max(offset, 0)
    while len(found) < most and size < _MOST_BYTES:
        page = await service.page(
            owner, FINISHED, limit=min(_CHUNK, most - len(found)), offset=at, oldest_first=forward
        )
        found += page.jobs
        size += sum(len(job.source_text) + len(job.workflow_text) for job in page.jobs)
        if page.next is None:
            break
        at = page.next
    return found if forward else found[::-1]


async def one(request: web.Request) -> web.Response:
    """One finished job by its id; nothing until it is finished."""
    service, owner = service_of(request), owner_of(request)
    try:
        job = await service.get(request.match_info["id"], owner)
    except NotFound:
        return answer({})
    found: dict[str, Any] = {}
    if job.finished:
        request.app[LOOKS].forget(job)
        found[job.id] = await service.blocking(Entries(service, owner).history, job)
    else:
        request.app[LOOKS].note(job)
    return answer(found)


async def change(request: web.Request) -> web.Response:
    """Forget finished jobs; the files they made stay, and so do jobs that are pinned."""
    order = await read_json(request, QueueOrder)
    service, owner = service_of(request), owner_of(request)
    if order.clear:
        await _clear(service, owner)
    missing = []
    for job_id in order.delete:
        try:
            await _forget(service, await service.get(job_id, owner))
        except NotFound:
            missing.append(job_id)
    refuse_unknown(missing)
    return web.Response()


async def _clear(service: Service, owner: str) -> None:
    kept = 0
    while True:
        page = await service.page(owner, FINISHED, limit=_CHUNK, offset=kept, oldest_first=True)
        for job in page.jobs:
            if job.pinned:
                kept += 1
            else:
                with suppress(NotFound):  # somebody else was quicker
                    await _forget(service, job)
        if page.next is None:
            return


async def _forget(service: Service, job: Job) -> None:
    if job.finished:
        await service.delete(job.id, job.owner)


ROUTES = (
    *both("GET", "/history", history),
    *both("GET", "/history/{id}", one),
    *both("POST", "/history", change),
)
