import importlib
from typing import Any

import numpy as np
import pytest
import torch
from scipy.stats import beta, laplace

from nodegraph import NodeError
from nodes import schedulers as pack
from nodes.diffusion.ladder_formulas import ALIGNED
from nodes.diffusion.loading import Checkpoint
from nodes.diffusion.schedules import sigmas_for
from nodes.types import Sigmas


def near(sigmas: Sigmas, expected: Any, tolerance: float = 1e-5) -> None:
    wanted = torch.as_tensor(np.array(expected), dtype=torch.float32)
    torch.testing.assert_close(sigmas.levels, wanted, rtol=tolerance, atol=1e-7)


def test_ends_and_a_level_between() -> None:
    near(pack.karras_scheduler(3, 16.0, 1.0, 2.0), [16, 6.25, 1, 0])
    near(pack.exponential_scheduler(3, 16.0, 1.0), [16, 4, 1, 0])
    near(pack.polyexponential_scheduler(3, 16.0, 1.0, 2.0), [16, 2, 1, 0])


def test_the_models_own_ends_give_its_own_ladders(tiny: Checkpoint) -> None:
    schedule = tiny.denoiser.schedule
    ends = schedule.sigma_max, schedule.sigma_min
    for name, made in (
        ("karras", pack.karras_scheduler(7, *ends)),
        ("exponential", pack.exponential_scheduler(7, *ends)),
        ("beta", pack.beta_sampling_scheduler(tiny.denoiser, 7)),
        ("linear_quadratic", pack.linear_quadratic_scheduler(tiny.denoiser, 7)),
        ("kl_optimal", pack.kl_optimal_scheduler(tiny.denoiser, 7)),
    ):
        assert torch.equal(made.levels, sigmas_for(name, schedule, 7))


def test_laplace_has_the_quantiles_of_its_distribution() -> None:
    shares = np.linspace(0, 1, 9)[1:-1]
    expected = np.exp(laplace.ppf(1 - shares, loc=0.3, scale=0.5))
    made = pack.laplace_scheduler(9, 14.0, 0.03, 0.3, 0.5).levels
    near(Sigmas(made[1:-1]), expected, 1e-3)
    assert float(made[0]) == 14.0
    assert float(made[-1]) == pytest.approx(0.03)


def test_vp_is_the_integral_of_its_rate() -> None:
    times = np.linspace(1, 1e-3, 5)
    integral = 0.1 * times + 19.9 * times**2 / 2
    near(pack.vp_scheduler(5), [*np.sqrt(np.exp(integral) - 1), 0], 1e-4)


def test_beta_has_the_quantiles_of_its_distribution(tiny: Checkpoint) -> None:
    made = pack.beta_sampling_scheduler(tiny.denoiser, 5, 2.0, 3.0)
    times = np.rint(beta.ppf(1 - np.linspace(0, 1, 5, endpoint=False), 2.0, 3.0) * 999)
    near(made, [*tiny.denoiser.schedule.sigmas[times.astype(int)].tolist(), 0])


def test_turbo_visits_every_hundredth_time(tiny: Checkpoint) -> None:
    table = tiny.denoiser.schedule.sigmas
    near(pack.sd_turbo_scheduler(tiny.denoiser, 2), [*table[[999, 899]].tolist(), 0])
    near(pack.sd_turbo_scheduler(tiny.denoiser, 2, 0.5), [*table[[499, 399]].tolist(), 0])
    assert pack.sd_turbo_scheduler(tiny.denoiser, 2, 0.0).steps == 0


def test_aligned_steps_are_those_that_diffusers_has() -> None:
    known: Any = importlib.import_module("diffusers.schedulers").AysSchedules
    for family, name in (("SD1", "StableDiffusion"), ("SDXL", "StableDiffusionXL")):
        assert np.allclose(ALIGNED[family][:10], known[f"{name}Sigmas"][:10], atol=6e-3)
    assert np.allclose(ALIGNED["SVD"][:10], known["StableDiffusionVideoSigmas"][:10], atol=1e-3)


def test_aligned_steps_between_and_in_part() -> None:
    ten = pack.align_your_steps_scheduler("SD1", 10)
    near(ten, [*ALIGNED["SD1"][:-1], 0])
    twenty = pack.align_your_steps_scheduler("SD1", 20).levels
    torch.testing.assert_close(twenty[::2], ten.levels)
    near(Sigmas(twenty[1:2]), [np.sqrt(ALIGNED["SD1"][0] * ALIGNED["SD1"][1])])
    part = pack.align_your_steps_scheduler("SD1", 10, 0.3)
    assert torch.equal(part.levels, ten.levels[7:])
    assert pack.align_your_steps_scheduler("SD1", 10, 0.0).steps == 0


def test_figures_that_make_no_ladder(tiny: Checkpoint) -> None:
    with pytest.raises(ValueError, match="rho must be above 0"):
        pack.karras_scheduler(rho=0.0)
    with pytest.raises(ValueError, match="too small for a level of 5000"):
        pack.karras_scheduler(sigma_max=5000.0, rho=0.01)
    with pytest.raises(ValueError, match="both ends must be above 0"):
        pack.exponential_scheduler(sigma_min=0.0)
    with pytest.raises(ValueError, match=r"lowest level 2 is above the highest, 1"):
        pack.laplace_scheduler(sigma_max=1.0, sigma_min=2.0)
    with pytest.raises(ValueError, match="must be finite"):
        pack.vp_scheduler(beta_d=5000.0)
    with pytest.raises(NodeError, match=r"'beta' must be above 0, got 0; nearest: 0\.01"):
        pack.beta_sampling_scheduler(tiny.denoiser, beta=0.0)
