"""Steps planned from errors: tolerances are kept, and cost what they must."""

from itertools import pairwise
from typing import Any

import pytest
import torch

from nodes.diffusion.noise import no_noise
from nodes.diffusion.samplers_dpm_adaptive import (
    sample_dpm_adaptive,
    sample_dpm_solver_12,
    sample_dpm_solver_23,
)
from tests.nodes.diffusion.analytic import GaussianDenoiser, TanhDenoiser, geometric

DATA = GaussianDenoiser()
START = DATA.mean + DATA.spread(10.0) * torch.linspace(-2, 2, 5, dtype=torch.float64)
ONE = geometric(1)


def adaptive_12(*args: Any, **options: Any) -> torch.Tensor:
    return sample_dpm_adaptive(*args, **options, order=2)


@pytest.mark.parametrize(
    "sample", [sample_dpm_adaptive, adaptive_12, sample_dpm_solver_12, sample_dpm_solver_23]
)
def test_keeps_its_tolerance(sample: Any) -> None:
    errors = []
    for tolerance in (1e-2, 1e-3, 1e-4):
        x = sample(DATA, START, ONE, noise=no_noise, rtol=tolerance, atol=tolerance)
        errors.append(float((x - DATA.flow(START, 10.0, 0.1)).abs().max()))
        assert errors[-1] < 20 * tolerance
    assert errors[0] > 2 * errors[1] > 4 * errors[2]


@pytest.mark.parametrize(
    ("sample", "calls_a_step", "growth"),
    [(sample_dpm_solver_12, 2, 10 ** (1 / 2)), (sample_dpm_solver_23, 3, 10 ** (1 / 3))],
)
def test_steps_grow_with_the_root_of_the_tolerance(
    sample: Any, calls_a_step: int, growth: float
) -> None:
    calls = []
    for tolerance in (1e-5, 1e-6, 1e-7):
        counted = TanhDenoiser()
        sample(counted, START, ONE, noise=no_noise, rtol=tolerance, atol=tolerance)
        assert counted.calls % calls_a_step == 0
        calls.append(counted.calls)
    for fewer, more in pairwise(calls):
        assert more / fewer == pytest.approx(growth, rel=0.2)


def test_with_eta_noise_is_added_and_the_variance_is_right() -> None:
    generator = torch.Generator().manual_seed(1)
    asked: list[tuple[float, float]] = []

    def noise(sigma: float, sigma_next: float) -> torch.Tensor:
        asked.append((sigma, sigma_next))
        return torch.randn(20_000, generator=generator, dtype=torch.float64)

    start = DATA.mean + DATA.spread(10.0) * noise(10.0, 10.0)
    x = sample_dpm_adaptive(DATA, start, ONE, noise=noise, eta=1.0, rtol=0.01, atol=0.01)
    assert len(asked) > 5
    assert float(x.mean()) == pytest.approx(DATA.mean, abs=0.02)
    assert float(x.var()) == pytest.approx(DATA.spread(0.1) ** 2, rel=0.05)


def test_other_weights_of_the_controller_take_other_steps() -> None:
    def result(**options: Any) -> torch.Tensor:
        return sample_dpm_adaptive(DATA, START, ONE, noise=no_noise, rtol=1e-4, **options)

    assert not torch.equal(result(pcoeff=0.4, icoeff=0.3), result())
    assert not torch.equal(result(dcoeff=0.2), result())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"accept_safety": 1.0}, "accept_safety must be below 1"),
        ({"rtol": 0.0, "atol": 0.0}, "rtol or atol must be above 0"),
    ],
)
def test_refuses_what_would_never_end(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        sample_dpm_adaptive(DATA, START, ONE, noise=no_noise, **options)


@pytest.mark.parametrize("order", [1, 4])
def test_refuses_orders_it_has_not(order: int) -> None:
    with pytest.raises(ValueError, match=f"order must be 2 or 3, got {order}"):
        sample_dpm_adaptive(DATA, START, ONE, noise=no_noise, order=order)
