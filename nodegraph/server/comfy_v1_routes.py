"""What the handlers of version 1 share: paths with and without the prefix, plain JSON answers."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from nodegraph.server.comfy_v1_errors import error_answer
from nodegraph.server.route import Route

__all__ = ["answer", "both"]


def both(
    method: str,
    path: str,
    handler: Callable[[web.Request], Awaitable[web.StreamResponse]],
    *,
    form: bool = False,
) -> tuple[Route, Route]:
    """A path of version 1, and the same under `/api`."""
    return (
        Route(method, path, handler, form=form, style=error_answer),
        Route(method, f"/api{path}", handler, form=form, style=error_answer),
    )


def answer(value: Any, status: int = 200) -> web.Response:
    """A JSON value as the answer."""
    return web.Response(status=status, text=json.dumps(value), content_type="application/json")
