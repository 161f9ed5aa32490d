"""Lazy inputs: made only when the node awaits them."""

import asyncio
from pathlib import Path

import pytest

from nodegraph import Lazy, Workflow, node
from tests.engine.arithmetic import Log, arithmetic
from tests.engine.lab import Lab, ran, reasons, statuses
from tests.graph.shapes import at, flow, use


def switch(which: bool, yes: int = 1, no: int = 2, cond: str = "") -> Workflow:
    return flow(
        y=use("Number", value=yes),
        yy=use("Add", a=at("y"), b=100),
        n=use("Number", value=no),
        nn=use("Add", a=at("n"), b=200),
        p=use("Pick", which=which, yes=at("yy"), no=at("nn")),
    )


@pytest.mark.parametrize(("which", "value"), [(True, 101), (False, 202)])
def test_only_the_branch_that_is_awaited_runs(lab: Lab, log: Log, which: bool, value: int) -> None:
    report = lab.run(switch(which), "p", keep=["p"])

    chosen, other = ({"y", "yy"}, {"n", "nn"}) if which else ({"n", "nn"}, {"y", "yy"})
    assert report.values["p"] == (value,)
    assert ran(report) == {"p", *chosen}
    assert {reasons(report)[name] for name in other} == {"not needed"}
    assert len(log) == 3


def test_an_unchanged_switch_is_reused(lab: Lab, log: Log) -> None:
    lab.run(switch(True), "p")
    log.clear()

    report = lab.run(switch(True), "p", keep=["p"])

    assert report.values["p"] == (101,)
    assert statuses(report)["p"] == "reused"
    assert log == []


def test_a_change_in_the_other_branch_does_not_matter(lab: Lab, log: Log) -> None:
    lab.run(switch(True, no=2), "p")
    log.clear()

    report = lab.run(switch(True, no=3), "p")

    assert statuses(report)["p"] == "reused"
    assert log == []


def test_a_change_in_the_awaited_branch_does(lab: Lab, log: Log) -> None:
    lab.run(switch(True, yes=1), "p")
    log.clear()

    report = lab.run(switch(True, yes=5), "p", keep=["p"])

    assert report.values["p"] == (105,)
    assert log == ["number 5", "add 5 100", "pick True"]
    assert reasons(report)["p"] == "input 'yes' changed"


def test_turning_the_switch(lab: Lab, log: Log) -> None:
    lab.run(switch(True), "p")
    log.clear()

    report = lab.run(switch(False), "p", keep=["p"])

    assert report.values["p"] == (202,)
    assert reasons(report)["p"] == "input 'which' changed True -> False"
    assert log == ["pick False", "number 2", "add 2 200"]


def test_two_switches_alike_with_other_branches(lab: Lab) -> None:
    both = flow(
        a=use("Number", value=1),
        b=use("Number", value=2),
        p=use("Pick", which=True, yes=at("a"), no=0),
        q=use("Pick", which=True, yes=at("b"), no=0),
        sum=use("Add", a=at("p"), b=at("q")),
    )

    assert lab.value(both, "sum") == 3


def test_a_switch_may_feed_a_switch_alike(lab: Lab) -> None:
    chained = flow(
        a=use("Number", value=5),
        p=use("Pick", which=True, yes=at("a"), no=0),
        q=use("Pick", which=True, yes=at("p"), no=0),
        r=use("Pick", which=True, yes=at("q"), no=0),
    )

    assert lab.value(chained, "r") == 5
    assert lab.value(chained, "r") == 5


def test_literals_may_stand_where_a_lazy_input_is(lab: Lab) -> None:
    assert lab.value(flow(p=use("Pick", which=False, yes=1, no=7)), "p") == 7


def test_a_branch_shared_with_a_strict_node_runs_once(lab: Lab, log: Log) -> None:
    shared = flow(
        n=use("Number", value=4),
        p=use("Pick", which=True, yes=at("n"), no=0),
        s=use("Add", a=at("n"), b=at("p")),
    )

    assert lab.value(shared, "s") == 8
    assert log.count("number 4") == 1


def test_awaiting_twice_gives_the_same_value(tmp_path: Path) -> None:
    @node()
    async def twice(value: Lazy[int]) -> int:
        first, second = await asyncio.gather(value, value)
        return first + second + await value

    lab = Lab(tmp_path, [twice, *arithmetic(Log())])

    assert lab.value(flow(n=use("Number", value=2), t=use("Twice", value=at("n"))), "t") == 6


def test_several_inputs_may_be_awaited_at_once(tmp_path: Path) -> None:
    @node()
    async def both(a: Lazy[int], b: Lazy[int]) -> int:
        first, second = await asyncio.gather(a, b)
        return first - second

    lab = Lab(tmp_path, [both, *arithmetic(Log())])
    made = flow(
        a=use("Number", value=9), b=use("Number", value=4), t=use("Both", a=at("a"), b=at("b"))
    )

    assert lab.value(made, "t") == 5
    assert statuses(lab.run(made, "t")) == {"a": "reused", "b": "reused", "t": "reused"}


def test_an_input_that_decides_over_another(tmp_path: Path) -> None:
    @node()
    async def search(start: Lazy[int], fallback: Lazy[int]) -> int:
        found = await start
        return found if found > 0 else await fallback

    log = Log()
    lab = Lab(tmp_path, [search, *arithmetic(log)])

    def made(start: int) -> Workflow:
        return flow(
            a=use("Number", value=start),
            b=use("Number", value=99),
            s=use("Search", start=at("a"), fallback=at("b")),
        )

    assert [lab.value(made(start), "s") for start in (5, 0, 6, 0, 5)] == [5, 99, 6, 99, 5]
    assert log.count("number 99") == 1


def test_a_branch_that_fails_skips_the_node(lab: Lab) -> None:
    @node()
    def fail(value: int) -> int:
        raise ValueError("no")

    lab.registry.add([fail])
    made = flow(
        f=use("Fail", value=1),
        p=use("Pick", which=True, yes=at("f"), no=0),
        a=use("Add", a=at("p")),
    )

    report = lab.run(made, "a")

    assert statuses(report) == {"f": "failed", "p": "skipped", "a": "skipped"}
    assert reasons(report)["p"] == "needs 'f', which did not succeed"


@pytest.mark.parametrize("steps", [0, 1, 3])
def test_a_branch_behind_one_that_failed_before(lab: Lab, steps: int) -> None:
    @node()
    def fail(value: int) -> int:
        raise ValueError("no")

    lab.registry.add([fail])
    nodes = {"f": use("Fail", value=1), "g0": use("Add", a=at("f"))}
    nodes |= {f"g{i}": use("Add", a=at(f"g{i - 1}")) for i in range(1, steps + 1)}
    nodes["slow"] = use("Add", a=1)
    nodes["p"] = use("Pick", which=True, yes=at(f"g{steps}"), no=at("slow"))
    nodes["first"] = use("Show", value=at("f"))

    report = lab.run(flow(**nodes), "first", "p")

    assert statuses(report)["f"] == "failed"
    assert statuses(report)["p"] == "skipped"
    assert report.status == "failed"


def test_a_node_may_do_without_a_branch_that_failed(tmp_path: Path) -> None:
    @node()
    def fail(value: int) -> int:
        raise ValueError("no")

    @node()
    async def attempt(value: Lazy[int], instead: int = -1) -> int:
        try:
            return await value
        except Exception:
            return instead

    lab = Lab(tmp_path, [fail, attempt])
    made = flow(f=use("Fail", value=1), t=use("Attempt", value=at("f")))

    for _ in range(2):
        report = lab.run(made, "t", keep=["t"])

        assert report.values == {"t": (-1,)}
        assert statuses(report) == {"f": "failed", "t": "ran"}
        assert report.status == "failed"
