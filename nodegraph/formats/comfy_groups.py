"""Group nodes, which ComfyUI's editor had before subgraphs, read as subgraphs.

They are defined in `extra.groupNodes`, and a node of the type `workflow/NAME` or `workflow>NAME`
stands for one. Inputs that nothing inside feeds are the inputs of the group, those that stand
for widgets last; outputs that nothing inside takes, or that are marked external, its outputs;
the values of the widgets inside are one list on the instance.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, ValidationError

from nodegraph.formats.comfy_model import (
    INPUT_NODE,
    OUTPUT_NODE,
    Lenient,
    LinkEntry,
    NodeModel,
    Slot,
    Subgraph,
    absent_as_list,
)

__all__ = ["GroupNode", "group_nodes"]

_Rows = Annotated[list[list[Any]], BeforeValidator(absent_as_list)]


class GroupNode(Subgraph):
    """The inside of a group node."""

    def filled(self, values: list[Any]) -> Subgraph | None:
        """A copy with the widget values of an instance, or None if they have no clear owners."""
        shares = self._shares(len(values))
        if shares is None:
            return None
        rest = iter(values)
        nodes = []
        for node, share in zip(self.nodes, shares, strict=True):
            given = [next(rest) for _ in range(share)]
            whole = isinstance(node.widgets_values, list) and len(node.widgets_values) == share
            nodes.append(node.model_copy(update={"widgets_values": given}) if whole else node)
        return Subgraph(
            id=self.id,
            name=self.name,
            nodes=nodes,
            links=self.links,
            inputs=self.inputs,
            outputs=self.outputs,
        )

    def _shares(self, count: int) -> list[int] | None:
        """How many values each node has: all of its own, or all but those that became inputs."""
        own = [len(node.widgets_values or ()) for node in self.nodes]
        turned = [sum(slot.widget is not None for slot in node.inputs) for node in self.nodes]
        left = [max(0, all_ - gone) for all_, gone in zip(own, turned, strict=True)]
        return next((shares for shares in (own, left) if sum(shares) == count), None)


class _Raw(Lenient):
    nodes: list[dict[str, Any]]
    links: _Rows = Field(default_factory=list)
    external: _Rows = Field(default_factory=list)
    config: dict[str, Any] | None = None


def group_nodes(extra: object) -> dict[str, Subgraph]:
    """The group nodes of a file by the types of their instances; malformed ones are left out."""
    defined = extra.get("groupNodes") if isinstance(extra, Mapping) else None
    found: dict[str, Subgraph] = {}
    for name, raw in defined.items() if isinstance(defined, Mapping) else ():
        try:
            made = _Reader(str(name), _Raw.model_validate(raw)).group()
        except (ValidationError, ValueError, TypeError, IndexError):
            continue
        found[f"workflow/{name}"] = found[f"workflow>{name}"] = made
    return found


class _Reader:
    """Makes the subgraph of one definition."""

    def __init__(self, name: str, raw: _Raw) -> None:
        self.name, self.raw = name, raw
        numbered = [{**node, "id": number} for number, node in enumerate(raw.nodes)]
        self.nodes = [NodeModel.model_validate(node) for node in numbered]
        self.external = {(_whole(row[0]), _whole(row[1])) for row in raw.external}
        self.links: list[LinkEntry] = []

    def group(self) -> GroupNode:
        """The subgraph; its links are made anew."""
        for node in self.nodes:
            for slot in node.inputs:
                slot.link = None
        taken = set()
        for origin, number, target, place, *_ in self.raw.links:
            if origin is None or target is None:
                continue  # what came from outside when it was copied
            taken.add((_whole(origin), _whole(number)))
            self._link(_whole(origin), _whole(number), _whole(target), _whole(place))
        inputs, outputs = [*self._inputs()], [*self._outputs(taken)]
        return GroupNode(
            id=f"workflow/{self.name}",
            name=self.name,
            nodes=self.nodes,
            links=self.links,
            inputs=inputs,
            outputs=outputs,
        )

    def _link(self, origin: int | str, number: int, target: int | str, place: int) -> None:
        made = LinkEntry(
            id=len(self.links) + 1,
            origin_id=origin,
            origin_slot=number,
            target_id=target,
            target_slot=place,
        )
        self.links.append(made)
        if isinstance(target, int):
            self.nodes[target].inputs[place].link = made.id

    def _inputs(self) -> Iterator[Slot]:
        """The inputs of the group, each linked to the one inside that it stands for."""
        free = [
            (node, place, slot)
            for node in self.nodes
            for place, slot in enumerate(node.inputs)
            if slot.link is None and self._shown(node, "input", slot.name, True)
        ]
        seen: set[str] = set()
        ordered = sorted(free, key=lambda one: one[2].widget is not None)
        for number, (node, place, slot) in enumerate(ordered):
            self._link(INPUT_NODE, number, int(node.key), place)
            named = self._setting(node, "input", slot.name).get("name")
            name = named if isinstance(named, str) else slot.name
            if name in seen or node.type == "PrimitiveNode":
                name = f"{node.title or node.type} {name}"
            seen.add(name)
            yield Slot(name=name, type=slot.type, widget=slot.widget)

    def _outputs(self, taken: set[tuple[int, int]]) -> Iterator[Slot]:
        """The outputs of the group, each linked from the one inside that it stands for."""
        count = 0
        for node in self.nodes:
            for number, slot in enumerate(node.outputs):
                place = (int(node.key), number)
                free = place not in taken or place in self.external
                if self._shown(node, "output", str(number), free):
                    self._link(int(node.key), number, OUTPUT_NODE, count)
                    count += 1
                    yield Slot(name=slot.name, type=slot.type)

    def _shown(self, node: NodeModel, kind: str, name: str, otherwise: bool) -> bool:
        shown = self._setting(node, kind, name).get("visible")
        return shown if isinstance(shown, bool) else otherwise

    def _setting(self, node: NodeModel, kind: str, name: str) -> dict[str, Any]:
        """What the author of the group set for an input or an output."""
        found: Any = self.raw.config
        for key in (node.key, kind, name):
            found = found.get(key) if isinstance(found, dict) else None
        return found if isinstance(found, dict) else {}


def _whole(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise ValueError("expected a number of a node or a slot")
    return value
