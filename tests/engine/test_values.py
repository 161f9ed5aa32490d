"""How long values live: until their last use, and in the cache as far as its budget goes."""

import weakref
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nodegraph import Lazy, Workflow, node
from nodegraph.engine.cache import MemoryCache
from tests.engine.arithmetic import Log, arithmetic
from tests.engine.lab import Lab, ran, reasons, statuses
from tests.graph.shapes import at, flow, use

KILOBYTE = 1024


class Block:
    """A kilobyte that can be watched."""

    def __init__(self, value: int) -> None:
        self.value = value
        self.data = bytearray(KILOBYTE)

    def __storages__(self) -> dict[int, int]:
        return {id(self.data): len(self.data)}


class Watch:
    """Nodes over blocks, and how many blocks were alive while each ran."""

    def __init__(self) -> None:
        self.made: list[weakref.ref[Block]] = []
        self.alive: list[int] = []

    def new(self, value: int) -> Block:
        block = Block(value)
        self.made.append(weakref.ref(block))
        self.alive.append(sum(ref() is not None for ref in self.made))
        return block

    def nodes(self) -> list[Any]:
        @node()
        def block(value: int = 0) -> Block:
            return self.new(value)

        @node()
        def grow(block: Block, by: int = 1) -> Block:
            return self.new(block.value + by)

        @node()
        def join(a: Block, b: Block) -> Block:
            return self.new(a.value + b.value)

        @node()
        def weigh(block: Block) -> int:
            return block.value

        return [block, grow, join, weigh]


def lab_with(folder: Path, watch: Watch, budget: int) -> Lab:
    lab = Lab(folder, [*watch.nodes(), *arithmetic(Log())])
    lab.cache.budget = budget
    return lab


def chain(length: int, start: int = 0) -> Workflow:
    nodes = {"n0": use("Block", value=start)}
    nodes |= {f"n{i}": use("Grow", block=at(f"n{i - 1}")) for i in range(1, length)}
    return flow(**nodes, w=use("Weigh", block=at(f"n{length - 1}")))


def test_values_are_let_go_after_their_last_use(tmp_path: Path) -> None:
    watch = Watch()
    lab = lab_with(tmp_path, watch, budget=0)

    assert lab.run(chain(50), "w", keep=["w"]).values == {"w": (49,)}

    assert max(watch.alive) == 2
    assert all(ref() is None for ref in watch.made)


def test_a_fan_holds_its_source_until_the_last_branch(tmp_path: Path) -> None:
    watch = Watch()
    lab = lab_with(tmp_path, watch, budget=0)
    nodes = {"s": use("Block")}
    nodes |= {f"g{i}": use("Grow", block=at("s"), by=i) for i in range(20)}
    nodes |= {f"w{i}": use("Weigh", block=at(f"g{i}")) for i in range(20)}
    wanted = [f"w{i}" for i in range(20)]

    report = lab.run(flow(**nodes), *wanted, keep=wanted)

    assert sorted(value for (value,) in report.values.values()) == list(range(20))
    assert max(watch.alive) <= 3
    assert len(watch.made) == 21


def test_kept_values_outlive_the_run(tmp_path: Path) -> None:
    watch = Watch()
    lab = lab_with(tmp_path, watch, budget=0)

    report = lab.run(chain(3), "w", keep=["n1"])

    assert report.values["n1"][0].value == 1
    assert sum(ref() is not None for ref in watch.made) == 1


@pytest.mark.parametrize("kilobytes", [0, 1, 3, 100])
def test_the_budget_is_kept(tmp_path: Path, kilobytes: int) -> None:
    watch = Watch()
    lab = lab_with(tmp_path, watch, budget=kilobytes * KILOBYTE)

    for start in range(5):
        assert lab.run(chain(6, start), "w", keep=["w"]).values == {"w": (start + 5,)}

        assert lab.cache.used <= lab.cache.budget
        assert sum(ref() is not None for ref in watch.made) <= kilobytes


@pytest.mark.parametrize("kilobytes", [0, 1, 2, 5])
def test_an_unchanged_run_needs_no_values(tmp_path: Path, kilobytes: int) -> None:
    watch = Watch()
    lab = lab_with(tmp_path, watch, budget=kilobytes * KILOBYTE)
    lab.run(chain(6), "w")
    count = len(watch.made)

    report = lab.run(chain(6), "w")

    assert set(statuses(report).values()) == {"reused"}
    assert len(watch.made) == count


def test_only_what_is_needed_again_is_made_again(tmp_path: Path) -> None:
    watch = Watch()
    lab = lab_with(tmp_path, watch, budget=0)
    both = {
        "a": use("Block", value=1),
        "b": use("Block", value=2),
        "x": use("Grow", block=at("a")),
        "y": use("Grow", block=at("b")),
        "wx": use("Weigh", block=at("x")),
        "wy": use("Weigh", block=at("y")),
    }
    lab.run(flow(**both), "wx", "wy")

    report = lab.run(flow(**both, j=use("Join", a=at("x"), b=at("x"))), "j", "wy")

    assert ran(report) == {"a", "x", "j"}
    assert {reasons(report)[name] for name in ("a", "x")} == {"evicted"}
    assert statuses(report)["wy"] == "reused"


def test_a_value_too_big_for_the_cache_is_still_used(tmp_path: Path) -> None:
    watch = Watch()
    lab = lab_with(tmp_path, watch, budget=KILOBYTE - 1)

    assert lab.run(chain(2), "w", keep=["w"]).values == {"w": (1,)}
    assert lab.cache.used == 0


def test_the_cheapest_goes_first() -> None:
    cache = MemoryCache(3 * KILOBYTE)
    costly, cheap, new = (bytes([i]) * 32 for i in range(3))
    cache.store(costly, (Block(0),), seconds=10.0)
    cache.store(cheap, (Block(1),), seconds=0.1)
    cache.store(new, (Block(2),), seconds=1.0)

    cache.store(b"x" * 32, (Block(3),), seconds=5.0)

    assert cache.values(cheap) is None
    assert cache.values(costly) is not None
    assert cache.values(new) is not None


def test_what_is_never_used_again_ages_out() -> None:
    cache = MemoryCache(2 * KILOBYTE)
    cache.store(b"o" * 32, (Block(0),), seconds=3.0)

    for i in range(20):
        cache.store(bytes([i]) * 32, (Block(i),), seconds=1.0)

    assert cache.values(b"o" * 32) is None


def test_shared_memory_is_counted_once() -> None:
    cache = MemoryCache(1 << 20)
    whole = np.zeros(1000, dtype=np.uint8)
    cache.store(b"a" * 32, (whole,), 1.0)
    cache.store(b"b" * 32, (whole[:500],), 1.0)
    cache.store(b"c" * 32, ([whole[10:20], whole],), 1.0)

    assert cache.used == 1000
    cache.discard(b"a" * 32)
    assert cache.used == 1000
    cache.discard(b"b" * 32)
    cache.discard(b"c" * 32)
    assert cache.used == 0


def test_storing_again_replaces() -> None:
    cache = MemoryCache(1 << 20)
    for size in (100, 200):
        assert cache.store(b"a" * 32, (np.zeros(size, dtype=np.uint8),), 1.0) == size

    assert (cache.used, len(cache)) == (200, 1)


def test_old_records_go_when_there_are_too_many(tmp_path: Path) -> None:
    lab = Lab(tmp_path, arithmetic(Log()))
    lab.cache.max_records = 3

    nodes = {f"n{i}": use("Number", value=i) for i in range(10)}
    lab.run(flow(**nodes), *nodes)

    assert len(lab.cache.records) == 3


def test_an_evicted_value_awaited_by_a_lazy_node_is_made_again(tmp_path: Path) -> None:
    log = Log()

    @node()
    async def wait(value: Lazy[int], plus: int = 0) -> int:
        return await value + plus

    lab = Lab(tmp_path, [wait, *arithmetic(log)])
    lab.cache.budget = -1

    def made(plus: int) -> Workflow:
        return flow(
            n=use("Number", value=1),
            a=use("Add", a=at("n"), b=1),
            w=use("Wait", value=at("a"), plus=plus),
        )

    assert lab.value(made(0), "w") == 2
    assert lab.value(made(10), "w") == 12
    assert lab.value(made(10), "w") == 12
