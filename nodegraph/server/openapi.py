"""The OpenAPI 3.1 document, made of the routes and of the models that their handlers use.

Nothing in it is written by hand a second time: summaries, bodies, queries and answers are those
of the `Route`s, descriptions are the docstrings of handlers and models.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable
from typing import Any, Literal

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

import nodegraph
from nodegraph.server.models import ErrorEnvelope
from nodegraph.server.route import Answer, Route

__all__ = ["PARAMETER", "document"]

PARAMETER = re.compile(r"\{(\w+)(?::[^{}]*)?\}")
"""A part of a path as aiohttp writes it."""
_REFERENCE = "#/components/schemas/{model}"
_SECTIONS = re.compile(r"\n\s*(Args|Raises|Returns|Attributes):\n")
_PARAMETERS = {
    "id": "As it was given by the server.",
    "name": "With folders before it, if any: `a/b` is written `a%2Fb`.",
    "hash": "`blake3:<hex>`",
}
_ABOUT = """\
Jobs, assets and events for programs under `/api/v2`, which is the contract of the official
Comfy clients; workflows, drafts, queue, history and everything else an editor needs under
`/api/editor`.

Errors are `{"error": {"code", "message", "details"}}`. Where the server asks for tokens, a
request carries `Authorization: Bearer TOKEN`. Bodies are JSON and say so with
`Content-Type: application/json`, except uploads, which are `multipart/form-data`.
"""

_Key = tuple[type[BaseModel], JsonSchemaMode]


def document(routes: Iterable[Route]) -> dict[str, Any]:
    """The document of those routes that have a summary."""
    shown = [route for route in routes if route.summary]
    schemas = _Schemas(shown)
    paths: dict[str, dict[str, Any]] = {}
    for route in shown:
        path = PARAMETER.sub(r"{\1}", route.path)
        paths.setdefault(path, {})[route.method.lower()] = _operation(route, path, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "nodegraph",
            "version": nodegraph.__version__,
            "description": _ABOUT,
            "license": {"name": "Apache 2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": tag} for tag in dict.fromkeys(route.tag for route in shown) if tag],
        "security": [{}, *({name: []} for name in _SECURITY)],
        "paths": paths,
        "components": {
            "schemas": schemas.components,
            "responses": {
                "Error": {
                    "description": "It was refused or failed; the envelope says why.",
                    "content": _json(schemas.of(ErrorEnvelope, "serialization")),
                }
            },
            "securitySchemes": _SECURITY,
        },
    }


_SECURITY: dict[str, dict[str, str]] = {
    "token": {"type": "http", "scheme": "bearer", "description": "A token of this server."},
}


class _Schemas:
    """The models of routes as components: for bodies as they are read, else as written."""

    def __init__(self, routes: list[Route]) -> None:
        keys: dict[_Key, None] = {(ErrorEnvelope, "serialization"): None}
        for route in routes:
            if route.body is not None:
                keys[route.body, "validation"] = None
            for answer in route.answers.values():
                for model in (answer.model, *answer.events.values()):
                    if model is not None:
                        keys[model, "serialization"] = None
        self._known, made = models_json_schema([*keys], ref_template=_REFERENCE)
        self.components: dict[str, Any] = made.get("$defs", {})

    def of(
        self, model: type[BaseModel], mode: Literal["validation", "serialization"]
    ) -> dict[str, Any]:
        """The reference to a model."""
        return self._known[model, mode]


def _operation(route: Route, path: str, schemas: _Schemas) -> dict[str, Any]:
    made: dict[str, Any] = {
        "operationId": _name(route.method, path),
        "summary": route.summary,
        "description": _described(route.handler),
        "responses": {
            str(status): _answer(answer, schemas) for status, answer in route.answers.items()
        },
    }
    made["responses"]["default"] = {"$ref": "#/components/responses/Error"}
    if route.tag:
        made["tags"] = [route.tag]
    if route.public:
        made["security"] = []
    if parameters := [*_path(path), *_query(route.query), *_headers(route)]:
        made["parameters"] = parameters
    if route.body is not None:
        kind = "multipart/form-data" if route.form else "application/json"
        content = {kind: {"schema": schemas.of(route.body, "validation")}}
        made["requestBody"] = {"required": True, "content": content}
    return made


def _name(method: str, path: str) -> str:
    words = [part.strip("{}") for part in path.split("/") if part not in ("", "api")]
    return "_".join([method.lower(), *words]).replace("-", "_").replace(".", "_")


def _described(thing: Any) -> str:
    """A docstring without the sections for readers of the code."""
    return _SECTIONS.split(inspect.getdoc(thing) or "")[0].strip()


def _answer(answer: Answer, schemas: _Schemas) -> dict[str, Any]:
    made: dict[str, Any] = {"description": answer.description}
    if answer.model is not None:
        made["content"] = {
            answer.content_type: {"schema": schemas.of(answer.model, "serialization")}
        }
    elif answer.content_type:
        text = answer.content_type.startswith("text/")
        made["content"] = {answer.content_type: {"schema": {"type": "string"}} if text else {}}
    if answer.events:
        made["x-events"] = {
            name: schemas.of(model, "serialization") for name, model in answer.events.items()
        }
    return made


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


def _path(path: str) -> Iterable[dict[str, Any]]:
    for name in PARAMETER.findall(path):
        yield {
            "name": name,
            "in": "path",
            "required": True,
            "description": _PARAMETERS.get(name, ""),
            "schema": {"type": "string", "minLength": 1},
        }


def _query(model: type[BaseModel] | None) -> Iterable[dict[str, Any]]:
    if model is None:
        return
    schema = model.model_json_schema(ref_template=_REFERENCE)
    for name, found in schema["properties"].items():
        fields = {key: value for key, value in found.items() if key not in ("title", "description")}
        yield {
            "name": name,
            "in": "query",
            "required": name in schema.get("required", ()),
            "description": found.get("description", ""),
            "schema": _without_null(fields),
        }


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """What can be written in a query: a parameter is left out rather than null."""
    kinds = [kind for kind in schema.get("anyOf", ()) if kind != {"type": "null"}]
    if not kinds or len(kinds) == len(schema["anyOf"]):
        return schema
    rest = {k: v for k, v in schema.items() if k != "anyOf" and (k, v) != ("default", None)}
    return {**rest, **kinds[0]} if len(kinds) == 1 else {**rest, "anyOf": kinds}


def _headers(route: Route) -> Iterable[dict[str, Any]]:
    for name, meaning in route.headers.items():
        yield {
            "name": name,
            "in": "header",
            "required": False,
            "description": meaning,
            "schema": {"type": "string"},
        }
