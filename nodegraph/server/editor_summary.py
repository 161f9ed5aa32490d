"""What a job was about, in few words: its text and its seed, for lists of jobs that look alike."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

__all__ = ["seed_of", "text_of"]

MOST = 200
_SEEDS = ("seed", "noise_seed")


def text_of(workflow: Mapping[str, Any]) -> str | None:
    """The first words written in it, declared inputs first, in one line of at most 200 letters.

    Words are more than one: a single word is a name of something, more often than not.
    """
    for _, value in _values(workflow):
        if isinstance(value, str) and len(words := value.split()) > 1:
            line = " ".join(words)
            return line if len(line) <= MOST else f"{line[: MOST - 1]}…"
    return None


def seed_of(workflow: Mapping[str, Any]) -> str | None:
    """The first seed given in it, in digits: browsers round large numbers."""
    for name, value in _values(workflow):
        if name in _SEEDS and isinstance(value, int) and not isinstance(value, bool):
            return str(value)
    return None


def _values(workflow: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Inputs by name with their values; nothing is taken for granted: the workflow may be odd."""
    nodes = _mapping(workflow.get("nodes"))
    inputs = {name: _mapping(_mapping(node).get("inputs")) for name, node in nodes.items()}
    for declared in _mapping(workflow.get("inputs")).values():
        node, name = _mapping(declared).get("node"), _mapping(declared).get("input")
        if isinstance(node, str) and isinstance(name, str) and name in inputs.get(node, {}):
            yield name, inputs[node][name]
    for values in inputs.values():
        yield from values.items()


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
