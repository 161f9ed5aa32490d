"""Results do not depend on which of the waiting nodes is done first."""

import asyncio
import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from nodegraph import Workflow, node
from nodegraph.engine.report import RunReport
from tests.engine.lab import PATIENCE, Lab, reasons, statuses
from tests.graph.shapes import at, flow, use


class Gate:
    """Holds nodes back and lets them on one after the other: of those that are held, first the
    one that stands first in the order.
    """

    def __init__(self, order: list[int]) -> None:
        self.order = order
        self.passed: list[int] = []
        self._held: dict[int, Callable[[], None]] = {}
        self._lock = threading.Lock()

    def hold(self, number: int, go_on: Callable[[], None]) -> None:
        """Hold a node; `go_on` will be called to release it."""
        with self._lock:
            self._held[number] = go_on

    def release_one(self) -> bool:
        """Let the node on that comes first in the order; whether there was one."""
        with self._lock:
            if not self._held:
                return False
            number = min(self._held, key=self.order.index)
            go_on = self._held.pop(number)
            self.passed.append(number)
        go_on()
        return True


@contextmanager
def releasing(gate: Gate) -> Iterator[None]:
    """Let held nodes on, one at a time, from a thread beside the run."""
    done = threading.Event()

    def work() -> None:
        while not done.is_set():
            if not gate.release_one():
                done.wait(0.001)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join(PATIENCE)


def gated(gate: Gate) -> list[Callable[..., Any]]:
    """Nodes that wait at the gate in every way a node can wait."""

    @node(io=True)
    def slow(a: int, number: int) -> int:
        passed = threading.Event()
        gate.hold(number, passed.set)
        assert passed.wait(PATIENCE)
        return (a * 31 + number) % 1009

    @node()
    async def later(a: int, number: int) -> int:
        loop, passed = asyncio.get_running_loop(), asyncio.Event()

        def go_on() -> None:
            loop.call_soon_threadsafe(passed.set)

        gate.hold(number, go_on)
        await passed.wait()
        return (a * 37 + number) % 1009

    @node()
    def compute(a: int, b: int, number: int) -> int:
        return (a * 41 + b * 43 + number) % 1009

    return [slow, later, compute]


def random_flow(seed: int, size: int) -> Workflow:
    """Nodes of three kinds, each linked to earlier ones."""
    draw = random.Random(seed)
    nodes: dict[str, Any] = {}
    for number in range(size):

        def source(number: int = number) -> Any:
            return at(f"n{draw.randrange(number)}") if number and draw.random() < 0.8 else number

        kind = draw.choice(["Slow", "Later", "Compute"])
        more = {"b": source()} if kind == "Compute" else {}
        nodes[f"n{number}"] = use(kind, a=source(), number=number, **more)
    return flow(**nodes)


def expected(workflow: Workflow) -> dict[str, int]:
    """The values, computed one after the other."""
    values: dict[str, int] = {}
    for name, entry in workflow.nodes.items():
        read = {k: v if isinstance(v, int) else values[v["node"]] for k, v in entry.inputs.items()}
        a, b, number = read["a"], read.get("b", 0), read["number"]
        factor = {"Slow": 31, "Later": 37, "Compute": 41}[entry.type]
        values[name] = (a * factor + b * 43 + number) % 1009
    return values


def run_in_order(folder: Path, workflow: Workflow, order: list[int]) -> RunReport:
    gate = Gate(order)
    lab = Lab(folder, gated(gate))
    names = tuple(workflow.nodes)
    with releasing(gate):
        return lab.run(workflow, *names, keep=names, io_threads=len(names))


@given(seed=st.integers(0, 10_000), shuffle=st.randoms(use_true_random=False))
@settings(max_examples=30, derandomize=True, deadline=None)
def test_any_schedule_gives_the_same(
    tmp_path_factory: Any, seed: int, shuffle: random.Random
) -> None:
    workflow = random_flow(seed, 12)
    order = list(range(12))
    shuffle.shuffle(order)

    report = run_in_order(tmp_path_factory.mktemp("run"), workflow, order)

    assert {name: values[0] for name, values in report.values.items()} == expected(workflow)
    assert set(statuses(report).values()) == {"ran"}


def test_reports_do_not_tell_the_schedule(tmp_path: Path) -> None:
    workflow = random_flow(5, 12)
    orders = [list(range(12)), list(reversed(range(12))), [*range(6, 12), *range(6)]]

    reports = [run_in_order(tmp_path, workflow, order) for order in orders]

    for report in reports[1:]:
        assert list(report.nodes) == list(reports[0].nodes)
        assert reasons(report) == reasons(reports[0])
        assert {n: d.key for n, d in report.nodes.items()} == {
            n: d.key for n, d in reports[0].nodes.items()
        }


def test_nothing_waits_for_what_it_does_not_need(tmp_path: Path) -> None:
    """The slow branch is done only once the quick one has been used: else this would hang."""
    used = threading.Event()

    @node(io=True)
    def slow(a: int) -> int:
        assert used.wait(PATIENCE)
        return a

    @node(io=True)
    def quick(a: int) -> int:
        return a

    @node()
    def use_it(a: int) -> int:
        used.set()
        return a

    workflow = flow(
        slow=use("Slow", a=1), quick=use("Quick", a=2), used=use("UseIt", a=at("quick"))
    )

    report = Lab(tmp_path, [slow, quick, use_it]).run(workflow, "slow", "used")

    assert set(statuses(report).values()) == {"ran"}


def test_what_makes_does_not_run_far_ahead_of_what_saves(tmp_path: Path) -> None:
    all_made = threading.Event()
    ahead: list[bool] = []
    total = 60

    @node()
    def make(number: int) -> int:
        if number == total - 1:
            all_made.set()
        return number

    @node(io=True, effect=True)
    def save(value: int) -> None:
        if value == 0:
            ahead.append(all_made.wait(0.3))

    nodes: dict[str, Any] = {}
    for number in range(total):
        nodes[f"make{number}"] = use("Make", number=number)
        nodes[f"save{number}"] = use("Save", value=at(f"make{number}"))

    report = Lab(tmp_path, [make, save]).run(flow(**nodes), io_threads=1)

    assert ahead == [False]
    assert set(statuses(report).values()) == {"ran"}
