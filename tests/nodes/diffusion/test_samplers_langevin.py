"""Langevin dynamics on Gaussian data: where it comes to rest has a closed form."""

from functools import partial
from typing import Any

import pytest
import torch
from torch import Tensor

from nodes.diffusion.samplers_langevin import (
    sample_annealed_langevin,
    sample_euler_maruyama_ve,
    sample_euler_maruyama_vp,
    sample_pc_ve,
    sample_pc_vp,
)
from tests.nodes.diffusion.affine import distribution, fitted_order
from tests.nodes.diffusion.analytic import Draws, GaussianDenoiser, geometric, reals

DATA = GaussianDenoiser()


def many(seed: int, count: int = 40_000) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(2, count, generator=generator, dtype=torch.float64)


class Stream:
    def __init__(self) -> None:
        self.generator = torch.Generator().manual_seed(1)

    def __call__(self, sigma: float, sigma_next: float) -> Tensor:
        return torch.randn(2, 40_000, generator=self.generator, dtype=torch.float64)


@pytest.mark.parametrize("step", [0.2, 0.5])
def test_annealed_langevin_rests_where_its_step_lets_it(step: float) -> None:
    """x' = (1 - α / 2s²) x + √α z has the variance s² / (1 - α / 4s²)."""
    sample = partial(sample_annealed_langevin, repeats=300, step=step)
    reached = distribution(sample, reals([0.6, 0.5]), DATA, draws=600)
    variance, alpha = DATA.spread(0.5) ** 2, step * 0.5**2
    assert reached.draws == 600
    assert reached.mean == pytest.approx(DATA.mean)
    assert reached.variance == pytest.approx(variance / (1 - alpha / (4 * variance)), rel=1e-6)


def test_annealed_langevin_comes_closer_to_the_data_with_more_repeats() -> None:
    sigmas = torch.cat([geometric(12, 10.0, 0.1), torch.zeros(1, dtype=torch.float64)])
    exact = DATA.deviation**4 / DATA.spread(0.1) ** 2  # the variance of what is denoised
    errors = []
    for repeats in (5, 20, 80):
        sample = partial(sample_annealed_langevin, repeats=repeats, step=0.2)
        reached = distribution(sample, sigmas, DATA, draws=repeats)
        assert reached.mean == pytest.approx(DATA.mean)
        errors.append(abs(reached.variance / exact - 1))
    assert errors[0] > errors[1] > errors[2]
    assert errors[2] < 0.1


@pytest.mark.parametrize(
    "sample",
    [
        sample_euler_maruyama_ve,
        sample_euler_maruyama_vp,
        partial(sample_pc_ve, snr=0.0),
        partial(sample_pc_vp, snr=0.0),
    ],
)
def test_the_sdes_have_weak_order_1(sample: Any) -> None:
    counts, errors = [96, 192, 384], []
    for count in counts:
        reached = distribution(sample, geometric(count), DATA)
        mean = abs(reached.mean - DATA.mean)
        variance = abs(reached.variance / DATA.spread(0.1) ** 2 - 1)
        errors.append(max(mean, variance))
    assert fitted_order(counts, errors) > 0.85
    assert errors[-1] < 0.03


@pytest.mark.parametrize("sample", [sample_pc_ve, sample_pc_vp])
@pytest.mark.parametrize("snr", [0.1, 0.3])
def test_the_corrector_rests_where_its_ratio_lets_it(sample: Any, snr: float) -> None:
    """In many dimensions a step of 2 α (r |z| / |g|)² comes to rest at s² (1 + α r²)."""
    start = 3 * DATA.mean + 2 * many(0)
    x = sample(
        DATA, start, reals([0.55, 0.5]), noise=Stream(), snr=snr, corrections=round(10 / snr**2)
    )
    alpha = 1.0 if sample is sample_pc_ve else (1 + 0.5**2) / (1 + 0.55**2)
    expected = DATA.spread(0.5) ** 2 * (1 + alpha * snr**2)
    assert x.mean(1).tolist() == pytest.approx([DATA.mean] * 2, abs=0.03)
    assert x.var(1).tolist() == pytest.approx([expected] * 2, rel=0.03)


def test_corrections_mend_what_few_steps_get_wrong() -> None:
    def error(corrections: int) -> float:
        start = DATA.mean + DATA.spread(10.0) * many(3)
        sigmas = geometric(8, 10.0, 0.1)
        x = sample_pc_ve(DATA, start, sigmas, noise=Stream(), corrections=corrections, snr=0.16)
        return abs(float(x.var()) / DATA.spread(0.1) ** 2 - 1)

    assert error(8) < error(0) / 2


def test_a_correction_is_the_papers() -> None:
    x, z = reals([[3.0, 4.0]]), reals([[1.0, 2.0]])
    flat = GaussianDenoiser(0.0, 0.0)  # D = 0: the score is -x / σ²
    result = sample_pc_ve(flat, x, reals([1.0, 0.5]), noise=Draws(torch.stack([0 * z, z])), snr=0.2)
    moved = x * 0.25  # x - (1 - 0.25) x
    score = -moved / 0.25
    size = 2 * (0.2 * z.norm() / score.norm()) ** 2
    torch.testing.assert_close(result, moved + size * score + (2 * size).sqrt() * z)


def test_without_corrections_it_is_euler_maruyama() -> None:
    start = many(0, 16) * 10
    draws = torch.stack([many(k, 16) for k in range(8)])
    plain = sample_euler_maruyama_ve(DATA, start, geometric(8), noise=Draws(draws))
    bare = sample_pc_ve(DATA, start, geometric(8), noise=Draws(draws), corrections=0)
    assert torch.equal(plain, bare)
