"""The editor's endpoints under `/api/editor`, from the modules of their chapters."""

from __future__ import annotations

from aiohttp import web

from nodegraph.server import (
    editor_drafts,
    editor_events,
    editor_files,
    editor_formats,
    editor_history,
    editor_nodes,
    editor_queue,
    editor_templates,
    editor_workflows,
)
from nodegraph.server.call import SERVICE, SETTINGS

__all__ = ["ROUTES", "setup"]

ROUTES = (
    *editor_workflows.ROUTES,
    *editor_drafts.ROUTES,
    *editor_formats.ROUTES,
    *editor_queue.ROUTES,
    *editor_history.ROUTES,
    *editor_events.ROUTES,
    *editor_files.ROUTES,
    *editor_nodes.ROUTES,
    *editor_templates.ROUTES,
)


def setup(app: web.Application) -> None:
    """Give an application what the handlers keep between requests."""
    editor_nodes.setup(app)
    editor_templates.setup(app)
    folder = app[SERVICE].data / "cache" / "thumbnails"
    editor_files.setup(app, folder, app[SETTINGS].max_pixels)
