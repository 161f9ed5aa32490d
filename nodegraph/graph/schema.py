"""Node type -> JSON: what the editor, the HTTP API and `nodegraph nodes --json` show."""

from __future__ import annotations

from typing import Any

from nodegraph.graph.literals import literal_values
from nodegraph.graph.node import InputSpec, NodeType
from nodegraph.graph.widgets import Choice, InputFile, ModelFile, Multiline, Range, Secret, Seed

__all__ = ["node_schema"]


def node_schema(node_type: NodeType) -> dict[str, Any]:
    """Everything a client needs to draw the node and to fill in its inputs."""
    return {
        "name": node_type.name,
        "display_name": node_type.display_name,
        "description": node_type.description,
        "category": node_type.category,
        "version": node_type.version,
        "pack": node_type.pack,
        "effect": node_type.effect,
        "volatile": node_type.volatile,
        "deprecated": node_type.deprecated,
        "aliases": list(node_type.aliases),
        "inputs": [_input_schema(spec) for spec in node_type.inputs],
        "outputs": [{"name": o.name, "type": o.wire.name} for o in node_type.outputs],
    }


def _input_schema(spec: InputSpec) -> dict[str, Any]:
    made: dict[str, Any] = {
        "name": spec.name,
        "type": spec.wire.name,
        "required": spec.required,
        "optional": spec.wire.optional,
        "lazy": spec.lazy,
        "help": spec.help,
    }
    if not spec.required:
        made["default"] = spec.default
    if spec.check.allowed and not spec.wire.is_any:
        made["widget"] = _widget(spec)
    return made


def _widget(spec: InputSpec) -> dict[str, Any]:
    widget: dict[str, Any] = {"kind": _plain_kind(spec)}
    if options := literal_values(spec.check.annotation):
        return {"kind": "choice", "options": list(options)}
    for mark in spec.check.marks:
        match mark:
            case Range():
                limits = {"min": mark.min, "max": mark.max, "step": mark.step}
                widget |= {k: v for k, v in limits.items() if v is not None}
            case Choice():
                widget = {"kind": "choice", "options": list(mark.options())}
            case ModelFile():
                widget = {"kind": "model", "folder": mark.kind}
            case InputFile():
                widget = {"kind": "file", "accept": mark.kind}
            case Multiline():
                widget = {"kind": "text", "multiline": True, "prompt": mark.prompt}
            case Seed():
                widget = {"kind": "seed", "min": 0, "max": mark.max}
            case Secret():
                widget = {"kind": "secret"}
    return widget


def _plain_kind(spec: InputSpec) -> str:
    kinds = {int: "int", float: "float", bool: "bool", str: "text"}
    kind = kinds.get(spec.wire.types[0], "json")
    return f"{kind}_list" if spec.wire.is_list else kind
