"""Where the value of an input really comes from, past everything that only passes it on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from nodegraph.formats.comfy_model import INPUT_NODE, LinkEntry, NodeModel, Slot
from nodegraph.formats.comfy_subgraphs import BYPASSED, MUTED, Place

__all__ = ["Gone", "Open", "Output", "Source", "Tracer", "Value"]


@dataclass(frozen=True)
class Output:
    """The output of a node that stays."""

    place: Place
    node: NodeModel
    number: int


@dataclass(frozen=True)
class Value:
    """A value written somewhere else, as in a PrimitiveNode."""

    value: Any


@dataclass(frozen=True)
class Open:
    """Nothing is connected in the end: the input's own value holds."""


@dataclass(frozen=True)
class Gone:
    """What it came from is not there; `why` says so."""

    why: str


Source = Output | Value | Open | Gone
_Step = tuple[Place, LinkEntry]


class Tracer:
    """Follows links back through all that is no node in the end; what was found is remembered."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str, int], Source] = {}

    def trace(self, place: Place, link: LinkEntry) -> Source:
        """The source that a link comes from."""
        passed: dict[tuple[str, str, int], None] = {}
        found: Source | None = None
        while found is None:
            here = (place.prefix, str(link.origin_id), link.origin_slot)
            if here in passed:
                found = Gone("its links go in a circle that holds no node")
            elif here in self._known:
                found = self._known[here]
            else:
                passed[here] = None
                further = _step(place, link)
                if isinstance(further, tuple):
                    place, link = further
                else:
                    found = further
        self._known.update(dict.fromkeys(passed, found))
        return found


def _step(place: Place, link: LinkEntry) -> Source | _Step:
    origin = str(link.origin_id)
    if origin == INPUT_NODE and place.outer is not None:
        return _leave(place, link.origin_slot)
    node = place.nodes.get(origin)
    if node is None:
        return Gone(f"node '{place.prefix}{origin}' is not there")
    if node.mode == MUTED:
        return Gone(f"node '{place.id_of(node)}' is muted")
    if node.type == "PrimitiveNode":
        values = node.widgets_values
        return Value(values[0]) if isinstance(values, list) and values else Open()
    if node.type == "Reroute":
        return _along(place, node.inputs[0] if node.inputs else None)
    if node.mode == BYPASSED:
        return _past(place, node, link.origin_slot)
    if (inner := place.inner.get(origin)) is not None:
        result = inner.graph.results.get(link.origin_slot)
        why = f"output {link.origin_slot} of the subgraph '{place.id_of(node)}' is not connected"
        return (inner, result) if result is not None else Gone(why)
    return Output(place, node, link.origin_slot)


def _along(place: Place, slot: Slot | None) -> Source | _Step:
    """Further along the link into an input."""
    if slot is None or slot.link is None:
        return Open()
    link = place.incoming(slot)
    return (place, link) if link is not None else Gone(f"link {slot.link} is not there")


def _leave(place: Place, number: int) -> Source | _Step:
    """From an input of a subgraph to what its instance has there."""
    assert place.outer is not None
    slot = place.outer_slot(number)
    if slot is not None and slot.link is not None:
        return _along(place.outer, slot)
    name = place.input_name(number)
    return Value(place.given[name]) if name in place.given else Open()


def _past(place: Place, node: NodeModel, number: int) -> Source | _Step:
    """Past a bypassed node: to its input of the output's type, at the same position or first."""
    kind = node.outputs[number].type if number < len(node.outputs) else "*"
    same = node.inputs[number : number + 1]
    slot = next((slot for slot in [*same, *node.inputs] if slot.type == kind), None)
    if slot is None:
        return Gone(f"node '{place.id_of(node)}' is bypassed and has no input of type {kind!r:.40}")
    found = _along(place, slot)
    if isinstance(found, Open):
        return Gone(f"nothing goes into the bypassed node '{place.id_of(node)}'")
    return found
