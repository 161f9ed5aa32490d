"""Inputs whose source is gone: they are left open where that can be, else their node goes too."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from nodegraph.formats.comfy_values import is_comfy_link
from nodegraph.formats.report import Report
from nodegraph.graph.registry import Registry

__all__ = ["Missing", "drop_missing"]


@dataclass(frozen=True)
class Missing:
    """An input of a node whose source is gone, why it is, and whether it may be left open."""

    node: str
    input: str
    why: str
    optional: bool = False


def drop_missing(
    document: dict[str, dict[str, Any]],
    missing: list[Missing],
    registry: Registry,
    report: Report,
) -> None:
    """Take out of `document` (the API format) the nodes that cannot do without what is missing."""
    consumers: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for name, node in document.items():
        for field, value in node["inputs"].items():
            if is_comfy_link(value):
                consumers[value[0]].append((name, field))
    waiting = list(reversed(missing))
    while waiting:
        one = waiting.pop()
        if one.node not in document:
            continue
        value = document[one.node]["inputs"].get(one.input)
        if is_comfy_link(value):
            del document[one.node]["inputs"][one.input]
        if one.input in document[one.node]["inputs"]:
            text = f"{one.why}; the value written there is used"
            report.say("source_gone", text, one.node, one.input, lost=True)
        elif one.optional or _optional(document[one.node]["class_type"], one.input, registry):
            text = f"{one.why}; the input is left open"
            report.say("source_gone", text, one.node, one.input, lost=True)
        else:
            text = f"left out, as its input '{one.input}' has no source: {one.why}"
            report.say("source_gone", text, one.node, lost=True)
            del document[one.node]
            why = f"node '{one.node}' is left out"
            waiting += [Missing(name, field, why) for name, field in consumers[one.node]]


def _optional(class_type: str, field: str, registry: Registry) -> bool:
    """Whether a node may do without the input; what it does not have at all it never misses."""
    node_type = registry.get(class_type)
    if node_type is None:
        return False
    spec = node_type.by_name.get(field)
    return spec is None or not spec.required
