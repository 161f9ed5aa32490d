"""The journal: unsaved edits, kept so that an editor finds them again after any crash.

A draft is kept under the name of its workflow, or under a key that begins with `~` if it has no
name yet, or if another tab has the draft of that name. Two tabs never overwrite each other's:
who writes says which revision it has seen last.
"""

from __future__ import annotations

import json
from typing import Any

from aiohttp import web

from nodegraph.jobs.errors import Conflict, NotFound
from nodegraph.jobs.workflows import ANY, SavedWorkflow
from nodegraph.server import editor_models as models
from nodegraph.server.call import json_answer, owner_of, read_json, read_query, service_of
from nodegraph.server.editor_names import UNNAMED, path_name
from nodegraph.server.editor_workflows import document_text, moment, present
from nodegraph.server.errors import ApiError
from nodegraph.server.models import ErrorEnvelope
from nodegraph.server.route import Answer, Route

__all__ = ["ROUTES"]

PATH = "/api/editor/drafts"


async def list_drafts(request: web.Request) -> web.Response:
    """Every unsaved edit, newest first: what an editor offers to go on with."""
    service = service_of(request)
    found = await service.blocking(service.workflows.drafts, owner_of(request))
    made = [
        models.DraftSummary(
            name=one.name,
            named=not one.name.startswith(UNNAMED),
            base_version=one.version,
            saved_at=moment(one.saved_at),
            size=one.size,
        )
        for one in found
    ]
    return json_answer(models.DraftList(drafts=made))


async def load(request: web.Request) -> web.Response:
    """An unsaved edit."""
    name = path_name(request, unnamed=True)
    found = await _find(request, name)
    if found is None:
        raise NotFound(f"there is no draft '{name}'")
    return await present(request, _info(found), found.document)


async def _find(request: web.Request, name: str) -> SavedWorkflow | None:
    service = service_of(request)
    return await service.blocking(service.workflows.draft, owner_of(request), name)


async def put(request: web.Request) -> web.Response:
    """Keep an unsaved edit in place of the one before. It need not be a valid workflow."""
    name, service = path_name(request, unnamed=True), service_of(request)
    body = await read_json(request, models.PutDraft)
    text = document_text(body.document)
    over = ANY if body.overwrite else body.seen
    try:
        made = await service.blocking(
            service.workflows.journal, owner_of(request), name, text, body.base_version, over
        )
    except Conflict as error:
        there = await _find(request, name)
        raise ApiError(409, "conflict", str(error), _details(there)) from None
    return json_answer(_info(made))


def _details(there: SavedWorkflow | None) -> dict[str, Any]:
    if there is None:
        return {}
    return {**_info(there).model_dump(mode="json"), "document": json.loads(there.document)}


async def drop(request: web.Request) -> web.Response:
    """Forget an unsaved edit. That it is gone already is no error."""
    name, service = path_name(request, unnamed=True), service_of(request)
    revision = read_query(request, models.DraftQuery).revision
    owner = owner_of(request)
    if not await service.blocking(service.workflows.drop_draft, owner, name, revision):
        there = await _find(request, name)
        if there is not None:
            text = f"the draft '{name}' is at another revision by now"
            raise ApiError(409, "conflict", text, _details(there))
    return web.Response(status=204)


def _info(found: SavedWorkflow) -> models.DraftInfo:
    return models.DraftInfo(
        name=found.name,
        base_version=found.version,
        saved_at=moment(found.saved_at),
        revision=found.revision,
    )


_TAG = "Editor: drafts"
_ONE = PATH + "/{name}"
_OTHER = Answer("Another tab keeps another edit under this name; `details` has it.", ErrorEnvelope)

ROUTES = (
    Route(
        "GET",
        PATH,
        list_drafts,
        "List unsaved edits",
        _TAG,
        answers={200: Answer("All of them.", models.DraftList)},
    ),
    Route(
        "GET",
        _ONE,
        load,
        "Load an unsaved edit",
        _TAG,
        answers={
            200: Answer("The edit.", models.Draft),
            404: Answer("There is none.", ErrorEnvelope),
        },
    ),
    Route(
        "PUT",
        _ONE,
        put,
        "Keep an unsaved edit",
        _TAG,
        body=models.PutDraft,
        answers={200: Answer("It is on disk.", models.DraftInfo), 409: _OTHER},
    ),
    Route(
        "DELETE",
        _ONE,
        drop,
        "Forget an unsaved edit",
        _TAG,
        query=models.DraftQuery,
        answers={204: Answer("There is none any more.", content_type=""), 409: _OTHER},
    ),
)
