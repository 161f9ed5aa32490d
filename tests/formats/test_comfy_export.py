"""A workflow in ComfyUI's API format, and back."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from nodegraph import Registry, Workflow, node
from nodegraph.formats.comfy_api import from_api
from nodegraph.formats.comfy_export import to_api
from nodegraph.formats.reading import from_json
from nodegraph.graph.literals import literal_values
from nodegraph.graph.node_type import InputSpec
from nodes import NODES
from tests.formats.conftest import DATA, comfy

KNOWN = Registry(NODES)
TYPES = {
    t.name: t for t in KNOWN if t.extras is None and not any(s.check.is_body for s in t.inputs)
}


def literal(spec: InputSpec) -> st.SearchStrategy[Any]:
    """Values of the exact type of an input, as ComfyUI's editor would write them."""
    if options := literal_values(spec.check.annotation):
        return st.sampled_from(options)
    kinds: dict[type, st.SearchStrategy[Any]] = {
        bool: st.booleans(),
        int: st.integers(-(2**63), 2**64),
        float: st.floats(allow_nan=False, allow_infinity=False),
        str: st.text().filter(lambda text: "\\" not in text),
    }
    one = st.one_of([kinds.get(kind, st.none()) for kind in spec.wire.types])
    return st.lists(one).map(lambda x: {"__value__": x}) if spec.wire.is_list else one


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    """Documents of installed nodes under any of their names, linked to nodes before them."""
    made: dict[str, Any] = {}
    outputs: list[list[Any]] = []
    for number in range(draw(st.integers(1, 6))):
        node_type = TYPES[draw(st.sampled_from([*TYPES]))]
        inputs: dict[str, Any] = {}
        for spec in node_type.inputs:
            choices: list[st.SearchStrategy[Any]] = []
            choices += [literal(spec)] if spec.check.allowed else []
            choices += [st.sampled_from(outputs)] if outputs else []
            if draw(st.booleans()) and choices:
                inputs[spec.name] = draw(st.one_of(*choices))
        names = (node_type.name, *node_type.aliases)
        name: str = draw(st.sampled_from([str(number), f"12:{number}", f"é{number}"]))
        made[name] = {"class_type": draw(st.sampled_from(names)), "inputs": inputs}
        if draw(st.booleans()):
            made[name]["_meta"] = draw(
                st.dictionaries(st.sampled_from(["title", "x"]), st.text(), max_size=2)
            )
        outputs += [[name, i] for i in range(len(node_type.outputs))]
    return made


@given(documents())
def test_what_is_read_is_written_again(raw: dict[str, Any]) -> None:
    made, report = from_api(raw, KNOWN)
    saved = Workflow.parse(made.to_json())
    back, lost = to_api(saved, KNOWN, complete=False)

    assert back == raw
    assert json.dumps(back, sort_keys=True) == json.dumps(raw, sort_keys=True)
    assert report.remarks == []
    assert [r.code for r in lost.remarks if r.code != "unknown_to_comfyui"] == ["own_input"] * sum(
        r.code == "own_input" for r in lost.remarks
    )


@given(
    st.dictionaries(
        st.text(min_size=1).filter(lambda name: name not in ("nodegraph", "nodes")),
        st.fixed_dictionaries(
            {
                "class_type": st.just("Unheard"),
                "inputs": st.dictionaries(
                    st.text(),
                    st.one_of(
                        st.text(),
                        st.integers(),
                        st.tuples(st.text(), st.integers(0, 99)).map(list),
                        st.lists(st.integers()).map(lambda x: {"__value__": x}),
                        st.dictionaries(st.sampled_from(["node", "value", "x"]), st.integers()),
                    ),
                ),
            },
            optional={"extra": st.integers()},
        ),
        min_size=1,
    )
)
def test_types_that_are_not_installed_lose_nothing(raw: dict[str, Any]) -> None:
    made, _ = from_json(raw, KNOWN)

    assert to_api(Workflow.parse(made.to_json()), KNOWN)[0] == raw


def test_a_native_file_becomes_what_comfyui_takes() -> None:
    made, report = to_api(Workflow.load(DATA / "txt2img.json"), KNOWN)

    assert {node["class_type"] for node in made.values()} == {
        node["class_type"] for node in comfy("txt2img.api.json").values()
    }
    assert made["sample"]["inputs"]["denoise"] == 1.0
    assert made["sample"]["inputs"]["positive"] == ["positive", 0]
    assert made["decode"]["inputs"] == {"samples": ["sample", 0], "vae": ["model", 2]}
    assert made["empty"]["inputs"]["batch_size"] == 1
    assert "quality" not in made["save"]["inputs"]
    assert report.remarks == []


def test_what_has_no_place_is_reported() -> None:
    workflow = Workflow.from_dict(
        {
            "nodegraph": 1,
            "inputs": {"n": {"node": "a", "input": "a"}},
            "outputs": {"n": {"node": "a"}},
            "nodes": {
                "a": {"type": "IntMath", "inputs": {"a": 1, "b": {"node": "b", "output": "no"}}},
                "b": {"type": "LoadCheckpoint"},
                "save": {"type": "SaveImage", "inputs": {"format": "webp"}},
            },
            "layout": {"a": {"x": 1, "y": 2}},
        }
    )
    made, report = to_api(workflow, KNOWN)

    assert {(r.code, r.node, r.field) for r in report.lost} == {
        ("no_place", None, None),
        ("unknown_to_comfyui", "a", None),
        ("unknown_output", "a", "b"),
        ("own_input", "save", "format"),
    }
    assert sum(r.code == "no_place" for r in report.lost) == 3
    assert "b" not in made["a"]["inputs"]


def test_the_name_a_node_had_is_kept_until_its_type_is_changed() -> None:
    raw = {"1": {"class_type": "PrimitiveStringMultiline", "inputs": {"value": "a"}}}
    made, _ = from_api(raw, KNOWN)

    assert to_api(made, KNOWN)[0]["1"]["class_type"] == "PrimitiveStringMultiline"
    made.nodes["1"].type = "Boolean"
    assert to_api(made, KNOWN)[0]["1"]["class_type"] == "PrimitiveBoolean"


def test_values_kept_for_a_missing_type_are_taken_once_it_is_there() -> None:
    @node(name="FancySharpen", outputs=("sharp",))
    def fancy_sharpen(image: object, amount: float = 1.0, mode: str = "hard") -> float:
        """What another pack may bring."""
        return amount

    made, _ = from_json(comfy("editor.ui.json"), KNOWN)
    later, report = from_json(made.to_dict(), Registry([*NODES, fancy_sharpen]))

    assert made.nodes["16"].inputs["images"] == {"node": "15", "output": "0"}
    assert later.nodes["15"].inputs["amount"] == 0.5
    assert later.nodes["15"].inputs["mode"] == "soft"
    assert later.nodes["16"].inputs["images"] == {"node": "15", "output": "sharp"}
    assert "comfy" not in later.to_dict()["nodes"]["15"]
    assert report.remarks == []
