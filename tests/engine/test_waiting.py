"""Nodes that wait rather than compute: `io` nodes in threads, async nodes on an event loop."""

import asyncio
import threading
from pathlib import Path

import pytest

from nodegraph import Context, node
from tests.engine.arithmetic import Log, arithmetic
from tests.engine.lab import PATIENCE, Lab, statuses
from tests.graph.shapes import at, flow, use


def test_an_async_node_gives_its_value(tmp_path: Path) -> None:
    @node()
    async def fetch(value: int) -> int:
        await asyncio.sleep(0)
        return value + 1

    lab = Lab(tmp_path, [fetch, *arithmetic(Log())])
    made = flow(f=use("Fetch", value=1), g=use("Fetch", value=at("f")), a=use("Add", a=at("g")))

    assert lab.value(made, "a") == 3
    assert set(statuses(lab.run(made, "a")).values()) == {"reused"}


def test_async_nodes_overlap(tmp_path: Path) -> None:
    both = asyncio.Barrier(2)

    @node()
    async def meet(value: int) -> int:
        await asyncio.wait_for(both.wait(), PATIENCE)
        return value

    lab = Lab(tmp_path, [meet, *arithmetic(Log())])
    made = flow(x=use("Meet", value=1), y=use("Meet", value=2), a=use("Add", a=at("x"), b=at("y")))

    assert lab.value(made, "a") == 3


def test_io_nodes_overlap(tmp_path: Path) -> None:
    all_three = threading.Barrier(3, timeout=PATIENCE)

    @node(io=True)
    def meet(value: int) -> int:
        all_three.wait()
        return value

    lab = Lab(tmp_path, [meet])
    made = flow(x=use("Meet", value=1), y=use("Meet", value=2), z=use("Meet", value=3))

    assert set(statuses(lab.run(made, "x", "y", "z")).values()) == {"ran"}


def test_no_more_io_nodes_at_once_than_asked_for(tmp_path: Path) -> None:
    running, most = [0], [0]
    guard = threading.Lock()

    @node(io=True)
    def busy(value: int) -> int:
        with guard:
            running[0] += 1
            most[0] = max(most[0], running[0])
        threading.Event().wait(0.01)
        with guard:
            running[0] -= 1
        return value

    lab = Lab(tmp_path, [busy])
    nodes = {f"n{i}": use("Busy", value=i) for i in range(8)}

    assert lab.run(flow(**nodes), *nodes, io_threads=2).status == "succeeded"
    assert 1 <= most[0] <= 2


def test_a_device_node_runs_while_an_io_node_waits(tmp_path: Path) -> None:
    written, computed = threading.Event(), threading.Event()

    @node(io=True, effect=True)
    def write(value: int) -> None:
        assert computed.wait(PATIENCE), "the device node did not run meanwhile"
        written.set()

    @node()
    def compute(value: int) -> int:
        computed.set()
        assert written.wait(PATIENCE), "the io node did not finish meanwhile"
        return value

    lab = Lab(tmp_path, [write, compute, *arithmetic(Log())])
    made = flow(n=use("Number", value=1), w=use("Write", value=at("n")), c=use("Compute", value=2))

    assert set(statuses(lab.run(made, "w", "c")).values()) == {"ran"}


def test_device_nodes_run_one_at_a_time_in_the_calling_thread(tmp_path: Path) -> None:
    threads: set[str] = set()

    @node()
    def where(value: int) -> int:
        threads.add(threading.current_thread().name)
        return value

    @node(io=True)
    def elsewhere(value: int) -> int:
        assert threading.current_thread().name not in threads
        return value

    lab = Lab(tmp_path, [where, elsewhere])
    nodes = {f"n{i}": use("Where", value=i) for i in range(5)}

    report = lab.run(flow(**nodes, e=use("Elsewhere", value=1)), *nodes, "e")

    assert report.status == "succeeded", report.errors
    assert len(threads) == 1


def test_what_follows_an_io_node_gets_its_value(tmp_path: Path) -> None:
    @node(io=True)
    def load(value: int) -> int:
        return value * 2

    lab = Lab(tmp_path, [load, *arithmetic(Log())])
    nodes = {f"l{i}": use("Load", value=i) for i in range(20)}
    nodes["s0"] = use("Add", a=at("l0"))
    nodes |= {f"s{i}": use("Add", a=at(f"s{i - 1}"), b=at(f"l{i}")) for i in range(1, 20)}

    assert lab.value(flow(**nodes), "s19") == sum(2 * i for i in range(20))


def test_equal_nodes_that_overlap_run_once(tmp_path: Path) -> None:
    log = Log()

    @node(io=True)
    def load(value: int) -> int:
        log.append(f"load {value}")
        return value

    @node()
    async def fetch(value: int) -> int:
        log.append(f"fetch {value}")
        await asyncio.sleep(0.01)
        return value

    lab = Lab(tmp_path, [load, fetch])
    nodes = {f"l{i}": use("Load", value=1) for i in range(5)}
    nodes |= {f"f{i}": use("Fetch", value=1) for i in range(5)}

    report = lab.run(flow(**nodes), *nodes, keep=[*nodes])

    assert sorted(log) == ["fetch 1", "load 1"]
    assert set(report.values.values()) == {(1,)}


@pytest.mark.parametrize("io", [True, False])
def test_progress_and_previews_are_events(tmp_path: Path, io: bool) -> None:
    @node(io=io)
    def draw(ctx: Context, steps: int = 2) -> int:
        for i in range(steps):
            ctx.progress(i + 1, steps)
            if ctx.wants_preview:
                ctx.preview(f"picture {i}")
        return steps

    lab = Lab(tmp_path, [draw])
    lab.run(flow(d=use("Draw")), "d")

    shown = [type(event).__name__ for event in lab.events]
    assert shown == [
        "RunStarted",
        "NodeStarted",
        "NodeProgress",
        "NodePreview",
        "NodeProgress",
        "NodePreview",
        "NodeDone",
        "RunDone",
    ]


def test_threads_end_with_the_run(tmp_path: Path) -> None:
    @node(io=True)
    def load(value: int) -> int:
        return value

    @node()
    async def fetch(value: int) -> int:
        return value

    lab = Lab(tmp_path, [load, fetch])
    lab.run(flow(a=use("Load", value=1), b=use("Fetch", value=at("a"))), "b")

    names = [thread.name for thread in threading.enumerate()]
    assert not [name for name in names if name.startswith("nodegraph")]
