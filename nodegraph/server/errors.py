"""Errors as clients see them: one envelope, the codes of the contract, never a traceback."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from aiohttp import web

from nodegraph.errors import InvalidWorkflow, NodegraphError, NoWorkflow, Problem, WorkflowFileError
from nodegraph.jobs import errors as jobs

__all__ = ["ApiError", "ErrorStyle", "envelope", "translate"]


class ApiError(Exception):
    """An answer that is not a success.

    Attributes:
        status: of HTTP.
        code: one of the contract's codes, for programs.
        message: one or two sentences, for people.
        details: more for programs, such as all problems of a workflow.
        headers: of the answer, such as Retry-After.
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        details: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message
        self.details, self.headers = dict(details or {}), dict(headers or {})


ErrorStyle = Callable[[ApiError], web.Response]
"""How a family of paths writes its errors."""


def envelope(error: ApiError) -> web.Response:
    """`{"error": {"code", "message", "details"}}`, the form of the contract."""
    body = {"error": {"code": error.code, "message": error.message, "details": error.details}}
    return web.Response(
        status=error.status,
        text=json.dumps(body),
        content_type="application/json",
        headers=error.headers,
    )


_KNOWN: tuple[tuple[type[NodegraphError], int, str], ...] = (
    (jobs.NotFound, 404, "not_found"),
    (jobs.UiFormat, 422, "workflow_format_ui"),
    (jobs.MissingAsset, 422, "missing_asset"),
    (jobs.IdempotencyMismatch, 422, "idempotency_key_reuse"),
    (jobs.QueueFull, 429, "queue_full"),
    (jobs.TooLarge, 413, "payload_too_large"),
    (jobs.WrongState, 409, "wrong_state"),
    (jobs.Conflict, 409, "conflict"),
    (jobs.Starting, 503, "starting"),
    (jobs.StoreError, 503, "store_unavailable"),
    (NoWorkflow, 422, "no_workflow"),
    (WorkflowFileError, 422, "invalid_workflow"),
)
_RETRY_SECONDS = {"queue_full": "5", "starting": "1", "store_unavailable": "5"}


def translate(error: NodegraphError) -> ApiError:
    """What a client is told when the service refuses something."""
    if isinstance(error, InvalidWorkflow):
        problems = [problem.as_dict() for problem in error.problems]
        details = {"problems": problems, "node_errors": _by_node(error.problems)}
        return ApiError(422, "invalid_workflow", str(error), details)
    for kind, status, code in _KNOWN:
        if isinstance(error, kind):
            retry = _RETRY_SECONDS.get(code)
            headers = {"Retry-After": retry} if retry else {}
            return ApiError(status, code, str(error), _details(error), headers)
    return ApiError(500, "internal_error", str(error))


def _by_node(problems: Sequence[Problem]) -> dict[str, list[dict[str, str | None]]]:
    """Problems of nodes in the form of the contract."""
    found: dict[str, list[dict[str, str | None]]] = {}
    for problem in problems:
        if problem.node is not None:
            told = {"field": problem.field, "reason": problem.code, "message": problem.message}
            found.setdefault(problem.node, []).append(told)
    return found


def _details(error: NodegraphError) -> dict[str, Any]:
    if isinstance(error, jobs.Conflict):
        return {"version": error.version}
    if isinstance(error, jobs.MissingAsset):
        return {"node": error.node, "field": error.field}
    return {}
