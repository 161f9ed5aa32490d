"""A node that finds no memory: what is idle is let go, it runs once more, then it says so."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from nodegraph import node
from nodegraph.engine.pressure import free_bytes, is_out_of_memory, needed_bytes
from tests.engine.arithmetic import Log, arithmetic
from tests.engine.lab import Lab, reasons, statuses
from tests.graph.shapes import at, flow, use

TORCH_WORDS = (
    "[enforce fail at alloc_cpu.cpp:117] err == 0. DefaultCPUAllocator: can't allocate memory: "
    "you tried to allocate 4000000000000 bytes. Error code 12 (Cannot allocate memory)"
)
CUDA_WORDS = (
    "CUDA out of memory. Tried to allocate 20.00 GiB. GPU 0 has a total capacity of 23.69 GiB"
)


class OutOfMemoryError(RuntimeError):
    """Named as torch's own."""


def raised(action: Any) -> BaseException:
    with pytest.raises(BaseException) as caught:  # noqa: PT011
        action()
    return caught.value


@pytest.mark.parametrize(
    ("error", "needed"),
    [
        (RuntimeError(TORCH_WORDS), 4_000_000_000_000),
        (OutOfMemoryError(CUDA_WORDS), 20 * 2**30),
        (MemoryError("Unable to allocate 29.1 TiB for an array"), int(29.1 * 2**40)),
        (MemoryError(), None),
    ],
)
def test_how_libraries_say_it(error: BaseException, needed: int | None) -> None:
    assert is_out_of_memory(error)
    assert needed_bytes(error) == needed


def test_how_torch_and_numpy_really_say_it() -> None:
    for error in (
        raised(lambda: torch.empty(2**50, dtype=torch.uint8)),
        raised(lambda: np.ones(2**50, np.uint8)),
    ):
        assert is_out_of_memory(error)
        needed = needed_bytes(error)
        assert needed is not None
        assert 0.9 * 2**50 <= needed <= 1.1 * 2**50


def test_an_error_that_was_raised_from_it() -> None:
    error = ValueError("decoding failed")
    error.__cause__ = MemoryError()

    assert is_out_of_memory(error)


@pytest.mark.parametrize("error", [RuntimeError("shape"), ValueError("out of memory"), None])
def test_what_is_something_else(error: BaseException | None) -> None:
    assert not is_out_of_memory(error)


def test_some_memory_is_free() -> None:
    assert free_bytes("cpu") > 2**20


class Hog:
    """A node that needs memory until something is let go."""

    def __init__(self, fits_after: int) -> None:
        self.calls = 0
        self.fits_after = fits_after

    def node(self) -> Any:
        @node()
        def hog(value: int) -> int:
            self.calls += 1
            if self.calls <= self.fits_after:
                raise MemoryError("Unable to allocate 64.0 GiB for an array")
            return value

        return hog


def lab_with(folder: Path, hog: Hog) -> Lab:
    return Lab(folder, [hog.node(), *arithmetic(Log())])


MADE = flow(
    n=use("Number", value=2),
    h=use("Hog", value=at("n")),
    a=use("Add", a=at("h")),
    other=use("Add", a=at("n"), b=5),
)


def test_it_is_tried_once_more(tmp_path: Path) -> None:
    hog = Hog(fits_after=1)
    lab = lab_with(tmp_path, hog)

    report = lab.run(MADE, "a", "other", keep=["a", "other"])

    assert report.values == {"a": (2,), "other": (7,)}
    assert hog.calls == 2
    assert "out of memory" in reasons(report)["h"]


def test_idle_values_are_let_go_and_live_ones_kept(tmp_path: Path) -> None:
    hog = Hog(fits_after=1)
    lab = lab_with(tmp_path, hog)

    @node()
    def block(size: int) -> bytes:
        return b"x" * size

    lab.registry.add([block])
    lab.run(flow(b=use("Block", size=5000)), "b")
    assert lab.cache.used >= 5000

    lab.run(MADE, "a")

    assert lab.cache.used < 5000


def test_twice_is_enough(tmp_path: Path) -> None:
    hog = Hog(fits_after=99)
    lab = lab_with(tmp_path, hog)

    report = lab.run(MADE, "a", "other")

    assert hog.calls == 2
    assert statuses(report) == {"n": "ran", "h": "failed", "a": "skipped", "other": "ran"}
    (failure,) = report.errors
    assert failure.node == "h"
    assert re.search(
        r"out of memory, even after everything idle was unloaded: 64\.0 GiB more were needed, "
        r".* are free on this machine; try a smaller size",
        failure.message,
    )


def test_the_next_run_works(tmp_path: Path) -> None:
    hog = Hog(fits_after=2)
    lab = lab_with(tmp_path, hog)
    assert lab.run(MADE, "a").status == "failed"

    assert lab.run(MADE, "a").status == "succeeded"
