"""Subgraphs opened up: ids, values from outside, nesting, and files made to hurt."""

from typing import Any

import pytest

from nodegraph import InvalidWorkflow, Registry
from nodegraph.formats.comfy_ui import from_ui
from nodegraph.graph.plan import check
from tests.formats.conftest import Read, comfy

INSIDE = "6f1c8a52-0d2b-4c58-9a3e-0b1f5f0f1a01"


def instance(raw: dict[str, Any]) -> dict[str, Any]:
    """The node 12 of the file, which stands for the outer subgraph."""
    found: dict[str, Any] = next(node for node in raw["nodes"] if node["id"] == 12)
    return found


def test_nodes_inside_have_the_ids_of_all_they_lie_in(read: Read, registry: Registry) -> None:
    made, report = read(comfy("subgraphs.ui.json"))

    assert [*made.nodes] == ["10", "12/1/3", "12/2/3", "12/4", "12/5", "13", "14"]
    assert report.remarks == []
    assert check(made, registry) == []


def test_links_cross_the_boundaries(read: Read) -> None:
    nodes = read(comfy("subgraphs.ui.json"))[0].nodes

    assert nodes["12/1/3"].inputs["clip"] == {"node": "10", "output": "clip"}
    assert nodes["12/5"].inputs["positive"] == {"node": "12/1/3", "output": "conditioning"}
    assert nodes["13"].inputs["samples"] == {"node": "12/5", "output": "latent"}


def test_values_set_outside_go_inside(read: Read) -> None:
    nodes = read(comfy("subgraphs.ui.json"))[0].nodes

    assert nodes["12/1/3"].inputs["text"] == "a red circle"
    assert nodes["12/2/3"].inputs["text"] == "blurry"
    assert nodes["12/5"].inputs["steps"] == 2
    assert nodes["12/5"].inputs["seed"] == 7


def test_values_inside_hold_where_those_outside_have_no_clear_owner(read: Read) -> None:
    raw = comfy("subgraphs.ui.json")
    instance(raw)["widgets_values"] = [2, 7, 9]

    made, report = read(raw)

    assert made.nodes["12/5"].inputs["steps"] == 20
    assert made.nodes["12/5"].inputs["seed"] == 1
    assert [(r.code, r.node) for r in report.lost] == [("unnamed_values", "12")]


@pytest.mark.parametrize("proxies", ['[["-1", "steps"], ["5", "seed"]]', "not JSON", 5, [1, 2]])
def test_the_owners_may_be_written_as_text_or_not_at_all(read: Read, proxies: object) -> None:
    raw = comfy("subgraphs.ui.json")
    instance(raw)["properties"]["proxyWidgets"] = proxies

    made, report = read(raw)

    known = isinstance(proxies, str) and proxies.startswith("[[")
    assert made.nodes["12/5"].inputs["seed"] == (7 if known else 1)
    assert bool(report.lost) is not known


def test_a_value_reaches_through_two_instances(read: Read) -> None:
    raw = comfy("subgraphs.ui.json")
    outer = instance(raw)
    outer["properties"]["proxyWidgets"].append(["1", "text"])
    outer["widgets_values"].append("from far outside")

    assert read(raw)[0].nodes["12/1/3"].inputs["text"] == "from far outside"


def test_the_inside_is_laid_where_the_instance_is(read: Read) -> None:
    layout = read(comfy("subgraphs.ui.json"))[0].layout

    assert (layout["12/4"]["x"], layout["12/4"]["y"]) == (1000, 1400)
    assert (layout["12/1/3"]["x"], layout["12/1/3"]["y"]) == (1000, 1000)
    assert [group["title"] for group in layout["$groups"]] == [
        "My sampling",
        "inside",
        "Prompt",
        "Prompt",
    ]


@pytest.mark.parametrize(("mode", "code"), [(2, "muted"), (4, "bypassed")])
def test_a_muted_or_bypassed_instance_has_no_inside(read: Read, mode: int, code: str) -> None:
    raw = comfy("subgraphs.ui.json")
    instance(raw)["mode"] = mode

    made, report = read(raw)

    assert [*made.nodes] == ["10"]
    assert (code, "12") in {(r.code, r.node) for r in report.remarks}
    assert {r.node for r in report.lost} >= {"13", "14"}


def test_a_subgraph_in_itself_is_refused(registry: Registry) -> None:
    raw = comfy("subgraphs.ui.json")
    prompt = raw["definitions"]["subgraphs"][1]
    prompt["nodes"].append({"id": 9, "type": INSIDE})

    with pytest.raises(InvalidWorkflow, match="the subgraph 'Prompt' contains itself"):
        from_ui(raw, registry)


def test_a_subgraph_bomb_is_refused(registry: Registry) -> None:
    levels = [
        {"id": f"s{i}", "nodes": [{"id": j, "type": f"s{i + 1}"} for j in range(10)]}
        for i in range(20)
    ]
    raw = {"nodes": [{"id": 1, "type": "s0"}], "definitions": {"subgraphs": levels}}

    with pytest.raises(InvalidWorkflow, match="more than 200000 nodes and links"):
        from_ui(raw, registry)


def test_subgraphs_lie_in_each_other_only_so_deep(registry: Registry) -> None:
    levels = [{"id": f"s{i}", "nodes": [{"id": 1, "type": f"s{i + 1}"}]} for i in range(60)]
    raw = {"nodes": [{"id": 1, "type": "s0"}], "definitions": {"subgraphs": levels}}

    with pytest.raises(InvalidWorkflow, match="more than 50 deep"):
        from_ui(raw, registry)


def test_a_long_chain_of_reroutes_is_followed_once(read: Read) -> None:
    count = 5000
    chain = [
        {"id": i, "type": "Reroute", "inputs": [{"link": i - 1 if i else None}]}
        for i in range(count)
    ]
    ends = [
        {"id": count + i, "type": "InvertMask", "inputs": [{"name": "mask", "link": count + i}]}
        for i in range(count)
    ]
    links = [[i, i, 0, i + 1, 0, "*"] for i in range(count)]
    links += [[count + i, count - 1, 0, count + i, 0, "*"] for i in range(count)]

    made, _ = read({"nodes": [*chain, *ends], "links": links})

    assert len(made.nodes) == count
