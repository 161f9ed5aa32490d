"""Group nodes of ComfyUI's older editor are opened up like subgraphs."""

from copy import deepcopy
from typing import Any

import pytest

from nodegraph import InvalidWorkflow, Registry
from nodegraph.graph.plan import check
from tests.formats.conftest import Read, comfy

MEMBERS = [7, 6, 5, 3]
"""The nodes of txt2img.ui.json that go into the group, in its order."""


def grouped(type_: str = "workflow/Sampling") -> dict[str, Any]:
    """The file txt2img.ui.json with both prompts, the empty latent and the sampler in a group."""
    raw: dict[str, Any] = comfy("txt2img.ui.json")
    nodes = {node["id"]: node for node in raw["nodes"]}
    inside = [deepcopy(nodes[number]) for number in MEMBERS]
    for index, node in enumerate(inside):
        node.update(id=-1, index=index)
    rows = [
        [MEMBERS.index(a), b, MEMBERS.index(c), d, kind]
        for _, a, b, c, d, kind in raw["links"]
        if a in MEMBERS and c in MEMBERS
    ]
    values = [value for node in inside for value in node["widgets_values"]]
    slots = [("clip", "CLIP", 3), ("Positive clip", "CLIP", 5), ("model", "MODEL", 1)]
    instance = {
        "id": 20,
        "type": type_,
        "pos": [400, 200],
        "mode": 0,
        "inputs": [{"name": n, "type": t, "link": link} for n, t, link in slots],
        "outputs": [{"name": "LATENT", "type": "LATENT", "links": [7]}],
        "widgets_values": values,
    }
    definition = {"nodes": inside, "links": rows, "external": []}
    raw["nodes"] = [node for node in raw["nodes"] if node["id"] not in MEMBERS] + [instance]
    raw["links"] = [
        [1, 4, 0, 20, 2, "MODEL"],
        [3, 4, 1, 20, 0, "CLIP"],
        [5, 4, 1, 20, 1, "CLIP"],
        [7, 20, 0, 8, 0, "LATENT"],
        [8, 4, 2, 8, 1, "VAE"],
        [9, 8, 0, 9, 0, "IMAGE"],
    ]
    raw["extra"] = {"groupNodes": {"Sampling": definition}}
    return raw


def instance(raw: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = next(node for node in raw["nodes"] if node["id"] == 20)
    return found


def definition(raw: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = raw["extra"]["groupNodes"]["Sampling"]
    return found


@pytest.mark.parametrize("type_", ["workflow/Sampling", "workflow>Sampling"])
def test_a_group_is_what_is_inside_it(read: Read, registry: Registry, type_: str) -> None:
    flat, _ = read(comfy("txt2img.ui.json"))
    made, report = read(grouped(type_))

    assert report.remarks == []
    assert check(made, registry) == []
    names = {str(number): f"20/{index}" for index, number in enumerate(MEMBERS)}
    for name, entry in flat.nodes.items():
        found = made.nodes[names.get(name, name)]
        wanted = {
            key: {**value, "node": names.get(value["node"], value["node"])}
            if isinstance(value, dict) and "node" in value
            else value
            for key, value in entry.inputs.items()
        }
        assert (found.type, found.inputs) == (entry.type, wanted)


def test_two_instances_have_values_of_their_own(read: Read) -> None:
    raw = grouped()
    second = deepcopy(instance(raw)) | {"id": 21}
    second["widgets_values"][0] = "ugly"
    raw["nodes"].append(second)

    nodes = read(raw)[0].nodes

    assert nodes["20/0"].inputs["text"] == "blurry"
    assert nodes["21/0"].inputs["text"] == "ugly"


def test_values_without_clear_owners_are_reported(read: Read) -> None:
    raw = grouped()
    instance(raw)["widgets_values"] = ["one"]

    made, report = read(raw)

    assert [(r.code, r.node) for r in report.lost] == [("unnamed_values", "20")]
    assert made.nodes["20/0"].inputs["text"] == "blurry"


def test_a_widget_that_became_an_input(read: Read) -> None:
    raw = grouped()
    inside = definition(raw)["nodes"][1]
    inside["inputs"].append({"name": "text", "type": "STRING", "widget": {"name": "text"}})
    raw["nodes"].append(
        {"id": 30, "type": "PrimitiveNode", "outputs": [{"name": "STRING", "links": [40]}]}
        | {"widgets_values": ["a blue star", "fixed"]}
    )
    raw["links"].append([40, 30, 0, 20, 3, "STRING"])
    node = instance(raw)
    node["inputs"].append({"name": "text", "type": "STRING", "link": 40, "widget": {"name": "t"}})
    del node["widgets_values"][1]

    made, report = read(raw)

    assert report.remarks == []
    assert made.nodes["20/1"].inputs["text"] == "a blue star"
    assert made.nodes["20/0"].inputs["text"] == "blurry"


def test_outputs_taken_inside_show_only_when_they_are_external(read: Read) -> None:
    raw = grouped()
    definition(raw)["external"] = [[2, 0, "LATENT"]]
    node = instance(raw)
    node["outputs"] = [{"name": "LATENT", "links": []}, {"name": "LATENT", "links": [7]}]
    raw["links"][3] = [7, 20, 1, 8, 0, "LATENT"]

    made, _ = read(raw)
    assert made.nodes["8"].inputs["samples"]["node"] == "20/3"

    definition(raw)["config"] = {"2": {"output": {"0": {"visible": False}}}}
    raw["links"][3] = [7, 20, 0, 8, 0, "LATENT"]
    made, _ = read(raw)
    assert made.nodes["8"].inputs["samples"]["node"] == "20/3"


def test_renamed_inputs_are_found_by_their_names(read: Read) -> None:
    raw = grouped()
    definition(raw)["config"] = {"3": {"input": {"model": {"name": "network"}}}}
    node = instance(raw)
    node["inputs"] = [node["inputs"][2] | {"name": "network"}, *node["inputs"][:2]]

    made, _ = read(raw)

    assert made.nodes["20/3"].inputs["model"] == {"node": "4", "output": "model"}
    assert made.nodes["20/0"].inputs["clip"] == {"node": "4", "output": "clip"}


def test_a_bypassed_or_muted_group_is_left_out(read: Read) -> None:
    raw = grouped()
    instance(raw)["mode"] = 2

    made, report = read(raw)

    assert not [name for name in made.nodes if name.startswith("20")]
    assert "muted" in {remark.code for remark in report.lost}


def test_a_group_in_itself_is_refused(read: Read) -> None:
    raw = grouped()
    definition(raw)["nodes"].append({"type": "workflow>Sampling", "inputs": []})
    definition(raw)["nodes"].append({"type": "workflow/Sampling", "inputs": []})

    with pytest.raises(InvalidWorkflow, match="'Sampling' contains itself"):
        read(raw)


@pytest.mark.parametrize(
    "harm",
    [
        {"nodes": None},
        {"nodes": ["x"]},
        {"links": [[0, 0, 99, 0]]},
        {"links": [[0, 0]]},
        {"links": [["a", {}, [], -1]]},
        {"external": [[0]]},
        {"external": [[{}, []]]},
        {"nodes": [{"type": ""}]},
    ],
)
def test_a_malformed_definition_leaves_its_instances_unknown(
    read: Read, registry: Registry, harm: dict[str, Any]
) -> None:
    raw = grouped()
    definition(raw).update(harm)

    made, _ = read(raw)

    assert made.nodes["20"].type == "workflow/Sampling"
    assert "missing_node_type" in {problem.code for problem in check(made, registry)}


@pytest.mark.parametrize("extra", [None, [], {"groupNodes": []}, {"groupNodes": {"Sampling": 3}}])
def test_odd_extras_hurt_nobody(read: Read, extra: object) -> None:
    raw = grouped()
    raw["extra"] = extra

    assert "20" in read(raw)[0].nodes
