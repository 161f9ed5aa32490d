"""Nodes that were kept as they were, because their type was missing, once it is installed."""

from __future__ import annotations

from typing import Any

from nodegraph.formats.comfy_values import KEPT, carry_inputs, entry_of, keep, kept, output_names
from nodegraph.formats.comfy_widgets import by_order
from nodegraph.formats.report import Report
from nodegraph.graph.node_type import NodeType
from nodegraph.graph.registry import Registry
from nodegraph.graph.workflow import NodeEntry, Workflow, is_link

__all__ = ["settle"]


def settle(workflow: Workflow, registry: Registry, report: Report) -> Workflow:
    """A copy in which such nodes take their values and outputs by name; nothing else changes."""
    found = {
        name: node_type
        for name, entry in workflow.nodes.items()
        if kept(entry).get("placeholder") is True
        and (node_type := registry.get(entry.type)) is not None
    }
    if not found:
        return workflow
    nodes = {
        name: _settled(name, entry, found[name], report) if name in found else entry
        for name, entry in workflow.nodes.items()
    }
    names = {name: output_names(found[name], nodes[name].inputs) for name in found}
    for name, entry in nodes.items():
        inputs = {field: _renamed(value, names) for field, value in entry.inputs.items()}
        if inputs != entry.inputs:
            nodes[name] = entry.model_copy(update={"inputs": inputs})
    return workflow.model_copy(update={"nodes": nodes})


def _settled(name: str, entry: NodeEntry, node_type: NodeType, report: Report) -> NodeEntry:
    made = entry_of(entry.type, node_type)
    noted = kept(entry)
    values = noted.get("widgets_values")
    named, rest = by_order(entry.type, node_type, values) if isinstance(values, list) else ({}, [])
    if rest:
        text = f"{node_type.name} has no inputs for these of its values: {rest!r:.100}"
        report.say("unnamed_values", text, name, lost=True)
    given = {**named, **entry.inputs}
    made.inputs, aside = carry_inputs(report, name, entry.type, node_type, given)
    others = {key: value for key, value in (entry.__pydantic_extra__ or {}).items() if key != KEPT}
    for key, value in others.items():
        setattr(made, key, value)
    keep(made, inputs=aside, fields=noted.get("fields"))
    return made


def _renamed(value: Any, names: dict[str, list[str]]) -> Any:
    """A link by the number of an output as a link by its name."""
    if not is_link(value) or not isinstance(value["node"], str) or value["node"] not in names:
        return value
    outputs, number = names[value["node"]], value.get("output")
    known = isinstance(number, str) and number.isascii() and number.isdigit() and len(number) < 9
    if not known or number in outputs or int(number) >= len(outputs):
        return value
    return {**value, "output": outputs[int(number)]}
