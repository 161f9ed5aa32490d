"""Whether the server is up: the first thing a client or a supervisor asks."""

from __future__ import annotations

from typing import Literal

from aiohttp import web
from pydantic import BaseModel

import nodegraph
from nodegraph.server.call import json_answer, service_of
from nodegraph.server.route import Answer, Route

__all__ = ["ROUTES", "Health"]


class Health(BaseModel):
    """The server answers; `worker` says how the process stands that runs the nodes."""

    status: Literal["ok"] = "ok"
    version: str = nodegraph.__version__
    worker: str


async def health(request: web.Request) -> web.Response:
    """Answers at once, whatever a node does."""
    state = service_of(request).system()["worker"]["state"]
    return json_answer(Health(worker=state))


ROUTES = (
    Route(
        "GET",
        "/api/v2/health",
        health,
        "Whether the server is up",
        "System",
        answers={200: Answer("It is.", Health)},
        public=True,
    ),
)
