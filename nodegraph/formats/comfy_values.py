"""Values and node types on the way from ComfyUI's files to ours and back."""

from __future__ import annotations

import math
from typing import Any

from nodegraph.formats.aliases import COMFY_CLASSES, IGNORED, comfy_name
from nodegraph.formats.report import Report
from nodegraph.graph.node_type import InputSpec, NodeType
from nodegraph.graph.widgets import InputFile, ModelFile
from nodegraph.graph.workflow import NodeEntry

__all__ = [
    "KEPT",
    "carry_inputs",
    "entry_of",
    "fitted",
    "from_literal",
    "is_comfy_link",
    "keep",
    "kept",
    "output_name",
    "output_names",
    "to_literal",
]

KEPT = "comfy"
"""The field of a node in our file that holds what only ComfyUI understands, for the way back."""


def is_comfy_link(value: object) -> bool:
    """Whether an input's value in the API format is a link: `[node id, number of the output]`."""
    return (
        isinstance(value, list)
        and len(value) == 2
        and isinstance(value[0], str)
        and type(value[1]) is int
    )


def from_literal(value: Any) -> Any:
    """A value of the API format as our file says it; lists come wrapped, so as to be no links."""
    if isinstance(value, dict) and set(value) == {"__value__"}:
        value = value["__value__"]
    if isinstance(value, dict) and ("node" in value or set(value) == {"value"}):
        return {"value": value}
    return value


def to_literal(value: Any) -> Any:
    """The reverse of `from_literal`."""
    if isinstance(value, dict) and set(value) == {"value"}:
        value = value["value"]
    return {"__value__": value} if isinstance(value, list) else value


def fitted(spec: InputSpec, value: Any) -> Any:
    """The value in the exact type of the input, where ComfyUI would have converted it itself."""
    if isinstance(value, str) and any(isinstance(mark, ModelFile) for mark in spec.check.marks):
        return value.replace("\\", "/")
    if isinstance(value, str) and any(isinstance(mark, InputFile) for mark in spec.check.marks):
        return value.removesuffix(" [input]")
    if spec.wire.is_list or len(spec.wire.types) != 1 or isinstance(value, bool):
        return value
    (wanted,) = spec.wire.types
    try:
        if wanted is int and isinstance(value, float | str) and float(value) == int(value):
            return int(value)
        if wanted is float and isinstance(value, str) and math.isfinite(float(value)):
            return float(value)
    except (ValueError, OverflowError):
        return value
    return str(value) if wanted is str and isinstance(value, int | float) else value


def carry_inputs(
    report: Report, node_id: str, class_type: str, node_type: NodeType, values: dict[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Sort a known node's values by name into those it takes and those kept for the way back.

    An input that ComfyUI's own node has and ours has not is set aside, as its server does. With
    any other type it stays, so that checking the workflow refuses it: the name may mean
    another node altogether.
    """
    taken: dict[str, Any] = {}
    aside: dict[str, Any] = {}
    for name, value in values.items():
        spec = node_type.by_name.get(name)
        if spec is not None:
            taken[name] = fitted(spec, value)
            if type(taken[name]) is not type(value) or taken[name] != value:
                said = f"{value!r:.60} is written as {taken[name]!r:.60}"
                report.say("value_converted", said, node_id, name)
        elif node_type.extras is not None or class_type not in COMFY_CLASSES:
            taken[name] = value
        else:
            aside[name] = value
            if name not in IGNORED.get(class_type, ()):
                text = f"{node_type.name} has no such input; its value {value!r:.60} is ignored"
                report.say("unknown_input", text, node_id, name, lost=True)
    return taken, aside


def keep(entry: NodeEntry, **values: Any) -> None:
    """Note on a node what only ComfyUI understands; nothing is noted of what is empty."""
    noted = kept(entry) | {key: value for key, value in values.items() if value}
    if noted:
        setattr(entry, KEPT, noted)


def kept(entry: NodeEntry) -> dict[str, Any]:
    """What was noted; empty for a node that never was ComfyUI's."""
    found = (entry.__pydantic_extra__ or {}).get(KEPT)
    return dict(found) if isinstance(found, dict) else {}


def output_names(node_type: NodeType, inputs: dict[str, Any]) -> list[str]:
    """The names of a node's outputs, which may depend on its inputs."""
    try:
        outputs = node_type.outputs_for(inputs)
    except (KeyError, AttributeError, TypeError):
        outputs = node_type.outputs
    return [output.name for output in outputs]


def output_name(node_type: NodeType | None, inputs: dict[str, Any], number: int) -> str:
    """The name of an output by its number; the number itself where it has no name."""
    names = output_names(node_type, inputs) if node_type is not None else []
    return names[number] if 0 <= number < len(names) else str(number)


def entry_of(class_type: str, node_type: NodeType | None) -> NodeEntry:
    """A node without inputs yet; its class name is noted if export would not find it again."""
    if node_type is None:
        made = NodeEntry(type=class_type, inputs={})
        keep(made, placeholder=True)
        return made
    made = NodeEntry(type=node_type.name, version=node_type.version, inputs={})
    if comfy_name(node_type) != class_type:
        keep(made, class_type=class_type)
    return made
