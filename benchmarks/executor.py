"""How much the executor adds to each node, beside a bare loop and dask on the same graphs.

    python benchmarks/executor.py              # 100 to 10,000 nodes, about a minute
    python benchmarks/executor.py --full       # ... and 100,000
    python benchmarks/executor.py --nodes 1000 --shape chain --repeat 5

It needs dask: pip install --constraint constraints.txt --editable '.[bench]'

Times are processor time, medians of repetitions in which everything measured takes its turn, so
that other work on the machine counts as little as can be. Ours includes planning, keys and cache;
peak memory is that of a process of its own that makes and runs the graph once, less what it had
before.
"""

from __future__ import annotations

import argparse
import gc
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
import psutil
from dask.local import get_sync

from benchmarks.graphs import REGISTRY, SHAPES, Graph, make
from nodegraph.engine.cache import MemoryCache
from nodegraph.engine.environment import Environment
from nodegraph.engine.execute import execute
from nodegraph.engine.files import Files
from nodegraph.engine.keys import digest_value
from nodegraph.graph.plan import plan
from nodegraph.graph.planned import Plan
from nodegraph.graph.replan import replan
from nodegraph.graph.workflow import Workflow

Times = dict[str, float]
WAYS = ("loop", "dask", "cold", "unchanged", "last", "first")


class Ours:
    """One graph, run as a session runs it: planned once, then looked at again."""

    def __init__(self, graph: Graph, folder: Path) -> None:
        self.graph, self.files = graph, Files(folder, folder)
        self.environment = Environment(self.files, registry=REGISTRY)
        self.targets = graph.targets()
        last = graph.wanted[-1]
        self.changes = {
            "cold": {},
            "unchanged": {},
            "last": {last: last + 7},
            "first": {0: 5, last: last + 7},
        }
        self.workflow = Workflow()
        self.cache = MemoryCache(2**30)
        self.plan: Plan | None = None

    def prepare(self, way: str) -> None:
        """Write the graph down as it is after one of the changes."""
        self.workflow = self.graph.workflow(self.changes[way])

    def run(self, way: str) -> list[Any]:
        """Plan and execute the graph that was prepared."""
        if way == "cold":
            self.forget()
        self.plan = self._planned()
        report = execute(self.plan, self.cache, _ignore, self.environment, keep=self.targets)
        assert report.status == "succeeded", report.errors
        return [report.values[name][0] for name in self.targets]

    def forget(self) -> None:
        """Let go of what was made, so that it does not weigh on what is measured next."""
        self.cache, self.plan = MemoryCache(2**30), None

    def _planned(self) -> Plan:
        if self.plan is not None:
            again = replan(self.plan, self.workflow, REGISTRY, self.files)
            assert again is not None
            return again
        return plan(self.workflow, REGISTRY, names=self.files, only=self.targets)


def _ignore(event: object) -> None:
    return None


def measure(graph: Graph, repeat: int, folder: Path) -> Times:
    """Seconds for the whole graph, each way; the median of `repeat` turns.

    Each has its own form of the graph made for it, and only that lies in memory meanwhile: the
    collector walks over whatever is there.
    """
    turns = [_turn(graph, folder) for _ in range(repeat)]
    return {way: statistics.median(turn[way] for turn in turns) for way in WAYS}


def _turn(graph: Graph, folder: Path) -> Times:
    times = {"loop": _timed(graph.loop)}
    expected = graph.loop()
    tasks, wanted = graph.dask(), list(graph.targets())
    assert list(get_sync(tasks, wanted)) == expected
    times["dask"] = _timed(lambda: get_sync(tasks, wanted))
    tasks.clear()
    ours = Ours(graph, folder)
    ours.prepare("cold")
    assert ours.run("cold") == expected
    for way in WAYS[2:]:
        if way == "cold":
            ours.forget()
        ours.prepare(way)
        times[way] = _timed(partial(ours.run, way))
    return times


def _timed(work: Callable[[], Any]) -> float:
    gc.collect()
    started = time.process_time()
    work()
    return time.process_time() - started


def peak_memory(shape: str, count: int) -> float:
    """MiB that a process of its own needs to make and run the graph."""
    command = [sys.executable, __file__, "--peak-of", f"{shape}:{count}"]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def _print_peak(what: str) -> None:
    shape, _, count = what.partition(":")
    before = psutil.Process().memory_info().rss
    with tempfile.TemporaryDirectory() as folder:
        ours = Ours(make(shape, int(count)), Path(folder))
        ours.prepare("cold")
        ours.run("cold")
    print((_peak() - before) / 2**20)


def _peak() -> int:
    """The most bytes this process had; what `getrusage` says includes the parent's on Linux."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def hashing_milliseconds(repeat: int = 25) -> float:
    """What it takes to hash a 512 x 512 picture of three 32-bit channels."""
    image = np.random.default_rng(0).random((512, 512, 3), np.float32)
    return 1e3 * statistics.median(_timed(lambda: digest_value(image)) for _ in range(repeat))


def _print_line(shape: str, count: int, times: Times, peak: float) -> None:
    each = "  ".join(f"{way} {1e6 * times[way] / count:8.2f}" for way in WAYS)
    print(f"{shape:<8}{count:>8} nodes  us/node: {each}  peak {peak:7.1f} MiB", flush=True)


def _ratio(name: str, value: float, limit: float) -> None:
    verdict = "ok" if value <= limit else "MISSED"
    print(f"{name:<62}{value:7.2f}  (<= {limit})  {verdict}")


def print_ratios(found: dict[tuple[str, int], Times]) -> None:
    """The figures to reach, of those sizes that were measured."""
    for (shape, count), times in found.items():
        if count == 10_000:
            _ratio(f"cold / dask, {shape}, {count}", times["cold"] / times["dask"], 1.0)
            _ratio(f"unchanged / dask, {shape}, {count}", times["unchanged"] / times["dask"], 0.3)
            if shape == "chain":
                ratio = times["last"] / times["unchanged"]
                _ratio(f"last changed / unchanged, {shape}, {count}", ratio, 2.0)
    for shape in SHAPES:
        small, large = found.get((shape, 1_000)), found.get((shape, 100_000))
        if small and large:
            for way in ("cold", "unchanged"):
                ratio = large[way] / small[way] / 100
                _ratio(f"{way}: a node at 100,000 / at 1,000, {shape}", ratio, 1.3)
    _ratio("hashing a 512x512x3 float image, ms", hashing_milliseconds(), 3.0)


def main() -> None:
    """Measure what was asked for, a line each."""
    parser = argparse.ArgumentParser(description="Measure the executor beside dask.")
    parser.add_argument("--nodes", type=int, action="append", help="a size; may be repeated")
    parser.add_argument("--shape", choices=[*SHAPES], action="append", help="may be repeated")
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--full", action="store_true", help="100,000 nodes as well")
    parser.add_argument("--peak-of", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.peak_of:
        _print_peak(options.peak_of)
        return
    sizes = options.nodes or [100, 1_000, 10_000, *([100_000] if options.full else [])]
    found: dict[tuple[str, int], Times] = {}
    for shape in options.shape or SHAPES:
        for count in sizes:
            repeat = max(3, options.repeat) if count <= 10_000 else 3
            with tempfile.TemporaryDirectory() as folder:
                found[shape, count] = measure(make(shape, count), repeat, Path(folder))
            _print_line(shape, count, found[shape, count], peak_memory(shape, count))
    print_ratios(found)


if __name__ == "__main__":
    main()
