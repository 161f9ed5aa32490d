from itertools import product
from typing import get_args

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from nodes.resize import (
    ImageMethod,
    LatentMethod,
    center_crop,
    resize,
    scaled_size,
    target_size,
)

METHODS = sorted({*get_args(ImageMethod), *get_args(LatentMethod)})
SIDES = st.integers(1, 12)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("crop", ["disabled", "center"])
@given(h=SIDES, w=SIDES, height=SIDES, width=SIDES)
def test_a_constant_stays_constant(
    method: ImageMethod, crop: str, h: int, w: int, height: int, width: int
) -> None:
    values = torch.tensor([0.2, -0.7, 1.5]).reshape(1, 3, 1, 1).expand(2, 3, h, w)
    resized = resize(values, height, width, method, "center" if crop == "center" else "disabled")
    assert resized.shape == (2, 3, height, width)
    torch.testing.assert_close(resized, values[:, :, :1, :1].expand_as(resized))


@pytest.mark.parametrize("method", METHODS)
def test_its_own_size_changes_nothing(method: ImageMethod) -> None:
    values = torch.rand(1, 3, 5, 4)
    assert torch.equal(resize(values, 5, 4, method, "disabled"), values)


def test_area_averages_blocks() -> None:
    values = torch.arange(16.0).reshape(1, 1, 4, 4)
    expected = torch.tensor([[[[2.5, 4.5], [10.5, 12.5]]]])
    assert torch.equal(resize(values, 2, 2, "area", "disabled"), expected)


def test_nearest_exact_repeats_pixels() -> None:
    values = torch.rand(1, 2, 3, 3)
    doubled = resize(values, 6, 6, "nearest-exact", "disabled")
    assert torch.equal(doubled, values.repeat_interleave(2, -1).repeat_interleave(2, -2))


def test_bilinear_lies_between_the_pixel_centres() -> None:
    values = torch.tensor([0.0, 1.0]).reshape(1, 1, 1, 2)
    assert resize(values, 1, 4, "bilinear", "disabled").flatten().tolist() == [0, 0.25, 0.75, 1]


def test_lanczos_keeps_the_mean_of_a_smooth_picture_and_its_float_precision() -> None:
    ramp = torch.linspace(0.4, 0.6, 64).reshape(1, 1, 1, 64).expand(1, 1, 64, 64)
    small = resize(ramp, 16, 16, "lanczos", "disabled")
    assert small.mean().item() == pytest.approx(0.5, abs=1e-4)
    middle = ramp.reshape(64, 16, 4).mean(-1)[:16]
    torch.testing.assert_close(small[0, 0, :, 4:-4], middle[:, 4:-4], atol=1e-4, rtol=0)


@given(st.floats(0.1, 3.0), st.floats(0.5, 4.0), st.floats(0.5, 4.0))
def test_bislerp_turns_evenly_and_interpolates_lengths(
    angle: float, first: float, second: float
) -> None:
    a = torch.tensor([first, 0.0])
    b = second * torch.tensor([torch.tensor(angle).cos(), torch.tensor(angle).sin()])
    values = torch.stack((a, b), dim=-1).reshape(1, 2, 1, 2)
    got = resize(values, 1, 4, "bislerp", "disabled")[0, :, 0]
    lengths = torch.tensor([first, 0.75 * first + 0.25 * second, 0.25 * first + 0.75 * second])
    torch.testing.assert_close(got.norm(dim=0)[:3], lengths, atol=1e-4, rtol=1e-4)
    angles = torch.atan2(got[1], got[0])
    turned = angle * torch.tensor([0, 0.25, 0.75, 1])
    torch.testing.assert_close(angles, turned, atol=1e-3, rtol=1e-3)


def test_bislerp_is_finite_for_zeros_and_opposite_vectors() -> None:
    values = torch.tensor([[1.0, -1.0, 0.0, 0.0], [0.0, 0.0, 0.0, 2.0]]).reshape(1, 2, 1, 4)
    got = resize(values, 3, 11, "bislerp", "disabled")
    assert bool(torch.isfinite(got).all())
    assert got.norm(dim=1).max() <= 2.0


@pytest.mark.parametrize(
    ("shape", "target", "expected"),
    [((4, 8), (4, 4), (4, 4)), ((8, 4), (4, 4), (4, 4)), ((6, 6), (3, 9), (2, 6))],
)
def test_center_crop_takes_the_middle(
    shape: tuple[int, int], target: tuple[int, int], expected: tuple[int, int]
) -> None:
    rows, columns = torch.meshgrid(torch.arange(shape[0]), torch.arange(shape[1]), indexing="ij")
    values = torch.stack((rows, columns)).float()
    cropped = center_crop(values, *target)
    assert cropped.shape[1:] == expected
    middle = torch.tensor([(shape[0] - 1) / 2, (shape[1] - 1) / 2])
    assert torch.equal(cropped.mean((1, 2)), middle)


@given(SIDES, SIDES, st.integers(1, 1000), st.integers(1, 1000))
def test_center_crop_never_takes_all(h: int, w: int, height: int, width: int) -> None:
    assert center_crop(torch.zeros(1, h, w), height, width).numel() > 0


def test_zero_follows_the_aspect_ratio() -> None:
    assert target_size((30, 40), 0, 0) == (30, 40)
    assert target_size((30, 40), 15, 0) == (15, 20)
    assert target_size((30, 40), 0, 400) == (300, 400)
    assert target_size((1, 1000), 0, 10) == (1, 10)
    for height, width in product((7, 90), repeat=2):
        assert target_size((30, 40), height, width) == (height, width)


def test_scaled_size_rounds_and_stays_above_zero() -> None:
    assert scaled_size((10, 15), 1.5) == (15, 22)
    assert scaled_size((10, 15), 0.01) == (1, 1)
