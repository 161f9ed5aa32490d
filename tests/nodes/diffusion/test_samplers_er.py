"""ER-SDE's kinds of noise and orders."""

from functools import partial

import pytest
import torch

from nodes.diffusion.noise import no_noise
from nodes.diffusion.samplers_er import sample_er_sde
from nodes.diffusion.samplers_sde import sample_dpmpp_sde
from tests.nodes.diffusion.affine import distribution, fitted_order
from tests.nodes.diffusion.analytic import GaussianDenoiser, TanhDenoiser, geometric

DATA, COUNTS = GaussianDenoiser(), [48, 96, 192]
START = DATA.mean + DATA.spread(10.0) * torch.linspace(-2, 2, 5, dtype=torch.float64)


@pytest.mark.parametrize(("stages", "order"), [(1, 0.9), (2, 1.6), (3, 1.6)])
def test_the_ode_asks_for_no_noise_and_converges(stages: int, order: float) -> None:
    errors = []
    for count in COUNTS:
        ladder = geometric(count)
        x = sample_er_sde(DATA, START, ladder, noise=no_noise, kind="ode", stages=stages)
        errors.append(float((x - DATA.flow(START, 10.0, 0.1)).abs().max()))
    # The sums that stand for integrals limit the higher orders.
    assert fitted_order(COUNTS, errors) > order


@pytest.mark.parametrize("eta", [0.5, 1.0])
def test_the_reverse_sde_reaches_the_variance(eta: float) -> None:
    sample = partial(sample_er_sde, kind="reverse_sde", eta=eta)
    errors = []
    for count in COUNTS:
        reached = distribution(sample, geometric(count), DATA)
        assert reached.draws == count
        errors.append(abs(reached.variance / DATA.spread(0.1) ** 2 - 1))
    assert fitted_order(COUNTS, errors) > 0.85
    assert errors[-1] < 1e-2


def test_names_the_nearest_kind() -> None:
    with pytest.raises(ValueError, match=r"unknown kind of noise 'od'; did you mean 'ode'"):
        sample_er_sde(TanhDenoiser(), START, geometric(2), noise=no_noise, kind="od")


@pytest.mark.parametrize("r", [0.3, 0.5, 0.8])
def test_the_middle_of_dpmpp_sde_may_lie_elsewhere(r: float) -> None:
    errors = []
    for count in COUNTS:
        x = sample_dpmpp_sde(DATA, START, geometric(count), noise=no_noise, eta=0.0, r=r)
        errors.append(float((x - DATA.flow(START, 10.0, 0.1)).abs().max()))
    assert fitted_order(COUNTS, errors) > 1.85
