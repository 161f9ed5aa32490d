"""Version 1: what a front end asks when it starts: models, extensions, features, the machine."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from aiohttp import web
from pydantic import BaseModel, Field

import nodegraph
from nodegraph.engine.files import Files
from nodegraph.errors import MissingModel
from nodegraph.jobs.errors import NotFound
from nodegraph.server.call import owner_of, read_json, service_of, settings_of
from nodegraph.server.comfy_v1_routes import answer, both
from nodegraph.server.comfy_v1_socket import feature_flags
from nodegraph.server.files import inside

__all__ = ["ROUTES"]

LONGEST_HEADER = 16 * 2**20
"""How long the head of a model file may be, in bytes."""
MOST_SCRIPTS = 1000


def _files(request: web.Request) -> Files:
    return service_of(request).files(owner_of(request))


async def _kind(request: web.Request) -> str:
    """The kind of models that a path names.

    Raises:
        NotFound: there is none.
    """
    kind = request.match_info["folder"]
    if kind not in await service_of(request).blocking(_files(request).model_kinds):
        raise NotFound(f"there is no kind of models '{kind}'")
    return kind


async def model_kinds(request: web.Request) -> web.Response:
    """The kinds of models."""
    return answer(await service_of(request).blocking(_files(request).model_kinds))


async def models(request: web.Request) -> web.Response:
    """The names of the models of a kind."""
    kind = await _kind(request)
    return answer(await service_of(request).blocking(_files(request).models, kind))


async def described_kinds(request: web.Request) -> web.Response:
    """The kinds of models, for a front end; folders of this machine are not told."""
    kinds = await service_of(request).blocking(_files(request).model_kinds)
    return answer([{"name": kind, "folders": []} for kind in kinds])


async def described_models(request: web.Request) -> web.Response:
    """The models of a kind with size and time."""
    kind, files = await _kind(request), _files(request)

    def describe(name: str) -> dict[str, Any]:
        found = files.model(kind, name).stat()
        times = {"modified": found.st_mtime, "created": found.st_ctime}
        return {"name": name, "pathIndex": 0, "size": found.st_size, **times}

    def read() -> list[Any]:
        return [describe(name) for name in files.models(kind)]

    return answer(await service_of(request).blocking(read))


class Cancelling(BaseModel):
    """The body of `POST /jobs/cancel`."""

    job_ids: list[str] = Field(min_length=1, max_length=1000)


async def cancel_jobs(request: web.Request) -> web.Response:
    """Cancel some jobs; says which of them were neither finished nor unknown."""
    asked = await read_json(request, Cancelling)
    service, owner = service_of(request), owner_of(request)
    cancelled = []
    for job_id in dict.fromkeys(asked.job_ids):
        with suppress(NotFound):
            before = await service.get(job_id, owner)
            after = await service.cancel(job_id, owner)
            if not before.finished and after.status in ("canceled", "canceling"):
                cancelled.append(job_id)
    return answer({"cancelled": cancelled})


async def embeddings(request: web.Request) -> web.Response:
    """The names of the embeddings, as prompts write them: without an ending."""
    names = await service_of(request).blocking(_files(request).models, "embeddings")
    return answer([os.path.splitext(name)[0] for name in names])


async def model_metadata(request: web.Request) -> web.Response:
    """What a safetensors file says of itself."""
    kind, files = await _kind(request), _files(request)
    name = request.query.get("filename", "")

    def read() -> Any:
        path = files.model(kind, name)
        with path.open("rb") as stream:
            length = int.from_bytes(stream.read(8), "little")
            if length > LONGEST_HEADER:
                return None
            head = json.loads(stream.read(length))
        return head.get("__metadata__") if isinstance(head, dict) else None

    try:
        found = await service_of(request).blocking(read)
    except (OSError, ValueError, RecursionError, MissingModel):
        found = None
    if found is None:
        raise NotFound(f"'{name}' says nothing of itself")
    return answer(found)


async def extensions(request: web.Request) -> web.Response:
    """The scripts that the front end brings under `extensions/`."""
    root = settings_of(request).front_end
    found = await service_of(request).blocking(_scripts, root) if root is not None else []
    return answer(found)


def _scripts(root: Path) -> list[str]:
    folder = inside(root, "extensions")
    found = sorted(folder.rglob("*.js"))[:MOST_SCRIPTS] if folder.is_dir() else []
    return [f"/{path.relative_to(root.resolve()).as_posix()}" for path in found]


async def features(request: web.Request) -> web.Response:
    """What this server can do."""
    return answer(feature_flags(settings_of(request).max_upload))


async def system_stats(request: web.Request) -> web.Response:
    """The machine, in the figures that version 1 clients know."""
    found = service_of(request).system()
    versions = found["versions"]
    system = {
        "os": sys.platform,
        "ram_total": found["ram_total"],
        "ram_free": found["ram_free"],
        "comfyui_version": nodegraph.__version__,
        "nodegraph_version": nodegraph.__version__,
        "python_version": versions.get("python") or "",
        "pytorch_version": versions.get("torch") or "",
        "embedded_python": False,
        "argv": [],
    }
    processor = {
        "name": "cpu",
        "type": "cpu",
        "index": None,
        "vram_total": found["ram_total"],
        "vram_free": found["ram_free"],
    }
    devices = [
        {**device, "torch_vram_total": device["vram_total"], "torch_vram_free": device["vram_free"]}
        for device in found["devices"] or [processor]
    ]
    return answer({"system": system, "devices": devices})


def _nothing(value: Any) -> Callable[[web.Request], Any]:
    """What is asked for and is not there, such as templates."""

    async def handler(request: web.Request) -> web.Response:
        return answer(value)

    return handler


async def global_subgraph(request: web.Request) -> web.Response:
    """There are none."""
    raise NotFound(f"there is no subgraph '{request.match_info['id']}'")


ROUTES = (
    *both("GET", "/models", model_kinds),
    *both("GET", "/models/{folder}", models),
    *both("GET", "/experiment/models", described_kinds),
    *both("GET", "/experiment/models/{folder}", described_models),
    *both("GET", "/view_metadata/{folder}", model_metadata),
    *both("GET", "/embeddings", embeddings),
    *both("GET", "/extensions", extensions),
    *both("GET", "/features", features),
    *both("POST", "/jobs/cancel", cancel_jobs),
    *both("GET", "/system_stats", system_stats),
    *both("GET", "/i18n", _nothing({})),
    *both("GET", "/workflow_templates", _nothing({})),
    *both("GET", "/global_subgraphs", _nothing({})),
    *both("GET", "/global_subgraphs/{id}", global_subgraph),
    *both("GET", "/node_replacements", _nothing({})),
    *both("GET", "/internal/folder_paths", _nothing({})),  # nobody's business
)
