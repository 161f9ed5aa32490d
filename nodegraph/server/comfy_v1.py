"""Version 1: prompts, the queue, stopping what runs. Every path is there under `/api` too."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from typing import Any

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from nodegraph.errors import InvalidWorkflow
from nodegraph.jobs.errors import NotFound, WrongState
from nodegraph.jobs.model import Job
from nodegraph.jobs.service import Service, SubmitOptions
from nodegraph.server.call import owner_of, read_json, service_of
from nodegraph.server.comfy_v1_entries import EXTRA, Entries
from nodegraph.server.comfy_v1_errors import node_errors, refusal
from nodegraph.server.comfy_v1_looks import LOOKS
from nodegraph.server.comfy_v1_routes import answer, both
from nodegraph.server.errors import ApiError

__all__ = ["ROUTES"]

_SECRETS = frozenset({"api_key_comfy_org", "auth_token_comfy_org"})
"""Credentials for somebody else's services: never kept."""
_MOST_BYTES = 64 * 2**20
"""How long the workflows in one listing of the queue may be together."""


class _Lenient(BaseModel):
    model_config = ConfigDict(coerce_numbers_to_str=True, extra="ignore")


class Prompt(_Lenient):
    """The body of `POST /prompt`."""

    prompt: Any = None
    client_id: str | None = None
    prompt_id: str | None = None
    number: float | None = None
    front: bool | None = False
    partial_execution_targets: list[str] | None = None
    extra_data: dict[str, Any] | None = None


class QueueOrder(_Lenient):
    """The body of `POST /queue` and `POST /history`."""

    clear: bool = False
    delete: list[str] = Field(default_factory=list, max_length=10_000)


class Interruption(_Lenient):
    """The body of `POST /interrupt`, which may be left out."""

    prompt_id: str | None = None


class Freeing(_Lenient):
    """The body of `POST /free`, which may be left out."""

    unload_models: bool = True
    free_memory: bool = True


async def submit(request: web.Request) -> web.Response:
    """Queue what of a prompt can run; the rest is in `node_errors`."""
    asked = await read_json(request, Prompt)
    if asked.prompt is None:
        raise ApiError(400, "no_prompt", "No prompt provided")
    if not isinstance(asked.prompt, dict):
        raise ApiError(400, "invalid_prompt", "the prompt is no object of nodes by id")
    service = service_of(request)
    try:
        made = await service.submit(asked.prompt, **_options(asked, owner_of(request)))
    except InvalidWorkflow as error:
        said = await service.blocking(refusal, error.problems, asked.prompt, _effects(service))
        return answer(said, 400)
    except WrongState as error:
        raise ApiError(400, "invalid_prompt_id", str(error)) from None
    errors: dict[str, Any] = {}
    if made.problems:
        errors = await service.blocking(node_errors, made.problems, asked.prompt, _effects(service))
    return answer({"prompt_id": made.job.id, "number": made.job.number, "node_errors": errors})


def _options(asked: Prompt, owner: str) -> SubmitOptions:
    extra = {k: v for k, v in (asked.extra_data or {}).items() if k not in _SECRETS}
    client_id = asked.client_id or extra.get("client_id")
    number = asked.number if asked.number is not None and math.isfinite(asked.number) else 1
    return SubmitOptions(
        format="api",
        owner=owner,
        client_id=client_id if isinstance(client_id, str) else "",
        job_id=asked.prompt_id,
        targets=asked.partial_execution_targets,
        extra={EXTRA: extra} if extra else None,
        front=bool(asked.front) or number <= 0,
        partial=True,
    )


def _effects(service: Service) -> frozenset[str]:
    """The class names of the nodes that have results."""
    nodes = (service.description() or {"nodes": []})["nodes"]
    return frozenset(
        name for node in nodes if node["effect"] for name in (node["name"], *node["aliases"])
    )


async def remaining(request: web.Request) -> web.Response:
    """How many jobs wait or run."""
    counts = await service_of(request).queue()
    return answer({"exec_info": {"queue_remaining": counts.queued + counts.running}})


async def queue(request: web.Request) -> web.Response:
    """The jobs that run and wait."""
    service, owner = service_of(request), owner_of(request)
    entries = Entries(service, owner)
    running, waiting = await service.running(owner), await service.waiting(owner)
    listed = {job.id for job in (*running, *waiting)}
    running += await request.app[LOOKS].ended_since(service, owner, listed)

    def listing() -> str:
        left = _MOST_BYTES
        told = []
        for jobs in (running, waiting):
            found = []
            for job in jobs:
                left -= len(job.source_text)
                found.append(entries.prompt(job) if left > 0 else _brief(job))
            told.append(found)
        return json.dumps({"queue_running": told[0], "queue_pending": told[1]})

    return web.Response(text=await service.blocking(listing), content_type="application/json")


def _brief(job: Job) -> list[Any]:
    """A job in the queue without its workflow."""
    return [job.number, job.id, {}, {}, []]


async def change_queue(request: web.Request) -> web.Response:
    """Take waiting jobs out of the queue: they are cancelled, and stay known as that."""
    order = await read_json(request, QueueOrder)
    service, owner = service_of(request), owner_of(request)
    if order.clear:
        for job in await service.waiting(owner):
            await _cancel_waiting(service, job.id, owner)
    missing = []
    for job_id in order.delete:
        try:
            await _cancel_waiting(service, job_id, owner)
        except NotFound:
            missing.append(job_id)
    refuse_unknown(missing)
    return web.Response()


async def _cancel_waiting(service: Service, job_id: str, owner: str) -> None:
    if (await service.get(job_id, owner)).status == "queued":
        await service.cancel(job_id, owner)


def refuse_unknown(missing: Iterable[str]) -> None:
    """Say which of the jobs named in a request there are not; the others were seen to."""
    names = [name[:100] for name in missing][:20]
    if names:
        raise ApiError(404, "not_found", f"there is no job {', '.join(map(repr, names))}")


async def interrupt(request: web.Request) -> web.Response:
    """Stop a job if it runs; without an id, whatever of the client's runs."""
    asked = await read_json(request, Interruption) if request.body_exists else Interruption()
    service, owner = service_of(request), owner_of(request)
    if asked.prompt_id is None:
        running = await service.running(owner)
    else:
        job = await service.get(asked.prompt_id, owner)
        running = [job] if job.status == "running" else []
    for job in running:
        await service.cancel(job.id, owner)
    return web.Response()


async def free(request: web.Request) -> web.Response:
    """Let go of models and results in memory, once no job runs."""
    asked = await read_json(request, Freeing) if request.body_exists else Freeing()
    if asked.unload_models or asked.free_memory:
        await service_of(request).free()
    return web.Response()


ROUTES = (
    *both("POST", "/prompt", submit),
    *both("GET", "/prompt", remaining),
    *both("GET", "/queue", queue),
    *both("POST", "/queue", change_queue),
    *both("POST", "/interrupt", interrupt),
    *both("POST", "/free", free),
)
