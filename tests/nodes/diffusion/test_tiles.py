from fractions import Fraction

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor
from torch.nn.functional import avg_pool2d, interpolate

from nodes.diffusion.tiles import tiled


def picture(height: int, width: int) -> Tensor:
    return torch.rand(1, 2, height, width, generator=torch.Generator().manual_seed(0))


def enlarge(x: Tensor) -> Tensor:
    return interpolate(x, scale_factor=3, mode="nearest")


def shrink(x: Tensor) -> Tensor:
    return avg_pool2d(x, 4)


@given(
    st.integers(1, 40),
    st.integers(1, 40),
    st.integers(2, 12),
    st.integers(2, 12),
    st.integers(0, 1),
)
def test_what_looks_at_one_cell_at_a_time_is_the_same_in_tiles(
    height: int, width: int, tall: int, wide: int, overlap: int
) -> None:
    x = picture(height, width)
    got = tiled(enlarge, x, tile=(tall, wide), overlap=overlap, scale=Fraction(3))
    torch.testing.assert_close(got, enlarge(x))


def test_shrinking() -> None:
    x = picture(64, 48)
    got = tiled(shrink, x, tile=(16, 32), overlap=8, scale=Fraction(1, 4))
    torch.testing.assert_close(got, shrink(x))


def test_tiles_are_blended_where_they_overlap() -> None:
    """Each tile says its number: between two of them the weight goes over evenly."""
    numbers = iter(range(10))

    def number(x: Tensor) -> Tensor:
        return torch.full_like(x, float(next(numbers)))

    row = tiled(number, picture(4, 12), tile=(4, 8), overlap=4, scale=Fraction(1))[0, 0, 0]
    assert row.tolist() == pytest.approx([0, 0, 0, 0, 0.2, 0.4, 0.6, 0.8, 1, 1, 1, 1])


def test_no_tile_is_larger_than_asked_for() -> None:
    sizes: list[tuple[int, ...]] = []

    def note(x: Tensor) -> Tensor:
        sizes.append(tuple(x.shape[2:]))
        return x

    tiled(note, picture(20, 30), tile=(8, 16), overlap=4, scale=Fraction(1))
    assert {(height <= 8, width <= 16) for height, width in sizes} == {(True, True)}
    assert len(sizes) == 4 * 3
