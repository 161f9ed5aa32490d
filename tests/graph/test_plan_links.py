"""Links: what a node is mapped over, and which type an open output has."""

from typing import TypeVar

import pytest

from nodegraph import Lazy, Problem, node
from nodegraph.graph.planned import Plan, PlannedNode
from tests.graph.shapes import BASICS, Circle, Shape, Split, at, planned, problem, use

T = TypeVar("T")


@node()
def circles() -> list[Circle]:
    return [Circle()]


@node()
def grow(shape: Shape, by: int = 1) -> Shape:
    return shape


@node()
def count(shapes: list[Shape]) -> int:
    return len(shapes)


@node()
def split(value: int) -> Split:
    return Split(value, value)


@node()
def doubled(value: int) -> list[int]:
    return [value, value]


@node()
def first(a: T, b: T) -> T:
    return a


@node()
def same(value: T) -> T:
    return value


@node()
async def later(value: Lazy[int], other: int = 0) -> int:
    return other


@node()
def maybe(value: int = 0) -> Shape | None:
    return Shape() if value else None


@node()
def either(shape: Shape | None = None) -> int:
    return 0 if shape is None else 1


ALL = (*BASICS, maybe, either, circles, grow, count, split, doubled, first, same, later)


def last(made: Plan) -> PlannedNode:
    return made.nodes[-1]


def wires(node: PlannedNode) -> list[str]:
    return [wire.name for wire in node.wires]


def test_a_list_into_a_single_input_maps_the_node() -> None:
    made = last(planned(ALL, ["g"], c=use("Circles"), g=use("Grow", shape=at("c"))))

    assert made.mapped == ("shape",)
    assert wires(made) == ["list[Shape]"]


def test_a_list_into_a_list_input_is_passed_whole() -> None:
    made = last(planned(ALL, ["n"], c=use("Circles"), n=use("Count", shapes=at("c"))))

    assert made.mapped == ()
    assert wires(made) == ["int"]


def test_mapping_goes_on_along_a_chain() -> None:
    made = planned(
        ALL,
        ["n"],
        c=use("Circles"),
        g=use("Grow", shape=at("c")),
        h=use("Grow", shape=at("g")),
        n=use("Count", shapes=at("h")),
    )

    assert [one.mapped for one in made.nodes] == [(), ("shape",), ("shape",), ()]


def test_a_node_may_be_mapped_over_several_inputs() -> None:
    made = last(planned(ALL, ["s"], n=use("Numbers"), s=use("Add", a=at("n"), b=at("n"))))

    assert made.mapped == ("a", "b")


def test_every_output_of_a_mapped_node_is_a_list() -> None:
    made = last(planned(ALL, ["s"], n=use("Numbers"), s=use("Split", value=at("n"))))

    assert wires(made) == ["list[int]", "list[int]"]


def test_lists_of_a_mapped_node_are_joined() -> None:
    made = last(planned(ALL, ["d"], n=use("Numbers"), d=use("Doubled", value=at("n"))))

    assert (made.mapped, wires(made)) == (("value",), ["list[int]"])


def test_elements_of_the_wrong_type_are_refused() -> None:
    found = problem(ALL, c=use("Circles"), a=use("Add", a=at("c")))

    assert (found.code, found.expected, found.got) == ("type_mismatch", "int", "list[Circle]")


def test_a_node_with_lazy_inputs_is_not_mapped() -> None:
    for inputs in ({"value": at("n")}, {"value": 1, "other": at("n")}):
        found = problem(ALL, n=use("Numbers"), a=use("Later", **inputs))

        assert found.code == "type_mismatch"
        assert "is a list; Later has lazy inputs and takes one" in found.message


@pytest.mark.parametrize(
    ("a", "b", "type"),
    [
        ("Number", "Number", "int"),
        ("Number", "Real", "float"),
        ("Real", "Number", "float"),
        ("Circles", "Circles", "list[Circle]"),
    ],
)
def test_a_variable_is_fixed_by_what_is_connected(a: str, b: str, type: str) -> None:
    made = last(planned(ALL, ["f"], a=use(a), b=use(b), f=use("First", a=at("a"), b=at("b"))))

    assert wires(made) == [type]


def test_a_variable_takes_the_wider_class() -> None:
    nodes = {"c": use("Circles"), "s": use("Grow", shape=at("c"))}
    for a, b in (("c", "s"), ("s", "c")):
        made = planned(ALL, ["f"], **nodes, f=use("First", a=at(a), b=at(b)))

        assert wires(last(made)) == ["list[Shape]"]


def mismatch(a: str, b: str) -> Problem:
    return problem(ALL, a=use(a), b=use(b), f=use("First", a=at("a"), b=at("b")))


@pytest.mark.parametrize(("a", "b"), [("Number", "Text"), ("Number", "Numbers"), ("Truth", "Real")])
def test_a_variable_is_the_same_everywhere(a: str, b: str) -> None:
    assert (mismatch(a, b).code, mismatch(a, b).field) == ("type_mismatch", "b")


def test_a_variable_is_fixed_by_a_literal_too() -> None:
    made = last(planned(ALL, ["s"], s=use("Same", value="text")))
    assert wires(made) == ["str"]

    found = problem(ALL, t=use("Text"), f=use("First", a=3, b=at("t")))
    assert (found.code, found.expected, found.got) == ("type_mismatch", "int", "str")
    found = problem(ALL, t=use("Text"), f=use("First", a=at("t"), b=3))
    assert (found.code, found.expected, found.got) == ("type_mismatch", "str", "int")


def test_an_open_type_reaches_through_a_chain() -> None:
    nodes = {"n": use("Number"), "s": use("Same", value=at("n")), "t": use("Same", value=at("s"))}

    assert wires(last(planned(ALL, ["t"], **nodes))) == ["int"]
    found = problem(ALL, **nodes, a=use("Count", shapes=at("t")))
    assert (found.expected, found.got) == ("list[Shape]", "int")


def test_anything_may_flow_into_anything() -> None:
    nodes = {"c": use("Circles"), "k": use("Keep", value=at("c"))}

    assert last(planned(ALL, ["k"], **nodes)).mapped == ()


def test_what_may_be_none_goes_only_where_none_may_go() -> None:
    found = problem(ALL, m=use("Maybe"), g=use("Grow", shape=at("m")))

    assert (found.code, found.node, found.field) == ("type_mismatch", "g", "shape")
    assert found.message == "expected Shape, but 'm.shape' gives Shape or none"
    assert last(planned(ALL, ["e"], m=use("Maybe"), e=use("Either", shape=at("m")))).links
    through = {"m": use("Maybe"), "s": use("Same", value=at("m"))}
    assert last(planned(ALL, ["e"], **through, e=use("Either", shape=at("s")))).links
    assert problem(ALL, **through, g=use("Grow", shape=at("s"))).code == "type_mismatch"
