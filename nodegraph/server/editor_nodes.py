"""What an editor composes with: node types, models, plugins; and figures of the system."""

from __future__ import annotations

import json
import logging
import re
from collections import Counter
from typing import Annotated, Any

from aiohttp import web
from blake3 import blake3
from pydantic import BaseModel, Field

from nodegraph.graph.translate import ENGLISH, Locale, load_locale, translated
from nodegraph.jobs.errors import Starting
from nodegraph.jobs.service import Service
from nodegraph.server import editor_models as models
from nodegraph.server.call import json_answer, owner_of, read_query, service_of
from nodegraph.server.editor_colours import colours
from nodegraph.server.route import Answer, Route

__all__ = ["ROUTES", "setup"]

_log = logging.getLogger(__name__)
_PLAIN = {
    "bool": "Yes or no",
    "float": "Number",
    "int": "Whole number",
    "object": "Anything",
    "str": "Text",
}
_WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


class NodesQuery(BaseModel):
    """In which language to describe the node types."""

    language: Annotated[str, Field(pattern="^[a-z]{2,3}(-[A-Za-z0-9]{2,8})?$", examples=["de"])] = (
        "en"
    )


class _Catalogue:
    """The description of the node types as it is sent; made anew when there are others."""

    def __init__(self) -> None:
        self._of: dict[str, Any] | None = None
        self._made: dict[tuple[str, ...], tuple[bytes, str]] = {}

    def take(self, service: Service, language: str) -> tuple[bytes, str]:
        """The body in a language, and its tag."""
        description = _description(service)
        if description is not self._of:
            self._of, self._made = description, {}
        locales = _locales(service, language)
        key = (language,) if locales else ()  # a language that no pack has is English
        if key not in self._made:
            body = json.dumps(_described(description, locales), separators=(",", ":")).encode()
            self._made[key] = body, blake3(body).hexdigest()[:32]
        return self._made[key]


def _locales(service: Service, language: str) -> dict[str, Locale]:
    """Pack -> its texts. One whose catalogue is broken stays English, and the log says why."""
    found: dict[str, Locale] = {}
    for pack in service.packs() if language != ENGLISH else ():
        try:
            locale = load_locale(pack["module"], language)
        except ValueError as error:
            _log.warning("the texts of pack '%s' cannot be read: %s", pack["name"], error)
            continue
        if locale is not None:
            found[pack["module"].partition(".")[0]] = locale
    return found


_CATALOGUE: web.AppKey[_Catalogue] = web.AppKey("catalogue", _Catalogue)


def setup(app: web.Application) -> None:
    """Give an application its catalogue."""
    app[_CATALOGUE] = _Catalogue()


async def nodes(request: web.Request) -> web.StreamResponse:
    """All node types with their inputs, widgets and outputs; wire types with their colours.

    In another language their texts are those that the packs bring along, or English. Send the
    ETag of the answer before in If-None-Match: 304 says that nothing has changed.
    """
    language = read_query(request, NodesQuery).language
    body, tag = request.app[_CATALOGUE].take(service_of(request), language)
    headers = {"ETag": f'"{tag}"', "Cache-Control": "no-cache", "Vary": "Accept-Encoding"}
    for known in request.if_none_match or ():
        if known.value in (tag, "*"):
            return web.Response(status=304, headers=headers)
    answer = web.Response(
        body=body, content_type="application/json", charset="utf-8", headers=headers
    )
    answer.enable_compression()
    return answer


def _description(service: Service) -> dict[str, Any]:
    found = service.description()
    if found is None:
        raise Starting("the node types are still being loaded; try again in a moment")
    return found


def _described(english: dict[str, Any], locales: dict[str, Locale]) -> dict[str, Any]:
    description = translated(english, locales)
    words = {name: word for locale in locales.values() for name, word in locale.types.items()}
    bases: dict[str, list[str]] = description["wire_types"]
    made = colours(bases)
    types = {
        name: {
            "display_name": words.get(name, _words(name)),
            "bases": bases[name],
            "colour": {"light": made[name][0], "dark": made[name][1]},
        }
        for name in bases
    }
    aliases = {alias: node["name"] for node in description["nodes"] for alias in node["aliases"]}
    return {**description, "types": types, "aliases": aliases}


def _words(name: str) -> str:
    """`TextEncoder` -> `Text encoder`; what is written in capitals stays."""
    if name in _PLAIN:
        return _PLAIN[name]
    first, *rest = _WORDS.sub(" ", name).split(" ")
    small = [word if word.isupper() else word.lower() for word in rest]
    return " ".join([first[:1].upper() + first[1:], *small])


async def list_models(request: web.Request) -> web.Response:
    """The names that model inputs may have, by kind (`folder` of a model widget)."""
    files = service_of(request).files(owner_of(request))

    def find() -> dict[str, list[str]]:
        return {kind: files.models(kind) for kind in files.model_kinds()}

    return json_answer(models.ModelList(models=await service_of(request).blocking(find)))


async def plugins(request: web.Request) -> web.Response:
    """The node packs that are installed, and why one is disabled."""
    service = service_of(request)
    counted = Counter(node["pack"] for node in _description(service)["nodes"])
    found = [
        models.Plugin(**pack, nodes=counted[pack["module"].partition(".")[0]])
        for pack in service.packs()
    ]
    return json_answer(models.PluginList(plugins=found))


async def system(request: web.Request) -> web.Response:
    """The machine, the worker that runs the nodes, and how many jobs wait."""
    service = service_of(request)
    counts = await service.queue()
    return json_answer(
        models.SystemFigures(
            **service.system(),
            queued=counts.queued,
            running=counts.running,
            paused=counts.paused,
        )
    )


async def free(request: web.Request) -> web.Response:
    """Let go of the values and models in memory as soon as no job runs."""
    await service_of(request).free()
    return web.Response(status=204)


_TAG = "Editor: nodes and system"

ROUTES = (
    Route(
        "GET",
        "/api/editor/nodes",
        nodes,
        "Node types",
        _TAG,
        query=NodesQuery,
        answers={
            200: Answer("All of them.", models.NodeList),
            304: Answer("They are those of the ETag.", content_type=""),
        },
        headers={"If-None-Match": "The ETag of the answer before."},
    ),
    Route(
        "GET",
        "/api/editor/models",
        list_models,
        "Models",
        _TAG,
        answers={200: Answer("Their names.", models.ModelList)},
    ),
    Route(
        "GET",
        "/api/editor/plugins",
        plugins,
        "Node packs",
        _TAG,
        answers={200: Answer("All of them.", models.PluginList)},
    ),
    Route(
        "GET",
        "/api/editor/system",
        system,
        "Figures of the system",
        _TAG,
        answers={200: Answer("At this moment.", models.SystemFigures)},
    ),
    Route(
        "POST",
        "/api/editor/free",
        free,
        "Free memory",
        _TAG,
        answers={204: Answer("It is asked for.", content_type="")},
    ),
)
