"""What every answer says to browsers: show nothing as what it is not, run nothing but ours."""

from __future__ import annotations

from aiohttp import web

from nodegraph.server.origins import Sender

__all__ = ["NOTHING_POLICY", "PAGE_POLICY", "SENDER", "add_headers", "preflight"]

SENDER: web.RequestKey[Sender] = web.RequestKey("sender", Sender)
"""The key under which the security checks leave who sent a request."""

PAGE_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' blob: data:",
        "media-src 'self' blob:",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "worker-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
"""Of our pages: scripts and styles from files of this server only, no eval, no inline script."""
NOTHING_POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
"""Of what is no page."""

_ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_READABLE = "Content-Disposition, Content-Range, ETag, Location, Retry-After"
_METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE"
_SENDABLE = "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, Range"


async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Say it, except where a handler said something else with reason (a front end's own policy)."""
    headers = response.headers
    for name, value in _ALWAYS.items():
        headers.setdefault(name, value)
    if "Content-Security-Policy" not in headers:
        page = response.content_type == "text/html"
        headers["Content-Security-Policy"] = PAGE_POLICY if page else NOTHING_POLICY
    headers["Server"] = "nodegraph"
    headers.setdefault("Cache-Control", "no-store")
    sender = request.get(SENDER)
    if sender is not None and sender.allowed_origin is not None:
        headers["Access-Control-Allow-Origin"] = sender.allowed_origin
        headers["Access-Control-Expose-Headers"] = _READABLE
        headers.add("Vary", "Origin")


def preflight(origin: str) -> web.Response:
    """The answer to a page of an allowed origin that asks what it may send."""
    headers = {
        "Access-Control-Allow-Methods": _METHODS,
        "Access-Control-Allow-Headers": _SENDABLE,
        "Access-Control-Max-Age": "600",
    }
    return web.Response(status=204, headers=headers)
