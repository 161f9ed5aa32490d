"""DDPM's variances against diffusers' scheduler, and consistency models against their own maps."""

from dataclasses import dataclass
from functools import partial

import pytest
import torch
from diffusers import DDPMScheduler, EulerDiscreteScheduler
from torch import Tensor

from nodes.diffusion.noise import no_noise
from nodes.diffusion.noise_schedule import NoiseSchedule
from nodes.diffusion.samplers_ddpm import sample_consistency, sample_ddpm
from nodes.diffusion.samplers_euler import sample_euler, sample_heun
from tests.nodes.diffusion.affine import distribution, fitted_order
from tests.nodes.diffusion.analytic import Draws, GaussianDenoiser, TanhDenoiser, geometric, reals

SHAPE = (2, 3, 4, 4)
BETAS = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear"}


@dataclass(frozen=True)
class Saying:
    """A denoiser whose network tells the share of the larger variance."""

    share: float

    def __call__(self, x: Tensor, sigma: Tensor) -> Tensor:
        return TanhDenoiser()(x, sigma)

    def with_variance(self, x: Tensor, sigma: Tensor) -> tuple[Tensor, Tensor]:
        return self(x, sigma), torch.full_like(x, self.share)


def by_diffusers(kind: str, draws: Tensor, share: float) -> tuple[Tensor, Tensor]:
    """A run of diffusers' scheduler: the start, and where it ends."""
    scheduler = DDPMScheduler(variance_type=kind, clip_sample=False, **BETAS)
    scheduler.set_timesteps(10)
    schedule = NoiseSchedule.stable_diffusion()
    start = torch.randn(SHAPE, generator=torch.Generator().manual_seed(5), dtype=torch.float64)
    y = start
    generator = torch.Generator().manual_seed(7)
    for t in scheduler.timesteps.tolist():
        sigma = schedule.sigmas[t].double()
        x = y * (1 + sigma**2).sqrt()
        eps = (x - TanhDenoiser()(x, sigma)) / sigma
        if kind == "learned_range":
            eps = torch.cat([eps, torch.full_like(eps, 2 * share - 1)], dim=1)
        y = scheduler.step(eps, t, y, generator=generator).prev_sample
    return start, y


@pytest.mark.parametrize(
    ("kind", "variance"),
    [("fixed_small", "small"), ("fixed_large", "large"), ("learned_range", "learned")],
)
def test_variances_are_those_of_diffusers(kind: str, variance: str) -> None:
    generator = torch.Generator().manual_seed(7)
    draws = torch.stack(
        [torch.randn(SHAPE, generator=generator, dtype=torch.float64) for _ in range(9)]
    )
    start, expected = by_diffusers(kind, draws, share=0.3)
    times = torch.arange(900, -1, -100)
    sigmas = torch.cat([NoiseSchedule.stable_diffusion().sigmas[times], torch.zeros(1)]).double()
    x = start * (1 + sigmas[0] ** 2).sqrt()
    result = sample_ddpm(Saying(0.3), x, sigmas, noise=Draws(draws), variance=variance)
    torch.testing.assert_close(result, expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("variance", ["small", "large"])
def test_both_variances_converge(variance: str) -> None:
    data, counts, errors = GaussianDenoiser(), [48, 96, 192], []
    for count in counts:
        reached = distribution(partial(sample_ddpm, variance=variance), geometric(count), data)
        errors.append(abs(reached.variance / data.spread(0.1) ** 2 - 1))
    assert fitted_order(counts, errors) > 0.85


def test_learned_variance_needs_a_network_that_tells_it() -> None:
    start, ladder = torch.ones(SHAPE), torch.tensor([1.0, 0.0])
    with pytest.raises(ValueError, match=r"'learned' needs a network .* 'small' or 'large'"):
        sample_ddpm(TanhDenoiser(), start, ladder, noise=no_noise, variance="learned")
    with pytest.raises(ValueError, match=r"unknown variance 'larg'; did you mean 'large'"):
        sample_ddpm(TanhDenoiser(), start, ladder, noise=no_noise, variance="larg")


def test_a_consistency_model_gives_the_data_in_any_number_of_steps() -> None:
    """With the exact consistency function the result is distributed as the data at the floor."""

    @dataclass(frozen=True)
    class Consistent(GaussianDenoiser):
        def __call__(self, x: Tensor, sigma: Tensor) -> Tensor:
            return self.flow(x, float(sigma), 0.05)

    data = Consistent()
    for levels in ([10.0, 0.0], [10.0, 1.0, 0.0], [10.0, 3.0, 1.0, 0.3, 0.0]):
        reached = distribution(partial(sample_consistency, floor=0.05), reals(levels), data)
        assert reached.draws == len(levels) - 2
        assert reached.mean == pytest.approx(data.mean)
        assert reached.variance == pytest.approx(data.spread(0.05) ** 2)


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
def test_churn_is_that_of_diffusers_euler() -> None:
    scheduler = EulerDiscreteScheduler(**BETAS)
    scheduler.set_timesteps(8)
    sigmas = scheduler.sigmas.double()
    start = torch.randn(SHAPE, generator=torch.Generator().manual_seed(5), dtype=torch.float64) * 14
    draws = torch.stack(
        [
            torch.randn(SHAPE, generator=torch.Generator().manual_seed(k), dtype=torch.float64)
            for k in range(8)
        ]
    )
    y = start
    for k, t in enumerate(scheduler.timesteps):
        scheduler.is_scale_input_called = True
        sigma = sigmas[k]
        raised = sigma * (1 + min(3 / 8, 2**0.5 - 1))
        # The network is to be asked at the raised level, which the caller has to know.
        noisy = y + draws[k] * (raised**2 - sigma**2).sqrt()
        eps = (noisy - TanhDenoiser()(noisy, raised)) / raised
        generator = torch.Generator().manual_seed(k)
        y = scheduler.step(eps, t, y, s_churn=3.0, generator=generator).prev_sample.double()
    result = sample_euler(TanhDenoiser(), start, sigmas, noise=Draws(draws), s_churn=3.0)
    torch.testing.assert_close(result, y, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(("sample", "order"), [(sample_euler, 1), (sample_heun, 2)])
def test_churn_keeps_the_order(sample: partial[Tensor], order: int) -> None:
    data, counts, errors = GaussianDenoiser(), [48, 96, 192], []
    for count in counts:
        churned = partial(sample, s_churn=5.0, s_tmin=0.2)
        reached = distribution(churned, geometric(count), data)
        assert 0 < reached.draws < count
        errors.append(abs(reached.variance / data.spread(0.1) ** 2 - 1))
    assert fitted_order(counts, errors) > order - 0.15
