import math
import threading
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import save_file

from nodes.diffusion.ranges import looked_through, range_of
from nodes.diffusion.stored import open_tensors

FORMATS = [
    torch.float64, torch.float32, torch.float16, torch.bfloat16, torch.float8_e4m3fn,
    torch.float8_e5m2,
]  # fmt: skip


@pytest.mark.parametrize("dtype", FORMATS)
@given(numbers=st.lists(st.floats(-400, 400), min_size=1))
def test_the_ends_of_ordinary_numbers(dtype: torch.dtype, numbers: list[float]) -> None:
    tensor = torch.tensor(numbers, dtype=torch.float64).to(dtype)
    low, high = tensor.double().aminmax()
    found = range_of(tensor)
    if low < 0:
        assert found[0] == low
    if high > 0:
        assert found[1] == high
    assert max(map(abs, found)) == max(-low, high)


@pytest.mark.parametrize("dtype", FORMATS)
@pytest.mark.parametrize("sign", [-1.0, 1.0])
@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_is_not_finite(dtype: torch.dtype, value: float, sign: float) -> None:
    tensor = torch.copysign(torch.tensor([1.0, value, -2.0]), torch.tensor(sign)).to(dtype)
    if bool(tensor.float().isfinite().all()):
        assert dtype == torch.float8_e4m3fn  # has no infinity
        return
    found = torch.tensor(range_of(tensor))
    assert not bool(found.isfinite().all())


@pytest.mark.parametrize("dtype", FORMATS)
@pytest.mark.parametrize("value", [float("nan"), -float("nan"), -3.0])
def test_every_place_is_looked_at(dtype: torch.dtype, value: float) -> None:
    for place in range(9):
        tensor = torch.ones(9).to(dtype)
        tensor[place] = value
        low, high = range_of(tensor)
        assert low == -3.0 or not (math.isfinite(low) and math.isfinite(high))


def test_nothing_and_one_number_and_views() -> None:
    assert range_of(torch.zeros(0, 3)) == (0.0, 0.0)
    assert range_of(torch.tensor(2.5)) == (2.5, 2.5)
    assert range_of(torch.tensor([[1.0, -2.0], [3.0, 4.0]]).T) == (-2.0, 4.0)


def test_wanted_tensors_are_looked_through_meanwhile(tmp_path: Path) -> None:
    save_file({"a": torch.tensor([1.0, -2.0]), "b": torch.ones(2)}, tmp_path / "a.safetensors")
    with looked_through(open_tensors(tmp_path / "a.safetensors"), "a".__eq__) as tensors:
        look = tensors["a"].look
        assert look is not None
        assert look() == (-2.0, 1.0)
        assert tensors["b"].look is None


def test_an_error_meanwhile_is_told_to_who_asks(tmp_path: Path) -> None:
    save_file({"a": torch.ones(2)}, tmp_path / "a.safetensors")
    tensors = open_tensors(tmp_path / "a.safetensors")
    object.__setattr__(tensors["a"], "load", lambda first, last: 1 / 0)
    with looked_through(tensors, "a".__eq__) as watched:
        look = watched["a"].look
        assert look is not None
        with pytest.raises(ZeroDivisionError):
            look()


def test_nobody_looks_on_after_an_error(tmp_path: Path) -> None:
    save_file({str(n): torch.ones(2) for n in range(9)}, tmp_path / "a.safetensors")
    before = threading.active_count()
    with (
        pytest.raises(ValueError, match="no"),
        looked_through(open_tensors(tmp_path / "a.safetensors"), lambda key: True),
    ):
        raise ValueError("no")
    assert threading.active_count() == before


def test_neighbours_are_looked_at_together_but_not_across_formats_and_gaps(
    tmp_path: Path,
) -> None:
    tensors = {name: torch.full((4,), float(n)) for n, name in enumerate("abcdef")}
    tensors["f"] = torch.full((4,), 9.0).half()
    save_file(tensors, tmp_path / "a.safetensors")
    stored = open_tensors(tmp_path / "a.safetensors")
    with looked_through(stored, lambda key: key != "c") as watched:
        found = {key: tensor.look() for key, tensor in watched.items() if tensor.look is not None}
    assert {key: high for key, (_, high) in found.items()} == {
        "a": 1.0, "b": 1.0, "d": 4.0, "e": 4.0, "f": 9.0,
    }  # fmt: skip
