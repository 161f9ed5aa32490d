"""One-step methods on dx/dσ: Euler, Heun, midpoint, and their ancestral forms.

See `samplers_base` for the notation and for what every sampler takes and returns.
"""

import math

from torch import Tensor

from nodes.diffusion.samplers_base import (
    Callback,
    Denoise,
    Noise,
    Run,
    ancestral_split,
    churned,
    slope,
)

__all__ = [
    "sample_ddim",
    "sample_dpm_2",
    "sample_dpm_2_ancestral",
    "sample_euler",
    "sample_euler_ancestral",
    "sample_heun",
    "sample_heunpp2",
]


def sample_euler(
    denoise: Denoise,
    x: Tensor,
    sigmas: Tensor,
    *,
    noise: Noise,
    callback: Callback | None = None,
    s_churn: float = 0.0,
    s_tmin: float = 0.0,
    s_tmax: float = math.inf,
) -> Tensor:
    """Euler's method: Karras et al. 2022 (arXiv 2206.00364), algorithm 2. Order 1.

    For `s_churn` see `churned`; without it this is the deterministic sampler.
    """
    run = Run(denoise, sigmas, callback)
    for i, _, sigma_next in run:
        x, sigma, denoised = churned(run, i, x, noise, s_churn, s_tmin, s_tmax)
        x = x + slope(x, denoised, sigma) * (sigma_next - sigma)
    return x


def sample_euler_ancestral(
    denoise: Denoise,
    x: Tensor,
    sigmas: Tensor,
    *,
    noise: Noise,
    callback: Callback | None = None,
    eta: float = 1.0,
) -> Tensor:
    """Euler down to σ_down, then noise up to σ_next.

    The ancestral sampling of Ho et al. 2020 (arXiv 2006.11239) in the coordinates of Karras et al.
    `eta` 0 gives Euler, 1 the full posterior variance.
    """
    run = Run(denoise, sigmas, callback)
    for i, sigma, sigma_next in run:
        down, up = ancestral_split(sigma, sigma_next, eta)
        d = slope(x, run.at(i, x), sigma)
        x = x + d * (down - sigma)
        if up > 0:
            x = x + noise(sigma, sigma_next) * up
    return x


def sample_ddim(
    denoise: Denoise,
    x: Tensor,
    sigmas: Tensor,
    *,
    noise: Noise,
    callback: Callback | None = None,
    eta: float = 0.0,
) -> Tensor:
    """DDIM: Song et al. 2020 (arXiv 2010.02502), equation 12.

    With x / √ᾱ for x it is Euler's method (their equation 14), and with `eta` in 0..1 its ancestral
    form with that share of noise.
    """
    return sample_euler_ancestral(denoise, x, sigmas, noise=noise, callback=callback, eta=eta)


def sample_heun(
    denoise: Denoise,
    x: Tensor,
    sigmas: Tensor,
    *,
    noise: Noise,
    callback: Callback | None = None,
    s_churn: float = 0.0,
    s_tmin: float = 0.0,
    s_tmax: float = math.inf,
) -> Tensor:
    """Heun's method: Karras et al. 2022 (arXiv 2206.00364), algorithm 2. Order 2, two calls a step.

    The step to 0 is Euler's. For `s_churn` see `churned`; without it this is their algorithm 1.
    """
    run = Run(denoise, sigmas, callback)
    for i, _, sigma_next in run:
        x, sigma, denoised = churned(run, i, x, noise, s_churn, s_tmin, s_tmax)
        d = slope(x, denoised, sigma)
        ahead = x + d * (sigma_next - sigma)
        if sigma_next > 0:
            d = (d + slope(ahead, run(ahead, sigma_next), sigma_next)) / 2
            ahead = x + d * (sigma_next - sigma)
        x = ahead
    return x


def sample_heunpp2(
    denoise: Denoise,
    x: Tensor,
    sigmas: Tensor,
    *,
    noise: Noise,
    callback: Callback | None = None,
) -> Tensor:
    """Heun++: slopes at this level and up to two levels further on, weighted by σ / σ_max.

    From the field's practice, without a paper. The weights are not those of a Runge-Kutta method,
    so the order is 1; the last two steps see only the levels that are left above 0.
    """
    run = Run(denoise, sigmas, callback)
    top = run.levels[0]
    for i, sigma, sigma_next in run:
        first = d = total = slope(x, run.at(i, x), sigma)
        ahead, level = x, sigma
        further = [later for later in run.levels[i + 1 : i + 3] if later > 0]
        for later in further:
            ahead = ahead + d * (later - level)
            d = slope(ahead, run(ahead, later), later)
            level = later
            share = later / (top * (len(further) + 1))
            total = total + (d - first) * share
        x = x + total * (sigma_next - sigma)
    return x


def sample_dpm_2(
    denoise: Denoise,
    x: Tensor,
    sigmas: Tensor,
    *,
    noise: Noise,
    callback: Callback | None = None,
) -> Tensor:
    """Midpoint method, the middle in log σ, as in DPM-Solver-2.

    Lu et al. 2022 (arXiv 2206.00927), algorithm 1, with steps in σ as Karras et al. take them.
    Order 2, two calls a step; the step to 0 is Euler's.
    """
    return sample_dpm_2_ancestral(denoise, x, sigmas, noise=noise, callback=callback, eta=0.0)


def sample_dpm_2_ancestral(
    denoise: Denoise,
    x: Tensor,
    sigmas: Tensor,
    *,
    noise: Noise,
    callback: Callback | None = None,
    eta: float = 1.0,
) -> Tensor:
    """`sample_dpm_2` down to σ_down, then noise up to σ_next; `eta` in 0..1 is the share of it."""
    run = Run(denoise, sigmas, callback)
    for i, sigma, sigma_next in run:
        down, up = ancestral_split(sigma, sigma_next, eta)
        d = slope(x, run.at(i, x), sigma)
        if down > 0:
            middle = math.sqrt(sigma * down)
            halfway = x + d * (middle - sigma)
            d = slope(halfway, run(halfway, middle), middle)
        x = x + d * (down - sigma)
        if up > 0:
            x = x + noise(sigma, sigma_next) * up
    return x
