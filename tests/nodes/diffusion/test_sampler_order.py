"""Convergence on Gaussian data, where the exact denoiser and the exact answer are known."""

import math
from typing import Any

import pytest
import torch

from nodes.diffusion.noise import no_noise
from nodes.diffusion.samplers import SAMPLERS
from nodes.diffusion.samplers_dpm import sample_dpmpp_2s_ancestral
from nodes.diffusion.samplers_euler import sample_dpm_2_ancestral
from nodes.diffusion.samplers_res import sample_res_multistep_ancestral
from nodes.diffusion.samplers_sde import (
    sample_dpmpp_2m_sde,
    sample_dpmpp_2m_sde_heun,
    sample_dpmpp_3m_sde,
    sample_dpmpp_sde,
    sample_seeds_2,
    sample_seeds_3,
)
from tests.nodes.diffusion.affine import distribution, fitted_order
from tests.nodes.diffusion.analytic import GaussianDenoiser, geometric

ORDERS = {
    "ddim": 1,
    "deis": 2.5,
    "dpm_2": 2,
    "dpm_solver_1": 1,
    "dpm_solver_2": 2,
    "dpm_solver_3": 3,
    "dpm_fast": 2,  # its last steps are of order 2 and 1
    "dpmpp_2m": 2,
    "dpmpp_2m_cfg_pp": 2,
    "euler": 1,
    "euler_cfg_pp": 1,
    "gradient_estimation": 1,
    "gradient_estimation_cfg_pp": 1,
    "heun": 2,
    "heunpp2": 1,
    "ipndm": 2,
    "ipndm_v": 1,
    "pndm": 2,
    "lms": 3,  # order 4, started with lower ones
    "res_multistep": 2,
    "res_multistep_cfg_pp": 2,
    "uni_pc": 2,
    "uni_pc_bh2": 2,
}
"""Error of where the deterministic samplers end, as a power of the step."""

WEAK_ORDERS = {
    "ddpm": 1,
    "dpm_2_ancestral": 2,
    "dpmpp_2m_sde": 2,
    "dpmpp_2m_sde_gpu": 2,
    "dpmpp_2m_sde_heun": 2,
    "dpmpp_2m_sde_heun_gpu": 2,
    "dpmpp_2s_ancestral": 2,
    "dpmpp_3m_sde": 2,
    "dpmpp_3m_sde_gpu": 2,
    "dpmpp_sde": 1,
    "dpmpp_sde_gpu": 1,
    "er_sde": 1.6,  # limited by the sums that stand for its integrals
    "euler_ancestral": 1,
    "euler_ancestral_cfg_pp": 1,
    "euler_maruyama_ve": 1,
    "res_multistep_ancestral": 2,
    "res_multistep_ancestral_cfg_pp": 2,
    "sa_solver": 1.7,  # the noise sets in within a step
    "sa_solver_pece": 1.7,
    "seeds_2": 2,
    "seeds_3": 1.7,
}
"""Error of the variance that the stochastic samplers reach, as a power of the step."""

WITH_ETA = [
    sample_dpm_2_ancestral,
    sample_dpmpp_2m_sde,
    sample_dpmpp_2m_sde_heun,
    sample_dpmpp_2s_ancestral,
    sample_dpmpp_3m_sde,
    sample_dpmpp_sde,
    sample_res_multistep_ancestral,
    sample_seeds_2,
    sample_seeds_3,
]

ELSEWHERE = {
    "annealed_langevin",  # wanders within levels; test_samplers_langevin
    "consistency",  # as lcm; test_samplers_ddpm
    "dpm_adaptive",  # chooses its steps; test_samplers_dpm_adaptive
    "dpm_solver_12",
    "dpm_solver_23",
    "dpmpp_2s_ancestral_cfg_pp",  # does not converge, as its docstring says
    "lcm",  # jumps: right for consistency models, not for this denoiser; below
    "euler_maruyama_vp",  # its mean converges, too; test_samplers_langevin
    "pc_ve",  # corrected by lengths of scores; test_samplers_langevin
    "pc_vp",
}


def test_every_sampler_has_its_order_here() -> None:
    assert ORDERS.keys() | WEAK_ORDERS.keys() | ELSEWHERE == SAMPLERS.keys()


@pytest.mark.parametrize("name", ORDERS)
def test_deterministic_samplers_converge_to_the_exact_flow(name: str) -> None:
    data, counts = GaussianDenoiser(), [48, 96, 192]
    errors = []
    for count in counts:
        sigmas = geometric(count)
        start = data.mean + data.spread(10.0) * torch.linspace(-2, 2, 5, dtype=torch.float64)
        x = SAMPLERS[name](data, start, sigmas, noise=no_noise)
        errors.append(float((x - data.flow(start, 10.0, 0.1)).abs().max()))
    assert fitted_order(counts, errors) > ORDERS[name] - 0.15
    assert errors[-1] < 0.03 if ORDERS[name] == 1 else errors[-1] < 5e-4


@pytest.mark.parametrize("name", WEAK_ORDERS)
def test_stochastic_samplers_reach_mean_and_variance(name: str) -> None:
    data, counts = GaussianDenoiser(), [48, 96, 192]
    expected = data.spread(0.1) ** 2
    errors = []
    for count in counts:
        reached = distribution(SAMPLERS[name], geometric(count), data)
        assert reached.draws > 0
        assert reached.mean == pytest.approx(data.mean, rel=1e-9)
        errors.append(abs(reached.variance / expected - 1))
    assert fitted_order(counts, errors) > WEAK_ORDERS[name] - 0.15
    assert errors[-1] < 0.03 if WEAK_ORDERS[name] == 1 else errors[-1] < 1e-3


@pytest.mark.parametrize("sample", WITH_ETA, ids=lambda sample: sample.__name__)
def test_without_noise_the_sde_is_the_flow(sample: Any) -> None:
    data = GaussianDenoiser()
    start = data.mean + data.spread(10.0) * torch.linspace(-2, 2, 5, dtype=torch.float64)
    x = sample(data, start, geometric(192), noise=no_noise, eta=0.0)
    torch.testing.assert_close(x, data.flow(start, 10.0, 0.1), rtol=5e-4, atol=0.0)


@pytest.mark.parametrize("name", sorted(SAMPLERS.keys() - ELSEWHERE))
def test_a_run_to_zero_gives_the_data(name: str) -> None:
    """Down to 0 at 200 steps: mean within 1e-6, standard deviation within 3 %."""
    data = GaussianDenoiser()
    sigmas = torch.cat([geometric(199, 14.6, 0.02), torch.zeros(1, dtype=torch.float64)])
    reached = distribution(SAMPLERS[name], sigmas, data)
    assert reached.mean == pytest.approx(data.mean, rel=1e-6)
    assert math.sqrt(reached.variance) == pytest.approx(data.deviation, rel=0.03)


def test_lcm_jumps_and_adds_the_next_levels_noise() -> None:
    data = GaussianDenoiser()
    share = data.deviation**2 / (data.deviation**2 + 1.0)
    reached = distribution(
        SAMPLERS["lcm"], torch.tensor([10.0, 1.0, 0.0], dtype=torch.float64), data
    )
    first = (data.deviation**2 / data.spread(10.0)) ** 2 + 1.0
    assert reached.mean == pytest.approx(data.mean)
    assert reached.variance == pytest.approx(share**2 * first)
