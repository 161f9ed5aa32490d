"""Widget values of ComfyUI's editor: a list in the order of the node's widgets, or by name."""

from __future__ import annotations

from typing import Any

from nodegraph.formats.aliases import WIDGETS
from nodegraph.formats.comfy_model import NodeModel
from nodegraph.graph.node_type import InputSpec, NodeType
from nodegraph.graph.widgets import InputFile, Seed

__all__ = ["by_order", "by_slots", "is_widget"]

_CONTROLS = frozenset({"fixed", "increment", "decrement", "randomize"})
_SEEDS = frozenset({"seed", "noise_seed"})


def is_widget(spec: InputSpec) -> bool:
    """Whether ComfyUI would show a widget for the input."""
    check = spec.check
    return check.allowed and not (spec.wire.is_any or spec.wire.is_list or check.is_body)


def by_order(
    class_type: str, node_type: NodeType, values: list[Any]
) -> tuple[dict[str, Any], list[Any]]:
    """The values by name, and those that were left over.

    What follows a seed ("randomize" and the like, formerly true or false) and an uploaded
    file ("image") belongs to the editor alone and is skipped, if it is there.
    """
    specs = {spec.name: spec for spec in node_type.inputs if is_widget(spec)}
    order = WIDGETS.get(class_type, tuple(specs))
    named: dict[str, Any] = {}
    rest = list(reversed(values))
    for index, name in enumerate(order):
        if not rest:
            break
        named[name] = rest.pop()
        following = order[index + 1] if index + 1 < len(order) else None
        spec, after = specs.get(name), specs.get(following or "")
        if spec is not None and rest and _is_companion(spec, after, rest[-1]):
            rest.pop()
    return named, rest[::-1]


def _is_companion(spec: InputSpec, following: InputSpec | None, value: Any) -> bool:
    """Whether a value is the extra one of the widget before it, not the next widget's."""
    marks = spec.check.marks
    files = [mark.kind for mark in marks if isinstance(mark, InputFile)]
    seed = spec.name in _SEEDS or any(isinstance(mark, Seed) for mark in marks)
    if value in ("image", "audio", "video") and files:
        extra = True
    elif isinstance(value, str) and value in _CONTROLS:
        if seed:
            return True
        extra = spec.wire.types in ((int,), (float,))
    else:
        extra = seed and isinstance(value, bool)
    return extra and (following is None or following.check(value, None)[1] is not None)


def by_slots(node: NodeModel) -> dict[str, Any] | None:
    """The values by the names of the inputs that stand for widgets, if these are all there.

    So are files of newer editors; it is the only way to name the values of a node whose type
    is not installed.
    """
    values = node.widgets_values
    if not isinstance(values, list):
        return None
    names = [slot.name for slot in node.inputs if slot.widget is not None]
    named: dict[str, Any] = {}
    rest = list(reversed(values))
    for name in names:
        if not rest:
            return None
        named[name] = rest.pop()
        if name in _SEEDS and rest and isinstance(rest[-1], str) and rest[-1] in _CONTROLS:
            rest.pop()
    return None if rest else named
