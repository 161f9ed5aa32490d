"""`/object_info`: the node types as version 1 clients read them, made from our descriptions.

A type that ComfyUI has under another name is there under both. What only we have of an input
(`format` of SaveImage) is optional, so that a prompt made for ComfyUI lacks nothing.
"""

from __future__ import annotations

import json
import mimetypes
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from aiohttp import web

from nodegraph.formats.aliases import COMFY_CLASSES, OWN
from nodegraph.jobs.errors import NotFound
from nodegraph.jobs.service import Service
from nodegraph.server.call import owner_of, service_of
from nodegraph.server.comfy_v1_routes import both
from nodegraph.server.comfy_v1_types import comfy_type, comfy_types

__all__ = ["ROUTES", "Listing", "class_info", "classes", "input_files"]

Listing = Callable[[str], Sequence[str]]
"""The names of the models or input files of a kind."""

MOST_FILES = 10_000
_MOST = 2**53 - 1
"""The largest whole number that JavaScript holds exactly."""
_UPLOADS = ("image", "audio", "video")
_SUFFIXES = {"latent": (".latent", ".safetensors"), "text": (".txt", ".md", ".json")}
_HIDDEN = {"prompt": "PROMPT", "extra_pnginfo": "EXTRA_PNGINFO"}


def classes(description: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every class name, aliases included, with the description of its node type."""
    for node in description["nodes"]:
        for name in (node["name"], *node["aliases"]):
            yield name, node


def class_info(
    name: str, node: Mapping[str, Any], models: Listing, files: Listing
) -> dict[str, Any]:
    """What a client is told of one class."""
    inputs: dict[str, dict[str, Any]] = {"required": {}, "optional": {}}
    own = OWN.get(name, ())
    for spec in node["inputs"]:
        open_link = "widget" not in spec and not spec["required"]
        optional = spec["optional"] or open_link or spec["name"] in own
        group = inputs["optional" if optional else "required"]
        group[spec["name"]] = _input(spec, models, files)
    if node["effect"]:
        inputs["hidden"] = dict(_HIDDEN)
    outputs = [_output(name, output) for output in node["outputs"]]
    module = node["pack"]
    return {
        "input": inputs,
        "input_order": {group: list(made) for group, made in inputs.items()},
        "output": [kind for kind, _ in outputs],
        "output_is_list": [output["wire"]["list"] for output in node["outputs"]],
        "output_name": [shown for _, shown in outputs],
        "name": name,
        "display_name": node["display_name"],
        "description": node["description"],
        "python_module": module if module == "nodes" else f"custom_nodes.{module}",
        "category": node["category"],
        "output_node": node["effect"],
        "deprecated": node["deprecated"],
        "experimental": False,
        "api_node": False,
    }


def _output(class_name: str, output: Mapping[str, Any]) -> tuple[str, str]:
    """Type and name; ComfyUI names an output like its type unless it has several of one."""
    kind = comfy_types(output["type"])
    plain = {comfy_type(one) for one in output["wire"]["types"]} | {kind}
    same = output["name"].upper() in plain or output["name"] in output["wire"]["types"]
    return kind, kind if same and class_name in COMFY_CLASSES else output["name"]


def _input(spec: Mapping[str, Any], models: Listing, files: Listing) -> list[Any]:
    """`[TYPE or choices, {options}]`."""
    options: dict[str, Any] = {}
    if spec.get("default") is not None:
        options["default"] = spec["default"]
    if spec["help"]:
        options["tooltip"] = spec["help"]
    if spec["lazy"]:
        options["lazy"] = True
    widget = spec.get("widget")
    if widget is None:
        return [comfy_types(spec["type"]), options]
    kind, more = _widget(spec, widget, models, files)
    return [kind, {**options, **more}]


def _widget(
    spec: Mapping[str, Any], widget: Mapping[str, Any], models: Listing, files: Listing
) -> tuple[str | list[Any], dict[str, Any]]:
    """Type or choices of an input that can be written, and how it is asked for."""
    low, high = widget.get("min"), widget.get("max")
    match widget["kind"]:
        case "bool":
            return "BOOLEAN", {}
        case "int":
            limits = {"min": -_MOST if low is None else low, "max": _MOST if high is None else high}
            return "INT", {**limits, "step": widget.get("step", 1)}
        case "seed":
            return "INT", {"min": low, "max": high, "control_after_generate": True}
        case "float":
            limits = {
                "min": float(-_MOST if low is None else low),
                "max": float(_MOST if high is None else high),
            }
            return "FLOAT", {**limits, "step": widget.get("step", 0.01), "round": False}
        case "text":
            more = {"dynamicPrompts": True} if widget.get("prompt") else {}
            return "STRING", {"multiline": bool(widget.get("multiline")), **more}
        case "secret":
            return "STRING", {"multiline": False}
        case "choice":
            return list(widget["options"]), {}
        case "model":
            return list(models(widget["folder"])), {}
        case "file":
            accept = widget["accept"]
            return list(files(accept)), {f"{accept}_upload": True} if accept in _UPLOADS else {}
        case "workflow":
            return "WORKFLOW", {}
    return comfy_types(spec["type"]), {"forceInput": True}


def input_files(folder: Path, kind: str) -> list[str]:
    """The names of the input files of a kind: `image`, `audio`, `video`, `latent`, ...; sorted."""
    found = []
    with os.scandir(folder) as entries:
        for entry in entries:
            hidden = entry.name.startswith(".")
            if not hidden and _is_kind(entry.name, kind) and entry.is_file():
                found.append(entry.name)
                if len(found) >= MOST_FILES:
                    break
    return sorted(found)


def _is_kind(name: str, kind: str) -> bool:
    if kind in _UPLOADS:
        return (mimetypes.guess_type(name, strict=False)[0] or "").startswith(f"{kind}/")
    return kind not in _SUFFIXES or name.lower().endswith(_SUFFIXES[kind])


class _Names:
    """Models and input files of an owner, each listed once."""

    def __init__(self, service: Service, owner: str) -> None:
        self._files, self._folder = service.files(owner), service.input_dir(owner)
        self._known: dict[tuple[str, str], list[str]] = {}

    def models(self, kind: str) -> list[str]:
        return self._once("models", kind, self._files.models)

    def files(self, kind: str) -> list[str]:
        return self._once("files", kind, lambda kind: input_files(self._folder, kind))

    def _once(self, what: str, kind: str, read: Callable[[str], list[str]]) -> list[str]:
        if (what, kind) not in self._known:
            self._known[what, kind] = read(kind)
        return self._known[what, kind]


async def everything(request: web.Request) -> web.Response:
    """All classes."""
    return await _answer(request, None)


async def one(request: web.Request) -> web.Response:
    """One class."""
    return await _answer(request, request.match_info["name"])


async def _answer(request: web.Request, wanted: str | None) -> web.Response:
    service, owner = service_of(request), owner_of(request)
    _ = service.registry  # or it is still starting
    description = service.description() or {"nodes": []}

    def listing() -> str:
        names = _Names(service, owner)
        return json.dumps(
            {
                name: class_info(name, node, names.models, names.files)
                for name, node in classes(description)
                if wanted in (None, name)
            }
        )

    text = await service.blocking(listing)
    if wanted is not None and text == "{}":
        raise NotFound(f"there is no node type {wanted[:100]!a}")
    return web.Response(text=text, content_type="application/json")


ROUTES = (
    *both("GET", "/object_info", everything),
    *both("GET", "/object_info/{name}", one),
)
