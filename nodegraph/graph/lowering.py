"""From the graph as people draw it to the graph that is planned: no subgraphs, no modes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
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
        ends: id of a subgraph -> the nodes that give its outputs.
    """

    workflow: Workflow
    left_out: dict[str, str] = field(default_factory=dict)
    inside: dict[str, list[str]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    ends: Callable[[str], list[str]] = lambda _: []

    @property
    def muted(self) -> str | None:
        """The first node that is left out because somebody muted it, or what it needs."""
        by_need = sorted(self.left_out.items(), key=lambda item: item[1] != "muted")
        return next((name for name, reason in by_need if reason.startswith("muted")), None)

    def wanted(self, only: Sequence[str], registry: Registry) -> list[str]:
        """Ids as a person gives them, without what is left out.

        In the place of a subgraph stands what gives its outputs, and what in it saves or shows.
        """
        found: dict[str, None] = {}
        for name in only:
            names = [name]
            if name in self.inside:
                effects = (one for one in self.inside[name] if self._is_effect(one, registry))
                names = [*self.ends(name), *effects]
            found.update(dict.fromkeys(names))
        return [name for name in found if name not in self.left_out]

    def nothing_wanted(self, only: Sequence[str]) -> list[Problem]:
        """Why nothing is left of what was asked for, one problem for each."""
        return [self._why_not(name) for name in only]

    def _why_not(self, name: str) -> Problem:
        why = self.left_out.get(name)
        text = (
            f"'{name}' is {why}" if why else f"nothing in '{name}' is run, saves or gives a result"
        )
        expected = "a node that is neither muted nor bypassed"
        return Problem("no_outputs", f"nothing to do: {text}", node=name, expected=expected)

    def _is_effect(self, name: str, registry: Registry) -> bool:
        entry = self.workflow.nodes.get(name)
        kind = registry.get(entry.type) if entry is not None else None
        return kind is not None and kind.effect


def lower(workflow: Workflow, registry: Registry) -> Lowered:
    """Take subgraphs apart and see through muted and bypassed nodes.

    Without any, the workflow itself is in the answer.
    """
    if not any(e.type == SUBGRAPH or e.mode is not None for e in workflow.nodes.values()):
        return Lowered(workflow)
    flat = flatten(workflow)
    settled = settle_modes(flat.workflow, registry)
    left_out = {
        name: why
        for label, why in settled.left_out.items()
        for name in flat.inside.get(label, [label])
    }

    def ends(name: str) -> list[str]:
        return [settled.behind(ref).node for ref in flat.given_by(name)]

    return Lowered(settled.workflow, left_out, flat.inside, flat.problems, ends)
