import importlib
from typing import Any

import pytest
import torch

from nodes.diffusion.denoiser import to_denoised
from nodes.diffusion.distilled_schedule import ContinuousSchedule, DistilledSchedule
from nodes.diffusion.noise_schedule import NoiseSchedule
from tests.nodes.diffusion.prompt_values import random_latents

diffusers: Any = importlib.import_module("diffusers")  # untyped

WHOLE = NoiseSchedule.stable_diffusion()
SCHEDULE = DistilledSchedule.of(WHOLE)


def test_fifty_levels_with_the_last_and_their_own_times() -> None:
    assert len(SCHEDULE.sigmas) == 50
    assert torch.equal(SCHEDULE.sigmas, WHOLE.sigmas[19::20])
    assert SCHEDULE.timestep(SCHEDULE.sigmas).tolist() == list(range(19, 1000, 20))
    torch.testing.assert_close(SCHEDULE.sigma(SCHEDULE.timestep(SCHEDULE.sigmas)), SCHEDULE.sigmas)
    assert SCHEDULE.last_time == 999
    assert SCHEDULE.sigma_at(1e-9) == pytest.approx(SCHEDULE.sigma_max)


def test_more_levels_than_there_are() -> None:
    with pytest.raises(ValueError, match="1000 levels has no 1001"):
        DistilledSchedule.of(WHOLE, 1001)


def test_zero_terminal_snr_keeps_the_times() -> None:
    rescaled = SCHEDULE.zero_terminal_snr()
    assert rescaled.sigma_max > 4000
    assert rescaled.last_time == 999


@pytest.mark.parametrize("time", [19, 499, 999])
def test_a_consistency_model_denoises_as_in_diffusers(time: int) -> None:
    """diffusers' x is ours over √(σ² + 1), which only matters in the tiny share of x itself."""
    scheduler = diffusers.LCMScheduler(
        beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear"
    )
    scheduler.set_timesteps(50)
    output, scaled = random_latents(1), random_latents(2)
    step = scheduler.step(output, time, scaled, generator=torch.Generator())
    sigma = WHOLE.sigmas[time]
    x = scaled * (sigma**2 + 1) ** 0.5
    found = to_denoised("lcm", output, x, sigma, torch.tensor(float(time)))
    torch.testing.assert_close(found, step.denoised, atol=1e-4, rtol=1e-3)


def test_at_time_zero_a_consistency_model_changes_nothing() -> None:
    x = random_latents(1)
    found = to_denoised("lcm", random_latents(2), x, torch.tensor(0.03), torch.tensor(0.0))
    assert torch.equal(found, x)


def test_continuous_levels_are_even_in_their_logarithm() -> None:
    schedule = ContinuousSchedule.between(0.002, 120.0)
    assert schedule.sigma_min == pytest.approx(0.002)
    assert schedule.sigma_max == pytest.approx(120.0)
    torch.testing.assert_close(schedule.sigma(schedule.timestep(schedule.sigmas)), schedule.sigmas)
    assert schedule.sigma_at(0.5) == pytest.approx((0.002 * 120.0) ** 0.5, rel=1e-5)
    assert (schedule.sigma_at(0.0), schedule.sigma_at(1.0)) == (float("inf"), 0.0)
    assert float(schedule.timestep(torch.tensor(1.0))) == 0.0


@pytest.mark.parametrize("ends", [(0.0, 1.0), (2.0, 1.0)])
def test_continuous_levels_in_their_order(ends: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="sigma_min must be above 0 and below sigma_max"):
        ContinuousSchedule.between(*ends)
