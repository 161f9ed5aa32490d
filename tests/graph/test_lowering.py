"""Subgraphs, muted and bypassed nodes: the graph that is planned means the graph that is drawn."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodegraph import InvalidWorkflow, Registry, Workflow
from nodegraph.graph.lowering import lower
from nodegraph.graph.plan import check, plan
from nodegraph.graph.planned import Plan
from nodegraph.graph.replan import replan
from tests.graph.shapes import add, at, flow, keep, number, use

REGISTRY = Registry((number, add, keep))


class NoNames:
    def models(self, kind: str) -> list[str]:
        return []

    def has_input(self, name: str) -> bool:
        return False


def body(outputs: dict[str, Any], inputs: dict[str, Any] | None = None, **nodes: Any) -> Any:
    return {"nodegraph": 1, "inputs": inputs or {}, "outputs": outputs, "nodes": nodes}


def group(inner: Any, **inputs: Any) -> dict[str, Any]:
    return {"type": "Subgraph", "inputs": {"body": inner, **inputs}}


TWICE = body(
    {"sum": {"node": "add"}},
    {"x": {"node": "add", "input": "a"}},
    add={"type": "Add", "inputs": {"a": 1, "b": {"node": "two"}}},
    two={"type": "Number", "inputs": {"value": 2}},
)


def planned(workflow: Workflow, only: list[str] | None = None) -> Plan:
    return plan(workflow, REGISTRY, only=only)


def meaning(made: Plan) -> dict[str, Any]:
    """Nodes with their literals and where their links come from, by id."""
    return {
        one.id: (
            one.type.name,
            one.literals,
            {name: (made.nodes[f.source].id, f.output) for name, f in one.links.items()},
        )
        for one in made.nodes
    }


def problems(workflow: Workflow) -> list[tuple[str, str | None, str | None]]:
    with pytest.raises(InvalidWorkflow) as caught:
        plan(workflow, REGISTRY)
    return [(p.code, p.node, p.field) for p in caught.value.problems]


def test_a_graph_without_either_is_left_as_it_is() -> None:
    workflow = flow(a=use("Number"), k=use("Keep", value=at("a")))
    assert lower(workflow, REGISTRY).workflow is workflow


def test_a_subgraph_means_its_nodes_in_its_place() -> None:
    drawn = flow(n=use("Number", value=5), g=group(TWICE, x=at("n")), k=use("Keep", value=at("g")))
    flat = flow(
        **{
            "n": use("Number", value=5),
            "g/add": use("Add", a=at("n"), b=at("g/two")),
            "g/two": use("Number", value=2),
            "k": use("Keep", value=at("g/add")),
        }
    )
    assert meaning(planned(drawn)) == meaning(planned(flat))


def test_what_the_subgraph_is_not_given_keeps_its_value_inside() -> None:
    made = planned(flow(g=group(TWICE), k=use("Keep", value=at("g.sum"))))
    assert meaning(made)["g/add"][1] == {"a": 1}


def test_effects_inside_are_run() -> None:
    saving = body({}, {"v": {"node": "save", "input": "value"}}, save=use("Keep", value=0))
    made = planned(flow(g=group(saving, v=3)))
    assert [made.nodes[i].id for i in made.targets] == ["g/save"]
    assert meaning(made)["g/save"][1] == {"value": 3}


def test_a_run_of_only_a_subgraph_runs_all_that_is_in_it() -> None:
    workflow = flow(g=group(TWICE), k=use("Keep", value=at("g")))
    assert set(meaning(planned(workflow, ["g"]))) == {"g/add", "g/two"}


def targets(made: Plan) -> list[str]:
    return [made.nodes[index].id for index in made.targets]


def test_a_run_of_only_a_subgraph_is_for_what_it_gives_and_what_it_saves() -> None:
    inner = {**TWICE["nodes"], "loose": {"type": "Add"}, "save": use("Keep", value=at("two"))}
    made = planned(flow(g=group({**TWICE, "nodes": inner})), ["g"])
    assert targets(made) == ["g/add", "g/save"]
    assert "g/loose" not in meaning(made)


def test_what_a_subgraph_gives_is_looked_for_behind_its_bypassed_nodes() -> None:
    past = use("Add", a=at("add")) | {"mode": "bypassed"}
    inner = {**TWICE, "nodes": {**TWICE["nodes"], "past": past}}
    nested = {**inner, "outputs": {"sum": {"node": "past"}}}
    outer = body({"sum": {"node": "g", "output": "sum"}}, g=group(nested))
    assert targets(planned(flow(o=group(outer)), ["o"])) == ["o/g/add"]


@pytest.mark.parametrize("mode", ["muted", "bypassed"])
@pytest.mark.parametrize("name", ["n", "g", "g/two", "nothing"])
def test_a_run_of_only_what_is_left_out_says_that_there_is_nothing_to_do(
    mode: str, name: str
) -> None:
    left = {"n": use("Number") | {"mode": mode}, "g": group(TWICE) | {"mode": mode}}
    idle = group(body({}, one=use("Number")))
    with pytest.raises(InvalidWorkflow) as caught:
        planned(flow(**left, nothing=idle, k=use("Keep", value=1)), [name])
    assert [(p.code, p.node) for p in caught.value.problems] == [("no_outputs", name)]


@given(st.integers(1, 12))
def test_subgraphs_in_subgraphs(depth: int) -> None:
    inner = TWICE
    for _ in range(depth - 1):
        inner = body(
            {"sum": {"node": "g", "output": "sum"}},
            {"x": {"node": "g", "input": "x"}},
            g=group(inner),
        )
    made = planned(flow(g=group(inner, x=9), k=use("Keep", value=at("g.sum"))))
    deep = "/".join(["g"] * depth)
    assert meaning(made)[f"{deep}/add"][1] == {"a": 9}
    assert meaning(made)["k"][2] == {"value": (f"{deep}/add", 0)}


def test_declared_outputs_may_be_those_of_a_subgraph() -> None:
    workflow = flow(g=group(TWICE))
    raw = workflow.to_dict() | {"outputs": {"result": {"node": "g", "output": "sum"}}}
    made = planned(Workflow.from_dict(raw))
    assert made.workflow.outputs["result"].node == "g/add"


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        (group(TWICE, z=1), ("unknown_input", "g", "z")),
        (group({"nodegraph": 1, "nodes": 3}), ("invalid_body", "g", "body")),
        (group("nothing"), ("invalid_body", "g", "body")),
        ({"type": "Subgraph"}, ("invalid_body", "g", "body")),
        (group(body({"sum": {"node": "add"}}, {"x": {"node": "no", "input": "a"}}), x=1),
         ("missing_node", "g", "x")),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_subgraph_is_said_of_it(entry: Any, expected: Any) -> None:
    assert expected in problems(flow(g=entry, k=use("Keep", value=1)))


def test_an_output_that_a_subgraph_lacks_is_named_with_the_nearest() -> None:
    workflow = flow(g=group(TWICE), k=use("Keep", value=at("g.sun")))
    with pytest.raises(InvalidWorkflow) as caught:
        planned(workflow)
    (problem,) = [p for p in caught.value.problems if p.code == "missing_output" and p.nearest]
    assert (problem.node, problem.field, problem.nearest) == ("k", "value", "sum")


def test_problems_inside_a_subgraph_are_on_the_field_inside() -> None:
    wrong = body({"sum": {"node": "add"}}, add=use("Add", a="text"))
    found = problems(flow(g=group(wrong), k=use("Keep", value=at("g"))))
    assert [(node, field) for _, node, field in found] == [("g/add", "a")]


def test_a_muted_node_takes_with_it_what_needs_it_and_nothing_else() -> None:
    muted = use("Number") | {"mode": "muted"}
    workflow = flow(
        a=muted,
        sum=use("Add", a=3, b=at("a")),
        needs=use("Keep", value=at("a")),
        fine=use("Keep", value=at("sum")),
    )
    made = planned(workflow)
    assert made.left_out.keys() == {"a", "needs"}
    assert meaning(made)["sum"][1] == {"a": 3, "b": 0}
    assert "fine" in meaning(made)


def test_a_bypassed_node_hands_on_the_input_of_its_type() -> None:
    workflow = flow(
        n=use("Number"),
        m=use("Number"),
        sum=use("Add", a=at("n"), b=at("m")) | {"mode": "bypassed"},
        again=use("Add", b=at("sum")) | {"mode": "bypassed"},
        k=use("Keep", value=at("again")),
    )
    made = planned(workflow)
    assert meaning(made)["k"][2] == {"value": ("n", 0)}
    assert made.left_out.keys() == {"sum", "again"}


def test_bypassed_nodes_in_a_circle_lead_nowhere() -> None:
    workflow = flow(
        a=use("Add", a=at("b")) | {"mode": "bypassed"},
        b=use("Add", a=at("a")) | {"mode": "bypassed"},
        k=use("Keep", value=at("a")),
        other=use("Keep", value=1),
    )
    assert planned(workflow).left_out.keys() == {"a", "b", "k"}


def test_an_unknown_mode_is_a_problem_of_its_node() -> None:
    with pytest.raises(InvalidWorkflow) as caught:
        flow(a=use("Number") | {"mode": "asleep"})
    (problem,) = caught.value.problems
    assert (problem.node, problem.field) == ("a", "mode")


def test_a_change_inside_a_subgraph_is_planned_as_a_change() -> None:
    before = planned(flow(g=group(TWICE), k=use("Keep", value=at("g"))))
    raised = {**TWICE, "nodes": {**TWICE["nodes"], "two": use("Number", value=7)}}
    after = replan(before, flow(g=group(raised), k=use("Keep", value=at("g"))), REGISTRY, NoNames())
    assert after is not None
    assert meaning(after)["g/two"][1] == {"value": 7}


def test_muting_is_no_small_change() -> None:
    nodes = {"a": use("Number"), "k": use("Keep", value=1)}
    before = planned(flow(**nodes))
    nodes["a"] = use("Number") | {"mode": "muted"}
    assert replan(before, flow(**nodes), REGISTRY, NoNames()) is None


def test_check_looks_into_subgraphs() -> None:
    found = check(flow(g=group(body({}, odd=use("Nowhere")))), REGISTRY)
    assert ("missing_node_type", "g/odd") in [(p.code, p.node) for p in found]


def test_modes_and_bodies_survive_the_file() -> None:
    raw = flow(g=group(TWICE) | {"mode": "muted"}).to_dict()
    assert Workflow.from_dict(raw).to_dict() == raw
