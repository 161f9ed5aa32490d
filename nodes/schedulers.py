"""One node for each scheduler that has figures of its own."""

from typing import Annotated, Literal

import torch

from nodegraph import NodeError, Range, node
from nodes.diffusion import ladder_formulas as formulas
from nodes.diffusion import schedules
from nodes.types import Denoiser, Sigmas

__all__ = ["NODES"]

Steps = Annotated[int, Range(1, 10000)]
Level = Annotated[float, Range(0.0, 5000.0, 0.01)]
Power = Annotated[float, Range(0.0, 100.0, 0.01)]
Shape = Annotated[float, Range(0.0, 50.0, 0.01)]
Share = Annotated[float, Range(0.0, 1.0, 0.01)]

CATEGORY = "sampling/custom/schedulers"
HIGH, LOW = 14.614642, 0.0291675
"""The ends of the levels of SD1, SD2 and SDXL."""


@node(category=CATEGORY)
def karras_scheduler(
    steps: Steps = 20, sigma_max: Level = HIGH, sigma_min: Level = LOW, rho: Power = 7.0
) -> Sigmas:
    """Levels by Karras et al. 2022, denser towards the end.

    Args:
        sigma_max: the first level.
        sigma_min: the last level before 0.
        rho: above 0; 1 is even, more is denser at low levels.
    """
    return Sigmas(formulas.karras(sigma_max, sigma_min, steps, rho))


@node(category=CATEGORY)
def exponential_scheduler(
    steps: Steps = 20, sigma_max: Level = HIGH, sigma_min: Level = LOW
) -> Sigmas:
    """Levels that fall by one and the same factor.

    Args:
        sigma_max: the first level.
        sigma_min: the last level before 0.
    """
    return Sigmas(formulas.exponential(sigma_max, sigma_min, steps))


@node(category=CATEGORY)
def polyexponential_scheduler(
    steps: Steps = 20, sigma_max: Level = HIGH, sigma_min: Level = LOW, rho: Power = 1.0
) -> Sigmas:
    """Levels whose logarithm falls by a power of the step.

    Args:
        sigma_max: the first level.
        sigma_min: the last level before 0.
        rho: 1 is ExponentialScheduler; more is denser at low levels.
    """
    return Sigmas(formulas.polyexponential(sigma_max, sigma_min, steps, rho))


@node(category=CATEGORY)
def laplace_scheduler(
    steps: Steps = 20,
    sigma_max: Level = HIGH,
    sigma_min: Level = LOW,
    mu: Annotated[float, Range(-10.0, 10.0, 0.1)] = 0.0,
    beta: Annotated[float, Range(0.0, 10.0, 0.1)] = 0.5,
) -> Sigmas:
    """Levels that gather around exp(mu), by Hang et al. 2024.

    They end at sigma_min, not at 0, and are one step fewer than the number of levels.

    Args:
        steps: the number of levels.
        sigma_max: no level is above it.
        sigma_min: no level is below it.
        mu: the logarithm of the level around which most are.
        beta: how far they spread.
    """
    return Sigmas(formulas.laplace(sigma_max, sigma_min, steps, mu, beta))


@node(category=CATEGORY, name="VPScheduler", display_name="VP Scheduler")
def vp_scheduler(
    steps: Steps = 20,
    beta_d: Level = 19.9,
    beta_min: Level = 0.1,
    eps_s: Annotated[float, Range(0.0, 1.0, 0.0001)] = 0.001,
) -> Sigmas:
    """Levels of the variance-preserving process in continuous time.

    Args:
        beta_d: how fast the noise grows faster.
        beta_min: how fast the noise grows at the start.
        eps_s: the time of the last level before 0.

    Raises:
        ValueError: for figures so large that a level is not finite.
    """
    return Sigmas(formulas.variance_preserving(steps, beta_d, beta_min, eps_s))


@node(category=CATEGORY)
def beta_sampling_scheduler(
    model: Denoiser, steps: Steps = 20, alpha: Shape = 0.6, beta: Shape = 0.6
) -> Sigmas:
    """Times at equal quantiles of a Beta distribution, by Lee et al. 2024.

    A level that comes up twice is visited once, so that many steps give fewer levels.

    Args:
        alpha: above 0; less is denser at low levels.
        beta: above 0; less is denser at high levels.
    """
    for name, value in (("alpha", alpha), ("beta", beta)):
        if value <= 0:
            raise NodeError(f"'{name}' must be above 0, got {value:g}; nearest: 0.01")
    return Sigmas(schedules.beta(model.schedule, steps, alpha, beta))


@node(category=CATEGORY, name="SDTurboScheduler", display_name="SD Turbo Scheduler")
def sd_turbo_scheduler(
    model: Denoiser, steps: Annotated[int, Range(1, 10)] = 1, denoise: Share = 1.0
) -> Sigmas:
    """Levels of models distilled to few steps: every hundredth time of a thousand.

    Args:
        steps: how many; fewer where denoise leaves fewer.
        denoise: 1 begins at the last time; 0.1 less begins a hundred earlier.
    """
    start = 10 - int(10 * denoise)
    times = torch.arange(9, -1, -1)[start : start + steps] * 100 + 99
    return Sigmas(torch.cat([model.schedule.sigma(times.float()), torch.zeros(1)]))


@node(category=CATEGORY)
def align_your_steps_scheduler(
    model_type: Literal["SD1", "SDXL", "SVD"] = "SD1", steps: Steps = 10, denoise: Share = 1.0
) -> Sigmas:
    """Levels that Sabour et al. 2024 found to be best for few steps of a family of models.

    Args:
        model_type: the family.
        steps: ten are those of the paper; others lie between them.
        denoise: the share of the steps, from the end, that is kept.
    """
    if denoise == 0.0:
        return Sigmas(torch.zeros(0))
    return Sigmas(formulas.align_your_steps(model_type, steps, denoise))


@node(category=CATEGORY)
def linear_quadratic_scheduler(
    model: Denoiser,
    steps: Steps = 20,
    threshold: Annotated[float, Range(0.0, 1.0, 0.001)] = 0.025,
) -> Sigmas:
    """Slowly down a line for half of the steps, then down a parabola, by Polyak et al. 2024.

    Args:
        threshold: the share of the noise that the line takes away.

    Raises:
        ValueError: for a threshold so large that the levels fall below 0.
    """
    return Sigmas(schedules.linear_quadratic(model.schedule, steps, threshold))


@node(category=CATEGORY, name="KLOptimalScheduler", display_name="KL Optimal Scheduler")
def kl_optimal_scheduler(model: Denoiser, steps: Steps = 20) -> Sigmas:
    """Levels whose arc tangent falls evenly, by Sabour et al. 2024."""
    return Sigmas(schedules.kl_optimal(model.schedule, steps))


NODES = (
    karras_scheduler,
    exponential_scheduler,
    polyexponential_scheduler,
    laplace_scheduler,
    vp_scheduler,
    beta_sampling_scheduler,
    sd_turbo_scheduler,
    align_your_steps_scheduler,
    linear_quadratic_scheduler,
    kl_optimal_scheduler,
)
