"""Where things lie in ComfyUI's editor: positions, groups and notes, as our files hold them.

`layout` has a place for each node, by id; lists of groups and of notes are under names that no
id of such a file can be.
"""

from __future__ import annotations

import math
from typing import Any

from nodegraph.formats.comfy_model import Group, NodeModel
from nodegraph.formats.comfy_subgraphs import Place

__all__ = ["GROUPS", "NOTES", "Sheet"]

GROUPS, NOTES = "$groups", "$notes"
_AROUND = 20


class Sheet:
    """Collects the layout of one file; the inside of a subgraph is laid where its instance is."""

    def __init__(self) -> None:
        self.layout: dict[str, Any] = {}
        self._groups: list[dict[str, Any]] = []
        self._notes: list[dict[str, Any]] = []
        self._offsets: dict[str, tuple[float, float]] = {}

    def put(self, place: Place, node: NodeModel) -> None:
        """The place of a node that stays."""
        self.layout[place.id_of(node)] = self._spot(place, node)

    def note(self, place: Place, node: NodeModel) -> None:
        """A note: its text is its first widget value."""
        values = node.widgets_values
        first = values[0] if isinstance(values, list) and values else ""
        if isinstance(values, dict):
            first = next(iter(values.values()), "")
        spot = self._spot(place, node)
        self._notes.append(
            {"text": str(first), "markdown": node.type == "MarkdownNote", **spot},
        )

    def groups(self, place: Place) -> None:
        """The groups of a place, and one around the inside of every subgraph."""
        if place.instance is not None and place.graph.nodes:
            title = place.instance.title or getattr(place.graph, "name", "")
            self._groups.append({"title": title, **self._around(place)})
        for group in place.graph.groups:
            if (box := self._box(place, group)) is not None:
                self._groups.append({"title": group.title or "", **box})
        for inner in place.inner.values():
            self.groups(inner)

    def finished(self, layout: dict[str, Any]) -> dict[str, Any]:
        """The whole layout; what `layout` has of a node is kept."""
        made = {name: {**layout.get(name, {}), **spot} for name, spot in self.layout.items()}
        lists = {GROUPS: self._groups, NOTES: self._notes}
        return layout | made | {key: value for key, value in lists.items() if value}

    def _spot(self, place: Place, node: NodeModel) -> dict[str, Any]:
        dx, dy = self._offset(place)
        spot: dict[str, Any] = {}
        if (at := _pair(node.pos)) is not None:
            spot |= {"x": at[0] + dx, "y": at[1] + dy}
        if (size := _pair(node.size)) is not None:
            spot |= {"width": size[0], "height": size[1]}
        named = {"title": node.title, "color": node.color, "background": node.bgcolor}
        return spot | {key: value for key, value in named.items() if value is not None}

    def _offset(self, place: Place) -> tuple[float, float]:
        """What to add to positions inside, so that they begin where the instance is."""
        if place.outer is None or place.instance is None:
            return (0, 0)
        if place.prefix not in self._offsets:
            outer = self._offset(place.outer)
            at = _pair(place.instance.pos) or (0, 0)
            left, top = _corner(place)
            self._offsets[place.prefix] = (outer[0] + at[0] - left, outer[1] + at[1] - top)
        return self._offsets[place.prefix]

    def _around(self, place: Place) -> dict[str, float]:
        dx, dy = self._offset(place)
        left, top = _corner(place)
        spots = [(_pair(n.pos) or (left, top), _pair(n.size) or (0, 0)) for n in place.graph.nodes]
        right = max(at[0] + size[0] for at, size in spots)
        bottom = max(at[1] + size[1] for at, size in spots)
        return {
            "x": left + dx - _AROUND,
            "y": top + dy - _AROUND,
            "width": right - left + 2 * _AROUND,
            "height": bottom - top + 2 * _AROUND,
        }

    def _box(self, place: Place, group: Group) -> dict[str, Any] | None:
        found = group.bounding
        if not isinstance(found, list) or len(found) != 4 or not all(map(_is_number, found)):
            return None
        dx, dy = self._offset(place)
        x, y, width, height = found
        box = {"x": x + dx, "y": y + dy, "width": width, "height": height}
        return box | ({"color": group.color} if group.color is not None else {})


def _corner(place: Place) -> tuple[float, float]:
    spots = [at for node in place.graph.nodes if (at := _pair(node.pos)) is not None]
    return (min((x for x, _ in spots), default=0), min((y for _, y in spots), default=0))


def _pair(value: Any) -> tuple[float, float] | None:
    """`[x, y]`, in old files `{"0": x, "1": y}`."""
    if isinstance(value, dict):
        value = [value.get("0"), value.get("1")]
    if isinstance(value, list) and len(value) >= 2 and all(map(_is_number, value[:2])):
        return (value[0], value[1])
    return None


def _is_number(value: Any) -> bool:
    """Whether it can be a coordinate; sums of such numbers stay finite."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return abs(value) < 1e9 if isinstance(value, int) else math.isfinite(value) and abs(value) < 1e9
