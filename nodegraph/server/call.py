"""What handlers need of a request: the service, who asks, the body and the query, checked."""

from __future__ import annotations

from typing import Any, TypeVar

from aiohttp import web
from pydantic import BaseModel, ValidationError

from nodegraph.jobs.service import Service
from nodegraph.server.errors import ApiError
from nodegraph.server.json_bounds import parse_json
from nodegraph.server.settings import Settings

__all__ = [
    "SERVICE",
    "SETTINGS",
    "check_may",
    "json_answer",
    "owner_of",
    "read_json",
    "read_query",
    "service_of",
    "settings_of",
]

M = TypeVar("M", bound=BaseModel)
ADMIN = "admin"

SERVICE: web.AppKey[Service] = web.AppKey("service", Service)
SETTINGS: web.AppKey[Settings] = web.AppKey("settings", Settings)
OWNER: web.RequestKey[str] = web.RequestKey("owner", str)
"""The key under which the security checks leave who asks."""


def service_of(request: web.Request) -> Service:
    return request.app[SERVICE]


def settings_of(request: web.Request) -> Settings:
    return request.app[SETTINGS]


def owner_of(request: web.Request) -> str:
    """Whose jobs, assets and workflows the request may see."""
    owner: str = request.get(OWNER, "local")
    return owner


def check_may(request: web.Request, what: str) -> None:
    """Where several people use a server, none but the one called `admin` rules over others.

    Args:
        what: they want, for the message.

    Raises:
        ApiError: 403 `forbidden`.
    """
    users = set(settings_of(request).tokens.values())
    if len(users) > 1 and owner_of(request) != ADMIN:
        text = f"only the user '{ADMIN}' may {what}: several people use this server"
        raise ApiError(403, "forbidden", text)


async def read_json(request: web.Request, model: type[M]) -> M:
    """The JSON body as a model.

    Raises:
        ApiError: 400 `invalid_request`: it is not JSON, or not of this shape; 413: too long.
    """
    return _checked(model, await read_value(request), "body")


async def read_value(request: web.Request) -> Any:
    """The JSON body as it is.

    Raises:
        ApiError: 400 `invalid_request`: it is not JSON or nested too deeply; 413: too long.
    """
    try:
        return parse_json(await request.read())
    except web.HTTPRequestEntityTooLarge:
        most = settings_of(request).max_json
        text = f"the body is longer than the {most} bytes that are taken"
        raise ApiError(413, "payload_too_large", text) from None


def read_query(request: web.Request, model: type[M]) -> M:
    """The query parameters as a model.

    Raises:
        ApiError: 400 `invalid_request`.
    """
    values: dict[str, Any] = {}
    for name in request.query:
        found = request.query.getall(name)
        values[name] = found[0] if len(found) == 1 else found
    return _checked(model, values, "query")


def json_answer(model: BaseModel, status: int = 200) -> web.Response:
    """A model as the answer."""
    text = model.model_dump_json(exclude_none=False)
    return web.Response(status=status, text=text, content_type="application/json")


def _checked(model: type[M], value: Any, where: str) -> M:
    try:
        return model.model_validate(value)
    except ValidationError as error:
        problems = [
            {
                "field": ".".join(str(part) for part in (where, *found["loc"])),
                "message": found["msg"],
                "got": repr(found["input"])[:200],
            }
            for found in error.errors(include_url=False, include_context=False)
        ]
        first = problems[0]
        text = f"{first['field']}: {first['message']}, got {first['got']}"
        raise ApiError(400, "invalid_request", text, {"problems": problems}) from None
