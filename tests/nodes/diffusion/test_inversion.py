"""The way back to the noise, by formula and beside diffusers."""

import math
from itertools import pairwise

import pytest
import torch
from diffusers import DDIMInverseScheduler
from torch import Tensor

from nodes.diffusion.inversion import Inversion
from nodes.diffusion.noise import no_noise
from nodes.diffusion.noise_schedule import NoiseSchedule
from nodes.diffusion.samplers_base import StepInfo
from nodes.diffusion.samplers_euler import sample_euler
from tests.nodes.diffusion.analytic import GaussianDenoiser, TanhDenoiser


def picture() -> Tensor:
    return torch.randn(2, 4, 6, 5, generator=torch.Generator().manual_seed(3)).double() * 0.5 + 0.7


def ladder(steps: int) -> Tensor:
    """Falling, as Karras et al. space it, the last level 0."""
    share = torch.linspace(0, 1, steps, dtype=torch.float64)
    levels = (14.6 ** (1 / 7) + share * (0.03 ** (1 / 7) - 14.6 ** (1 / 7))) ** 7
    return torch.cat([levels, levels.new_zeros(1)])


def there_and_back(iterations: int, steps: int) -> float:
    denoise, sigmas, x = TanhDenoiser(), ladder(steps), picture()
    noisy = Inversion(iterations)(denoise, x, sigmas.flip(0), noise=no_noise)
    back = sample_euler(denoise, noisy, sigmas, noise=no_noise)
    return float((back - x).abs().max())


def test_the_fixed_point_leads_back_to_the_picture() -> None:
    assert there_and_back(200, 20) < 1e-9


def test_each_iteration_comes_nearer() -> None:
    errors = [there_and_back(count, 20) for count in (1, 2, 4, 8, 16)]
    assert errors == sorted(errors, reverse=True)
    assert errors[-1] < errors[0] / 20


def test_once_is_of_first_order() -> None:
    errors = [there_and_back(1, steps) for steps in (160, 320, 640)]
    for coarse, fine in pairwise(errors):
        assert math.log2(coarse / fine) == pytest.approx(1.0, abs=0.25)


def test_gaussian_data_become_gaussian_noise() -> None:
    denoise = GaussianDenoiser()
    found = Inversion(50)(denoise, picture(), ladder(2000).flip(0), noise=no_noise)
    exact = denoise.mean + (picture() - denoise.mean) * denoise.spread(14.6) / denoise.deviation
    torch.testing.assert_close(found, exact, rtol=2e-2, atol=2e-2)


def test_diffusers_inverts_alike() -> None:
    """DDIMInverseScheduler asks for ε at the sample it has and the time it goes to."""
    schedule = NoiseSchedule.stable_diffusion()
    theirs = DDIMInverseScheduler(
        beta_schedule="scaled_linear", beta_start=0.00085, beta_end=0.012, clip_sample=False
    )
    theirs.set_timesteps(10)

    def epsilon(seen: Tensor, time: float) -> Tensor:
        return torch.tanh(seen * (1 + time / 1000)) * 0.8

    expected = picture()
    for time in theirs.timesteps:
        expected = theirs.step(epsilon(expected, float(time)), time, expected).prev_sample
    levels = [0.0, *(float(schedule.sigma(time.float())) for time in theirs.timesteps)]
    sigmas = torch.tensor(levels, dtype=torch.float64)

    def denoise(x: Tensor, sigma: Tensor) -> Tensor:
        seen = x / (sigma**2 + 1) ** 0.5
        return x - sigma * epsilon(seen, float(schedule.timestep(sigma)))

    found = Inversion(1)(denoise, picture(), sigmas, noise=no_noise)
    torch.testing.assert_close(found / (sigmas[-1] ** 2 + 1) ** 0.5, expected, rtol=1e-4, atol=1e-4)


def test_flow_models_are_inverted_in_their_own_coordinates() -> None:
    sigmas = torch.linspace(1, 0, 9, dtype=torch.float64)
    mean = 0.3

    def denoise(x: Tensor, sigma: Tensor) -> Tensor:
        """Of x = (1 - σ) x₀ + σ ε with x₀ from N(mean, 1/4)."""
        share = 0.25 * (1 - sigma) / (0.25 * (1 - sigma) ** 2 + sigma**2)
        return mean + share * (x - (1 - sigma) * mean)

    noisy = Inversion(300, variance_kept=False)(denoise, picture(), sigmas.flip(0), noise=no_noise)
    back = sample_euler(denoise, noisy, sigmas, noise=no_noise)
    torch.testing.assert_close(back, picture(), rtol=1e-6, atol=1e-6)


def test_every_step_is_told() -> None:
    told: list[StepInfo] = []
    sigmas = ladder(5).flip(0)
    last = Inversion(2)(TanhDenoiser(), picture(), sigmas, noise=no_noise, callback=told.append)
    assert [step.index for step in told] == [0, 1, 2, 3, 4]
    assert [step.sigma for step in told] == sigmas[1:].tolist()
    assert torch.equal(told[-1].x, last)
    with pytest.raises(ValueError, match="at least 1 iteration, got 0"):
        Inversion(0)
