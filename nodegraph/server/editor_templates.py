"""Workflows to begin from: the examples of the package, ready to run."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any
from urllib.parse import quote

from aiohttp import web

from nodegraph.jobs.errors import NotFound
from nodegraph.server import editor_template_models as models
from nodegraph.server.call import json_answer, owner_of, service_of
from nodegraph.server.editor_files import place
from nodegraph.server.files import inside, send_file
from nodegraph.server.models import ErrorEnvelope
from nodegraph.server.route import Answer, Route
from nodegraph.server.templates import Template, folder, read_templates

__all__ = ["ROUTES", "setup"]

PATH = "/api/editor/templates"

_FOUND: web.AppKey[dict[str, Template]] = web.AppKey("templates", dict)


def setup(app: web.Application) -> None:
    """Remember the examples of an application; they are read when first asked for."""
    app[_FOUND] = {}


async def _templates(request: web.Request) -> dict[str, Template]:
    found = request.app[_FOUND]
    if not found:
        found |= await asyncio.to_thread(read_templates, folder())
    return found


async def _one(request: web.Request) -> Template:
    name = request.match_info["name"]
    found = (await _templates(request)).get(name)
    if found is None:
        raise NotFound(f"there is no template '{name[:200]}'")
    return found


async def list_templates(request: web.Request) -> web.Response:
    """The examples, the simplest first."""
    return json_answer(
        models.TemplateList(templates=[_shown(one) for one in (await _templates(request)).values()])
    )


def _shown(template: Template) -> models.Template:
    segment = quote(template.name, safe="")
    return models.Template(
        name=template.name,
        title=template.title,
        description=template.description,
        nodes=len(template.workflow.nodes),
        thumbnail_url=f"{PATH}/{segment}/thumbnail" if template.thumbnail is not None else None,
    )


async def thumbnail(request: web.Request) -> web.StreamResponse:
    """What an example makes, as a small WebP."""
    template = await _one(request)
    if template.thumbnail is None:
        raise NotFound(f"the template '{template.name}' has no picture")
    return await send_file(
        request, template.thumbnail, name="thumbnail.webp", content_type="image/webp"
    )


async def begin(request: web.Request) -> web.Response:
    """A copy of an example; the pictures it reads are put among the caller's input files."""
    template, service = await _one(request), service_of(request)
    target = service.input_dir(owner_of(request)).resolve()
    placed = await service.blocking(_placed, template, target)
    document = template.workflow.to_dict()
    for entry in document["nodes"].values():
        inputs: dict[str, Any] = entry.get("inputs", {})
        for name, value in inputs.items():
            if isinstance(value, str):
                inputs[name] = placed.get(value, value)
    made, _ = await service.updated(document)
    return json_answer(models.Begun(workflow=made))


def _placed(template: Template, target: Path) -> dict[str, str]:
    """The names of the input files that an example's pictures are now; a file that is there
    under the same name with other content stays."""
    names = {}
    for value, path in template.pictures.items():
        with path.open("rb") as stream:
            there = place(inside(target, value), stream)
        names[value] = there.relative_to(target).as_posix()
    return names


_TAG = "Editor: templates"
_ABSENT = Answer("There is no such template.", ErrorEnvelope)

ROUTES = (
    Route(
        "GET",
        PATH,
        list_templates,
        "List templates",
        _TAG,
        answers={200: Answer("All of them.", models.TemplateList)},
    ),
    Route(
        "GET",
        PATH + "/{name}/thumbnail",
        thumbnail,
        "A picture of what a template makes",
        _TAG,
        answers={
            200: Answer("The picture.", content_type="image/webp"),
            404: _ABSENT,
        },
    ),
    Route(
        "POST",
        PATH + "/{name}/begin",
        begin,
        "Begin from a template",
        _TAG,
        answers={200: Answer("The workflow, ready to run.", models.Begun), 404: _ABSENT},
    ),
)
