"""What is planned: the order, what is needed, defaults, migration, very long chains."""

from typing import Any

import pytest

from nodegraph import InvalidWorkflow, MissingPart, Registry, Workflow, node
from nodegraph.graph.plan import check, plan
from nodegraph.graph.planned import Plan
from tests.graph.shapes import (
    BASICS,
    Function,
    add,
    at,
    ending_in,
    flow,
    keep,
    number,
    planned,
    use,
)

ADD: tuple[Function, ...] = (number, add, keep)


def ids(made: Plan) -> list[str]:
    return [one.id for one in made.nodes]


def test_sources_stand_before_what_they_feed() -> None:
    made = planned(
        ADD, ["c"], c=use("Add", a=at("b"), b=at("a")), b=use("Add", a=at("a")), a=use("Number")
    )

    assert ids(made) == ["a", "b", "c"]
    assert [made.nodes[link.source].id for link in made.nodes[2].links.values()] == ["b", "a"]
    assert made.targets == (2,)


def test_defaults_are_filled_in() -> None:
    made = planned(ADD, ["sum"], sum=use("Add", a=3))

    assert made.nodes[0].literals == {"a": 3, "b": 0}
    assert made.nodes[0].links == {}


def test_effect_nodes_and_declared_outputs_are_wanted() -> None:
    workflow = ending_in(
        "named", shown=use("Keep", value=at("a")), a=use("Number"), named=use("Number"),
        spare=use("Add", a=at("a")),
    )  # fmt: skip

    made = plan(workflow, Registry(ADD))

    assert {made.nodes[index].id for index in made.targets} == {"shown", "named"}
    assert list(made.not_needed) == ["spare"]


def test_problems_of_what_is_not_needed_do_not_count() -> None:
    nodes = {"good": use("Keep", value=1), "bad": use("Add", a="x"), "odd": use("Nowhere")}
    workflow = flow(**nodes)

    made = plan(workflow, Registry(ADD))

    assert ids(made) == ["good"]
    assert [found.node for found in check(workflow, Registry(ADD))] == ["bad", "odd"]


def test_only_what_is_asked_for_is_planned() -> None:
    nodes = {
        "a": use("Number"),
        "b": use("Add", a=at("a")),
        "c": use("Add", a=at("b")),
        "d": use("Keep", value=at("c")),
    }

    made = planned(ADD, ["b", "a", "b"], **nodes)

    assert ids(made) == ["a", "b"]
    assert {made.nodes[index].id for index in made.targets} == {"a", "b"}
    assert list(made.not_needed) == ["c", "d"]


def test_what_is_asked_for_must_be_there() -> None:
    with pytest.raises(InvalidWorkflow) as caught:
        planned(ADD, ["summ", "a"], sum=use("Number"), a=use("Number"))

    (found,) = caught.value.problems
    assert (found.code, found.got, found.nearest) == ("missing_node", "summ", "sum")
    assert found.message == "there is no node 'summ'"


def test_nothing_to_do() -> None:
    for workflow in (flow(a=use("Number")), Workflow()):
        with pytest.raises(InvalidWorkflow) as caught:
            plan(workflow, Registry(ADD))

        (found,) = caught.value.problems
        assert found.code == "no_outputs"
        assert "no node saves or shows a result, and no output is declared" in found.message


def test_nothing_to_do_because_of_muted_nodes() -> None:
    muted = flow(a=use("Number") | {"mode": "muted"}, kept=use("Keep", value=at("a")))
    with pytest.raises(InvalidWorkflow) as caught:
        plan(muted, Registry(ADD))

    (found,) = caught.value.problems
    assert found.code == "no_outputs"
    assert found.node is not None
    assert found.message.startswith("nothing to do: without the muted nodes, and those that need")


@pytest.mark.parametrize(
    ("reference", "code", "message", "near"),
    [
        (
            {"node": "halve"},
            "missing_node",
            "the declared output 'x' names node 'halve', which is not there",
            "halves",
        ),
        (
            {"node": "halves", "output": "hole"},
            "missing_output",
            "the declared output 'x' names output 'hole' of 'halves' (Halves), which has: "
            "whole, rest",
            "whole",
        ),
        (
            {"node": "halves"},
            "missing_output",
            "the declared output 'x' must name one of the outputs of 'halves' (Halves): "
            "whole, rest",
            None,
        ),
    ],
)
def test_declared_outputs_must_exist(
    reference: dict[str, Any], code: str, message: str, near: str | None
) -> None:
    workflow = Workflow.from_dict(
        {
            "nodegraph": 1,
            "outputs": {"x": reference},
            "nodes": {"halves": use("Halves", value=3), "keep": use("Keep", value=1)},
        }
    )

    with pytest.raises(InvalidWorkflow) as caught:
        plan(workflow, Registry(BASICS))

    (found,) = caught.value.problems
    assert (found.code, found.message, found.nearest) == (code, message, near)


def test_a_type_that_is_not_installed_blocks_only_what_depends_on_it() -> None:
    nodes = {
        "odd": use("Nowhere"),
        "after": use("Add", a=at("odd")),
        "a": use("Number"),
        "b": use("Add", a=at("a")),
    }

    assert ids(planned(ADD, ["b"], **nodes)) == ["a", "b"]
    with pytest.raises(MissingPart) as caught:
        planned(ADD, ["after"], **nodes)
    assert [(found.node, found.code) for found in caught.value.problems] == [
        ("odd", "missing_node_type")
    ]


def test_a_missing_part_is_told_from_a_mistake() -> None:
    with pytest.raises(InvalidWorkflow) as caught:
        planned(ADD, ["odd", "bad"], odd=use("Nowhere"), bad=use("Add", a="x"))

    assert not isinstance(caught.value, MissingPart)
    assert len(caught.value.problems) == 2


def test_an_alias_is_as_good_as_the_name() -> None:
    @node(name="New", aliases=("Old",))
    def renamed(value: int) -> int:
        return value

    made = planned([renamed], ["a"], a=use("Old", value=1))

    assert made.nodes[0].type.name == "New"


def migrate(inputs: dict[str, Any], version: int) -> dict[str, Any]:
    """Version 1 called it `size`; version 2 counted from one."""
    radius = inputs.pop("size") if version == 1 else inputs.pop("radius") - 1
    return {**inputs, "radius": radius}


@node(version=3, migrate=migrate)
def blur(radius: int) -> int:
    return radius


@pytest.mark.parametrize(
    ("version", "inputs"),
    [(1, {"size": 5}), (2, {"radius": 6}), (3, {"radius": 5}), (None, {"size": 5})],
)
def test_older_versions_are_migrated(version: int | None, inputs: dict[str, Any]) -> None:
    made = planned([blur], ["b"], b=use("Blur", version=version, **inputs))

    assert made.nodes[0].literals == {"radius": 5}


def test_migration_leaves_the_workflow_as_it_is() -> None:
    workflow = flow(b=use("Blur", version=1, size=5))

    plan(workflow, Registry([blur]), only=["b"])

    assert workflow.to_dict()["nodes"] == {
        "b": {"type": "Blur", "version": 1, "inputs": {"size": 5}}
    }


def test_a_migration_that_fails_is_a_problem_of_the_node() -> None:
    with pytest.raises(InvalidWorkflow) as caught:
        planned([blur], ["b"], b=use("Blur", version=1, radius=5))

    (found,) = caught.value.problems
    assert (found.node, found.code) == ("b", "migration_failed")
    assert found.message == (
        "its inputs cannot be brought from version 1 of Blur to version 3: KeyError: 'size'"
    )


def test_a_newer_version_than_is_installed() -> None:
    with pytest.raises(InvalidWorkflow) as caught:
        planned([blur], ["b"], b=use("Blur", version=4, radius=1))

    (found,) = caught.value.problems
    assert (found.code, found.expected, found.got) == ("newer_node_version", "<= 3", "4")
    assert (
        "the file uses version 4 of Blur, version 3 is installed; update 'tests'" in found.message
    )


def test_a_chain_of_20000_nodes_needs_no_recursion() -> None:
    nodes = {"n0": use("Number")}
    nodes |= {f"n{i}": use("Add", a=at(f"n{i - 1}")) for i in range(1, 20_000)}
    shuffled = dict(sorted(nodes.items(), key=lambda item: hash(item[0]) % 1009))

    made = planned(ADD, ["n19999"], **shuffled)

    assert ids(made) == [f"n{i}" for i in range(20_000)]


def test_a_circle_of_20000_nodes_is_found_without_recursion() -> None:
    nodes = {f"n{i}": use("Add", a=at(f"n{(i - 1) % 20_000}")) for i in range(20_000)}

    with pytest.raises(InvalidWorkflow) as caught:
        planned(ADD, ["n0"], **nodes)

    (found,) = caught.value.problems
    assert found.code == "dependency_cycle"
    assert len(found.message) < 300
