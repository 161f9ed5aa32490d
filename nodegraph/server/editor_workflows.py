"""Saved workflows: list, load, save as the next version, move, copy, delete.

A name may hold folders; in a path it is one segment with `%2F` for `/`.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from aiohttp import web
from pydantic import BaseModel

from nodegraph.graph.updating import Update
from nodegraph.graph.workflow import Workflow
from nodegraph.jobs.errors import Conflict, NotFound
from nodegraph.jobs.workflows import SavedWorkflow, WorkflowInfo
from nodegraph.server import editor_models as models
from nodegraph.server.call import json_answer, owner_of, read_json, read_query, service_of
from nodegraph.server.editor_names import checked_name, path_name
from nodegraph.server.errors import ApiError
from nodegraph.server.models import ErrorEnvelope
from nodegraph.server.route import Answer, Route

__all__ = ["ROUTES", "document_text", "moment", "present", "remark_on"]

PATH = "/api/editor/workflows"


def moment(seconds: float) -> datetime:
    """Seconds since 1970 as a time."""
    return datetime.fromtimestamp(seconds, UTC)


def document_text(document: dict[str, Any]) -> str:
    """A document as it is stored.

    Raises:
        ApiError: 400 `invalid_request`: it holds a number that is not finite.
    """
    try:
        return json.dumps(document, separators=(",", ":"), allow_nan=False)
    except (ValueError, RecursionError) as error:
        raise ApiError(400, "invalid_request", f"the document is not JSON: {error}") from None


def with_document(head: BaseModel, text: str, updates: list[dict[str, Any]]) -> web.Response:
    """A model, the text of a document and what was done to it, as one answer."""
    told = json.dumps(updates)
    body = f'{head.model_dump_json()[:-1]},"document":{text},"updates":{told}}}'
    return web.Response(text=body, content_type="application/json")


async def list_workflows(request: web.Request) -> web.Response:
    """The newest version of each workflow, by name."""
    query, service = read_query(request, models.SearchQuery), service_of(request)
    found, total = await service.blocking(
        service.workflows.list,
        owner_of(request),
        search=query.search,
        limit=query.limit,
        offset=query.offset,
    )
    after = query.offset + len(found)
    return json_answer(
        models.WorkflowList(
            workflows=[_info(one) for one in found],
            total=total,
            next=after if found and after < total else None,
        )
    )


async def load(request: web.Request) -> web.Response:
    """A version of a workflow, by default the newest."""
    query, service = read_query(request, models.VersionQuery), service_of(request)
    found = await service.blocking(
        service.workflows.load, owner_of(request), path_name(request), query.version
    )
    return await present(request, _saved(found), found.document)


async def present(request: web.Request, head: models.Model, text: str) -> web.Response:
    """A model, a document with its nodes as of the installed versions, and what that changed.

    What is stored stays as it is until the document is saved.
    """
    service = service_of(request)
    document = await service.blocking(json.loads, text)
    made, updates = await service.updated(document)
    if made is not document:
        text = await service.blocking(document_text, made)
    told = [remark_on(one).model_dump() for one in updates]
    return with_document(head, text, told)


def remark_on(update: Update) -> models.Remark:
    """What became of a node of an older version."""
    code = "updated" if update.error is None else "migration_failed"
    return models.Remark(code=code, message=str(update), node=update.node, field=None, lost=False)


async def save(request: web.Request) -> web.Response:
    """Save the next version. What was saved meanwhile is never overwritten: 409 has it."""
    name, owner, service = path_name(request), owner_of(request), service_of(request)
    body = await read_json(request, models.SaveWorkflow)
    text = await service.blocking(_checked_text, body.document)
    draft = (body.draft.name, body.draft.revision) if body.draft is not None else None
    try:
        made = await service.blocking(
            service.workflows.save, owner, name, text, body.base_version, draft=draft
        )
    except Conflict as error:
        raise await _conflict(request, name, error) from None
    return json_answer(_saved(made), 201 if body.base_version is None else 200)


def _checked_text(document: dict[str, Any]) -> str:
    """A workflow as it is stored; what could not be loaded again is refused."""
    Workflow.from_dict(document)
    return document_text(document)


async def _conflict(request: web.Request, name: str, error: Conflict) -> ApiError:
    """The refusal, with what is there instead (null if it was deleted)."""
    service = service_of(request)
    details: dict[str, Any] = {"version": error.version, "saved_at": None, "document": None}
    try:
        there = await service.blocking(service.workflows.load, owner_of(request), name)
    except NotFound:
        pass
    else:
        details = {
            "version": there.version,
            "saved_at": moment(there.saved_at).isoformat(),
            "document": (await service.updated(json.loads(there.document)))[0],
        }
    return ApiError(409, "conflict", str(error), details)


async def versions(request: web.Request) -> web.Response:
    """The versions of a workflow that are kept."""
    service = service_of(request)
    found = await service.blocking(
        service.workflows.versions, owner_of(request), path_name(request)
    )
    return json_answer(models.WorkflowVersions(versions=[_info(one) for one in found]))


async def move(request: web.Request) -> web.Response:
    """Give a workflow another name, with its versions and its draft."""
    name, service = path_name(request), service_of(request)
    to = checked_name((await read_json(request, models.NewName)).to)
    made = await service.blocking(service.workflows.move, owner_of(request), name, to)
    return json_answer(_saved(made))


async def copy(request: web.Request) -> web.Response:
    """Save a version of a workflow, by default the newest, under another name."""
    name, owner, service = path_name(request), owner_of(request), service_of(request)
    body = await read_json(request, models.Copied)
    to = checked_name(body.to)
    found = await service.blocking(service.workflows.load, owner, name, body.version)
    made = await service.blocking(service.workflows.save, owner, to, found.document)
    return json_answer(_saved(made), 201)


async def delete(request: web.Request) -> web.Response:
    """Delete a workflow with its versions and its draft."""
    service = service_of(request)
    await service.blocking(service.workflows.delete, owner_of(request), path_name(request))
    return web.Response(status=204)


def _info(found: WorkflowInfo) -> models.WorkflowInfo:
    return models.WorkflowInfo(
        name=found.name,
        version=found.version,
        saved_at=moment(found.saved_at),
        size=found.size,
    )


def _saved(found: SavedWorkflow) -> models.Saved:
    return models.Saved(name=found.name, version=found.version, saved_at=moment(found.saved_at))


_TAG = "Editor: workflows"
_ONE = PATH + "/{name}"
_ABSENT = Answer("There is no such workflow or version.", ErrorEnvelope)
_TAKEN = Answer("There is one of that name, or an unsaved edit of it.", ErrorEnvelope)

ROUTES = (
    Route(
        "GET",
        PATH,
        list_workflows,
        "List workflows",
        _TAG,
        query=models.SearchQuery,
        answers={200: Answer("Some of them.", models.WorkflowList)},
    ),
    Route(
        "GET",
        _ONE,
        load,
        "Load a workflow",
        _TAG,
        query=models.VersionQuery,
        answers={200: Answer("The version.", models.WorkflowVersion), 404: _ABSENT},
    ),
    Route(
        "PUT",
        _ONE,
        save,
        "Save a workflow",
        _TAG,
        body=models.SaveWorkflow,
        answers={
            200: Answer("A new version.", models.Saved),
            201: Answer("The first version.", models.Saved),
            409: Answer(
                "Another version than `base_version` is the newest; `details` has its `version`, "
                "`saved_at` and `document` (null if it was deleted).",
                ErrorEnvelope,
            ),
            422: Answer("It is no workflow.", ErrorEnvelope),
        },
    ),
    Route(
        "DELETE",
        _ONE,
        delete,
        "Delete a workflow",
        _TAG,
        answers={204: Answer("It is gone.", content_type=""), 404: _ABSENT},
    ),
    Route(
        "GET",
        _ONE + "/versions",
        versions,
        "List the versions of a workflow",
        _TAG,
        answers={200: Answer("Newest first.", models.WorkflowVersions), 404: _ABSENT},
    ),
    Route(
        "POST",
        _ONE + "/move",
        move,
        "Rename or move a workflow",
        _TAG,
        body=models.NewName,
        answers={
            200: Answer("How it is called now.", models.Saved),
            404: _ABSENT,
            409: _TAKEN,
        },
    ),
    Route(
        "POST",
        _ONE + "/copy",
        copy,
        "Copy a workflow",
        _TAG,
        body=models.Copied,
        answers={201: Answer("The copy.", models.Saved), 404: _ABSENT, 409: _TAKEN},
    ),
)
