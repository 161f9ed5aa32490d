"""SA-Solver: stochastic Adams methods, predictor and corrector.

See `samplers_base` for the notation and for what every sampler takes and returns.
"""

import math

import numpy as np
from torch import Tensor

from nodes.diffusion.quadrature import combine, gauss, lagrange_weights
from nodes.diffusion.samplers_base import Callback, Denoise, Noise, Run, log_level

__all__ = ["sample_sa_solver", "sample_sa_solver_pece"]

_NOISY = (0.57118893, 5.0924082)
"""Levels between which noise is injected: 80 % and 20 % of Stable Diffusion's schedule."""


def _adams(times: list[float], start: float, end: float, tau: float, past: list[Tensor]) -> Tensor:
    """(1 + τ²) ∫ e^{-(1 + τ²)(end - λ)} D(λ) dλ, D the polynomial through `past` at `times`."""
    rate = 1 + tau**2
    points, weight = gauss(start, end)
    weight = weight * rate * np.exp(-rate * (end - points))
    return combine(lagrange_weights(times, points, weight), past)


def sample_sa_solver(
    denoise: Denoise,
    x: Tensor,
    sigmas: Tensor,
    *,
    noise: Noise,
    callback: Callback | None = None,
    tau: float = 1.0,
    noisy: tuple[float, float] = _NOISY,
    orders: tuple[int, int] = (3, 4),
    pece: bool = False,
) -> Tensor:
    """SA-Solver: Xue et al. 2023 (arXiv 2309.05019), algorithm 1, data prediction.

    `tau` is the strength of the noise where a step's target lies in the levels `noisy`, and 0
    outside of them; `orders` are those of the predictor and the corrector, lower at both ends. With
    `pece` D is evaluated again at the corrected sample. The step to 0 returns the denoised sample.
    """
    run = Run(denoise, sigmas, callback)
    times = [log_level(level) for level in run.levels]
    left = len(run.levels) - 2 if run.levels[-1] == 0 else len(run.levels) + max(orders)
    past: list[Tensor] = []  # newest first
    predicted, base, kick, strength = x, x, None, 0.0
    for i, sigma, sigma_next in run:
        denoised = run.at(i, predicted)
        past = [denoised, *past[: max(orders) - 1]]
        x = predicted
        if i > 0 and (sigma_next > 0 or pece):
            order = min(orders[1], len(past), left + 1 - i)
            nodes = times[i::-1][:order]
            x = base + _adams(nodes, times[i - 1], times[i], strength, past[:order])
            if kick is not None:
                x = x + kick
            if pece:
                denoised = past[0] = run(x, sigma)
        if sigma_next == 0:
            return denoised
        strength = tau if noisy[0] <= sigma_next <= noisy[1] else 0.0
        h = times[i + 1] - times[i]
        base = math.exp(-(1 + strength**2) * h) * x
        order = min(orders[0], len(past), left - i)
        nodes = times[i::-1][:order]
        predicted = base + _adams(nodes, times[i], times[i + 1], strength, past[:order])
        kick = None
        if strength > 0:
            spread = sigma_next * math.sqrt(-math.expm1(-2 * strength**2 * h))
            kick = noise(sigma, sigma_next) * spread
            predicted = predicted + kick
    return predicted


def sample_sa_solver_pece(
    denoise: Denoise,
    x: Tensor,
    sigmas: Tensor,
    *,
    noise: Noise,
    callback: Callback | None = None,
    tau: float = 1.0,
    noisy: tuple[float, float] = _NOISY,
    orders: tuple[int, int] = (3, 4),
) -> Tensor:
    """`sample_sa_solver` that evaluates D again after each correction: two calls a step."""
    return sample_sa_solver(
        denoise,
        x,
        sigmas,
        noise=noise,
        callback=callback,
        tau=tau,
        noisy=noisy,
        orders=orders,
        pece=True,
    )
