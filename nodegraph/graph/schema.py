"""Node type -> JSON: what the editor, the HTTP API and `nodegraph nodes --json` show."""

from __future__ import annotations

from typing import Any

from nodegraph.graph.fragments import BodyOutputs
from nodegraph.graph.literals import literal_values
from nodegraph.graph.node import InputSpec, NodeType
from nodegraph.graph.registry import Registry
from nodegraph.graph.widgets import Choice, InputFile, ModelFile, Multiline, Range, Secret, Seed
from nodegraph.graph.wire import Wire, class_name

__all__ = ["describe", "node_schema", "wire_schema"]


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
        "outputs": [
            {"name": o.name, "type": o.wire.name, "wire": wire_schema(o.wire)}
            for o in node_type.outputs
        ],
        "extras": node_type.extras is not None,
        "body_outputs": _body_outputs(node_type),
        "migrates": node_type.migrate is not None,
    }


def describe(registry: Registry) -> dict[str, Any]:
    """All node types, and how the wire types they use are derived from each other."""
    wires = [
        wire
        for made in registry
        for wire in (*(s.wire for s in made.inputs), *(o.wire for o in made.outputs))
    ]
    classes = {cls for wire in wires for cls in wire.types}
    return {
        "nodes": [node_schema(made) for made in registry],
        "wire_types": {
            class_name(cls): [class_name(b) for b in cls.__mro__[1:-1] if b in classes]
            for cls in sorted(classes, key=class_name)
        },
        "packs": dict(registry.pack_versions),
    }


def wire_schema(wire: Wire) -> dict[str, Any]:
    """A wire type as data: the classes by name, and whether it is a list, optional or open."""
    return {
        "types": [class_name(cls) for cls in wire.types],
        "list": wire.is_list,
        "optional": wire.optional,
        "variable": wire.var.__name__ if wire.var is not None else None,
    }


def _body_outputs(node_type: NodeType) -> dict[str, Any] | None:
    rule = node_type.outputs_of
    if isinstance(rule, BodyOutputs):
        return {"field": rule.field, "list": rule.listed}
    return None if rule is None else {}


def _input_schema(spec: InputSpec) -> dict[str, Any]:
    made: dict[str, Any] = {
        "name": spec.name,
        "type": spec.wire.name,
        "wire": wire_schema(spec.wire),
        "required": spec.required,
        "optional": spec.wire.optional,
        "lazy": spec.lazy,
        "help": spec.help,
    }
    if not spec.required:
        made["default"] = spec.default
    if spec.check.is_body:
        made["widget"] = {"kind": "workflow"}
    elif spec.check.allowed and not spec.wire.is_any:
        made["widget"] = _widget(spec)
    return made


def _widget(spec: InputSpec) -> dict[str, Any]:
    widget: dict[str, Any] = {"kind": _plain_kind(spec)}
    if options := literal_values(spec.check.annotation):
        return {"kind": "choice", "options": list(options), "literal": True}
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
