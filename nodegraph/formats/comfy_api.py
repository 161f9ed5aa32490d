"""ComfyUI's API format, which its server takes, as a workflow of ours.

`{"3": {"class_type": "KSampler", "inputs": {"seed": 1, "model": ["4", 0]}, "_meta": {...}}}`.
The ids stay as they are, so that what a client was told of node "3" holds on both sides.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nodegraph.errors import InvalidWorkflow, Problem
from nodegraph.formats.comfy_values import (
    carry_inputs,
    entry_of,
    from_literal,
    is_comfy_link,
    keep,
    kept,
    output_name,
)
from nodegraph.formats.report import Report
from nodegraph.graph.literals import show
from nodegraph.graph.registry import Registry
from nodegraph.graph.workflow import NodeEntry, Workflow

__all__ = ["MAX_PROBLEMS", "from_api", "is_api"]

MAX_PROBLEMS = 100
"""How many faults of a file are listed."""

_COMPUTED = frozenset({"is_changed"})
"""Fields that its server adds and that say nothing of the workflow."""


def is_api(raw: object) -> bool:
    """Whether parsed JSON looks like the API format."""
    return isinstance(raw, dict) and any(
        isinstance(node, dict) and "class_type" in node for node in raw.values()
    )


def from_api(
    raw: dict[str, Any], registry: Registry, packs: Mapping[str, str] | None = None
) -> tuple[Workflow, Report]:
    """Read the API format.

    Args:
        packs: the node packs that nodes are said to come from, by id.

    Raises:
        InvalidWorkflow: a node is no object, or has no class or no inputs; all of them at once.
    """
    if problems := [problem for name, node in raw.items() for problem in _faults(name, node)]:
        raise InvalidWorkflow(problems[:MAX_PROBLEMS])
    report = Report("comfyui-api")
    made = Workflow(nodes={}, layout={})
    for name, node in raw.items():
        made.nodes[name] = _entry(name, node, raw, registry, report)
        if "placeholder" in kept(made.nodes[name]):
            pack = (packs or {}).get(name)
            origin = f" (it is from {pack})" if pack else ""
            text = f"the node type '{node['class_type']}' is not installed{origin}; it is kept"
            report.say("unknown_node_type", text, name)
        title = _title(node)
        if title is not None:
            made.layout[name] = {"title": title}
    return made, report


def _faults(name: str, node: object) -> list[Problem]:
    if not isinstance(node, dict):
        text = f"expected an object with class_type and inputs, got {show(node)}"
        return [Problem("malformed", text, node=name, got=show(node))]
    found = []
    for field, kind, wanted in (("class_type", str, "a text"), ("inputs", dict, "an object")):
        if field not in node:
            found.append(Problem("malformed", f"there is no '{field}'", name, field, wanted))
        elif not isinstance(node[field], kind) or (kind is str and not node[field]):
            text = f"expected {wanted}, got {show(node[field])}"
            found.append(Problem("malformed", text, name, field, wanted, show(node[field])))
    return found


def _title(node: dict[str, Any]) -> str | None:
    meta = node.get("_meta")
    title = meta.get("title") if isinstance(meta, dict) else None
    return title if isinstance(title, str) else None


def _entry(
    name: str, node: dict[str, Any], raw: dict[str, Any], registry: Registry, report: Report
) -> NodeEntry:
    class_type = node["class_type"]
    node_type = registry.get(class_type)
    made = entry_of(class_type, node_type)
    values = dict(node["inputs"])
    aside: dict[str, Any] = {}
    if node_type is not None:
        values, aside = carry_inputs(report, name, class_type, node_type, values)
    made.inputs = {key: _value(value, raw, registry) for key, value in values.items()}
    others = {
        key: value
        for key, value in node.items()
        if key not in ("class_type", "inputs") and key not in _COMPUTED
    }
    if (title := _title(node)) is not None and others["_meta"] == {"title": title}:
        del others["_meta"]
    keep(made, inputs=aside, fields=others)
    return made


def _value(value: Any, raw: dict[str, Any], registry: Registry) -> Any:
    if not is_comfy_link(value):
        return from_literal(value)
    source, number = value
    if source not in raw:
        return {"node": source, "output": str(number)}
    node = raw[source]
    node_type = registry.get(node["class_type"])
    return {"node": source, "output": output_name(node_type, node["inputs"], number)}
