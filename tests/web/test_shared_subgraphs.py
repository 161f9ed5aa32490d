"""What the editor groups is planned as the same nodes: tests/data/subgraphs.json."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from nodegraph import Registry, Workflow
from nodegraph.graph.plan import plan
from nodegraph.graph.planned import Plan
from nodes import NODES
from tests.server.processes import ROOT

_CASES: list[dict[str, Any]] = json.loads(
    (ROOT / "tests" / "data" / "subgraphs.json").read_text(encoding="utf-8")
)["cases"]


@pytest.fixture(scope="module")
def registry() -> Registry:
    return Registry(NODES)


def planned(made: Plan, rename: Callable[[str], str]) -> dict[str, Any]:
    """All that decides what a run does, by the nodes' own names."""
    names = [rename(one.id) for one in made.nodes]
    return {
        rename(one.id): {
            "type": one.type.name,
            "literals": one.literals,
            "links": {name: (names[to.source], to.output) for name, to in one.links.items()},
            "mapped": one.mapped,
            "target": one.index in made.targets,
        }
        for one in made.nodes
    }


def plain(name: str) -> str:
    return name.removeprefix("group/")


@pytest.mark.parametrize("case", _CASES, ids=[case["name"] for case in _CASES])
def test_a_grouped_workflow_is_planned_as_the_flat_one(
    case: dict[str, Any], registry: Registry
) -> None:
    flat = plan(Workflow.from_dict(case["flat"]), registry)
    grouped = plan(Workflow.from_dict(case["grouped"]), registry)

    assert planned(grouped, plain) == planned(flat, str)
    assert {label: (plain(node), output) for label, (node, output) in grouped.outputs.items()} == (
        flat.outputs
    )
    assert {plain(name): why for name, why in grouped.left_out.items()} == flat.left_out
    inside = {one.id for one in grouped.nodes if one.id.startswith("group/")}
    assert inside, "nothing of the group is run"
