"""What a client is told of a node type."""

import json
from typing import Annotated, Any, Literal

import pytest

from nodegraph import (
    Choice,
    Context,
    InputFile,
    Lazy,
    ModelFile,
    Multiline,
    Range,
    Secret,
    Seed,
    node,
    node_type_of,
)
from nodegraph.graph.schema import node_schema
from tests.graph.shapes import BASICS, Shape, Split

LITERAL = {"kind": "choice", "options": ["a", "b"], "literal": True}


@node(category="image/filter", aliases=("Blur",), version=2, deprecated="use Better")
def box_blur(shape: Shape, ctx: Context, radius: Annotated[int, Range(0, 64, step=2)] = 2) -> Split:
    """Average pixels.

    Args:
        radius: how far.
    """
    return Split(1, 2)


def wire(name: str) -> dict[str, Any]:
    return {"types": [name], "list": False, "optional": False, "variable": None}


def widget(annotation: Any) -> dict[str, Any]:
    def some(value: annotation) -> int:
        return 0

    (made,) = node_schema(node_type_of(node()(some)))["inputs"]
    shown: dict[str, Any] = made["widget"]
    return shown


def test_all_of_a_node_type() -> None:
    assert node_schema(node_type_of(box_blur)) == {
        "name": "BoxBlur",
        "display_name": "Box Blur",
        "description": "Average pixels.",
        "category": "image/filter",
        "version": 2,
        "pack": "tests",
        "effect": False,
        "volatile": False,
        "deprecated": "use Better",
        "aliases": ["Blur"],
        "inputs": [
            {
                "name": "shape",
                "type": "Shape",
                "wire": wire("Shape"),
                "required": True,
                "optional": False,
                "lazy": False,
                "help": "",
            },
            {
                "name": "radius",
                "type": "int",
                "wire": wire("int"),
                "required": False,
                "optional": False,
                "lazy": False,
                "help": "how far.",
                "default": 2,
                "widget": {"kind": "int", "min": 0, "max": 64, "step": 2},
            },
        ],
        "outputs": [
            {"name": "whole", "type": "int", "wire": wire("int")},
            {"name": "rest", "type": "int", "wire": wire("int")},
        ],
        "extras": False,
        "body_outputs": None,
        "migrates": False,
    }


@pytest.mark.parametrize(
    ("annotation", "shown"),
    [
        (bool, {"kind": "bool"}),
        (int, {"kind": "int"}),
        (str, {"kind": "text"}),
        (Annotated[float, Range(0, 1, 0.01)], {"kind": "float", "min": 0, "max": 1, "step": 0.01}),
        (Annotated[float, Range(min=0)], {"kind": "float", "min": 0}),
        (Annotated[int, Range(1, 2)] | None, {"kind": "int", "min": 1, "max": 2}),
        (list[int], {"kind": "int_list"}),
        (list[str], {"kind": "text_list"}),
        (Literal["a", "b"], LITERAL),
        (Literal["a", "b"] | None, LITERAL),
        (Annotated[Literal["a", "b"], Multiline()], LITERAL),
        (Annotated[str, Choice("x", "y")], {"kind": "choice", "options": ["x", "y"]}),
        (Annotated[str, Choice(lambda: ["z"])], {"kind": "choice", "options": ["z"]}),
        (Annotated[str, ModelFile("vae")], {"kind": "model", "folder": "vae"}),
        (Annotated[str, InputFile("mask")], {"kind": "file", "accept": "mask"}),
        (
            Annotated[str, Multiline(prompt=True)],
            {"kind": "text", "multiline": True, "prompt": True},
        ),
        (Annotated[int, Seed()], {"kind": "seed", "min": 0, "max": 2**64 - 1}),
        (Annotated[str, Secret()], {"kind": "secret"}),
    ],
)
def test_how_an_input_is_asked_for(annotation: Any, shown: dict[str, Any]) -> None:
    assert widget(annotation) == shown


def test_inputs_that_must_be_linked_have_no_widget() -> None:
    @node()
    async def pick(shape: Shape | None = None, any: object = None, *, later: Lazy[Shape]) -> int:
        return 0

    inputs = node_schema(node_type_of(pick))["inputs"]
    assert [("widget" in one) for one in inputs] == [False, False, False]
    assert [one["lazy"] for one in inputs] == [False, False, True]
    assert [one["optional"] for one in inputs] == [True, False, False]


def test_every_schema_is_json() -> None:
    schemas = [node_schema(node_type_of(function)) for function in (*BASICS, box_blur)]

    assert json.loads(json.dumps(schemas)) == schemas
