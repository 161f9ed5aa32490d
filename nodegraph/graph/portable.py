"""A registry made of schemas: to check workflows in a process that has not imported the packs.

The server uses it: it knows what every node takes and gives, and cannot run any.
"""

from __future__ import annotations

from typing import Any, Literal, TypeVar

from nodegraph.graph.fragments import BodyOutputs
from nodegraph.graph.literals import LiteralCheck
from nodegraph.graph.node_type import REQUIRED, InputSpec, NodeType, OutputSpec
from nodegraph.graph.registry import Registry
from nodegraph.graph.widgets import (
    Choice,
    InputFile,
    ModelFile,
    Multiline,
    Range,
    Secret,
    Seed,
)
from nodegraph.graph.wire import Wire
from nodegraph.graph.workflow import Workflow

__all__ = ["registry_from"]

_PLAIN: dict[str, type] = {
    "object": object,
    "bool": bool,
    "int": int,
    "float": float,
    "str": str,
    "Workflow": Workflow,
}


def registry_from(description: dict[str, Any]) -> Registry:
    """The registry that `schema.describe` described; its nodes can be planned, not run."""
    classes = _classes(description["wire_types"])
    registry = Registry()
    for schema in description["nodes"]:
        registry.add_type(_node_type(schema, classes))
    registry.pack_versions.update(description["packs"])
    return registry


def _classes(bases: dict[str, list[str]]) -> dict[str, type]:
    """A stand-in for every wire type, derived from the stand-ins of its bases."""
    made = dict(_PLAIN)
    for name in sorted(bases, key=lambda n: len(bases[n])):
        if name not in made:
            parents = tuple(made[base] for base in bases[name] if base in made)
            made[name] = type(name, parents or (object,), {})
    return made


def _node_type(schema: dict[str, Any], classes: dict[str, type]) -> NodeType:
    variables: dict[str, TypeVar] = {}
    inputs = tuple(_input(item, classes, variables) for item in schema["inputs"])
    outputs = tuple(
        OutputSpec(item["name"], _wire(item["wire"], classes, variables))
        for item in schema["outputs"]
    )
    return NodeType(
        name=schema["name"],
        function=_not_here,
        inputs=inputs,
        outputs=outputs,
        description=schema["description"],
        display_name=schema["display_name"],
        category=schema["category"],
        version=schema["version"],
        migrate=_not_updated if schema["migrates"] else None,
        effect=schema["effect"],
        volatile=schema["volatile"],
        deprecated=schema["deprecated"],
        aliases=tuple(schema["aliases"]),
        outputs_of=_outputs_of(schema["body_outputs"]),
        extras="extras" if schema["extras"] else None,
        pack=schema["pack"],
        by_name={spec.name: spec for spec in inputs},
    )


def _not_here() -> None:
    raise RuntimeError("this process knows the node's schema only")


def _not_updated(inputs: dict[str, Any], version: int) -> dict[str, Any]:
    raise RuntimeError("its node pack could not do it; nodegraph validate FILE says why")


def _outputs_of(rule: dict[str, Any] | None) -> BodyOutputs | None:
    if rule is None:
        return None
    return BodyOutputs(rule.get("field", "body"), rule.get("list", False))


def _wire(schema: dict[str, Any], classes: dict[str, type], known: dict[str, TypeVar]) -> Wire:
    types = tuple(classes[name] for name in schema["types"])
    name = schema["variable"]
    variable = known.setdefault(name, TypeVar(name)) if name is not None else None
    return Wire(types, schema["list"], schema["optional"], variable)


def _input(
    schema: dict[str, Any], classes: dict[str, type], variables: dict[str, TypeVar]
) -> InputSpec:
    wire = _wire(schema["wire"], classes, variables)
    widget = schema.get("widget", {})
    check = LiteralCheck(_annotation(wire, widget), wire, tuple(_marks(widget)))
    default = schema.get("default", REQUIRED)
    return InputSpec(schema["name"], wire, check, default, schema["lazy"], schema["help"])


def _annotation(wire: Wire, widget: dict[str, Any]) -> Any:
    if widget.get("literal"):
        return Literal[tuple(widget["options"])]
    if not wire.types:
        return object
    made: Any = wire.types[0]
    for other in wire.types[1:]:
        made = made | other
    made = list[made] if wire.is_list else made
    return made | None if wire.optional else made


def _marks(widget: dict[str, Any]) -> list[object]:
    match widget.get("kind"):
        case "choice" if not widget.get("literal"):
            return [Choice(*widget["options"])]
        case "model":
            return [ModelFile(widget["folder"])]
        case "file":
            return [InputFile(widget["accept"])]
        case "seed":
            return [Seed(widget["max"])]
        case "secret":
            return [Secret()]
        case "text" if widget.get("multiline"):
            return [Multiline(widget.get("prompt", False))]
    if "min" in widget or "max" in widget:
        return [Range(widget.get("min"), widget.get("max"), widget.get("step"))]
    return []
