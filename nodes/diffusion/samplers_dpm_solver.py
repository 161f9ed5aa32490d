"""DPM-Solver: exponential integrators of the noise ε in λ = -log σ, with steps given or planned.

See `samplers_base` for the notation and for what every sampler takes and returns.
"""

import math

import torch
from torch import Tensor

from nodes.diffusion.samplers_base import Callback, Denoise, Noise, Run, log_level, slope

__all__ = [
    "dpm_solver_step",
    "ends_of",
    "sample_dpm_fast",
    "sample_dpm_solver_1",
    "sample_dpm_solver_2",
    "sample_dpm_solver_3",
]


def dpm_solver_step(
    run: Run, x: Tensor, eps: Tensor, start: float, end: float, order: int
) -> tuple[Tensor, Tensor]:
    """One step of DPM-Solver-`order` from λ `start` to `end`; and the result one order lower.

    Lu et al. 2022 (arXiv 2206.00927), algorithms 1 and 2 and equation 3.7, in x = x₀ + σ ε. `eps`
    is (x - D(x, σ)) / σ at the start. For order 1 both results are the same.
    """
    h = end - start

    def euler(r: float) -> Tensor:
        return x - math.exp(-(start + r * h)) * math.expm1(r * h) * eps

    def eps_at(r: float, y: Tensor) -> Tensor:
        sigma = math.exp(-(start + r * h))
        return slope(y, run(y, sigma), sigma)

    def bend(r: float) -> float:
        """σ (φ₁(r h) - 1): the weight of the slope's growth over the share r of the step."""
        return math.exp(-(start + r * h)) * (math.expm1(r * h) / (r * h) - 1)

    if order == 1:
        return euler(1), euler(1)
    if order == 2:
        growth = eps_at(1 / 2, euler(1 / 2)) - eps
        return euler(1) - math.exp(-end) * math.expm1(h) * growth, euler(1)
    growth = eps_at(1 / 3, euler(1 / 3)) - eps
    second = euler(1) - 3 / 2 * math.exp(-end) * math.expm1(h) * growth
    growth = eps_at(2 / 3, euler(2 / 3) - 2 * bend(2 / 3) * growth) - eps
    return euler(1) - 3 / 2 * bend(1) * growth, second


def ends_of(run: Run) -> tuple[float, float]:
    """λ at the first level and at the last above 0; the same for a ladder of one step to 0."""
    return log_level(run.levels[0]), log_level(run.levels[-1] or run.levels[-2])


def sample_dpm_fast(
    denoise: Denoise,
    x: Tensor,
    sigmas: Tensor,
    *,
    noise: Noise,
    callback: Callback | None = None,
) -> Tensor:
    """DPM-Solver-fast: Lu et al. 2022 (arXiv 2206.00927), section 3.4; orders 3, ..., and the rest.

    Takes from the ladder only its ends (the last level above 0) and its number of calls; its own
    steps are equal in λ. A ladder of one step to 0 gives the denoised sample.
    """
    run = Run(denoise, sigmas, callback)
    calls = len(run.levels) - 1
    ends = ends_of(run)
    if ends[0] == ends[1]:
        return run.at(0, x)
    count = calls // 3 + 1
    rest = [2, 1] if calls % 3 == 0 else [calls % 3]
    orders = [3] * (count - len(rest)) + rest
    times = torch.linspace(*ends, count + 1, dtype=torch.float64).tolist()
    for i, order in enumerate(orders):
        sigma = math.exp(-times[i])
        denoised = run(x, sigma)
        run.tell(sum(orders[:i]), x, denoised)
        eps = slope(x, denoised, sigma)
        x, _ = dpm_solver_step(run, x, eps, times[i], times[i + 1], order)
    return x


def _singlestep(run: Run, x: Tensor, order: int) -> Tensor:
    """DPM-Solver-`order` on every step of the ladder; the step to 0 is of order 1."""
    for i, sigma, sigma_next in run:
        denoised = run.at(i, x)
        if sigma_next == 0:
            return denoised
        eps = slope(x, denoised, sigma)
        x, _ = dpm_solver_step(run, x, eps, log_level(sigma), log_level(sigma_next), order)
    return x


def sample_dpm_solver_1(
    denoise: Denoise,
    x: Tensor,
    sigmas: Tensor,
    *,
    noise: Noise,
    callback: Callback | None = None,
) -> Tensor:
    """DPM-Solver-1: Lu et al. 2022 (arXiv 2206.00927), equation 3.7, which is DDIM. Order 1.

    One call a step; the step to 0 is of order 1.
    """
    return _singlestep(Run(denoise, sigmas, callback), x, 1)


def sample_dpm_solver_2(
    denoise: Denoise,
    x: Tensor,
    sigmas: Tensor,
    *,
    noise: Noise,
    callback: Callback | None = None,
) -> Tensor:
    """DPM-Solver-2: Lu et al. 2022 (arXiv 2206.00927), algorithm 1. Order 2.

    Two calls a step; the step to 0 is of order 1.
    """
    return _singlestep(Run(denoise, sigmas, callback), x, 2)


def sample_dpm_solver_3(
    denoise: Denoise,
    x: Tensor,
    sigmas: Tensor,
    *,
    noise: Noise,
    callback: Callback | None = None,
) -> Tensor:
    """DPM-Solver-3: Lu et al. 2022 (arXiv 2206.00927), algorithm 2. Order 3.

    Three calls a step; the step to 0 is of order 1.
    """
    return _singlestep(Run(denoise, sigmas, callback), x, 3)
