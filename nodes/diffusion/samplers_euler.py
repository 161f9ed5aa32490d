"""One-step methods on dx/dσ: Euler, Heun, midpoint, and their ancestral forms.

See `samplers_base` for the notation and for what every sampler takes and returns.
"""

import math

from torch import Tensor

from nodes.diffusion.samplers_base import Callback, Denoise, Noise, Run, ancestral_split, slope

__all__ = [
    "sample_ddim",
    "sample_ddpm",
    "sample_dpm_2",
    "sample_dpm_2_ancestral",
    "sample_euler",
    "sample_euler_ancestral",
    "sample_heun",
    "sample_heunpp2",
    "sample_lcm",
]


def sample_euler(
    denoise: Denoise,
    x: Tensor,
    sigmas: Tensor,
    *,
    noise: Noise,
    callback: Callback | None = None,
) -> Tensor:
    """Euler's method: Karras et al. 2022 (arXiv 2206.00364), algorithm 2 without churn. Order 1."""
    run = Run(denoise, sigmas, callback)
    for i, sigma, sigma_next in run:
        d = slope(x, run.at(i, x), sigma)
        x = x + d * (sigma_next - sigma)
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


def sample_ddpm(
    denoise: Denoise,
    x: Tensor,
    sigmas: Tensor,
    *,
    noise: Noise,
    callback: Callback | None = None,
) -> Tensor:
    """Ancestral sampling: Ho et al. 2020 (arXiv 2006.11239), algorithm 2 with variance β̃.

    With `sigmas` fewer than the training's levels, α_t is ᾱ_t / ᾱ_{t-1} of the levels visited.
    """
    run = Run(denoise, sigmas, callback)
    for i, sigma, sigma_next in run:
        bar, bar_next = 1 / (sigma**2 + 1), 1 / (sigma_next**2 + 1)
        alpha = bar / bar_next
        eps = slope(x, run.at(i, x), sigma)
        y = math.sqrt(bar) * x  # the paper's x_t, of unit variance
        y = (y - eps * (1 - alpha) / math.sqrt(1 - bar)) / math.sqrt(alpha)
        if sigma_next > 0:
            variance = (1 - bar_next) / (1 - bar) * (1 - alpha)
            y = y + noise(sigma, sigma_next) * math.sqrt(variance)
        x = y / math.sqrt(bar_next)
    return x


def sample_heun(
    denoise: Denoise,
    x: Tensor,
    sigmas: Tensor,
    *,
    noise: Noise,
    callback: Callback | None = None,
) -> Tensor:
    """Heun's method: Karras et al. 2022 (arXiv 2206.00364), algorithm 1. Order 2, two calls a step.

    The step to 0 is Euler's.
    """
    run = Run(denoise, sigmas, callback)
    for i, sigma, sigma_next in run:
        d = slope(x, run.at(i, x), sigma)
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


def sample_lcm(
    denoise: Denoise,
    x: Tensor,
    sigmas: Tensor,
    *,
    noise: Noise,
    callback: Callback | None = None,
) -> Tensor:
    """Multistep consistency sampling: Song et al. 2023 (arXiv 2303.01469), algorithm 1.

    For latent consistency models (Luo et al. 2023, arXiv 2310.04378): jump to the denoised sample,
    add noise of the next level.
    """
    run = Run(denoise, sigmas, callback)
    for i, sigma, sigma_next in run:
        x = run.at(i, x)
        if sigma_next > 0:
            x = x + noise(sigma, sigma_next) * sigma_next
    return x
