"""The rules of connecting as the server has them; the editor's tests read the same cases."""

import json
from pathlib import Path
from typing import Any

import pytest

from nodegraph.graph.lowering import lower
from nodegraph.graph.plan import check, plan
from nodegraph.graph.portable import registry_from
from nodegraph.graph.registry import Registry
from nodegraph.graph.schema import wire_schema
from nodegraph.graph.wire import Wire, wire_of_value
from nodegraph.graph.workflow import Workflow

DATA = Path(__file__).parents[1] / "data"
WIRES = json.loads((DATA / "wires.json").read_text())
PORTS = json.loads((DATA / "ports.json").read_text())
NAMES = sorted(WIRES["wires"])


def _schema(name: str, made: dict[str, Any]) -> dict[str, Any]:
    """A node type as the server describes it, of one that is described in short."""
    plain = {"description": "", "display_name": name, "category": "", "version": 1, "pack": ""}
    flags = {"effect": False, "volatile": False, "deprecated": None, "extras": False}
    more: dict[str, Any] = {"aliases": [], "body_outputs": None, "migrates": False}
    inputs = [
        {
            "name": name,
            "wire": WIRES["wires"][wire],
            "required": True,
            "lazy": name in made.get("lazy", []),
            "help": "",
        }
        for name, wire in made.get("inputs", {}).items()
    ]
    outputs = [
        {"name": name, "wire": WIRES["wires"][wire]} for name, wire in made["outputs"].items()
    ]
    return {"name": name, **plain, **flags, **more, "inputs": inputs, "outputs": outputs}


@pytest.fixture(scope="module")
def registry() -> Registry:
    nodes = [_schema(name, made) for name, made in PORTS["node_types"].items()]
    return registry_from({"nodes": nodes, "wire_types": WIRES["types"], "packs": {}})


@pytest.fixture(scope="module")
def wires() -> dict[str, Wire]:
    """Every wire of the cases, as an input of a node of its own."""
    schema = _schema("All", {"inputs": {name: name for name in NAMES}, "outputs": {}})
    described = {"nodes": [schema], "wire_types": WIRES["types"], "packs": {}}
    node_type = registry_from(described).get("All")
    assert node_type is not None
    return {spec.name: spec.wire for spec in node_type.inputs}


@pytest.mark.parametrize("target", NAMES)
def test_what_an_input_takes(target: str, wires: dict[str, Wire]) -> None:
    direct = [name for name in NAMES if wires[target].accepts(wires[name])]
    mapped = [name for name in NAMES if wires[target].accepts_mapped(wires[name])]

    assert direct == sorted(WIRES["direct"][target])
    assert mapped == sorted(WIRES["mapped"][target])


@pytest.mark.parametrize("first", NAMES)
def test_the_wider_of_two_types(first: str, wires: dict[str, Wire]) -> None:
    joined = {name: wires[first].joined(wires[name]) for name in NAMES}

    found = {name: wire_schema(wire) for name, wire in joined.items() if wire is not None}
    expected = {name: WIRES["wires"][wider] for name, wider in WIRES["joined"][first].items()}
    assert found == expected


@pytest.mark.parametrize(("value", "types", "is_list"), WIRES["values"])
def test_what_a_literal_is(value: object, types: list[str], is_list: bool) -> None:
    found = wire_schema(wire_of_value(value))
    assert (found["types"], found["list"]) == (types, is_list)


def _workflow(graph: dict[str, Any]) -> Workflow:
    return Workflow.from_dict({"nodegraph": 1, "nodes": graph["nodes"]})


@pytest.mark.parametrize("graph", PORTS["graphs"], ids=lambda graph: graph["name"])
def test_what_outputs_give(graph: dict[str, Any], registry: Registry) -> None:
    made = plan(_workflow(graph), registry, only=[*graph["nodes"]])

    for name, outputs in graph["gives"].items():
        for output, wire in outputs.items():
            node, port = _inside(graph, name, output)
            planned = made.nodes[made.by_id[node]]
            number = planned.output_number(port)
            assert number is not None
            assert wire_schema(planned.wires[number]) == WIRES["wires"][wire]


def _inside(graph: dict[str, Any], node: str, output: str) -> tuple[str, str]:
    """The node that gives an output, where that is one inside of a subgraph."""
    if graph["nodes"][node]["type"] != "Subgraph":
        return node, output
    inner = graph["nodes"][node]["inputs"]["body"]["outputs"][output]
    return f"{node}/{inner['node']}", inner["output"]


@pytest.mark.parametrize(
    ("graph", "source", "target", "fits"),
    [
        pytest.param(graph, *link, id=f"{graph['name']}: {link[0]} to {link[1]}")
        for graph in PORTS["graphs"]
        for link in graph["links"]
    ],
)
def test_which_links_fit(
    graph: dict[str, Any], source: str, target: str, fits: bool, registry: Registry
) -> None:
    giver, output = source.split(".")
    taker, name = target.split(".")
    nodes = json.loads(json.dumps(graph["nodes"]))
    nodes[taker].setdefault("inputs", {})[name] = {"node": giver, "output": output}

    problems = check(_workflow({"nodes": nodes}), registry)

    wrong = [p for p in problems if p.code in ("type_mismatch", "dependency_cycle")]
    assert (wrong == []) == fits, wrong


@pytest.mark.parametrize("case", PORTS["modes"], ids=lambda case: case["name"])
def test_what_groups_mean_that_are_left_out(case: dict[str, Any], registry: Registry) -> None:
    drawn = lower(_workflow({"nodes": case["drawn"]}), registry)
    means = lower(_workflow({"nodes": case["means"]}), registry)

    plain = {name.removeprefix("group/") for name in drawn.left_out}
    assert drawn.workflow.nodes == means.workflow.nodes
    assert plain == set(means.left_out)
    assert drawn.problems == []
