"""What planning makes: nodes with everything resolved, in topological order."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from nodegraph.graph.node import NodeType
from nodegraph.graph.wire import Wire
from nodegraph.graph.workflow import Workflow

__all__ = ["Link", "Plan", "PlannedNode"]


@dataclass(slots=True)
class Link:
    """Where an input comes from: a node of the plan and the number of its output."""

    source: int
    output: int


@dataclass(slots=True)
class PlannedNode:
    """One node that will be asked for, with everything resolved.

    `literals` are checked and hold defaults; `links` are the linked inputs; `mapped` names
    the linked inputs that carry lists the node is run over; `wires` are its outputs' types as
    they are here (variables resolved, lists where it is mapped).
    """

    index: int
    id: str
    type: NodeType
    literals: dict[str, Any]
    links: dict[str, Link]
    mapped: tuple[str, ...] = ()
    wires: tuple[Wire, ...] = ()


@dataclass
class Plan:
    """Nodes in topological order, and which of them are wanted for their own sake."""

    workflow: Workflow
    nodes: list[PlannedNode] = field(default_factory=list)
    targets: tuple[int, ...] = ()
    by_id: dict[str, int] = field(default_factory=dict)
    not_needed: tuple[str, ...] = ()
