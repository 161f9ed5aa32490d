"""A path of the server with all that is said of it: what answers, who may ask, what it gives."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from aiohttp import web
from aiohttp.http import HttpProcessingError
from aiohttp.typedefs import Handler
from pydantic import BaseModel

from nodegraph.errors import NodegraphError
from nodegraph.server.errors import ApiError, ErrorStyle, envelope, translate

__all__ = ["Answer", "Route", "add_routes"]

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Answer:
    """One kind of answer a route may give, for the OpenAPI document.

    Attributes:
        model: of a JSON body; None where the body is something else, or absent.
        content_type: of the body; empty if there is none.
        events: of a stream of events: name -> the model of its data.
    """

    description: str
    model: type[BaseModel] | None = None
    content_type: str = "application/json"
    events: Mapping[str, type[BaseModel]] = field(default_factory=dict)


@dataclass(frozen=True)
class Route:
    """One method and path, and the handler that answers it.

    Attributes:
        path: as aiohttp writes it, such as "/api/v2/jobs/{id}".
        summary: one line for the documentation; empty: not documented (version 1 paths).
        tag: the chapter of the documentation.
        body, query: models the handler reads with `read_json` and `read_query`.
        form: whether the body is multipart/form-data rather than JSON; `body` describes it.
        answers: by status; the errors in the envelope are added for every route.
        headers: request headers the handler looks at -> what they mean.
        public: whether it answers without a token.
        style: how its errors are written.
    """

    method: str
    path: str
    handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    summary: str = ""
    tag: str = ""
    body: type[BaseModel] | None = None
    query: type[BaseModel] | None = None
    form: bool = False
    answers: Mapping[int, Answer] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    public: bool = False
    style: ErrorStyle = envelope


def add_routes(app: web.Application, routes: Sequence[Route]) -> None:
    """Serve the routes; what a handler raises becomes an answer in the route's style."""
    for route in routes:
        added = app.router.add_route(route.method, route.path, _guarded(route))
        app[ROUTES][added] = route


ROUTES: web.AppKey[dict[web.AbstractRoute, Route]] = web.AppKey("routes", dict)
"""What was added, for the security checks and the OpenAPI document."""


def _guarded(route: Route) -> Handler:
    async def answer(request: web.Request) -> web.StreamResponse:
        try:
            return await route.handler(request)
        except ApiError as error:
            return route.style(error)
        except NodegraphError as error:
            return route.style(translate(error))
        except HttpProcessingError:  # in a part of a form; of the request itself it comes before
            text = "the form cannot be read: a part of it has malformed headers"
            return route.style(ApiError(400, "invalid_request", text))
        except (web.HTTPException, asyncio.CancelledError, ConnectionError):
            raise
        except Exception:
            _log.exception("%s %s failed", request.method, request.rel_url.raw_path)
            text = "the server failed at this; its log says why"
            return route.style(ApiError(500, "internal_error", text))

    return answer
