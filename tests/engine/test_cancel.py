"""Cancelling: between nodes, inside a node, in a node that waits, before anything began."""

import asyncio
import threading
from pathlib import Path

import pytest

from nodegraph import Cancelled, CancelToken, Context, Lazy, node
from nodegraph.engine.events import RunDone
from tests.engine.arithmetic import Log, arithmetic
from tests.engine.lab import PATIENCE, Lab, reasons, statuses
from tests.graph.shapes import at, flow, use


@pytest.fixture
def token() -> CancelToken:
    return CancelToken()


def test_before_it_began(lab: Lab, log: Log, token: CancelToken) -> None:
    token.cancel()

    report = lab.run(flow(a=use("Number"), b=use("Add", a=at("a"))), "b", cancel=token)

    assert report.status == "canceled"
    assert statuses(report) == {"a": "canceled", "b": "canceled"}
    assert reasons(report)["b"] == "cancelled before it ran"
    assert log == []


def test_between_nodes(lab: Lab, log: Log, token: CancelToken) -> None:
    @node()
    def stop(value: int) -> int:
        token.cancel()
        return value

    lab.registry.add([stop])
    made = flow(n=use("Number"), s=use("Stop", value=at("n")), a=use("Add", a=at("s")))

    report = lab.run(made, "a", cancel=token)

    assert statuses(report) == {"n": "ran", "s": "ran", "a": "canceled"}
    assert report.status == "canceled"
    assert report.errors == []
    last = lab.events[-1]
    assert isinstance(last, RunDone)
    assert last.status == "canceled"


@pytest.mark.parametrize("io", [True, False])
def test_inside_a_node(tmp_path: Path, token: CancelToken, io: bool) -> None:
    steps: list[int] = []

    @node(io=io)
    def sample(ctx: Context) -> int:
        for step in range(10):
            ctx.check_cancelled()
            steps.append(step)
            if step == 3:
                token.cancel()
        return 0

    lab = Lab(tmp_path, [sample, *arithmetic(Log())])

    report = lab.run(
        flow(s=use("Sample"), a=use("Add", a=at("s")), n=use("Number")), "a", cancel=token
    )

    assert steps == [0, 1, 2, 3]
    assert report.status == "canceled"
    assert statuses(report)["s"] == "canceled"
    assert statuses(report)["a"] in ("canceled", "skipped")


def test_in_a_node_that_waits_for_ever(tmp_path: Path, token: CancelToken) -> None:
    cleaned = threading.Event()

    @node()
    async def wait(value: int) -> int:
        threading.Timer(0.02, token.cancel).start()
        try:
            await asyncio.Event().wait()
        finally:
            cleaned.set()
        return value

    lab = Lab(tmp_path, [wait])

    report = lab.run(flow(w=use("Wait", value=1)), "w", cancel=token)

    assert statuses(report) == {"w": "canceled"}
    assert cleaned.is_set()


def test_while_a_lazy_input_is_awaited(tmp_path: Path, token: CancelToken) -> None:
    @node()
    def stop(value: int) -> int:
        token.cancel()
        return value

    @node()
    async def patient(value: Lazy[int]) -> int:
        return await value

    lab = Lab(tmp_path, [stop, patient, *arithmetic(Log())])
    made = flow(s=use("Stop", value=1), a=use("Add", a=at("s")), p=use("Patient", value=at("a")))

    report = lab.run(made, "p", cancel=token)

    assert report.status == "canceled"
    assert statuses(report)["s"] == "ran"
    assert statuses(report)["p"] == "canceled"
    assert statuses(report)["a"] in ("canceled", "skipped")


def test_from_another_thread_while_io_nodes_run(tmp_path: Path, token: CancelToken) -> None:
    begun = threading.Event()

    @node(io=True)
    def upload(ctx: Context, value: int = 0) -> int:
        begun.set()
        for _ in range(int(PATIENCE * 1000)):
            ctx.check_cancelled()
            threading.Event().wait(0.001)
        return value

    def stop() -> None:
        begun.wait(PATIENCE)
        token.cancel()

    threading.Thread(target=stop).start()
    lab = Lab(tmp_path, [upload])

    report = lab.run(flow(u=use("Upload")), "u", cancel=token)

    assert statuses(report) == {"u": "canceled"}


def test_too_late_to_matter(lab: Lab, token: CancelToken) -> None:
    @node()
    def stop(value: int) -> int:
        token.cancel()
        return value

    lab.registry.add([stop])

    report = lab.run(flow(s=use("Stop", value=1)), "s", cancel=token)

    assert (report.status, statuses(report)) == ("succeeded", {"s": "ran"})


def test_what_was_done_before_is_kept(lab: Lab, log: Log, token: CancelToken) -> None:
    @node()
    def stop(value: int) -> int:
        token.cancel()
        return value

    lab.registry.add([stop])
    made = flow(n=use("Number"), s=use("Stop", value=at("n")), a=use("Add", a=at("s")))
    lab.run(made, "a", cancel=token)
    log.clear()

    report = lab.run(made, "a")

    assert statuses(report) == {"n": "reused", "s": "reused", "a": "ran"}
    assert log == ["add 0 0"]
    assert reasons(report)["a"] != "evicted"


def test_raising_cancelled_without_a_reason_is_a_failure(tmp_path: Path) -> None:
    @node()
    def confused(value: int) -> int:
        raise Cancelled("cancelled")

    @node()
    async def confused_too(value: int) -> int:
        raise asyncio.CancelledError

    lab = Lab(tmp_path, [confused, confused_too])

    report = lab.run(flow(a=use("Confused", value=1), b=use("ConfusedToo", value=1)), "a", "b")

    assert report.status == "failed"
    assert set(statuses(report).values()) == {"failed"}


def test_nothing_runs_twice_after_a_cancelled_run(lab: Lab, log: Log, token: CancelToken) -> None:
    token.cancel()
    made = flow(
        a=use("Number", value=3), b=use("Number", value=3), c=use("Add", a=at("a"), b=at("b"))
    )
    lab.run(made, "c", cancel=token)

    assert lab.value(made, "c") == 6
    assert sorted(log) == ["add 3 3", "number 3"]
