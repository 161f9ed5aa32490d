"""What is wrong with a workflow: all of it at once, each with its place and the nearest name."""

from typing import Annotated

import pytest

from nodegraph import InvalidWorkflow, Problem, Range, Registry, node
from nodegraph.graph.plan import plan
from tests.graph.shapes import (
    BASICS,
    Circle,
    Colour,
    Shape,
    at,
    flow,
    problem,
    problems,
    use,
)


@node()
def circle() -> Circle:
    return Circle()


@node()
def colour() -> Colour:
    return Colour()


@node()
def grow(shape: Shape, by: Annotated[int, Range(1, 9)] = 1) -> Shape:
    return shape


@node()
def mix(first: Shape | Colour, second: Colour | None = None) -> Colour:
    return Colour()


ALL = (*BASICS, circle, colour, grow, mix)


def test_everything_at_once() -> None:
    found = problems(
        ALL,
        a=use("Nmber"),
        b=use("Add", a="1", c=2),
        c=use("Grow", shape=at("nowhere"), by=99),
        d=use("Grow", shape=at("e")),
        e=use("Colour"),
        f=use("Add"),
        g=use("Add", a=at("h")),
        h=use("Add", a=at("g"), b=None),
    )

    places = {(one.node, one.field, one.code) for one in found}
    circle = {place for place in places if place[2] == "dependency_cycle"}
    assert circle <= {("g", None, "dependency_cycle"), ("h", None, "dependency_cycle")}
    assert len(circle) == 1
    assert places - circle == {
        ("a", None, "missing_node_type"),
        ("b", "a", "invalid_input_type"),
        ("b", "c", "unknown_input"),
        ("c", "shape", "link_to_missing_node"),
        ("c", "by", "value_bigger_than_max"),
        ("d", "shape", "type_mismatch"),
        ("f", "a", "required_input_missing"),
        ("h", "b", "invalid_input_type"),
    }


def test_the_error_lists_every_problem() -> None:
    with pytest.raises(InvalidWorkflow) as caught:
        plan(flow(a=use("Nmber"), b=use("Add", a="1")), Registry(ALL), only=["a", "b"])

    assert str(caught.value) == (
        "the workflow has 2 problems:\n"
        "node 'a': the node type 'Nmber' is not installed - did you mean 'Number'?\n"
        "node 'b', 'a': expected int, got '1' (str)"
    )


def test_a_problem_is_json() -> None:
    found = problem(ALL, a=use("Nmber"))

    assert found.as_dict() == {
        "code": "missing_node_type",
        "message": "the node type 'Nmber' is not installed",
        "node": "a",
        "field": None,
        "expected": None,
        "got": "Nmber",
        "nearest": "Number",
    }


def test_a_required_input() -> None:
    found = problem(ALL, a=use("Grow"))

    assert (found.code, found.field, found.expected) == (
        "required_input_missing",
        "shape",
        "Shape",
    )
    assert found.message == "the input 'shape' (Shape) is required"


def test_an_unknown_input() -> None:
    found = problem(ALL, c=use("Circle"), a=use("Grow", shape=at("c"), bye=2))

    assert (found.code, found.field, found.nearest) == ("unknown_input", "bye", "by")
    assert found.message == "Grow has no input 'bye'; it has: shape, by"


def test_an_unknown_input_of_a_node_that_has_none() -> None:
    assert problem(ALL, a=use("Circle", by=2)).message == (
        "Circle has no input 'by'; it has: (none)"
    )


def test_a_value_where_only_a_link_will_do() -> None:
    found = problem(ALL, a=use("Grow", shape="round"))

    assert found.code == "bad_linked_input"
    assert found.message == "expected a link to a Shape, got the value 'round'"


def test_nothing_where_a_link_may_be_missing() -> None:
    found = problems(
        ALL, c=use("Colour"), a=use("Mix", first=None), b=use("Mix", first=at("c"), second=None)
    )

    assert [(one.node, one.field, one.code) for one in found] == [
        ("a", "first", "bad_linked_input")
    ]


@pytest.mark.parametrize("target", ["nowhere", 5, None, ["c"], {"node": "c"}])
def test_a_link_to_a_node_that_is_not_there(target: object) -> None:
    found = problem(ALL, c=use("Circle"), a=use("Grow", shape={"node": target}))

    assert found.code == "link_to_missing_node"
    assert found.message == f"linked to node {target!r}, which is not there"


def test_a_link_to_a_node_of_a_similar_name() -> None:
    found = problem(ALL, circle=use("Circle"), a=use("Grow", shape=at("cirle")))

    assert found.nearest == "circle"


def test_a_link_to_an_output_that_is_not_there() -> None:
    found = problem(ALL, h=use("Halves", value=3), a=use("Add", a=at("h.hole")))

    assert (found.code, found.expected, found.nearest) == (
        "link_to_missing_output",
        "whole, rest",
        "whole",
    )
    assert found.message == (
        "linked to 'h' (Halves), which has no output 'hole'; its outputs are: whole, rest"
    )


@pytest.mark.parametrize("output", [0, 1, True, ["whole"]])
def test_outputs_have_names_and_no_numbers(output: object) -> None:
    link = {"node": "h", "output": output}

    found = problem(ALL, h=use("Halves", value=3), a=use("Add", a=link))

    assert found.code == "link_to_missing_output"
    assert f"has no output {output!r}" in found.message


def test_a_link_that_does_not_say_which_output() -> None:
    found = problem(ALL, h=use("Halves", value=3), a=use("Add", a=at("h")))

    assert found.message == "linked to 'h' (Halves) without naming one of: whole, rest"


def test_a_link_to_a_node_without_outputs() -> None:
    found = problem(ALL, k=use("Keep", value=1), a=use("Add", a=at("k")))

    assert found.code == "link_to_missing_output"
    assert "(none)" in found.message


def test_a_link_of_the_wrong_type() -> None:
    found = problem(ALL, c=use("Colour"), a=use("Grow", shape=at("c")))

    assert (found.code, found.expected, found.got) == ("type_mismatch", "Shape", "Colour")
    assert found.message == "expected Shape, but 'c.colour' gives Colour"


def test_a_union_names_all_its_members() -> None:
    found = problem(ALL, n=use("Number"), a=use("Mix", first=at("n")))

    assert (found.expected, found.got) == ("Shape | Colour", "int")


def circles(**nodes: dict[str, object]) -> list[Problem]:
    return [one for one in problems(ALL, **nodes) if one.code == "dependency_cycle"]


def test_a_cycle_is_named_by_its_nodes() -> None:
    (found,) = circles(
        a=use("Add", a=at("c")),
        b=use("Add", a=at("a")),
        c=use("Add", a=at("b")),
        before=use("Number"),
        after=use("Add", a=at("c"), b=at("before")),
    )

    assert found.got is not None
    path = found.got.split(" -> ")
    assert path[0] == path[-1] == found.node
    assert set(path) == {"a", "b", "c"}
    assert all((path[i], path[i + 1]) in {("a", "b"), ("b", "c"), ("c", "a")} for i in range(3))
    assert found.message == f"these nodes feed each other in a circle: {found.got}"


def test_a_node_that_feeds_itself() -> None:
    (found,) = circles(a=use("Add", a=at("a")))

    assert found.got == "a -> a"


def test_two_cycles_are_both_named() -> None:
    found = circles(
        a=use("Add", a=at("b")),
        b=use("Add", a=at("a")),
        c=use("Add", a=at("d")),
        d=use("Add", a=at("c")),
    )

    assert [set(str(one.got).split(" -> ")) for one in found] == [{"a", "b"}, {"c", "d"}]


def test_the_other_problems_of_a_cycle_are_said_too() -> None:
    found = problems(
        ALL,
        a=use("Add", a=at("b"), b="x"),
        b=use("Add", a=at("a")),
        after=use("Add", a=at("b"), b="y"),
    )

    assert {one.node for one in found if one.code == "dependency_cycle"} <= {"a", "b"}
    others = {(one.node, one.field, one.code) for one in found if one.code != "dependency_cycle"}
    assert others == {
        ("a", "b", "invalid_input_type"),
        ("after", "b", "invalid_input_type"),
    }


def test_a_very_long_cycle_is_cut_in_the_message() -> None:
    nodes = {f"n{i}": use("Add", a=at(f"n{(i - 1) % 50}")) for i in range(50)}

    (found,) = circles(**nodes)

    assert "..." in found.message
