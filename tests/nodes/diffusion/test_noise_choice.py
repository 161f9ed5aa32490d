"""Noise to begin from: strength and variations."""

import math
from typing import Any

import pytest
import torch

from nodes.diffusion.noise import initial_noise
from nodes.diffusion.noise_choice import NoiseChoice, slerp

SHAPE = (2, 4, 16, 16)


def test_slerp_is_a_rotation_in_the_plane() -> None:
    a, b = torch.tensor([[1.0, 0.0]]), torch.tensor([[0.0, 1.0]])
    for share in (0.0, 0.3, 1.0):
        angle = share * math.pi / 2
        expected = torch.tensor([[math.cos(angle), math.sin(angle)]])
        torch.testing.assert_close(slerp(a, b, share), expected, atol=1e-6, rtol=0)


@pytest.mark.parametrize("other", [2.0, -2.0])
def test_slerp_of_parallel_vectors_is_a_line(other: float) -> None:
    a = torch.tensor([[1.0, 2.0]])
    torch.testing.assert_close(slerp(a, other * a, 0.25), (0.75 + 0.25 * other) * a)


def test_variations_go_from_one_noise_to_the_other_and_stay_unit_gaussian() -> None:
    own, other = initial_noise(SHAPE, 1), initial_noise(SHAPE, 9)

    def varied(strength: float) -> torch.Tensor:
        return NoiseChoice(1, variation_seed=9, variation_strength=strength).initial(SHAPE)

    assert torch.equal(varied(0.0), own)
    torch.testing.assert_close(varied(1.0), other, atol=1e-6, rtol=0)
    near, far = ((varied(strength) - own).norm() for strength in (0.1, 0.5))
    assert 0 < near < far
    assert float(varied(0.5).std()) == pytest.approx(1, abs=0.05)


def test_a_batch_varies_as_its_pictures_do_alone() -> None:
    choice = NoiseChoice(1, variation_seed=9, variation_strength=0.3)
    alone = choice.initial((1, *SHAPE[1:]), [1])
    torch.testing.assert_close(alone, choice.initial(SHAPE)[1:])


def test_scale_is_the_strength_of_the_noise() -> None:
    assert torch.equal(NoiseChoice(1, scale=0.5).initial(SHAPE), initial_noise(SHAPE, 1) * 0.5)
    assert not NoiseChoice(1, scale=0.0).initial(SHAPE).any()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"seed": -1}, "seed must be between 0 and"),
        ({"variation_seed": 2**64}, "variation_seed must be between 0 and"),
        ({"scale": math.inf}, "scale must be finite"),
        ({"variation_strength": 1.5}, "variation_strength must be between 0 and 1, got 1.5"),
    ],
)
def test_refuses_values_outside_their_ranges(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        NoiseChoice(**({"seed": 1} | options))
