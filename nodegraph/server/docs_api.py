"""Serves the OpenAPI document, and the page that shows it."""

from __future__ import annotations

import json
from functools import cached_property
from importlib.resources import files

from aiohttp import web
from blake3 import blake3

from nodegraph.server.docs_page import page
from nodegraph.server.openapi import document
from nodegraph.server.route import ROUTES as ADDED
from nodegraph.server.route import Answer, Route

__all__ = ["ROUTES", "setup"]

_POLICY = (
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)


class _Documents:
    """The document and the page of an application, made when they are first asked for."""

    def __init__(self, app: web.Application) -> None:
        self._app = app

    @cached_property
    def data(self) -> bytes:
        """The document as JSON."""
        return json.dumps(document(self._app[ADDED].values()), separators=(",", ":")).encode()

    @cached_property
    def page(self) -> bytes:
        """The same for people."""
        return page(json.loads(self.data), "docs.css").encode()

    @cached_property
    def style(self) -> bytes:
        """The style sheet of the page."""
        return (files("nodegraph.server") / "docs.css").read_bytes()


_DOCUMENTS: web.AppKey[_Documents] = web.AppKey("documents", _Documents)


def setup(app: web.Application) -> None:
    """Let an application describe itself."""
    app[_DOCUMENTS] = _Documents(app)


async def describe(request: web.Request) -> web.Response:
    """This document: OpenAPI 3.1, made of the code that answers."""
    return _answer(request, request.app[_DOCUMENTS].data, "application/json")


async def show(request: web.Request) -> web.Response:
    """The same as a page."""
    answer = _answer(request, request.app[_DOCUMENTS].page, "text/html")
    answer.headers["Content-Security-Policy"] = _POLICY
    return answer


async def style(request: web.Request) -> web.Response:
    """How the page looks."""
    return _answer(request, request.app[_DOCUMENTS].style, "text/css")


def _answer(request: web.Request, body: bytes, kind: str) -> web.Response:
    tag = blake3(body).hexdigest()[:32]
    headers = {"ETag": f'"{tag}"', "Cache-Control": "no-cache"}
    if any(known.value in (tag, "*") for known in request.if_none_match or ()):
        return web.Response(status=304, headers=headers)
    answer = web.Response(body=body, content_type=kind, charset="utf-8", headers=headers)
    answer.enable_compression()
    return answer


ROUTES = (
    Route(
        "GET",
        "/api/openapi.json",
        describe,
        "Describe the interface",
        "System",
        answers={200: Answer("The document.")},
        public=True,
    ),
    Route("GET", "/api/docs", show, public=True),
    Route("GET", "/api/docs.css", style, public=True),
)
