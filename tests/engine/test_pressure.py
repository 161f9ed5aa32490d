"""Out of memory on a device that is accounted to the byte: what exactly is let go, and when."""

import re
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nodegraph import node
from nodegraph.engine.events import NodeStarted
from tests.engine.lab import Lab, reasons, statuses
from tests.graph.shapes import flow, use

AGAIN = "out of memory: once more, after what was idle was unloaded"
Array = np.ndarray[Any, Any]


class Device:
    """A hundred bytes; arrays take some and give them back when nobody holds them."""

    def __init__(self) -> None:
        self.used = 0

    def take(self, nbytes: int) -> Array:
        if self.used + nbytes > 100:
            raise MemoryError(f"Unable to allocate {nbytes} bytes: {self.used} of 100 are in use")
        made = np.zeros(nbytes, np.uint8)
        weakref.finalize(made, self._give_back, nbytes)
        self.used += nbytes
        return made

    def _give_back(self, nbytes: int) -> None:
        self.used -= nbytes


def nodes_on(device: Device) -> list[Callable[..., Any]]:
    @node()
    def take(nbytes: int, seed: int = 0) -> np.ndarray:
        return device.take(nbytes)

    @node()
    def take_two(one: int, two: int) -> int:
        held = [device.take(one), device.take(two)]
        return sum(len(array) for array in held)

    @node(io=True)
    def take_waiting(nbytes: int) -> np.ndarray:
        return device.take(nbytes)

    @node()
    async def take_async(nbytes: int) -> np.ndarray:
        return device.take(nbytes)

    return [take, take_two, take_waiting, take_async]


@pytest.fixture
def device() -> Device:
    return Device()


@pytest.fixture
def lab(tmp_path: Path, device: Device) -> Lab:
    return Lab(tmp_path, nodes_on(device))


def starts(lab: Lab) -> list[tuple[str, str]]:
    return [(e.node, e.reason) for e in lab.events if isinstance(e, NodeStarted)]


@pytest.mark.parametrize("kind", ["Take", "TakeWaiting", "TakeAsync"])
def test_what_is_idle_makes_room(lab: Lab, device: Device, kind: str) -> None:
    lab.run(flow(a=use("Take", nbytes=60)), "a")
    assert device.used == 60

    report = lab.run(flow(b=use(kind, nbytes=80)), "b")

    assert statuses(report) == {"b": "ran"}
    assert starts(lab) == [("b", "first run"), ("b", AGAIN)]
    assert reasons(report) == {"b": AGAIN}
    assert device.used == lab.cache.used == 80


def test_what_the_failed_try_held_is_let_go(lab: Lab) -> None:
    lab.run(flow(old=use("Take", nbytes=30)), "old")

    report = lab.run(flow(two=use("TakeTwo", one=50, two=40)), "two", keep=["two"])

    assert report.values["two"] == (90,)


def test_a_node_that_never_fits_says_what_it_needs(lab: Lab, device: Device) -> None:
    lab.run(flow(old=use("Take", nbytes=30)), "old")

    report = lab.run(flow(big=use("Take", nbytes=101), small=use("Take", nbytes=5)), "big", "small")

    assert statuses(report) == {"big": "failed", "small": "ran"}
    (failure,) = report.errors
    assert failure.node == "big"
    assert re.fullmatch(
        r"out of memory, even after everything idle was unloaded: 101 bytes more were needed, "
        r"[\d.]+ [KMG]iB are free on this machine; try a smaller size or batch, tiled decoding, "
        r"or --dtype float16",
        failure.message,
    )
    assert [name for name, _ in starts(lab)].count("big") == 2
    assert statuses(lab.run(flow(a=use("Take", nbytes=90)), "a")) == {"a": "ran"}


def test_packs_are_asked_once_to_unload(lab: Lab, device: Device) -> None:
    models = [device.take(70)]
    lab.on_pressure = models.clear

    report = lab.run(flow(a=use("Take", nbytes=80)), "a")

    assert statuses(report) == {"a": "ran"}
    assert models == []
