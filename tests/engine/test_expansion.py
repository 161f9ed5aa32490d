"""Nodes that return a fragment: it is run in their place, reported under them, cached apart."""

import threading
from pathlib import Path
from typing import Any

import pytest

from nodegraph import BodyOutputs, CancelToken, Context, Extras, NodeError, Workflow, node
from nodegraph.engine import expand
from tests.engine.arithmetic import Log, Parts, arithmetic
from tests.engine.lab import Lab, reasons, statuses
from tests.graph.shapes import at, flow, use

LOG = Log()
NODES = {node.__node_type__.name: node for node in arithmetic(LOG)}  # type: ignore[attr-defined]
NUMBER, ADD, DIGITS, SHOW = (NODES[name] for name in ("Number", "Add", "Digits", "Show"))


@node()
def chain(start: int, length: int = 3) -> Workflow | int:
    """A fragment of as many additions; without any, the value itself."""
    if length == 0:
        return start
    made = Workflow()
    value: Any = start
    for i in range(length):
        value = made.add(ADD, id=f"step {i}", a=value, b=1)
    made.declare_output("int", value)
    return made


@node()
def apart(value: int) -> Workflow | Parts:
    made = Workflow()
    parts = made.add(DIGITS, value=value)
    made.declare_output("tens", parts.tens)
    made.declare_output("ones", parts.ones)
    return made


@node()
def nested(depth: int) -> Workflow | int:
    made = Workflow()
    inner = made.add(nested, id="in", depth=depth - 1) if depth else made.add(NUMBER, value=7)
    made.declare_output("int", inner)
    return made


@node()
def runaway(value: int = 0) -> Workflow | int:
    made = Workflow()
    made.declare_output("int", made.add(runaway, id="on", value=value + 1))
    return made


@node()
def fail(value: int) -> int:
    raise NodeError("too dark")


@node()
def faulty(kind: str) -> Workflow | int:
    made = Workflow()
    if kind == "no output":
        made.add(NUMBER, id="n")
    elif kind == "wrong literal":
        made.declare_output("int", made.add(ADD, id="a", a="one"))
    elif kind == "wrong output":
        made.declare_output("int", made.add(NUMBER, id="n"))
        made.outputs["int"].output = "nothing"
    elif kind == "failing":
        made.declare_output("int", made.add(fail, id="f", value=1))
    return made


@node(effect=True)
def write(value: int, ctx: Context) -> None:
    ctx.files.save("v", ".txt", lambda stream: stream.write(str(value).encode()), type="text")


@node()
def writing(value: int) -> Workflow | int:
    made = Workflow()
    made.add(write, id="w", value=value)
    made.declare_output("int", made.add(NUMBER, id="n", value=value))
    return made


@node()
def outer(value: int) -> Workflow | int:
    made = Workflow()
    made.declare_output("int", made.add(writing, id="in", value=value))
    return made


@node(outputs_of=BodyOutputs())
def inline(body: Workflow, extras: Extras) -> Workflow:
    made = Workflow()
    for name, value in made.include(body, "b", extras).items():
        made.declare_output(name, value)
    return made


@pytest.fixture
def growing(tmp_path: Path) -> Lab:
    LOG.clear()
    added: list[Any] = [chain, apart, nested, runaway, fail, faulty, write, writing, outer, inline]
    return Lab(tmp_path, [*NODES.values(), *added])


def test_a_fragment_gives_the_nodes_value(growing: Lab) -> None:
    made = flow(n=use("Number", value=10), c=use("Chain", start=at("n")), a=use("Add", a=at("c")))

    assert growing.value(made, "a") == 13


def test_its_nodes_are_reported_under_the_node(growing: Lab) -> None:
    report = growing.run(flow(c=use("Chain", start=1, length=2)), "c")

    assert statuses(report) == {"c": "ran", "c/step 0": "ran", "c/step 1": "ran"}


def test_a_node_may_still_give_a_plain_value(growing: Lab) -> None:
    assert growing.value(flow(c=use("Chain", start=4, length=0)), "c") == 4


def test_several_outputs(growing: Lab) -> None:
    made = flow(p=use("Apart", value=42), a=use("Add", a=at("p.tens"), b=at("p.ones")))

    assert growing.value(made, "a") == 6


def test_an_unchanged_fragment_is_reused_as_a_whole(growing: Lab) -> None:
    made = flow(c=use("Chain", start=1, length=5))
    growing.run(made, "c")
    LOG.clear()

    report = growing.run(made, "c", keep=["c"])

    assert report.values["c"] == (6,)
    assert statuses(report) == {"c": "reused"}
    assert LOG == []


def test_the_nodes_inside_are_reused_one_by_one(growing: Lab) -> None:
    growing.run(flow(c=use("Chain", start=1, length=3)), "c")
    LOG.clear()

    report = growing.run(flow(c=use("Chain", start=1, length=5)), "c", keep=["c"])

    assert report.values["c"] == (6,)
    assert reasons(report)["c/step 4"] == "first run"
    assert {reasons(report)[f"c/step {i}"] for i in range(3)} == {"evicted"}  # not worth keeping
    assert len(LOG) == 5


def test_what_is_costly_inside_is_kept(growing: Lab) -> None:
    @node()
    def slow(value: int) -> int:
        LOG.append(f"slow {value}")
        threading.Event().wait(0.06)
        return value

    @node()
    def slowly(values: list[int]) -> Workflow | int:
        made = Workflow()
        value: Any = 0
        for one in values:
            value = made.add(ADD, a=value, b=made.add(slow, value=one))
        made.declare_output("int", value)
        return made

    growing.registry.add([slow, slowly])
    assert growing.value(flow(s=use("Slowly", values=[1, 2])), "s") == 3
    LOG.clear()

    assert growing.value(flow(s=use("Slowly", values=[1, 2, 3])), "s") == 6

    assert [call for call in LOG if call.startswith("slow")] == ["slow 3"]


def test_fragments_in_fragments(growing: Lab) -> None:
    report = growing.run(flow(d=use("Nested", depth=3)), "d", keep=["d"])

    assert report.values["d"] == (7,)
    assert "d/in/in/in/number" in report.nodes


def test_fragments_nest_deeply_without_recursion(growing: Lab) -> None:
    assert growing.value(flow(d=use("Nested", depth=1500)), "d") == 7


def test_a_runaway_meets_a_limit(growing: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expand, "MAX_TASKS", 100)

    report = growing.run(flow(r=use("Runaway")), "r")

    assert report.status == "failed"
    assert report.errors[0].message == (
        "the run would grow to more than 100 nodes: a runaway loop?"
    )


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("empty", "the fragment it returned has no output 'int'"),
        ("no output", "the fragment it returned has no output 'int'"),
        ("wrong literal", "expected int, got 'one' (str)"),
        ("wrong output", "the fragment's output 'int' names no output of its node"),
    ],
)
def test_a_fragment_that_cannot_run_is_a_failure_of_the_node(
    growing: Lab, kind: str, message: str
) -> None:
    made = flow(f=use("Faulty", kind=kind), a=use("Add", a=at("f")), n=use("Number"))

    report = growing.run(made, "a", "n")

    assert statuses(report) == {"f": "failed", "a": "skipped", "n": "ran"}
    assert message in report.errors[0].message


def test_a_node_inside_that_fails_is_named(growing: Lab) -> None:
    made = flow(f=use("Faulty", kind="failing"), a=use("Add", a=at("f")), n=use("Number"))

    report = growing.run(made, "a", "n")

    assert [(e.node, e.message) for e in report.errors] == [("f/f", "too dark")]
    assert statuses(report)["f"] == "failed"
    assert statuses(report)["a"] == "skipped"
    assert statuses(report)["n"] == "ran"
    assert "f/f" in reasons(report)["f"]


def test_effects_inside_run_and_are_reported(growing: Lab, tmp_path: Path) -> None:
    made = flow(w=use("Writing", value=5))

    first = growing.run(made, "w")
    again = growing.run(made, "w")

    assert [Path(str(o.path)).name for o in first.outputs] == ["v_00001.txt"]
    assert [Path(str(o.path)).name for o in again.outputs] == ["v_00001.txt"]
    assert statuses(again) == {"w": "reused"}
    (tmp_path / "out" / "v_00001.txt").unlink()
    third = growing.run(made, "w")
    assert statuses(third)["w/w"] == "ran"
    assert [Path(str(o.path)).name for o in third.outputs] == ["v_00001.txt"]


def test_effects_in_fragments_in_fragments(growing: Lab, tmp_path: Path) -> None:
    made = flow(o=use("Outer", value=5))

    for _ in range(2):
        report = growing.run(made, "o")

        assert [Path(str(o.path)).name for o in report.outputs] == ["v_00001.txt"]
    assert statuses(report) == {"o": "reused"}
    (tmp_path / "out" / "v_00001.txt").unlink()
    assert [Path(str(o.path)).name for o in growing.run(made, "o").outputs] == ["v_00001.txt"]


def test_a_body_is_an_input(growing: Lab) -> None:
    body = {
        "nodegraph": 1,
        "inputs": {"x": {"node": "s", "input": "a"}},
        "outputs": {"sum": {"node": "s"}, "double": {"node": "d"}},
        "nodes": {"s": use("Add", a=0, b=5), "d": use("Add", a=at("s"), b=at("s"))},
    }
    made = flow(
        n=use("Number", value=2),
        i=use("Inline", body=body, x=at("n")),
        a=use("Add", a=at("i.sum"), b=at("i.double")),
    )

    assert growing.value(made, "a") == 21


def test_cancelling_inside_a_fragment(growing: Lab) -> None:
    token = CancelToken()

    @node()
    def stop(value: int) -> int:
        token.cancel()
        return value

    @node()
    def stopping(value: int) -> Workflow | int:
        made = Workflow()
        made.declare_output("int", made.add(ADD, id="a", a=made.add(stop, id="s", value=value)))
        return made

    growing.registry.add([stop, stopping])

    report = growing.run(flow(p=use("Stopping", value=1)), "p", cancel=token)

    assert report.status == "canceled"
    assert statuses(report)["p/s"] == "ran"
    assert statuses(report)["p/a"] == "canceled"
    assert statuses(report)["p"] == "canceled"


def test_no_budget_changes_a_fragment(growing: Lab) -> None:
    growing.cache.budget = -1
    for length in (3, 3, 5, 2):
        assert growing.value(flow(c=use("Chain", start=1, length=length)), "c") == 1 + length
