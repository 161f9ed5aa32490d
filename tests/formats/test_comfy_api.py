"""ComfyUI's API format, read."""

from typing import Any

import pytest

from nodegraph import InvalidWorkflow, Registry
from nodegraph.formats.comfy_api import from_api
from nodegraph.graph.plan import check
from tests.formats.conftest import Read, comfy


def one(class_type: str, **inputs: Any) -> dict[str, Any]:
    """A document of one node, `1`."""
    return {"1": {"class_type": class_type, "inputs": inputs}}


def test_values_and_links_get_names_and_ids_stay(read: Read, registry: Registry) -> None:
    made, report = read(comfy("txt2img.api.json"))

    assert [*made.nodes] == ["3", "4", "5", "6", "7", "8", "9"]
    assert made.nodes["4"].type == "LoadCheckpoint"
    assert made.nodes["6"].inputs == {
        "text": "a red circle",
        "clip": {"node": "4", "output": "clip"},
    }
    assert made.nodes["8"].inputs["vae"] == {"node": "4", "output": "vae"}
    assert made.nodes["3"].inputs["seed"] == 7
    assert made.layout["6"] == {"title": "Positive"}
    assert (report.source, report.remarks) == ("comfyui-api", [])
    assert check(made, registry) == []


def test_a_type_that_is_not_installed_is_kept_and_reported(read: Read) -> None:
    raw = {
        "1": {"class_type": "Unheard", "inputs": {"a": 1, "b": ["2", 3]}},
        "2": {"class_type": "AlsoUnheard", "inputs": {}},
    }
    made, report = read(raw)

    assert made.nodes["1"].type == "Unheard"
    assert made.nodes["1"].inputs == {"a": 1, "b": {"node": "2", "output": "3"}}
    assert [(r.code, r.node) for r in report.remarks] == [
        ("unknown_node_type", "1"),
        ("unknown_node_type", "2"),
    ]


@pytest.mark.parametrize(
    ("written", "ours"),
    [
        ({"__value__": [1, 2]}, [1, 2]),
        ({"__value__": ["4", 0]}, ["4", 0]),
        ({"node": "4"}, {"value": {"node": "4"}}),
        ({"value": 1}, {"value": {"value": 1}}),
        ({"other": 1}, {"other": 1}),
        ([1, 2, 3], [1, 2, 3]),
        (["4", 0.5], ["4", 0.5]),
        (["4", True], ["4", True]),
        (None, None),
    ],
)
def test_literals_are_not_taken_for_links(read: Read, written: Any, ours: Any) -> None:
    made, _ = read(one("Unheard", x=written))

    assert made.nodes["1"].inputs["x"] == ours


@pytest.mark.parametrize(
    ("class_type", "field", "written", "ours"),
    [
        ("CheckpointLoaderSimple", "ckpt_name", "SD\\a.safetensors", "SD/a.safetensors"),
        ("EmptyLatentImage", "width", "512", 512),
        ("EmptyLatentImage", "width", 512.0, 512),
        ("ImageBlend", "blend_factor", "0.25", 0.25),
        ("SaveImage", "filename_prefix", 2024, "2024"),
    ],
)
def test_what_comfyui_converts_itself_is_converted_and_said(
    read: Read, class_type: str, field: str, written: object, ours: object
) -> None:
    made, report = read(one(class_type, **{field: written}))

    value = made.nodes["1"].inputs[field]
    assert (value, type(value)) == (ours, type(ours))
    assert [(r.code, r.field) for r in report.remarks] == [("value_converted", field)]


@pytest.mark.parametrize("written", ["many", "1.5", 1.5, "9" * 400, "inf", True, None, [1]])
def test_what_it_could_not_convert_is_left_for_the_check(read: Read, written: object) -> None:
    made, report = read(one("EmptyLatentImage", width=written))

    if written != "9" * 400:
        assert made.nodes["1"].inputs["width"] == written
        assert report.remarks == []


def test_leftovers_of_known_nodes_are_set_aside(read: Read, registry: Registry) -> None:
    made, report = read(one("LoadImage", image="a.png", upload="image", colour="red"))

    assert made.nodes["1"].inputs == {"image": "a.png"}
    [remark] = report.remarks
    assert (remark.code, remark.field, remark.lost) == ("unknown_input", "colour", True)
    assert check(made, registry)[0].code == "no_outputs"


def test_a_name_that_may_mean_another_node_is_not_guessed(read: Read, registry: Registry) -> None:
    made, _ = read(one("Int", Number="5"))

    assert [p.code for p in check(made, registry) if p.node == "1"] == ["unknown_input"]


def test_a_link_to_a_missing_output_is_refused_when_checked(read: Read, registry: Registry) -> None:
    raw = comfy("txt2img.api.json")
    raw["8"]["inputs"]["vae"] = ["4", 7]
    raw["8"]["inputs"]["samples"] = ["99", 0]

    problems = check(read(raw)[0], registry)

    assert [(p.code, p.node, p.field) for p in problems] == [
        ("link_to_missing_node", "8", "samples"),
        ("link_to_missing_output", "8", "vae"),
    ]


MALFORMED: dict[str, tuple[Any, str | None, str]] = {
    "node is a number": (5, None, "expected an object with class_type and inputs, got 5"),
    "no class": ({"inputs": {}}, "class_type", "there is no 'class_type'"),
    "class is a number": ({"class_type": 1, "inputs": {}}, "class_type", "expected a text, got 1"),
    "class is empty": ({"class_type": "", "inputs": {}}, "class_type", "expected a text, got ''"),
    "no inputs": ({"class_type": "X"}, "inputs", "there is no 'inputs'"),
    "inputs in a list": ({"class_type": "X", "inputs": []}, "inputs", "expected an object, got []"),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_node_is_named(registry: Registry, name: str) -> None:
    node, field, message = MALFORMED[name]

    with pytest.raises(InvalidWorkflow) as caught:
        from_api({**one("VAEDecode"), "bad": node}, registry)

    [problem] = caught.value.problems
    assert (problem.node, problem.field, problem.message) == ("bad", field, message)


def test_faults_are_not_listed_without_end(registry: Registry) -> None:
    with pytest.raises(InvalidWorkflow) as caught:
        from_api({str(i): None for i in range(5000)}, registry)

    assert len(caught.value.problems) == 100
