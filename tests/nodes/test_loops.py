"""ForEach, Repeat and While: what they give, what they report, what they let go."""

import weakref
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from nodegraph import Workflow, node
from nodes.loops import NODES
from tests.engine.arithmetic import Log, arithmetic
from tests.engine.lab import Lab, ran, reasons, statuses
from tests.graph.shapes import at, flow, use

Body = dict[str, Any]


def body(inputs: dict[str, str], outputs: dict[str, str], nodes: dict[str, dict[str, Any]]) -> Body:
    """A body; inputs and outputs name a place each, such as `add.a`."""
    taken = {k: dict(zip(("node", "input"), v.split("."), strict=True)) for k, v in inputs.items()}
    return {
        "nodegraph": 1,
        "inputs": taken,
        "outputs": {name: at(place) for name, place in outputs.items()},
        "nodes": nodes,
    }


ADD_TEN = body({"item": "s.a"}, {"sum": "s"}, {"s": use("Add", a=0, b=10)})
COUNT = body({"x": "s.a", "index": "s.b"}, {"x": "s"}, {"s": use("Add", a=0, b=0)})
BELOW = body({"x": "c.a"}, {"answer": "c"}, {"c": use("Below", a=0, b=10)})
DOUBLE = body({"x": "s.a"}, {"x": "t"}, {"s": use("Add", a=0, b=0), "t": use("Add", a=at("s"), b=at("s"))})  # fmt: skip  # noqa: E501


@node()
def below(a: int, b: int) -> bool:
    return a < b


@node()
def odd_ones_fail(value: int) -> int:
    if value % 2:
        raise ValueError(f"{value} is odd")
    return value


@pytest.fixture
def log() -> Log:
    return Log()


@pytest.fixture
def lab(tmp_path: Path, log: Log) -> Lab:
    functions: Sequence[Any] = [*NODES, below, odd_ones_fail, *arithmetic(log)]
    return Lab(tmp_path, functions)


class TestForEach:
    """Once for each item."""

    def test_results_are_gathered(self, lab: Lab) -> None:
        made = flow(n=use("Numbers", count=3), f=use("ForEach", items=at("n"), body=ADD_TEN))

        assert lab.value(made, "f") == [10, 11, 12]

    def test_items_may_be_written_down(self, lab: Lab) -> None:
        assert lab.value(flow(f=use("ForEach", items=[5, 7], body=ADD_TEN)), "f") == [15, 17]

    def test_no_items(self, lab: Lab, log: Log) -> None:
        made = flow(n=use("Numbers", count=0), f=use("ForEach", items=at("n"), body=ADD_TEN))

        assert lab.value(made, "f") == []
        assert log == ["numbers 0"]

    def test_the_number_of_the_item(self, lab: Lab) -> None:
        both = body({"item": "s.a", "index": "s.b"}, {"sum": "s"}, {"s": use("Add", a=0, b=0)})

        assert lab.value(flow(f=use("ForEach", items=[10, 20, 30], body=both)), "f") == [10, 21, 32]

    def test_several_outputs_and_further_inputs(self, lab: Lab) -> None:
        several = body(
            {"item": "s.a", "plus": "s.b"},
            {"sum": "s", "tens": "d.tens"},
            {"s": use("Add", a=0, b=0), "d": use("Digits", value=at("s"))},
        )
        made = flow(
            p=use("Number", value=20),
            f=use("ForEach", items=[1, 2], body=several, plus=at("p")),
            sums=use("Total", values=at("f.sum")),
            tens=use("Total", values=at("f.tens")),
        )

        report = lab.run(made, "sums", "tens", keep=["sums", "tens"])

        assert report.values == {"sums": (43,), "tens": (4,)}

    def test_iterations_are_named(self, lab: Lab) -> None:
        report = lab.run(flow(f=use("ForEach", items=[1, 2], body=ADD_TEN)), "f")

        assert {"f/0/s", "f/1/s"} <= report.nodes.keys()

    def test_an_unchanged_loop_runs_nothing(self, lab: Lab, log: Log) -> None:
        made = flow(f=use("ForEach", items=[1, 2], body=ADD_TEN))
        lab.run(made, "f")
        log.clear()

        assert statuses(lab.run(made, "f")) == {"f": "reused"}
        assert log == []

    def test_an_item_that_fails_is_named(self, lab: Lab) -> None:
        checked = body({"item": "o.value"}, {"x": "o"}, {"o": use("OddOnesFail", value=0)})
        made = flow(f=use("ForEach", items=[2, 3, 4], body=checked), t=use("Total", values=at("f")))

        report = lab.run(made, "t")

        assert [(e.node, e.message) for e in report.errors] == [("f/1/o", "3 is odd")]
        assert statuses(report)["f"] == "failed"
        assert statuses(report)["t"] == "skipped"

    def test_loops_in_loops(self, lab: Lab) -> None:
        inner = {**use("ForEach", body=ADD_TEN), "inputs": {"items": at("n"), "body": ADD_TEN}}
        nested = body(
            {"item": "n.count"},
            {"total": "t"},
            {"n": use("Numbers", count=0), "f": inner, "t": use("Total", values=at("f"))},
        )

        assert lab.value(flow(f=use("ForEach", items=[1, 3], body=nested)), "f") == [10, 33]

    def test_a_body_without_outputs(self, lab: Lab) -> None:
        empty = body({}, {}, {"n": use("Number")})

        report = lab.run(flow(f=use("ForEach", items=[1], body=empty)), "f")

        assert "the body declares no outputs" in report.errors[0].message

    def test_an_input_that_the_body_does_not_have(self, lab: Lab) -> None:
        report = lab.run(flow(f=use("ForEach", items=[1], body=ADD_TEN, itm=3)), "f")

        assert report.errors[0].message == (
            "the body declares no input 'itm'; it declares: item; did you mean 'item'?"
        )


class TestRepeat:
    """A number of times, with carried values."""

    def test_values_are_carried(self, lab: Lab) -> None:
        assert lab.value(flow(r=use("Repeat", times=4, body=DOUBLE, x=3)), "r") == 48

    def test_the_number_of_the_iteration(self, lab: Lab) -> None:
        assert lab.value(flow(r=use("Repeat", times=5, body=COUNT, x=100)), "r") == 110

    def test_a_linked_start(self, lab: Lab) -> None:
        made = flow(n=use("Number", value=2), r=use("Repeat", times=2, body=DOUBLE, x=at("n")))

        assert lab.value(made, "r") == 8

    def test_not_even_once(self, lab: Lab) -> None:
        assert lab.value(flow(r=use("Repeat", times=0, body=DOUBLE, x=3)), "r") == 3

    def test_not_even_once_and_no_value(self, lab: Lab) -> None:
        report = lab.run(flow(r=use("Repeat", times=0, body=DOUBLE)), "r")

        assert "with no iteration, 'x' has no value" in report.errors[0].message

    def test_one_more_iteration(self, lab: Lab) -> None:
        lab.run(flow(r=use("Repeat", times=3, body=DOUBLE, x=3)), "r")

        report = lab.run(flow(r=use("Repeat", times=4, body=DOUBLE, x=3)), "r", keep=["r"])

        assert report.values["r"] == (48,)
        assert reasons(report)["r"] == "input 'times' changed 3 -> 4"


class TestWhile:
    """As long as a condition holds."""

    def test_until_it_does_not_hold(self, lab: Lab) -> None:
        made = flow(w=use("While", condition=BELOW, body=DOUBLE, x=1))

        assert lab.value(made, "w") == 16
        assert statuses(lab.run(made, "w")) == {"w": "reused"}

    def test_not_even_once(self, lab: Lab) -> None:
        assert lab.value(flow(w=use("While", condition=BELOW, body=DOUBLE, x=70)), "w") == 70

    def test_a_linked_start(self, lab: Lab) -> None:
        made = flow(
            n=use("Number", value=3),
            w=use("While", condition=BELOW, body=DOUBLE, x=at("n")),
            a=use("Add", a=at("w"), b=1),
        )

        assert lab.value(made, "a") == 13

    def test_a_limit_stops_a_runaway(self, lab: Lab) -> None:
        made = flow(w=use("While", condition=BELOW, body=DOUBLE, x=0, limit=20))

        report = lab.run(made, "w")

        assert report.status == "failed"
        assert any("within its limit of 20 iterations" in e.message for e in report.errors)

    def test_steps_lie_side_by_side(self, lab: Lab) -> None:
        report = lab.run(flow(w=use("While", condition=BELOW, body=DOUBLE, x=1)), "w")

        assert max(name.count("/") for name in report.nodes) <= 3
        assert {"w/0/s", "w/3/t"} <= ran(report) | set(report.nodes)

    def test_many_steps(self, lab: Lab) -> None:
        up = body({"x": "s.a"}, {"x": "s"}, {"s": use("Add", a=0, b=1)})
        below_300 = body({"x": "c.a"}, {"answer": "c"}, {"c": use("Below", a=0, b=300)})

        assert lab.value(flow(w=use("While", condition=below_300, body=up, x=0)), "w") == 300

    def test_a_condition_with_two_answers(self, lab: Lab) -> None:
        two = {**BELOW, "outputs": {"a": at("c"), "b": at("c")}}

        report = lab.run(flow(w=use("While", condition=two, body=DOUBLE, x=1)), "w")

        assert "the condition must declare one output, it declares 2" in report.errors[0].message


class Block:
    """Something that can be watched."""

    def __init__(self, number: int) -> None:
        self.number = number

    def __storages__(self) -> dict[int, int]:
        return {id(self): 1000}


@pytest.mark.parametrize("loop", ["Repeat", "ForEach", "While"])
def test_intermediates_are_let_go(tmp_path: Path, loop: str) -> None:
    made: list[weakref.ref[Block]] = []
    alive: list[int] = []

    def new(number: int) -> Block:
        block = Block(number)
        made.append(weakref.ref(block))
        alive.append(sum(ref() is not None for ref in made))
        return block

    @node()
    def start(number: int = 0) -> Block:
        return new(number)

    @node()
    def grow(block: Block) -> Block:
        return new(block.number + 1)

    @node()
    def weigh(block: Block) -> int:
        return block.number

    @node()
    def small(block: Block) -> bool:
        return block.number < 40

    functions: Sequence[Any] = [start, grow, weigh, small, *NODES]
    lab = Lab(tmp_path, functions)
    lab.cache.budget = 0
    carried = body({"x": "g.block"}, {"x": "g"}, {"g": use("Grow", block=at("g"))})
    carried["nodes"] = {"g": {"type": "Grow"}}
    whole = body(
        {"item": "s.number"},
        {"number": "w"},
        {"s": use("Start"), "g": use("Grow", block=at("s")), "w": use("Weigh", block=at("g"))},
    )
    condition = body({"x": "c.block"}, {"answer": "c"}, {"c": {"type": "Small"}})
    nodes: dict[str, dict[str, Any]] = {
        "Repeat": use("Repeat", times=40, body=carried, x=at("b")),
        "ForEach": use("ForEach", items=list(range(40)), body=whole),
        "While": use("While", condition=condition, body=carried, x=at("b")),
    }
    flowing: Workflow = flow(b=use("Start"), loop=nodes[loop])

    report = lab.run(flowing, "loop", keep=["loop"])

    assert report.status == "succeeded", report.errors
    assert len(made) >= 41
    assert max(alive) <= 5
