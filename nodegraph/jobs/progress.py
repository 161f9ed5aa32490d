"""How far a job is, as one number: nodes weighted by their steps."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

__all__ = ["Progress", "weight_of"]


def weight_of(inputs: dict[str, Any]) -> int:
    """What a node weighs before it runs: its `steps`, if it says any, else 1."""
    steps = inputs.get("steps")
    return steps if type(steps) is int and 1 <= steps <= 10_000 else 1


class Progress:
    """The progress of one job; never goes back."""

    def __init__(self) -> None:
        self._weights: dict[str, int] = {}
        self._types: dict[str, str] = {}
        self._settled: set[str] = set()
        self._running: dict[str, tuple[int, int] | None] = {}
        self._total = self._done = 0
        self._value = 0.0

    def plan(self, nodes: Iterable[tuple[str, str, int]]) -> None:
        """The nodes that will be looked at: id, type, weight."""
        for node, type_name, weight in nodes:
            self._add(node, type_name, weight)

    def _add(self, node: str, type_name: str, weight: int) -> None:
        if node not in self._weights:
            self._weights[node], self._types[node] = weight, type_name
            self._total += weight

    def started(self, node: str, type_name: str) -> None:
        """A node began to run; one that was not planned was made by another node."""
        self._add(node, type_name, 1)
        self._running[node] = None

    def stepped(self, node: str, value: int, total: int) -> None:
        """A node did `value` of `total` steps."""
        if node in self._running:
            self._running[node] = (value, total)

    def settled(self, node: str) -> None:
        """A node ran, was reused, skipped, or failed."""
        self._running.pop(node, None)
        if node in self._weights and node not in self._settled:
            self._settled.add(node)
            self._done += self._weights[node]

    def snapshot(self) -> dict[str, Any]:
        """Everything at once: one is enough to bring a client up to date."""
        node = next(reversed(self._running), None)
        step, steps = (self._running[node] or (None, None)) if node is not None else (None, None)
        type_name = self._types[node] if node is not None else None
        self._value = max(self._value, min(1.0, self._fraction()))
        return {
            "value": round(self._value, 4),
            "nodes_done": len(self._settled),
            "nodes_total": len(self._weights),
            "current_node": node,
            "current_node_class": type_name,
            "step": step,
            "steps": steps,
            "message": f"{type_name} {step}/{steps}" if step is not None else type_name,
        }

    def _fraction(self) -> float:
        if not self._total:
            return 0.0
        done = float(self._done)
        for node, at in self._running.items():
            if at is not None and at[1] > 0:
                done += self._weights[node] * max(0.0, min(1.0, at[0] / at[1]))
        return done / self._total
