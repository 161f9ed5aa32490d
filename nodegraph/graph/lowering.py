"""From the graph as people draw it to the graph that is planned: no subgraphs, no modes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from nodegraph.errors import Problem
from nodegraph.graph.flatten import flatten
from nodegraph.graph.modes import settle_modes
from nodegraph.graph.passing import SUBGRAPH
from nodegraph.graph.registry import Registry
from nodegraph.graph.workflow import Workflow

__all__ = ["Lowered", "lower"]


@dataclass
class Lowered:
    """A workflow in which every node runs as it stands.

    Attributes:
        left_out: the nodes that are seen through or never run -> why.
        inside: id of a subgraph -> the ids of the nodes that stand in its place.
    """

    workflow: Workflow
    left_out: dict[str, str] = field(default_factory=dict)
    inside: dict[str, list[str]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    @property
    def has_muted(self) -> bool:
        """Whether nodes are left out because somebody muted them, or what they need."""
        return any(reason.startswith("muted") for reason in self.left_out.values())

    def wanted(self, only: Sequence[str]) -> list[str]:
        """Ids as a person gives them, with what stands in the place of subgraphs."""
        found: dict[str, None] = {}
        for name in only:
            found.update(dict.fromkeys(self.inside.get(name, [name])))
        return [name for name in found if name not in self.left_out]


def lower(workflow: Workflow, registry: Registry) -> Lowered:
    """Take subgraphs apart and see through muted and bypassed nodes.

    Without any, the workflow itself is in the answer.
    """
    if not any(e.type == SUBGRAPH or e.mode is not None for e in workflow.nodes.values()):
        return Lowered(workflow)
    flat = flatten(workflow)
    settled, left_out = settle_modes(flat.workflow, registry)
    spread = {
        name: why for label, why in left_out.items() for name in flat.inside.get(label, [label])
    }
    return Lowered(settled, spread, flat.inside, flat.problems)
