"""One account for all that is held: a budget, shared memory counted once, nothing kept for long."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nodegraph import node
from nodegraph.engine.cache import MemoryCache
from nodegraph.engine.records import Record
from tests.engine.kept import key
from tests.engine.lab import Lab, statuses
from tests.graph.shapes import at, flow, use

ROOT = Path(__file__).resolve().parents[2]
MEGABYTE = 1 << 20


class Model:
    """An opaque value that says what it holds."""

    __opaque__ = True

    def __init__(self, weights: np.ndarray[Any, Any]) -> None:
        self.weights = weights

    def __storages__(self) -> Iterator[tuple[int, int]]:
        yield id(self.weights), self.weights.nbytes


def array(nbytes: int) -> np.ndarray[Any, Any]:
    return np.zeros(nbytes, np.uint8)


@pytest.fixture
def cache() -> MemoryCache:
    return MemoryCache(1000)


def held(cache: MemoryCache, *numbers: int) -> list[int]:
    """Which of these keys have values."""
    return [number for number in numbers if cache.values(key(number)) is not None]


def test_the_budget_holds(cache: MemoryCache) -> None:
    for number in range(50):
        cache.store(key(number), (array(1 + 37 * number % 300),), 1.0)
        assert cache.used <= 1000
    assert cache.used > 500


def test_what_is_larger_than_the_budget_pushes_nothing_out(cache: MemoryCache) -> None:
    cache.store(key(1), (array(900),), 1.0)

    assert cache.store(key(2), (array(1001),), 1e9) == 1001
    assert held(cache, 1, 2) == [1]


def test_little_time_for_many_bytes_goes_first(cache: MemoryCache) -> None:
    cache.store(key(1), (array(400),), 4.0)
    cache.store(key(2), (array(400),), 1.0)
    cache.store(key(3), (array(100),), 1.0)
    cache.store(key(4), (array(400),), 4.0)

    assert held(cache, 1, 2, 3, 4) == [1, 3, 4]


def test_traces_are_trimmed() -> None:
    cache = MemoryCache(1000, max_records=10)
    for number in range(30):
        cache.note_trace(key(number), ("yes",))
        cache.note_unfinished("flow", str(number), key(number))

    assert cache.trace(key(29)) == ("yes",)
    assert cache.trace(key(19)) is None
    assert len(cache.traces) == len(cache.unfinished) == 10


def test_lists_of_numbers_pictures_and_objects_weigh(cache: MemoryCache) -> None:
    from PIL import Image

    for number in range(10):
        numbers = [float(one) for one in range(5)]
        cache.store(key(number), (numbers, Image.new("L", (10, 10)), object()), 1.0)

        assert cache.used <= 1000
    assert held(cache, *range(10)) != [*range(10)]


def test_shared_memory_counts_once(cache: MemoryCache) -> None:
    weights = array(600)
    cache.store(key(1), (Model(weights),), 1.0)
    cache.store(key(2), (Model(weights), weights[:10]), 1.0)
    assert cache.used == 600

    cache.discard(key(1))
    assert cache.used == 600
    cache.discard(key(2))
    assert cache.used == 0


def test_models_are_in_the_same_account(cache: MemoryCache) -> None:
    cache.store(key(1), (Model(array(700)),), 0.5)
    cache.store(key(2), (array(700),), 5.0)

    assert held(cache, 1, 2) == [2]


def test_numbers_take_no_room_of_values(cache: MemoryCache) -> None:
    cache.store(key(0), (array(1000),), 1e-9)
    for number in range(1, 100):
        cache.store(key(number), (number, 0.5, None, True), 1.0)

    assert held(cache, *range(100)) == [*range(100)]
    assert len(cache) == 100


def test_a_smaller_budget_evicts_at_once(cache: MemoryCache) -> None:
    for number in range(4):
        cache.store(key(number), (array(250),), 1.0 + number)

    cache.limit(500)

    assert held(cache, 0, 1, 2, 3) == [2, 3]
    assert cache.used == 500


def test_what_is_never_used_again_ages(cache: MemoryCache) -> None:
    cache.store(key(0), (array(300),), 9.0)
    for number in range(1, 60):
        cache.store(key(number), (array(300),), 1.0)

    assert held(cache, 0) == []


def test_what_is_forgotten_leaves_nothing_behind() -> None:
    cache = MemoryCache(1000, max_records=10)
    for number in range(100):
        cache.store(key(number), (number,), 1.0)
        cache.remember(key(number), Record((), 0.0))

    assert len(cache) == len(cache.records) == 10
    assert held(cache, *range(100)) == [*range(90, 100)]


def test_storing_again_and_again_grows_nothing(cache: MemoryCache) -> None:
    for _ in range(5000):
        cache.store(key(1), (array(100),), 1.0)

    assert cache.used == 100
    assert len(cache._heap) < 100


@node()
def blob(seed: int) -> np.ndarray:
    """Six hundred bytes."""
    return np.full(600, seed, np.uint8)


@node()
def both(one: np.ndarray, two: np.ndarray) -> int:
    """A number of two arrays."""
    return int(one[0]) + int(two[0])


def test_what_the_run_still_needs_is_not_pushed_out(tmp_path: Path) -> None:
    lab = Lab(tmp_path, [blob, both])
    lab.cache = MemoryCache(1000)
    lab.run(flow(a=use("Blob", seed=1)), "a")
    joined = flow(
        a=use("Blob", seed=1), b=use("Blob", seed=2), sum=use("Both", one=at("a"), two=at("b"))
    )

    report = lab.run(joined, "sum", keep=["sum"])

    assert statuses(report) == {"a": "reused", "b": "ran", "sum": "ran"}
    assert report.values["sum"] == (3,)
    assert lab.cache.used == 600


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["repeat", "while", "each"])
def test_a_loop_over_large_values_keeps_memory_flat(tmp_path: Path, kind: str) -> None:
    times = 60  # 600 MB, were they all kept
    done = subprocess.run(
        [sys.executable, "-m", "tests.engine.large_loop", str(tmp_path), str(times), kind],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr

    found = json.loads(done.stdout)

    assert found["value"] == (list(range(times)) if kind == "each" else times)
    assert found["grown"] < 150e6
