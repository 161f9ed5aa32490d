"""The aiohttp application: every route there is, behind the security checks."""

from __future__ import annotations

from aiohttp import web

from nodegraph.jobs.service import Service
from nodegraph.server import (
    assets_api,
    comfy_v1,
    comfy_v1_files,
    comfy_v1_front,
    comfy_v1_history,
    comfy_v1_jobs,
    comfy_v1_userdata,
    comfy_v1_ws,
    docs_api,
    editor_api,
    front_end,
    health,
    jobs_api,
    metrics,
    object_info,
    stream,
    webhooks,
)
from nodegraph.server.call import SERVICE, SETTINGS
from nodegraph.server.comfy_v1_looks import LOOKS, Looks
from nodegraph.server.counts import COUNTS, Counts
from nodegraph.server.logs import observe
from nodegraph.server.route import ROUTES, Route, add_routes
from nodegraph.server.security import protect
from nodegraph.server.settings import Settings

__all__ = ["all_routes", "make_app"]


def make_app(service: Service, settings: Settings) -> web.Application:
    """The server over a service that is running; whoever made the service stops it."""
    app = web.Application(client_max_size=settings.max_json)
    app[SERVICE], app[SETTINGS], app[ROUTES] = service, settings, {}
    app[COUNTS] = Counts()
    observe(app)
    protect(app, settings, service.data)
    stream.setup(app)
    webhooks.setup(app)
    comfy_v1_files.setup(app)
    app[LOOKS] = Looks()
    editor_api.setup(app)
    docs_api.setup(app)
    add_routes(app, all_routes())
    comfy_v1_ws.add_board(app, service)
    return app


def all_routes() -> tuple[Route, ...]:
    """Everything that is served, in the order in which paths are tried."""
    return (
        *health.ROUTES,
        *metrics.ROUTES,
        *jobs_api.ROUTES,
        *stream.ROUTES,
        *assets_api.ROUTES,
        *editor_api.ROUTES,
        *docs_api.ROUTES,
        *comfy_v1_ws.ROUTES,
        *comfy_v1.ROUTES,
        *comfy_v1_history.ROUTES,
        *comfy_v1_jobs.ROUTES,
        *comfy_v1_files.ROUTES,
        *object_info.ROUTES,
        *comfy_v1_front.ROUTES,
        *comfy_v1_userdata.ROUTES,
        *front_end.ROUTES,  # last: what nothing else answers
    )
