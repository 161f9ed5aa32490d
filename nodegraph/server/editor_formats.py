"""Reading and writing workflows of other programs, and checking them without a run."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from nodegraph.errors import InvalidWorkflow
from nodegraph.server import editor_models as models
from nodegraph.server.call import json_answer, owner_of, read_json, service_of
from nodegraph.server.editor_forms import pieces, read_parts
from nodegraph.server.editor_workflows import remark_on
from nodegraph.server.errors import ApiError
from nodegraph.server.models import ErrorEnvelope
from nodegraph.server.route import Answer, Route

__all__ = ["MOST_BYTES", "ROUTES"]

MOST_BYTES = 64 * 2**20
"""The largest file that is read for a workflow."""


async def import_document(request: web.Request) -> web.Response:
    """Read a workflow of any format, from JSON or from an asset such as a picture that ran here."""
    body = await read_json(request, models.ImportRequest)
    if (body.document is None) == (body.asset_id is None):
        raise ApiError(400, "invalid_request", "give either 'document' or 'asset_id'")
    if body.document is not None:
        return await _imported(request, body.document)
    service = service_of(request)
    asset = await service.blocking(service.assets.get, body.asset_id, owner_of(request))
    if asset.size > MOST_BYTES:
        raise _too_large()
    data = await service.blocking(service.assets.path(asset.hash).read_bytes)
    return await _imported(request, data, asset.name)


async def import_file(request: web.Request) -> web.Response:
    """Read a workflow of any format, from a file: JSON, PNG, WebP or JPEG."""
    name, data = await _file_of(request)
    return await _imported(request, data, name)


async def _file_of(request: web.Request) -> tuple[str, bytes]:
    """What the field `file` is called, and its bytes."""
    async for part in read_parts(request):
        if part.name == "file":
            data = b"".join([piece async for piece in pieces(part, MOST_BYTES)])
            return (part.filename or "")[:200] or "the workflow", data
    raise ApiError(400, "invalid_request", "the form has no field 'file'")


def _too_large() -> ApiError:
    text = f"the file is larger than {MOST_BYTES} bytes, the most that is read for a workflow"
    return ApiError(413, "payload_too_large", text)


async def _imported(
    request: web.Request, source: dict[str, Any] | bytes, name: str = "the workflow"
) -> web.Response:
    service = service_of(request)
    registry = service.registry

    def read() -> models.Imported:
        from nodegraph.formats.reading import from_json, read_any  # not at the start

        reads: Any = read_any if isinstance(source, bytes) else from_json
        workflow, report = reads(source, registry, name)
        return models.Imported(workflow=workflow.to_dict(), report=_report(report))

    made = await service.blocking(read)
    made.workflow, updates = await service.updated(made.workflow)
    made.report.remarks.extend(remark_on(one) for one in updates)
    return json_answer(made)


def _report(report: Any) -> models.Report:
    remarks = [models.Remark(**remark.as_dict()) for remark in report.remarks]
    return models.Report(source=report.source, remarks=remarks)


async def export(request: web.Request) -> web.Response:
    """Write a workflow in ComfyUI's API format, and say what has no place in it."""
    body, service = await read_json(request, models.WorkflowBody), service_of(request)
    registry = service.registry
    document, _ = await service.updated(body.workflow)

    def write() -> models.Exported:
        from nodegraph.formats.comfy_export import to_api  # not at the start
        from nodegraph.formats.reading import from_json

        workflow, read = from_json(document, registry)
        prompt, report = to_api(workflow, registry)
        report.remarks[:0] = read.remarks
        report.source = read.source
        return models.Exported(prompt=prompt, report=_report(report))

    return json_answer(await service.blocking(write))


async def validate(request: web.Request) -> web.Response:
    """Everything that is wrong with a workflow, all at once; an empty list if nothing is."""
    body, service = await read_json(request, models.WorkflowBody), service_of(request)
    try:
        found = await service.problems(body.workflow, owner_of(request))
    except InvalidWorkflow as error:
        found = [*error.problems]
    problems = [models.WorkflowProblem(**problem.as_dict()) for problem in found]
    return json_answer(models.Validated(problems=problems))


_TAG = "Editor: formats"
_NONE = Answer("No workflow is in it, or a malformed one.", ErrorEnvelope)

ROUTES = (
    Route(
        "POST",
        "/api/editor/import",
        import_document,
        "Import a workflow",
        _TAG,
        body=models.ImportRequest,
        answers={
            200: Answer("The workflow and what became of it.", models.Imported),
            404: Answer("There is no such asset.", ErrorEnvelope),
            422: _NONE,
        },
    ),
    Route(
        "POST",
        "/api/editor/import/file",
        import_file,
        "Import a file",
        _TAG,
        body=models.ImportUpload,
        form=True,
        answers={
            200: Answer("The workflow and what became of it.", models.Imported),
            413: Answer("The file is too large.", ErrorEnvelope),
            422: _NONE,
        },
    ),
    Route(
        "POST",
        "/api/editor/export",
        export,
        "Export a workflow",
        _TAG,
        body=models.WorkflowBody,
        answers={200: Answer("The other format.", models.Exported), 422: _NONE},
    ),
    Route(
        "POST",
        "/api/editor/validate",
        validate,
        "Check a workflow",
        _TAG,
        body=models.WorkflowBody,
        answers={200: Answer("What is wrong with it.", models.Validated), 422: _NONE},
    ),
)
