"""The same graphs three ways: as a workflow, as a dask graph, and as a plain loop.

Nodes are numbered in topological order. Every node adds its own number to what it is linked to,
so no two nodes of a graph are the same and a change at the first one reaches all that follow.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from nodegraph import Registry, Workflow, node
from nodegraph.graph.workflow import NodeEntry

__all__ = ["REGISTRY", "SHAPES", "Graph", "make"]

_MODULUS = 1_000_003
_LATTICE_WIDTH = 10


@node()
def source(value: int = 0) -> int:
    """Where a graph begins."""
    return value


@node()
def step(a: int, by: int = 0) -> int:
    """A node with one link."""
    return (a + by) % _MODULUS


@node()
def join(a: int, b: int, by: int = 0) -> int:
    """A node with two links."""
    return (a + b + by) % _MODULUS


REGISTRY = Registry((source, step, join))
_FUNCTIONS: tuple[Callable[..., int], ...] = (source, step, join)
_NAMES = (("value",), ("a", "by"), ("a", "b", "by"))


@dataclass(frozen=True)
class Graph:
    """Which nodes each node is linked to (none, one or two), and which are asked for."""

    shape: str
    parents: tuple[tuple[int, ...], ...]
    wanted: tuple[int, ...]

    def workflow(self, changes: dict[int, int]) -> Workflow:
        """As a workflow file; `changes` are literals that differ from the node's number."""
        nodes = {}
        for number, parents in enumerate(self.parents):
            function, names = _FUNCTIONS[len(parents)], _NAMES[len(parents)]
            links = [{"node": str(parent)} for parent in parents]
            inputs: dict[str, Any] = dict(
                zip(names, [*links, changes.get(number, number)], strict=True)
            )
            nodes[str(number)] = NodeEntry(
                type=function.__name__.capitalize(), version=1, inputs=inputs
            )
        return Workflow(nodes=nodes)

    def targets(self) -> tuple[str, ...]:
        """The ids of the nodes that are asked for."""
        return tuple(map(str, self.wanted))

    def dask(self) -> dict[str, Any]:
        """As a dask graph of tasks."""
        return {
            str(number): (_FUNCTIONS[len(parents)], *map(str, parents), number)
            for number, parents in enumerate(self.parents)
        }

    def loop(self) -> list[int]:
        """Run by a bare loop."""
        values: list[int] = []
        for number, parents in enumerate(self.parents):
            function = _FUNCTIONS[len(parents)]
            values.append(function(*[values[parent] for parent in parents], number))
        return [values[number] for number in self.wanted]


def make(shape: str, count: int) -> Graph:
    """The graph of that shape with `count` nodes."""
    parents = SHAPES[shape](count)
    used = {parent for linked in parents for parent in linked}
    return Graph(shape, tuple(parents), tuple(i for i in range(count) if i not in used))


def _chain(count: int) -> list[tuple[int, ...]]:
    return [(), *((i,) for i in range(count - 1))]


def _fan(count: int) -> list[tuple[int, ...]]:
    return [(), *((0,) for _ in range(count - 1))]


def _lattice(count: int) -> list[tuple[int, ...]]:
    """Rows of ten after the first node; each node joins two neighbours of the row above."""
    width = _LATTICE_WIDTH
    rows: list[tuple[int, ...]] = [(), *((0,) for _ in range(min(width, count - 1)))]
    for number in range(len(rows), count):
        row, column = divmod(number - 1, width)
        above = 1 + (row - 1) * width
        rows.append((above + column, above + (column + 1) % width))
    return rows


def _random(count: int) -> list[tuple[int, ...]]:
    """Each node has one or two links to any nodes before it."""
    draw = random.Random(count)
    found: list[tuple[int, ...]] = [()]
    for number in range(1, count):
        picked = {draw.randrange(number) for _ in range(draw.choice((1, 2)))}
        found.append(tuple(sorted(picked)))
    return found


SHAPES: dict[str, Callable[[int], list[tuple[int, ...]]]] = {
    "chain": _chain,
    "fan": _fan,
    "lattice": _lattice,
    "random": _random,
}
