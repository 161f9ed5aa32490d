"""Every sampler down a ladder of rectified flow, on Gaussian data."""

import math
from dataclasses import dataclass

import pytest
import torch
from torch import Tensor

from nodes.diffusion.flow_coordinates import for_schedule
from nodes.diffusion.noise import no_noise
from nodes.diffusion.noise_schedule import FlowSchedule, NoiseSchedule
from nodes.diffusion.samplers import SAMPLERS, SamplerChoice
from nodes.diffusion.samplers_base import StepInfo
from nodes.diffusion.schedules import sigmas_for
from tests.nodes.diffusion.affine import Reached, distribution
from tests.nodes.diffusion.analytic import Draws, GaussianDenoiser

FLOW = FlowSchedule(3.0)
MEAN, DEVIATION = 0.7, 0.5

JUMPING = {"annealed_langevin", "consistency", "lcm", "dpmpp_2s_ancestral_cfg_pp"}
"""Not for this denoiser, in any coordinates; see test_sampler_order."""
ADAPTIVE = {"dpm_adaptive", "dpm_solver_12", "dpm_solver_23", "pc_ve", "pc_vp"}
"""Not affine: they look at how large the sample is."""
ENDS_ABOVE_0 = {"dpm_fast": 0.02}
"""At the last level above it, where x is (1 - σ) x₀ + σ ε, and so how far from x₀ that may be."""


@dataclass(frozen=True)
class FlowGaussian(GaussianDenoiser):
    """Of data from N(MEAN, DEVIATION²); `mean` is that of the noise a run begins at."""

    mean: float = 0.0

    def __call__(self, x: Tensor, sigma: Tensor) -> Tensor:
        share = DEVIATION**2 * (1 - sigma) / self.spread(float(sigma)) ** 2
        return MEAN + share * (x - (1 - sigma) * MEAN)

    def spread(self, sigma: float) -> float:
        return math.hypot((1 - sigma) * DEVIATION, sigma)


def reached(choice: SamplerChoice, steps: int) -> Reached:
    sigmas = sigmas_for("simple", FLOW, steps).double()
    return distribution(for_schedule(choice, FLOW), sigmas, FlowGaussian())


@pytest.mark.parametrize("name", sorted(SAMPLERS.keys() - JUMPING - ADAPTIVE))
def test_every_sampler_reaches_the_data(name: str) -> None:
    few, many = (reached(SamplerChoice(name), steps) for steps in (40, 160))
    assert many.mean == pytest.approx(MEAN, abs=ENDS_ABOVE_0.get(name, 6e-3))
    errors = [abs(math.sqrt(found.variance) - DEVIATION) for found in (few, many)]
    assert errors[1] < 0.03
    assert errors[1] < errors[0] / 1.7 or errors[1] < 1e-3


@pytest.mark.parametrize("name", ["dpm_adaptive", "dpm_solver_12", "dpm_solver_23"])
def test_those_that_choose_their_steps_follow_the_flow(name: str) -> None:
    start = torch.linspace(-2, 2, 5, dtype=torch.float64)
    sigmas = torch.tensor([1.0, 0.05], dtype=torch.float64)
    data = FlowGaussian()
    found = for_schedule(SamplerChoice(name), FLOW)(data, start, sigmas, noise=no_noise)
    expected = 0.95 * MEAN + start * data.spread(0.05)
    torch.testing.assert_close(found, expected, rtol=0.0, atol=0.04)


def test_noise_makes_them_another_sampler() -> None:
    assert for_schedule(SamplerChoice("euler"), FLOW) == SamplerChoice("euler")
    for choice in (
        SamplerChoice.of("euler", s_churn=3.0),
        SamplerChoice.of("ddim", eta=0.5),
        SamplerChoice("euler_cfg_pp"),
    ):
        assert for_schedule(choice, FLOW) != choice
        assert for_schedule(choice, NoiseSchedule.stable_diffusion()) == choice
        assert math.sqrt(reached(choice, 160).variance) == pytest.approx(DEVIATION, rel=0.04)


def test_steps_are_told_and_noise_is_asked_in_levels_of_the_flow() -> None:
    told: list[StepInfo] = []
    draws = Draws(torch.randn(8, 5, generator=torch.Generator().manual_seed(1)))
    sigmas = sigmas_for("simple", FLOW, 4)
    sampler = for_schedule(SamplerChoice("euler_ancestral"), FLOW)
    sampler(FlowGaussian(), draws.draws[7], sigmas, noise=draws, callback=told.append)
    levels = [min(float(level), FLOW.sigma_at(1e-4)) for level in sigmas]
    assert [step.sigma for step in told] == pytest.approx(levels[:-1])
    assert told[0].x == pytest.approx(draws.draws[7])
    asked = [level for pair in draws.asked for level in pair]
    assert asked == pytest.approx(
        [levels[0], levels[1], levels[1], levels[2], levels[2], levels[3]]
    )
