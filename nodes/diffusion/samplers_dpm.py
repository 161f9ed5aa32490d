"""DPM-Solver and DPM-Solver++: exponential integrators in λ = -log σ, deterministic or ancestral.

See `samplers_base` for the notation and for what every sampler takes and returns.
"""

import math

import torch
from torch import Tensor

from nodes.diffusion.samplers_base import (
    Callback,
    Denoise,
    Noise,
    Run,
    ancestral_split,
    h_phi_1,
    log_level,
    slope,
)

__all__ = [
    "sample_dpm_adaptive",
    "sample_dpm_fast",
    "sample_dpmpp_2m",
    "sample_dpmpp_2s_ancestral",
]


def sample_dpmpp_2m(
    denoise: Denoise,
    x: Tensor,
    sigmas: Tensor,
    *,
    noise: Noise,
    callback: Callback | None = None,
) -> Tensor:
    """DPM-Solver++(2M): Lu et al. 2022 (arXiv 2211.01095), algorithm 2. Order 2.

    The first step, and the one to 0, are of order 1.
    """
    run = Run(denoise, sigmas, callback)
    previous, h_previous = None, 0.0
    for i, sigma, sigma_next in run:
        denoised = run.at(i, x)
        h = log_level(sigma_next) - log_level(sigma)
        target = denoised
        if previous is not None and sigma_next > 0:
            r = h_previous / h
            target = denoised + (denoised - previous) / (2 * r)
        x = sigma_next / sigma * x + h_phi_1(h) * target
        previous, h_previous = denoised, h
    return x


def sample_dpmpp_2s_ancestral(
    denoise: Denoise,
    x: Tensor,
    sigmas: Tensor,
    *,
    noise: Noise,
    callback: Callback | None = None,
    eta: float = 1.0,
) -> Tensor:
    """DPM-Solver++(2S) down to σ_down, then noise up to σ_next.

    Lu et al. 2022 (arXiv 2211.01095), algorithm 1 with r = 1/2. Two calls a step; order 2 at
    `eta` 0. The step to 0 is of order 1.
    """
    run = Run(denoise, sigmas, callback)
    for i, sigma, sigma_next in run:
        down, up = ancestral_split(sigma, sigma_next, eta)
        denoised = run.at(i, x)
        h = log_level(down) - log_level(sigma)
        if down > 0:
            middle = math.sqrt(sigma * down)
            halfway = middle / sigma * x + h_phi_1(h / 2) * denoised
            denoised = run(halfway, middle)
        x = down / sigma * x + h_phi_1(h) * denoised
        if up > 0:
            x = x + noise(sigma, sigma_next) * up
    return x


def _dpm_solver_step(
    run: Run, x: Tensor, eps: Tensor, start: float, end: float, order: int
) -> tuple[Tensor, Tensor]:
    """One step of singlestep DPM-Solver from λ `start` to `end`; and the order-2 result within it.

    Lu et al. 2022 (arXiv 2206.00927), algorithms 1 and 2 and equation 3.7, in x = x₀ + σ ε. `eps`
    is (x - D(x, σ)) / σ at the start. For orders 1 and 2 both results are the same.
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
        result = euler(1) - math.exp(-end) * math.expm1(h) * growth
        return result, result
    growth = eps_at(1 / 3, euler(1 / 3)) - eps
    second = euler(1) - 3 / 2 * math.exp(-end) * math.expm1(h) * growth
    growth = eps_at(2 / 3, euler(2 / 3) - 2 * bend(2 / 3) * growth) - eps
    return euler(1) - 3 / 2 * bend(1) * growth, second


def _ends(run: Run) -> tuple[float, float]:
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
    ends = _ends(run)
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
        x, _ = _dpm_solver_step(run, x, eps, times[i], times[i + 1], order)
    return x


def sample_dpm_adaptive(
    denoise: Denoise,
    x: Tensor,
    sigmas: Tensor,
    *,
    noise: Noise,
    callback: Callback | None = None,
    rtol: float = 0.05,
    atol: float = 0.0078,
) -> Tensor:
    """DPM-Solver-23: Lu et al. 2022 (arXiv 2206.00927), appendix C. Three calls a step.

    Orders 2 and 3 side by side; the difference chooses the next step, and a step whose difference
    is too large is taken again. Takes from the ladder only its ends (the last level above 0). The
    error is that of the whole batch, so that pictures of one batch depend on each other. A ladder
    of one step to 0 gives the denoised sample.
    """
    run = Run(denoise, sigmas, callback)
    time, end = _ends(run)
    if time == end:
        return run.at(0, x)
    total, start, h = len(run.levels) - 1, time, 0.05
    previous = x
    while time < end - 1e-5:
        target = min(end, time + h)
        sigma = math.exp(-time)
        denoised = run(x, sigma)
        run.tell(int(total * (time - start) / (end - start)), x, denoised)
        eps = slope(x, denoised, sigma)
        third, second = _dpm_solver_step(run, x, eps, time, target, 3)
        scale = torch.maximum(second.abs(), previous.abs()).mul(rtol).clamp(min=atol)
        error = float(((second - third) / scale).square().mean().sqrt())
        # A bounded factor, as in Söderlind 2003 (digital filters in adaptive time-stepping).
        factor = 1 + math.atan((error + 1e-8) ** (-1 / 3) - 1)
        if factor >= 0.81:
            previous, x, time = second, third, target
        h *= factor
    return x
