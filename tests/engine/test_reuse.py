"""What is reused: everything whose inputs' values did not change."""

import pytest

from nodegraph import Context, Workflow, node
from tests.engine.arithmetic import Log
from tests.engine.lab import Lab, ran, reasons, statuses
from tests.graph.shapes import at, ending_in, flow, use


def sums(a: int = 1, b: int = 2, high: int = 10) -> Workflow:
    return flow(
        a=use("Number", value=a),
        b=use("Number", value=b),
        sum=use("Add", a=at("a"), b=at("b")),
        clamped=use("Clamp", value=at("sum"), high=high),
        double=use("Add", a=at("clamped"), b=at("clamped")),
    )


def test_values_are_those_of_the_functions(lab: Lab) -> None:
    assert lab.value(sums(3, 4), "double") == 14


def test_an_unchanged_workflow_calls_nothing(lab: Lab, log: Log) -> None:
    first = lab.run(sums(), "double")
    assert ran(first) == {"a", "b", "sum", "clamped", "double"}
    log.clear()

    again = lab.run(sums(), "double")

    assert set(statuses(again).values()) == {"reused"}
    assert set(reasons(again).values()) == {"memory"}
    assert log == []


def test_a_change_runs_what_follows_it_and_nothing_else(lab: Lab, log: Log) -> None:
    lab.run(sums(), "double")
    log.clear()

    again = lab.run(sums(b=3), "double")

    assert ran(again) == {"b", "sum", "clamped", "double"}
    assert log == ["number 3", "add 1 3", "clamp 4 10", "add 4 4"]


def test_an_equal_value_stops_the_change(lab: Lab, log: Log) -> None:
    lab.run(sums(8, 9), "double")
    log.clear()

    again = lab.run(sums(6, 7), "double")

    assert ran(again) == {"a", "b", "sum", "clamped"}
    assert statuses(again)["double"] == "reused"
    assert "add 10 10" not in log


def test_going_back_reuses_what_was_made_before(lab: Lab, log: Log) -> None:
    lab.run(sums(1), "double")
    lab.run(sums(5), "double")
    log.clear()

    lab.run(sums(1), "double")

    assert log == []


def test_names_positions_and_titles_do_not_matter(lab: Lab, log: Log) -> None:
    lab.run(sums(), "double")
    log.clear()
    other = Workflow.from_dict(
        {
            "nodegraph": 1,
            "name": "Another",
            "layout": {"x": {"x": 3}},
            "nodes": {
                "total": {**use("Add", b=at("y"), a=at("x")), "title": "Sum"},
                "y": {**use("Number", value=2), "colour": "red"},
                "x": use("Number", value=1),
            },
        }
    )

    report = lab.run(other, "total")

    assert log == []
    assert set(statuses(report).values()) == {"reused"}


def test_a_written_default_is_the_default(lab: Lab, log: Log) -> None:
    lab.run(flow(a=use("Add", a=1)), "a")
    log.clear()

    lab.run(flow(a=use("Add", a=1, b=0)), "a")

    assert log == []


def test_a_literal_and_a_linked_value_are_told_apart_only_by_the_caller(lab: Lab) -> None:
    linked = flow(n=use("Number", value=4), a=use("Add", a=at("n")))

    assert lab.value(flow(a=use("Add", a=4)), "a") == lab.value(linked, "a") == 4


def test_swapped_inputs_are_another_call(lab: Lab, log: Log) -> None:
    lab.run(flow(a=use("Clamp", value=1, high=2)), "a")

    lab.run(flow(a=use("Clamp", value=2, high=1)), "a")

    assert log == ["clamp 1 2", "clamp 2 1"]


def test_each_output_counts_for_itself(lab: Lab, log: Log) -> None:
    def parts(value: int) -> Workflow:
        return flow(
            d=use("Digits", value=value),
            tens=use("Add", a=at("d.tens")),
            ones=use("Add", a=at("d.ones")),
        )

    lab.run(parts(42), "tens", "ones")
    log.clear()

    again = lab.run(parts(47), "tens", "ones")

    assert ran(again) == {"d", "ones"}


def test_only_what_is_asked_for_runs(lab: Lab, log: Log) -> None:
    report = lab.run(sums(), "sum")

    assert statuses(report) == {
        "a": "ran",
        "b": "ran",
        "sum": "ran",
        "clamped": "skipped",
        "double": "skipped",
    }
    assert reasons(report)["double"] == "not needed"


def test_equal_nodes_run_once(lab: Lab, log: Log) -> None:
    twins = flow(
        a=use("Number", value=3),
        b=use("Number", value=3),
        x=use("Add", a=at("a"), b=1),
        y=use("Add", a=at("b"), b=1),
        z=use("Add", a=at("x"), b=at("y")),
    )

    report = lab.run(twins, "z", keep=["z"])

    assert report.values["z"] == (8,)
    assert sorted(log) == ["add 3 1", "add 4 4", "number 3"]
    assert sorted(statuses(report).values()) == ["ran", "ran", "ran", "reused", "reused"]


def test_a_cleared_cache_runs_everything(lab: Lab, log: Log) -> None:
    lab.run(sums(), "double")
    lab.cache.clear()
    log.clear()

    assert len(ran(lab.run(sums(), "double"))) == 5


def test_the_device_matters_only_to_nodes_that_know_it(lab: Lab, log: Log) -> None:
    @node()
    def where(ctx: Context) -> str:
        log.append("where")
        return ctx.device

    lab.registry.add([where])
    both = flow(w=use("Where"), n=use("Number"))
    lab.run(both, "w", "n")
    log.clear()

    report = lab.run(both, "w", "n", keep=["w"], device="cuda:1")

    assert report.values == {"w": ("cuda:1",)}
    assert log == ["where"]


@pytest.mark.parametrize("count", [1, 3])
def test_values_can_be_kept_on_every_run(lab: Lab, count: int) -> None:
    for _ in range(count):
        report = lab.run(sums(), "double", keep=["sum", "double"])

        assert report.values == {"sum": (3,), "double": (6,)}


def test_declared_outputs_are_roots(lab: Lab) -> None:
    report = lab.run(ending_in("a", a=use("Number"), b=use("Number", value=2)))

    assert statuses(report) == {"a": "ran", "b": "skipped"}


def test_a_chain_of_20000_nodes(lab: Lab, log: Log) -> None:
    nodes = {"n0": use("Number", value=1)}
    nodes |= {f"n{i}": use("Add", a=at(f"n{i - 1}"), b=1) for i in range(1, 20_000)}

    assert lab.value(flow(**nodes), "n19999") == 20_000
    assert len(log) == 20_000
    log.clear()
    assert lab.value(flow(**nodes), "n19999") == 20_000
    assert log == []
