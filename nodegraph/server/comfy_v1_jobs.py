"""Version 1's newer way to look at jobs: one list for waiting, running and finished ones."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from nodegraph.jobs.model import JobStatus
from nodegraph.server.call import owner_of, read_query, service_of
from nodegraph.server.comfy_v1_entries import STATUSES, Entries
from nodegraph.server.comfy_v1_routes import answer, both
from nodegraph.server.errors import ApiError

__all__ = ["ROUTES"]

MOST_JOBS = 200


class JobsQuery(BaseModel):
    """Which jobs, in which order; `status` holds one or several, joined by commas."""

    model_config = ConfigDict(extra="ignore")

    status: str = ""
    limit: Annotated[int, Field(ge=1)] = 100
    offset: Annotated[int, Field(ge=0, lt=2**63)] = 0
    sort_by: Literal["created_at"] = "created_at"
    sort_order: Literal["asc", "desc"] = "desc"


async def jobs(request: web.Request) -> web.Response:
    """A page of the jobs."""
    query = read_query(request, JobsQuery)
    service, owner = service_of(request), owner_of(request)
    entries = Entries(service, owner)
    page = await service.page(
        owner,
        _statuses(query.status),
        limit=min(query.limit, MOST_JOBS),
        offset=query.offset,
        oldest_first=query.sort_order == "asc",
    )

    def listing() -> list[dict[str, Any]]:
        return [entries.listed(job) for job in page.jobs]

    pagination = {
        "offset": query.offset,
        "limit": min(query.limit, MOST_JOBS),
        "total": page.total,
        "has_more": page.next is not None,
    }
    return answer({"jobs": await service.blocking(listing), "pagination": pagination})


def _statuses(asked: str) -> list[JobStatus]:
    names = [name for part in asked.split(",") if (name := part.strip())]
    if wrong := [name for name in names if name not in STATUSES]:
        text = f"there is no status {wrong[0][:50]!r}; there are: {', '.join(STATUSES)}"
        raise ApiError(400, "invalid_request", text)
    return [state for name in names for state in STATUSES[name]]


async def one(request: web.Request) -> web.Response:
    """A job with its workflow and all that it made."""
    service, owner = service_of(request), owner_of(request)
    job = await service.get(request.match_info["id"], owner)
    return answer(await service.blocking(Entries(service, owner).detailed, job))


async def cancel(request: web.Request) -> web.Response:
    """Cancel a job, whether it waits or runs; one that is finished stays as it is."""
    service, owner = service_of(request), owner_of(request)
    before = await service.get(request.match_info["id"], owner)
    after = await service.cancel(before.id, owner)
    return answer({"cancelled": not before.finished and after.status in ("canceled", "canceling")})


ROUTES = (
    *both("GET", "/jobs", jobs),
    *both("GET", "/jobs/{id}", one),
    *both("POST", "/jobs/{id}/cancel", cancel),
)
