"""The files of ComfyUI's editor: everything that exists only there is resolved."""

import copy
from typing import Any

import pytest

from nodegraph import InvalidWorkflow, Registry, Seed, node
from nodegraph.formats.comfy_ui import from_ui
from nodegraph.formats.comfy_widgets import by_order
from nodegraph.graph.plan import check
from nodes import NODES
from tests.formats.conftest import Read, comfy


def of(raw: dict[str, Any], number: int) -> dict[str, Any]:
    """A node of a file, to change it."""
    found: dict[str, Any] = next(node for node in raw["nodes"] if node["id"] == number)
    return found


def test_both_formats_of_one_workflow_are_read_alike(read: Read, registry: Registry) -> None:
    drawn, report = read(comfy("txt2img.ui.json"))
    api, _ = read(comfy("txt2img.api.json"))

    assert drawn.nodes == api.nodes
    assert (report.source, report.remarks) == ("comfyui-ui", [])
    assert check(drawn, registry) == []


def test_the_layout_is_kept(read: Read) -> None:
    made, _ = read(comfy("editor.ui.json"))

    assert made.layout["6"] == {"x": 600, "y": 0, "width": 300, "height": 260}
    assert made.layout["$groups"] == [
        {"title": "Sampling", "x": 590, "y": -60, "width": 320, "height": 340, "color": "#a1309b"}
    ]
    first, second = made.layout["$notes"]
    assert (first["text"], first["markdown"], first["color"]) == ("remember", False, "#432")
    assert (second["text"], second["markdown"]) == ("# big", True)
    assert {"1", "4", "7", "10", "11", "12", "13"}.isdisjoint(made.nodes)
    assert {*made.layout} - {"$groups", "$notes"} == {*made.nodes}


def test_reroutes_primitives_and_bypassed_nodes_are_seen_through(read: Read) -> None:
    inputs = read(comfy("editor.ui.json"))[0].nodes["6"].inputs

    assert inputs["positive"] == inputs["negative"] == {"node": "3", "output": "conditioning"}
    assert inputs["latent_image"] == {"node": "5", "output": "latent"}
    assert inputs["seed"] == 42


def test_a_converted_widget_still_takes_its_place_in_the_list(read: Read) -> None:
    inputs = read(comfy("editor.ui.json"))[0].nodes["6"].inputs

    values = [inputs[k] for k in ("steps", "cfg", "sampler_name", "scheduler", "denoise")]
    assert values == [3, 2.5, "heun", "karras", 0.5]


def test_what_is_muted_goes_with_all_that_needs_it_and_is_reported(read: Read) -> None:
    made, report = read(comfy("editor.ui.json"))

    assert not {"10", "11"} & {*made.nodes}
    assert [(r.code, r.node) for r in report.lost] == [("muted", "10"), ("source_gone", "11")]


def test_an_optional_input_from_a_muted_node_is_left_open(read: Read) -> None:
    raw = {
        "nodes": [
            {"id": 1, "type": "LoadImage", "widgets_values": ["a.png", "image"]},
            {"id": 2, "type": "SolidMask", "mode": 2, "widgets_values": [1.0, 8, 8]},
            {
                "id": 3,
                "type": "ImageCompositeMasked",
                "inputs": [
                    {"name": "destination", "type": "IMAGE", "link": 1},
                    {"name": "source", "type": "IMAGE", "link": 1},
                    {"name": "mask", "type": "MASK", "link": 2},
                ],
                "widgets_values": [4, 5, True],
            },
        ],
        "links": [[1, 1, 0, 3, 0, "IMAGE"], [2, 2, 0, 3, 2, "MASK"]],
    }
    made, report = read(raw)

    assert made.nodes["3"].inputs == {
        "x": 4,
        "y": 5,
        "resize_source": True,
        "destination": {"node": "1", "output": "image"},
        "source": {"node": "1", "output": "image"},
    }
    assert [(r.node, r.field) for r in report.lost] == [("2", None), ("3", "mask")]


def test_a_node_of_an_unknown_type_keeps_everything(read: Read) -> None:
    made, report = read(comfy("editor.ui.json"))
    entry = made.to_dict()["nodes"]["15"]

    assert entry["type"] == "FancySharpen"
    assert entry["inputs"] == {"image": {"node": "14", "output": "image"}}
    assert entry["comfy"]["widgets_values"] == [0.5, "soft"]
    assert any("fancy-pack 1.2.0" in r.message for r in report.remarks if r.node == "15")


def test_newer_files_name_the_values_of_unknown_types(read: Read) -> None:
    slots = [
        {"name": name, "type": "INT", "link": None, "widget": {"name": name}}
        for name in ("seed", "amount")
    ]
    unknown = {"id": 1, "type": "Unheard", "inputs": slots}

    made, _ = read({"nodes": [{**unknown, "widgets_values": [5, "fixed", 7]}]})
    short, _ = read({"nodes": [{**unknown, "widgets_values": [5]}]})

    assert made.nodes["1"].inputs == {"seed": 5, "amount": 7}
    assert short.nodes["1"].inputs == {}
    assert short.to_dict()["nodes"]["1"]["comfy"]["widgets_values"] == [5]


def test_values_may_come_by_name(read: Read) -> None:
    raw = {"nodes": [{"id": 1, "type": "EmptyLatentImage", "widgets_values": {"width": 8, "z": 1}}]}
    made, report = read(raw)

    assert made.nodes["1"].inputs == {"width": 8}
    assert [r.code for r in report.lost] == ["unnamed_values"]


@pytest.mark.parametrize(
    ("class_type", "values", "named", "rest"),
    [
        ("KSampler", [1, "fixed", 2, 3, "euler", "normal", 1], 7, []),
        ("KSampler", [1, 2, 3, "euler", "normal", 1], 7, []),
        ("KSampler", [1, True, 2, 3, "euler", "normal", 1], 7, []),
        ("KSampler", [1, "randomize", 2, 3, "euler", "normal", 1, "more"], 7, ["more"]),
        ("KSampler", [1, "randomize"], 1, []),
        ("LoadImage", ["a.png", "image"], 1, []),
        ("LoadImage", ["a.png"], 1, []),
        ("PrimitiveInt", [4, "increment"], 1, []),
        ("PrimitiveString", ["fixed"], 1, []),
        ("VAEDecodeTiled", [512, 64, 64, 8], 4, []),
    ],
)
def test_the_editors_own_values_are_skipped_where_they_are(
    registry: Registry, class_type: str, values: list[Any], named: int, rest: list[Any]
) -> None:
    node_type = registry.get(class_type)
    assert node_type is not None
    found, left = by_order(class_type, node_type, values)

    if class_type == "KSampler" and named == 7:
        fields = ("seed", "steps", "cfg", "sampler_name", "scheduler", "denoise")
        assert found == dict(zip(fields, (1, 2, 3, "euler", "normal", 1), strict=True))
    else:
        assert len(found) == named
        assert [*found.values()] == values[:named]
    assert left == rest


def test_a_text_after_a_number_is_not_taken_for_the_editors(registry: Registry) -> None:
    @node(name="Labelled")
    def labelled(count: int = 1, label: str = "") -> int:
        """A number, then a text that may be anything."""
        return count

    node_type = Registry([labelled]).get("Labelled")
    assert node_type is not None
    assert by_order("Labelled", node_type, [3, "fixed"]) == ({"count": 3, "label": "fixed"}, [])


def test_reroutes_in_a_circle_end(read: Read) -> None:
    raw = comfy("editor.ui.json")
    raw["links"] = [[5, 4, 0, 4, 0, "*"] if link[0] == 5 else link for link in raw["links"]]

    made, report = read(raw)

    assert "6" not in made.nodes
    assert any("in a circle" in r.message for r in report.lost)


def test_a_link_that_is_not_there_is_reported(read: Read) -> None:
    raw = comfy("editor.ui.json")
    raw["links"] = [link for link in raw["links"] if link[0] not in (1, 2)]

    made, report = read(raw)

    assert ("source_gone", "6", None) in {(r.code, r.node, r.field) for r in report.lost}
    assert "6" not in made.nodes


def test_the_written_value_holds_where_a_widgets_source_is_gone(read: Read) -> None:
    raw = comfy("editor.ui.json")
    raw["links"] = [link for link in raw["links"] if link[0] != 1]

    made, report = read(raw)

    assert made.nodes["6"].inputs["seed"] == 5
    assert ("source_gone", "6", "seed") in {(r.code, r.node, r.field) for r in report.lost}


MALFORMED: dict[str, tuple[dict[str, Any], str | None, str]] = {
    "node without id": ({"nodes": [{"type": "A"}]}, "number 0", "id"),
    "node without type": ({"nodes": [{"id": 1}]}, "1", "type"),
    "node that is a number": ({"nodes": [3]}, None, "nodes.0"),
    "type in a list": ({"nodes": [{"id": 1, "type": ["A"]}]}, "1", "type"),
    "mode as a text": ({"nodes": [{"id": 1, "type": "A", "mode": "2"}]}, "1", "mode"),
    "input without end": (
        {"nodes": [{"id": 1, "type": "A", "inputs": [{"name": "x", "link": {}}]}]},
        "1",
        "inputs.0.link",
    ),
    "values as a text": ({"nodes": [{"id": 1, "type": "A", "widgets_values": "x"}]}, "1", "widg"),
    "short link": ({"nodes": [], "links": [[1, 2]]}, None, "links.0"),
    "link of texts": ({"nodes": [], "links": [[1, 2, "x", 3, 0, "*"]]}, None, "links.0.origin"),
    "negative slot": ({"nodes": [], "links": [[1, 2, -1, 3, 0, "*"]]}, None, "links.0.origin"),
    "two of one id": ({"nodes": [{"id": 1, "type": "A"}, {"id": "1", "type": "A"}]}, "1", "id"),
    "subgraph without nodes": (
        {"nodes": [], "definitions": {"subgraphs": [{"id": "x"}]}},
        None,
        "definitions.subgraphs.0.nodes",
    ),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_what_is_malformed_is_named(registry: Registry, name: str) -> None:
    raw, node_id, field = MALFORMED[name]

    with pytest.raises(InvalidWorkflow) as caught:
        from_ui(raw, registry)

    problem = caught.value.problems[0]
    assert problem.code in ("malformed", "duplicate_node")
    assert problem.node == node_id
    assert (problem.field or "").startswith(field)


def test_a_bypassed_node_without_a_way_through_takes_what_follows_along(read: Read) -> None:
    raw = copy.deepcopy(comfy("txt2img.ui.json"))
    of(raw, 8)["mode"] = 4

    made, report = read(raw)

    assert not {"8", "9"} & {*made.nodes}
    assert any("no input of type 'IMAGE'" in r.message for r in report.lost if r.node == "9")


def test_a_bypassed_node_lets_the_input_at_the_same_position_through(read: Read) -> None:
    raw = {
        "nodes": [
            {"id": 1, "type": "SolidMask", "widgets_values": [0.0, 8, 8]},
            {"id": 2, "type": "SolidMask", "widgets_values": [1.0, 8, 8]},
            {
                "id": 3,
                "type": "Unheard",
                "mode": 4,
                "inputs": [
                    {"name": "a", "type": "MASK", "link": 1},
                    {"name": "b", "type": "MASK", "link": 2},
                ],
                "outputs": [{"name": n, "type": "MASK"} for n in ("a", "b", "c")],
            },
            *(
                {"id": 4 + i, "type": "InvertMask", "inputs": [{"name": "mask", "link": 3 + i}]}
                for i in range(3)
            ),
        ],
        "links": [
            [1, 1, 0, 3, 0, "MASK"],
            [2, 2, 0, 3, 1, "MASK"],
            *([3 + i, 3, i, 4 + i, 0, "MASK"] for i in range(3)),
        ],
    }
    made, _ = read(raw)

    sources = [made.nodes[str(4 + i)].inputs["mask"]["node"] for i in range(3)]
    assert sources == ["1", "2", "1"]


def test_a_seed_of_another_name_is_known_by_its_mark() -> None:
    from typing import Annotated

    @node(name="Noise")
    def noise(number: Annotated[int, Seed()] = 0, label: str = "") -> int:
        """A seed, then a text that could be mistaken for what follows one."""
        return number

    made, _ = from_ui(
        {"nodes": [{"id": 1, "type": "Noise", "widgets_values": [3, "randomize", "x"]}]},
        Registry([*NODES, noise]),
    )

    assert made.nodes["1"].inputs == {"number": 3, "label": "x"}
