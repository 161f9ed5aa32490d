"""A node that fails: what depends on it is skipped, everything else goes on."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from nodegraph import NodeError, OutputError, node
from nodegraph.engine.events import NodeDone, RunDone
from tests.engine.arithmetic import Log, arithmetic
from tests.engine.lab import Lab, reasons, statuses
from tests.graph.shapes import at, flow, use


class Pair(NamedTuple):
    """Two numbers."""

    first: int
    second: int


def failing(error: BaseException, **options: Any) -> Callable[..., Any]:
    @node(name="Fail", **options)
    def fail(value: int = 0) -> int:
        raise error

    return fail


def failing_async(error: BaseException) -> Callable[..., Any]:
    @node(name="Fail")
    async def fail(value: int = 0) -> int:
        raise error

    return fail


def lab_with(folder: Path, *functions: Any) -> Lab:
    return Lab(folder, [*functions, *arithmetic(Log())])


def test_other_branches_go_on(tmp_path: Path) -> None:
    lab = lab_with(tmp_path, failing(NodeError("too dark")))
    made = flow(
        f=use("Fail"),
        g=use("Add", a=at("f")),
        h=use("Add", a=at("g")),
        n=use("Number", value=1),
        both=use("Add", a=at("n"), b=at("h")),
        well=use("Add", a=at("n")),
    )

    report = lab.run(made, "both", "h", "well", keep=["well"])

    assert report.status == "failed"
    assert report.values == {"well": (1,)}
    assert statuses(report) == {
        "f": "failed",
        "g": "skipped",
        "h": "skipped",
        "n": "ran",
        "both": "skipped",
        "well": "ran",
    }


def test_what_is_skipped_names_what_it_needed(tmp_path: Path) -> None:
    lab = lab_with(tmp_path, failing(NodeError("too dark")))

    report = lab.run(flow(f=use("Fail"), g=use("Add", a=at("f")), h=use("Add", a=at("g"))), "h")

    assert reasons(report) == {
        "f": "too dark",
        "g": "needs 'f', which did not succeed",
        "h": "needs 'g', which did not succeed",
    }


def test_every_node_is_settled_once(tmp_path: Path) -> None:
    lab = lab_with(tmp_path, failing(NodeError("no")))
    nodes = {"f": use("Fail"), "e": use("Fail", value=1)}
    nodes |= {f"g{i}": use("Add", a=at("f"), b=at("e")) for i in range(5)}

    lab.run(flow(**nodes), *nodes)

    done = [event.node for event in lab.events if isinstance(event, NodeDone)]
    assert sorted(done) == sorted(nodes)
    assert isinstance(lab.events[-1], RunDone)
    assert lab.events[-1].status == "failed"


@pytest.mark.parametrize("make", [failing, failing_async])
@pytest.mark.parametrize(
    ("error", "message", "logged"),
    [
        (NodeError("the picture is too dark"), "the picture is too dark", False),
        (OutputError("the disk is full"), "the disk is full", False),
        (ValueError("sigma must be positive"), "sigma must be positive", False),
        (ZeroDivisionError("division by zero"), "ZeroDivisionError: division by zero", True),
        (KeyError("a"), "KeyError: 'a'", True),
        (RuntimeError(), "RuntimeError: no message", True),
        (SystemExit(3), "SystemExit: 3", True),
        (GeneratorExit(), "GeneratorExit: no message", True),
        (StopIteration(), "StopIteration: no message", True),
        (RecursionError("too deep"), "RecursionError: too deep", True),
    ],
)
def test_what_the_user_is_told(
    tmp_path: Path,
    make: Callable[..., Any],
    error: BaseException,
    message: str,
    logged: bool,
) -> None:
    if make is failing_async and isinstance(error, StopIteration):
        message = "RuntimeError: coroutine raised StopIteration"
    lab = lab_with(tmp_path, make(error))

    report = lab.run(flow(f=use("Fail")), "f")

    (failure,) = report.errors
    assert (failure.node, failure.type, failure.message) == ("f", "Fail", message)
    assert report.nodes["f"].error == message
    assert (failure.log is not None) is logged


def test_the_traceback_is_in_the_log(tmp_path: Path) -> None:
    lab = lab_with(tmp_path, failing(ZeroDivisionError("by zero")))

    (failure,) = lab.run(flow(f=use("Fail")), "f").errors

    assert failure.log is not None
    written = Path(failure.log).read_text()
    assert "node 'f' (Fail)" in written
    assert "Traceback" in written
    assert "raise error" in written
    assert failure.log in str(failure)
    assert Path(failure.log).is_relative_to(tmp_path)


def test_a_log_that_cannot_be_written_is_no_second_error(tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("no folder")
    lab = lab_with(tmp_path, failing(ZeroDivisionError("by zero")))

    (failure,) = lab.run(flow(f=use("Fail")), "f").errors

    assert failure.log is None
    assert str(failure) == "node 'f' (Fail): ZeroDivisionError: by zero"


def test_sys_exit_ends_the_node_and_not_the_program(tmp_path: Path) -> None:
    @node()
    def leave(value: int) -> int:
        sys.exit("goodbye")

    lab = lab_with(tmp_path, leave)

    report = lab.run(flow(x=use("Leave", value=1), n=use("Number")), "x", "n")

    assert statuses(report) == {"x": "failed", "n": "ran"}
    assert report.errors[0].message == "SystemExit: goodbye"


def test_printing_is_allowed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    @node()
    def chatty(value: int) -> int:
        print("hello from the node")
        return value

    lab = lab_with(tmp_path, chatty)

    assert lab.value(flow(c=use("Chatty", value=2)), "c") == 2
    captured = capsys.readouterr()
    assert "hello from the node" in captured.out + captured.err


@pytest.mark.parametrize("io", [True, False])
def test_an_output_of_the_wrong_type(tmp_path: Path, io: bool) -> None:
    @node(name="Wrong", io=io)
    def wrong(value: int) -> int:
        return str(value)  # type: ignore[return-value]

    report = lab_with(tmp_path, wrong).run(flow(w=use("Wrong", value=1)), "w")

    assert report.errors[0].message == "its output 'int' must be int, it returned str"


def test_a_list_with_a_wrong_element(tmp_path: Path) -> None:
    @node()
    def some() -> list[int]:
        return [1, "2"]  # type: ignore[list-item]

    report = lab_with(tmp_path, some).run(flow(s=use("Some")), "s")

    assert report.errors[0].message == (
        "its output 'int' must be list[int], it returned a list whose element 1 is str"
    )


def test_nothing_where_something_was_promised(tmp_path: Path) -> None:
    @node()
    def forgetful(value: int) -> int:
        value + 1
        return None  # type: ignore[return-value]

    report = lab_with(tmp_path, forgetful).run(flow(w=use("Forgetful", value=1)), "w")

    assert report.errors[0].message == "its output 'int' must be int, it returned NoneType"


def test_a_wrong_number_of_outputs(tmp_path: Path) -> None:
    @node()
    def pair(value: int) -> Pair:
        return value, value, value  # type: ignore[return-value]

    report = lab_with(tmp_path, pair).run(
        flow(p=use("Pair", value=1), a=use("Add", a=at("p.first"))), "a"
    )

    assert report.errors[0].message == (
        "it must return a NamedTuple of first, second; it returned tuple"
    )


def test_a_named_tuple_of_another_class(tmp_path: Path) -> None:
    class Triple(NamedTuple):
        a: int
        b: int
        c: int

    @node()
    def pair(value: int) -> Pair:
        return Triple(1, 2, 3)  # type: ignore[return-value]

    report = lab_with(tmp_path, pair).run(flow(p=use("Pair", value=1)), "p")

    assert report.errors[0].message == (
        "it must return a NamedTuple of first, second; it returned Triple"
    )


def test_a_named_tuple_is_one_value_where_one_is_promised(tmp_path: Path) -> None:
    @node()
    def anything(value: int) -> object:
        return Pair(value, value)

    lab = lab_with(tmp_path, anything)

    assert lab.value(flow(a=use("Anything", value=1)), "a") == Pair(1, 1)


def test_a_failed_node_runs_again_next_time(tmp_path: Path) -> None:
    log = Log()

    @node()
    def fragile(value: int) -> int:
        log.append("called")
        if len(log) == 1:
            raise NodeError("not yet")
        return value

    lab = lab_with(tmp_path, fragile)
    made = flow(f=use("Fragile", value=1), a=use("Add", a=at("f")))

    assert statuses(lab.run(made, "a")) == {"f": "failed", "a": "skipped"}
    assert statuses(lab.run(made, "a")) == {"f": "ran", "a": "ran"}


def test_equal_nodes_that_fail_are_both_settled(tmp_path: Path) -> None:
    lab = lab_with(tmp_path, failing(NodeError("no")))
    made = flow(f=use("Fail"), g=use("Fail"), a=use("Add", a=at("f")), b=use("Add", a=at("g"), b=1))

    report = lab.run(made, "a", "b")

    assert statuses(report) == {"f": "failed", "g": "failed", "a": "skipped", "b": "skipped"}
    assert set(lab.started().values()) == {"first run"}


def test_a_fingerprint_that_fails_is_a_failure_of_the_node(tmp_path: Path) -> None:
    def fingerprint(name: str) -> str:
        raise NodeError(f"there is no '{name}'")

    @node(fingerprint=fingerprint)
    def load(name: str) -> str:
        return name

    report = lab_with(tmp_path, load).run(
        flow(x=use("Load", name="cat"), s=use("Show", value=at("x"))), "s"
    )

    assert statuses(report) == {"x": "failed", "s": "skipped"}
    assert report.errors[0].message == "there is no 'cat'"


class Unhashable:
    """A value whose content cannot be read."""

    def __repr__(self) -> str:
        raise RuntimeError("no")


def test_a_strange_value_is_no_hindrance(tmp_path: Path) -> None:
    @node()
    def make() -> Unhashable:
        return Unhashable()

    @node()
    def look(value: Unhashable) -> int:
        return 7

    @node()
    def big(value: int) -> int:
        return int(10**value)

    lab = lab_with(tmp_path, make, look, big)

    assert lab.value(flow(m=use("Make"), o=use("Look", value=at("m"))), "o") == 7
    assert lab.value(flow(b=use("Big", value=6000)), "b") == 10**6000
