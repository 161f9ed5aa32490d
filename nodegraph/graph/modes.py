"""Muted and bypassed nodes: how a graph looks once they are seen through.

A muted node never runs, nor does what cannot do without it. A bypassed node hands what is linked
to it on (see `passing`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from nodegraph.graph.passing import SUBGRAPH, handed_on
from nodegraph.graph.registry import Registry
from nodegraph.graph.workflow import NodeEntry, OutputRef, Workflow, is_link

__all__ = ["Settled", "settle_modes"]

_GONE = object()


class Settled(NamedTuple):
    """A workflow without muted and bypassed nodes.

    Attributes:
        left_out: the nodes that are missing -> why.
        behind: an output of the workflow as it was -> what it is now.
    """

    workflow: Workflow
    left_out: dict[str, str]
    behind: Callable[[OutputRef], OutputRef]


def settle_modes(workflow: Workflow, registry: Registry) -> Settled:
    """Take muted and bypassed nodes out.

    A bypassed node whose type is not installed is left where it is.
    """
    out = {name: entry for name, entry in workflow.nodes.items() if entry.mode is not None}
    here = {n for n, e in out.items() if e.type in registry or e.type == SUBGRAPH}
    unknown = {n for n, e in out.items() if e.mode == "bypassed" and n not in here}
    for name in unknown:
        del out[name]
    if not out:
        return Settled(workflow, {}, lambda ref: ref)
    left = {name: "muted" if e.mode == "muted" else "bypassed" for name, e in out.items()}
    sources = _Sources(workflow, registry, out)
    nodes = {n: sources.seen_through(e) for n, e in workflow.nodes.items() if n not in out}
    _drop_dependents(nodes, registry, left)
    changed = workflow.model_copy()
    changed.nodes = nodes
    changed.outputs = {
        label: found
        for label, ref in workflow.outputs.items()
        if (found := sources.declared(ref)).node in nodes or ref.node not in workflow.nodes
    }
    return Settled(changed, left, sources.declared)


class _Sources:
    """Follows links through the nodes that are out."""

    def __init__(self, workflow: Workflow, registry: Registry, out: dict[str, NodeEntry]) -> None:
        self._workflow, self._registry, self._out = workflow, registry, out

    def seen_through(self, entry: NodeEntry) -> NodeEntry:
        """The entry with its links leading past the nodes that are out."""
        changed = {}
        for name, value in entry.inputs.items():
            if is_link(value) and value["node"] in self._out:
                changed[name] = self.of(value)
        if not changed:
            return entry
        return entry.model_copy(update={"inputs": {**entry.inputs, **changed}})

    def of(self, link: Any) -> Any:
        """What a link carries in the end: another link, a value, or `_GONE`."""
        passed = set()
        while is_link(link) and (entry := self._out.get(link["node"])) is not None:
            if entry.mode == "muted" or link["node"] in passed:
                return _GONE
            passed.add(link["node"])
            link = handed_on(entry, link.get("output"), self._registry) or _GONE
        return link

    def declared(self, ref: OutputRef) -> OutputRef:
        """A declared output, past the nodes that are out; as it is if it leads nowhere."""
        link = {"node": ref.node} | ({"output": ref.output} if ref.output else {})
        found = self.of(link)
        if not is_link(found) or found is link:
            return ref
        return ref.model_copy(update={"node": found["node"], "output": found.get("output")})


def _drop_dependents(nodes: dict[str, NodeEntry], registry: Registry, left: dict[str, str]) -> None:
    """Take away the links to nothing, and the nodes that cannot do without one of them."""
    readers: dict[str, list[tuple[str, str]]] = {}
    waiting: list[tuple[str, str]] = []
    for name, entry in nodes.items():
        for field_name, value in entry.inputs.items():
            if value is _GONE:
                waiting.append((name, field_name))
            elif is_link(value) and isinstance(value["node"], str):
                readers.setdefault(value["node"], []).append((name, field_name))
    while waiting:
        name, field_name = waiting.pop()
        known = nodes.get(name)
        if known is None:
            continue
        if _can_do_without(known, field_name, registry):
            rest = {k: v for k, v in known.inputs.items() if k != field_name}
            nodes[name] = known.model_copy(update={"inputs": rest})
            continue
        del nodes[name]
        left[name] = f"muted: nothing comes in at '{field_name}'"
        waiting += readers.get(name, [])


def _can_do_without(entry: NodeEntry, field_name: str, registry: Registry) -> bool:
    kind = registry.get(entry.type)
    spec = kind.by_name.get(field_name) if kind is not None else None
    return kind is None or spec is None or not spec.required
