"""Large graphs of every shape: right, without recursion, and no dearer a node than small ones."""

import sys
from pathlib import Path

import pytest

from benchmarks.graphs import REGISTRY, SHAPES, Graph, make
from nodegraph.engine.cache import MemoryCache
from nodegraph.engine.environment import Environment
from nodegraph.engine.execute import execute
from nodegraph.engine.files import Files
from nodegraph.engine.report import RunReport
from nodegraph.graph.plan import plan
from tests.engine.lab import ran


class Bench:
    """One graph, its cache, and runs of it."""

    def __init__(self, graph: Graph, folder: Path) -> None:
        self.graph, self.cache = graph, MemoryCache(1 << 30)
        self.files = Files(folder, folder)

    def run(self, changes: dict[int, int]) -> RunReport:
        """Plan and run it with some literals changed."""
        targets = self.graph.targets()
        made = plan(self.graph.workflow(changes), REGISTRY, names=self.files, only=targets)
        environment = Environment(self.files, registry=REGISTRY)
        return execute(made, self.cache, lambda event: None, environment, keep=targets)

    def values(self, report: RunReport) -> list[int]:
        """What was asked for."""
        return [report.values[name][0] for name in self.graph.targets()]


SIZES = [(shape, 10_000) for shape in SHAPES]
HUGE = pytest.param("chain", 100_000, marks=pytest.mark.slow)


@pytest.mark.parametrize(("shape", "count"), [*SIZES, HUGE])
def test_large_graphs(tmp_path: Path, shape: str, count: int) -> None:
    bench = Bench(make(shape, count), tmp_path)

    report = bench.run({})

    assert report.status == "succeeded"
    assert bench.values(report) == bench.graph.loop()
    assert ran(bench.run({})) == set()
    last = bench.graph.wanted[-1]
    assert ran(bench.run({last: -1})) == {str(last)}


def calls_in_a_run(bench: Bench, changes: dict[int, int]) -> int:
    """How many functions of Python are called."""
    count = 0

    def note(frame: object, event: str, argument: object) -> None:
        nonlocal count
        count += event == "call"

    sys.setprofile(note)
    try:
        bench.run(changes)
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize("shape", SHAPES)
def test_the_work_for_a_node_does_not_grow_with_the_graph(tmp_path: Path, shape: str) -> None:
    small, large = (Bench(make(shape, count), tmp_path) for count in (400, 2000))
    for changes in ({}, {}, {0: 5}):
        few, many = calls_in_a_run(small, changes), calls_in_a_run(large, changes)
        assert many / 2000 <= 1.1 * few / 400
