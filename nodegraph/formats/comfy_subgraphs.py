"""ComfyUI's subgraphs opened up: every instance becomes a place with nodes of its own.

The id of a node inside is that of the instance, a slash, and its own: `12/3`, `12/3/7`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from nodegraph.errors import InvalidWorkflow, Problem
from nodegraph.formats.comfy_groups import GroupNode
from nodegraph.formats.comfy_model import INPUT_NODE, Graph, LinkEntry, NodeModel, Slot, Subgraph
from nodegraph.formats.report import Report

__all__ = ["BYPASSED", "MAX_PARTS", "MUTED", "Place", "expand"]

MUTED, BYPASSED = 2, 4
MAX_PARTS = 200_000
"""How many nodes and links a file may hold when its subgraphs are opened up."""
MAX_NESTING = 50


@dataclass
class Place:
    """The graph at the top, or what one instance of a subgraph stands for.

    Attributes:
        prefix: what the ids of its nodes begin with: nothing, or `12/`.
        outer, instance: where the instance is; None at the top.
        given: values set on the instance, by the name of the subgraph's input.
        overrides: values set further out for widgets inside: (node, widget) -> value.
    """

    prefix: str
    graph: Graph
    outer: Place | None = None
    instance: NodeModel | None = None
    given: dict[str, Any] = field(default_factory=dict)
    overrides: dict[tuple[str, str], Any] = field(default_factory=dict)
    inner: dict[str, Place] = field(default_factory=dict)

    @property
    def nodes(self) -> dict[str, NodeModel]:
        """Its nodes by their own ids."""
        return self.graph.by_key

    def id_of(self, node: NodeModel) -> str:
        """The id of a node in the flat workflow."""
        return f"{self.prefix}{node.key}"

    def incoming(self, slot: Slot) -> LinkEntry | None:
        """The link into an input."""
        return self.graph.links_by_key.get(str(slot.link)) if slot.link is not None else None

    def outer_slot(self, number: int) -> Slot | None:
        """The instance's input that stands for an input of the subgraph."""
        if self.instance is None or (name := self.input_name(number)) is None:
            return None
        slots = self.instance.inputs
        found = next((slot for slot in slots if slot.name == name), None)
        return found or (slots[number] if number < len(slots) else None)

    def input_name(self, number: int) -> str | None:
        """The name of an input of the subgraph."""
        inputs = self.graph.inputs if isinstance(self.graph, Subgraph) else []
        return inputs[number].name if number < len(inputs) else None

    def walk(self) -> Iterator[tuple[Place, NodeModel]]:
        """Every node in the order of the file; active instances are replaced by their inside."""
        stack: list[tuple[Place, Iterator[NodeModel]]] = [(self, iter(self.graph.nodes))]
        while stack:
            place, rest = stack[-1]
            node = next(rest, None)
            if node is None:
                stack.pop()
            elif (inner := place.inner.get(node.key)) and node.mode not in (MUTED, BYPASSED):
                stack.append((inner, iter(inner.graph.nodes)))
            else:
                yield place, node


def expand(graph: Graph, subgraphs: dict[str, Subgraph], report: Report) -> Place:
    """Open up every instance of a subgraph, those inside others too.

    Raises:
        InvalidWorkflow: a subgraph lies in itself, or there are too many nodes.
    """
    top = Place("", graph)
    waiting: list[tuple[Place, tuple[str, ...]]] = [(top, ())]
    count = graph.parts
    while waiting:
        place, within = waiting.pop()
        for node in place.graph.nodes:
            if (definition := subgraphs.get(node.type)) is None:
                continue
            _refuse_circle(place, node, definition, within)
            if (count := count + definition.parts) > MAX_PARTS:
                text = f"its subgraphs make more than {MAX_PARTS} nodes and links"
                raise InvalidWorkflow([Problem("too_large", text)])
            made = Place(f"{place.id_of(node)}/", definition, place, node)
            if isinstance(definition, GroupNode):
                _fill(made, definition, report)
            else:
                _set_values(made, report)
            place.inner[node.key] = made
            waiting.append((made, (*within, node.type)))
    return top


def _refuse_circle(
    place: Place, node: NodeModel, definition: Subgraph, within: tuple[str, ...]
) -> None:
    if node.type in within:
        text = f"the subgraph '{definition.name or definition.id}' contains itself"
        raise InvalidWorkflow([Problem("dependency_cycle", text, node=place.id_of(node))])
    if len(within) >= MAX_NESTING:
        text = f"subgraphs lie in each other more than {MAX_NESTING} deep"
        raise InvalidWorkflow([Problem("too_large", text, node=place.id_of(node))])


def _fill(place: Place, group: GroupNode, report: Report) -> None:
    """Give the nodes inside a group node the values of the widgets that its instance shows."""
    assert place.instance is not None
    assert place.outer is not None
    values = place.instance.widgets_values
    if not isinstance(values, list) or not values:
        return
    filled = group.filled(values)
    if filled is not None:
        place.graph = filled
    else:
        text = f"its {len(values)} widget values have no clear owners; those inside hold"
        report.say("unnamed_values", text, place.outer.id_of(place.instance), lost=True)


def _set_values(place: Place, report: Report) -> None:
    """Read the values of the widgets that an instance shows for its inside."""
    instance, outer = place.instance, place.outer
    assert instance is not None
    assert outer is not None
    values = instance.widgets_values
    names = _promoted(place, len(values)) if isinstance(values, list) else None
    if isinstance(values, dict):
        place.given.update(values)
    elif values and names is None:
        text = f"its {len(values)} widget values have no clear owners; those inside hold"
        report.say("unnamed_values", text, outer.id_of(instance), lost=True)
    for (node, widget), value in zip(names or [], values or [], strict=False):
        if node == "-1":
            place.given[widget] = value
        else:
            place.overrides[node, widget] = value
    for (node, widget), value in outer.overrides.items():
        if node == instance.key:
            owner = next((own for own in names or [] if own[1] == widget), ("-1", widget))
            if owner[0] == "-1":
                place.given[widget] = value
            else:
                place.overrides[owner] = value


def _promoted(place: Place, count: int) -> list[tuple[str, str]] | None:
    """Whose widgets the values of an instance are: (node inside, or -1 for an input; name)."""
    assert place.instance is not None
    proxies = place.instance.properties.get("proxyWidgets")
    if isinstance(proxies, str):
        try:
            proxies = json.loads(proxies)
        except (ValueError, RecursionError):
            proxies = None
    if isinstance(proxies, list) and len(proxies) == count:
        pairs = [tuple(map(str, one[:2])) for one in proxies if isinstance(one, list)]
        named = [(pair[0], pair[1]) for pair in pairs if len(pair) == 2]
        if len(named) == count:
            return named
    names = [("-1", name) for name in _widget_inputs(place)]
    return names if len(names) == count else None


def _widget_inputs(place: Place) -> list[str]:
    """The inputs of a subgraph that stand for a widget inside, in order."""
    found: dict[int, str] = {}
    for link in place.graph.links:
        target = place.nodes.get(str(link.target_id))
        if str(link.origin_id) != INPUT_NODE or target is None:
            continue
        slots = target.inputs
        name = place.input_name(link.origin_slot)
        if name and link.target_slot < len(slots) and slots[link.target_slot].widget is not None:
            found[link.origin_slot] = name
    return [found[number] for number in sorted(found)]
