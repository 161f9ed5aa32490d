"""Who may ask for what: every request passes here before its handler, every answer after it.

In this order: the Host is ours; no page of a stranger asks; not too often; a token says who it
is, where tokens are asked for; the body is of a kind that no stranger's page can send, and not
longer than is taken. What is refused is answered in the style of the route.
"""

from __future__ import annotations

import asyncio
import logging
import warnings
from pathlib import Path

from aiohttp import BadContentDispositionHeader, BadContentDispositionParam, web
from aiohttp.typedefs import Handler, Middleware

from nodegraph.errors import NodegraphError
from nodegraph.server.call import OWNER
from nodegraph.server.errors import ApiError, envelope
from nodegraph.server.headers import SENDER, add_headers, preflight
from nodegraph.server.listening import is_loopback
from nodegraph.server.origins import Origins, Sender
from nodegraph.server.rates import LOCAL, REMOTE, Rates, client_of, is_local
from nodegraph.server.route import ROUTES, Route
from nodegraph.server.sessions import Sessions, load_key
from nodegraph.server.settings import Settings

__all__ = ["IDLE_SECONDS", "OpenServer", "protect", "refuse_open"]

_log = logging.getLogger(__name__)

IDLE_SECONDS = 75.0
"""How long a connection may take for the headers of a request, or rest between two."""
SLOW_SECONDS = 30.0
SLOW_BYTES = 16 * 1024
"""A body of which less comes in that time is given up."""
_GUESSES = 40
"""How many wrong tokens an address may try at once."""
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class OpenServer(NodegraphError):
    """A server that other machines reach would answer whoever asks."""


def refuse_open(settings: Settings) -> None:
    """Refuse to serve other machines without asking for a token.

    Raises:
        OpenServer: says what to do.
    """
    if not settings.tokens and not is_loopback(settings.host):
        raise OpenServer(
            f"--host {settings.host} can be reached from other machines: that needs a --token, "
            "or one made by 'nodegraph token add NAME'"
        )


def protect(app: web.Application, settings: Settings, data: Path) -> None:
    """Put the checks in front of an application's routes.

    Args:
        data: the data directory, where the key of the sessions is kept.
    """
    door = _Door(settings, load_key(data / "session.key") if settings.tokens else bytes(32))
    for kind in (BadContentDispositionHeader, BadContentDispositionParam):
        warnings.simplefilter("ignore", kind)  # would write a client's bytes to stderr
    app.middlewares.append(door.middleware())
    app.on_response_prepare.append(add_headers)


class _Door:
    """The checks of one server."""

    def __init__(self, settings: Settings, key: bytes) -> None:
        self._settings = settings
        self._asks = bool(settings.tokens)  # for good: no later removal of tokens opens the door
        self._origins, self._rates = Origins(settings), Rates()
        self._sessions = Sessions(settings, key)

    def middleware(self) -> Middleware:
        @web.middleware
        async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
            route = request.app[ROUTES].get(request.match_info.route)
            style = route.style if route is not None else envelope
            try:
                early = self._check(request, route)
                if early is not None:
                    return early
                if request.content.is_eof():
                    return await handler(request)
                return await _in_time(request, handler)
            except ApiError as error:
                _log.info("%s %s: %s", request.method, request.rel_url.raw_path, error.code)
                return style(error)
            except web.HTTPException as error:
                if error.status < 400:
                    raise
                return style(_known(error, self._settings))

        return check

    def _check(self, request: web.Request, route: Route | None) -> web.Response | None:
        sender = self._origins.check(request)
        request[SENDER] = sender
        if request.method == "OPTIONS" and sender.allowed_origin is not None:
            return preflight(sender.allowed_origin)
        if self._asks:
            if (visit := self._open_session(request)) is not None:
                return visit
            request[OWNER] = self._user(request, route, sender)
        else:
            self._count(request, "")
        if request.method not in _SAFE:
            _check_sender(request, sender)
            if request.body_exists:
                _check_body(request, route, self._settings)
        return None

    def _count(self, request: web.Request, user: str, *, guess: bool = False) -> None:
        """Each user, and all who are nobody, have a bucket for each address."""
        address = request.remote or ""
        rate = LOCAL if is_local(address) else REMOTE
        cost = rate.burst / _GUESSES if guess else 1.0
        wait = self._rates.take(f"{user} {client_of(address)}", rate, cost)
        if wait:
            after = {"Retry-After": str(max(1, round(wait)))}
            raise ApiError(429, "too_many_requests", "too many requests at once", None, after)

    def _user(self, request: web.Request, route: Route | None, sender: Sender) -> str:
        """Whose request it is.

        Raises:
            ApiError: 401 `unauthorized`: no token, or a wrong one.
        """
        sessions = self._sessions
        token = sessions.of_header(request)
        if token is None and _is_stream(request):
            token = request.query.get("token")
        user = sessions.of_token(token) if token is not None else sessions.of_cookie(request)
        if user is not None:
            self._count(request, user)
            return user
        wrong = token is not None
        self._count(request, "", guess=wrong)
        if route is not None and route.public and not wrong:
            return _NOBODY
        raise _unauthorized(wrong)

    def _open_session(self, request: web.Request) -> web.Response | None:
        """The answer to a page opened with `?token=`: a cookie, and the page without the token."""
        if request.method != "GET" or "token" not in request.query or _is_stream(request):
            return None
        if "text/html" not in request.headers.get("Accept", ""):
            return None
        if request.headers.get("Sec-Fetch-Site") not in (None, "none", "same-origin"):
            text = "a link on another page cannot sign you in: paste the address instead"
            raise ApiError(403, "foreign_origin", text)
        token = request.query["token"]
        user = self._sessions.of_token(token)
        if user is None:
            self._count(request, "", guess=True)
            raise _unauthorized(wrong=True)
        self._count(request, user)
        rest = request.rel_url.without_query_params("token").raw_query_string
        path = "/" + request.rel_url.raw_path.lstrip("/\\")  # never to another host
        answer = web.Response(status=303)
        answer.headers["Location"] = f"{path}?{rest}" if rest else path
        answer.headers["Cache-Control"] = "no-store"
        forwarded = request.headers.get("X-Forwarded-Proto") == "https"
        self._sessions.give(answer, token, secure=request.secure or forwarded)
        return answer


_NOBODY = "@nobody"
"""Who asks for what is public, without a token; owns nothing."""


def _check_sender(request: web.Request, sender: Sender) -> None:
    """What changes something comes from our own page, or from a script, which no page can be."""
    if not sender.ours and sender.page and "Authorization" not in request.headers:
        text = "a browser says with Origin what page a change comes from; this request does not"
        raise ApiError(403, "foreign_origin", text)


def _check_body(request: web.Request, route: Route | None, settings: Settings) -> None:
    """The body is of the kind that the route reads, as it is, and not too long."""
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise ApiError(415, "unsupported_media_type", "send the body without Content-Encoding")
    kind = request.content_type
    form = route is not None and route.form
    if route is not None and route.summary:
        expected = "multipart/form-data" if form else "application/json"
        if kind != expected:
            text = f"this path takes Content-Type: {expected}, got {kind[:100]!a}"
            raise ApiError(415, "unsupported_media_type", text)
    # Version 1 clients say many things or nothing of their JSON; who they are is known by now.
    most = settings.max_upload if form or kind == "multipart/form-data" else settings.max_json
    if (request.content_length or 0) > most:
        raise _too_large(most)


async def _in_time(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Handle a request whose body still comes; hang up on one that hardly does."""
    watch = asyncio.get_running_loop().create_task(_watch(request))
    try:
        return await handler(request)
    finally:
        watch.cancel()


async def _watch(request: web.Request) -> None:
    body, seen = request.content, 0
    while True:
        await asyncio.sleep(SLOW_SECONDS)
        if body.is_eof():
            return
        if body.total_bytes - seen < SLOW_BYTES and request.transport is not None:
            _log.info("%s %s: hardly a body", request.method, request.rel_url.raw_path)
            request.transport.abort()
            return
        seen = body.total_bytes


def _is_stream(request: web.Request) -> bool:
    """Whether it is a WebSocket or an event stream, for which browsers send no headers of ours."""
    if request.method != "GET":
        return False
    headers = request.headers
    upgrade = headers.get("Upgrade", "").lower() == "websocket"
    return upgrade or "text/event-stream" in headers.get("Accept", "")


def _unauthorized(wrong: bool) -> ApiError:
    text = (
        "this token is not known here"
        if wrong
        else "this server asks for a token: send 'Authorization: Bearer TOKEN', "
        "or open it in a browser with ?token=TOKEN"
    )
    return ApiError(401, "unauthorized", text, None, {"WWW-Authenticate": "Bearer"})


def _too_large(most: int) -> ApiError:
    return ApiError(413, "payload_too_large", f"more than the {most} bytes that are taken")


def _known(error: web.HTTPException, settings: Settings) -> ApiError:
    """What aiohttp refuses by itself, in our words."""
    if isinstance(error, web.HTTPMethodNotAllowed):
        allowed = ", ".join(sorted(error.allowed_methods))
        text = f"this path takes {allowed}"
        return ApiError(405, "method_not_allowed", text, None, {"Allow": allowed})
    if isinstance(error, web.HTTPRequestEntityTooLarge):
        return _too_large(settings.max_json)
    if error.status == 404:
        return ApiError(404, "not_found", "there is no such path")
    code = "internal_error" if error.status >= 500 else "invalid_request"
    return ApiError(error.status, code, error.reason)
