"""Samplers that put the noise of every level in anew: DDPM, and consistency models.

See `samplers_base` for the notation and for what every sampler takes and returns.
"""

import math
from collections.abc import Callable

from torch import Tensor

from nodes.diffusion.samplers_base import Callback, Denoise, Noise, Run, slope
from nodes.diffusion.suggest import pick

__all__ = ["sample_consistency", "sample_ddpm", "sample_lcm"]


def _small(run: Run, index: int, x: Tensor) -> tuple[Tensor, float]:
    return run.at(index, x), 0.0


def _large(run: Run, index: int, x: Tensor) -> tuple[Tensor, float]:
    return run.at(index, x), 1.0


_VARIANCES: dict[str, Callable[[Run, int, Tensor], tuple[Tensor, Tensor | float]]] = {
    "small": _small,
    "large": _large,
    "learned": Run.with_variance,
}


def sample_ddpm(
    denoise: Denoise,
    x: Tensor,
    sigmas: Tensor,
    *,
    noise: Noise,
    callback: Callback | None = None,
    variance: str = "small",
) -> Tensor:
    """Ancestral sampling: Ho et al. 2020 (arXiv 2006.11239), algorithm 2. Weak order 1.

    With `sigmas` fewer than the training's levels, α_t is ᾱ_t / ᾱ_{t-1} of the levels visited and
    β_t = 1 - α_t. The `variance` of a step is one of

    - small: β̃_t = β_t (1 - ᾱ_{t-1}) / (1 - ᾱ_t), best for data that is one point;
    - large: β_t, best for data that is unit Gaussian noise;
    - learned: the network says where in between, log β̃_t + v (log β_t - log β̃_t), as in Nichol
      and Dhariwal 2021 (arXiv 2102.09672), equation 15.

    Raises ValueError for another `variance`, and for `learned` with a network that tells none.
    """
    run = Run(denoise, sigmas, callback)
    spread = pick("variance", variance, _VARIANCES)
    for i, sigma, sigma_next in run:
        bar, bar_next = 1 / (sigma**2 + 1), 1 / (sigma_next**2 + 1)
        alpha = bar / bar_next
        denoised, share = spread(run, i, x)
        eps = slope(x, denoised, sigma)
        y = math.sqrt(bar) * x  # the paper's x_t, of unit variance
        y = (y - eps * (1 - alpha) / math.sqrt(1 - bar)) / math.sqrt(alpha)
        if sigma_next > 0:
            ratio = (1 - bar_next) / (1 - bar)
            deviation = math.sqrt(1 - alpha) * ratio ** ((1 - share) / 2)
            y = y + noise(sigma, sigma_next) * deviation
        x = y / math.sqrt(bar_next)
    return x


def sample_lcm(
    denoise: Denoise,
    x: Tensor,
    sigmas: Tensor,
    *,
    noise: Noise,
    callback: Callback | None = None,
    floor: float = 0.0,
) -> Tensor:
    """Multistep consistency sampling: Song et al. 2023 (arXiv 2303.01469), algorithm 1.

    For latent consistency models (Luo et al. 2023, arXiv 2310.04378): jump to the denoised sample,
    add noise of the next level. `floor` is the level (their ε) that the denoised sample is at, 0
    for those models.
    """
    run = Run(denoise, sigmas, callback)
    for i, sigma, sigma_next in run:
        x = run.at(i, x)
        if sigma_next > floor:
            x = x + noise(sigma, sigma_next) * math.sqrt(sigma_next**2 - floor**2)
    return x


def sample_consistency(
    denoise: Denoise,
    x: Tensor,
    sigmas: Tensor,
    *,
    noise: Noise,
    callback: Callback | None = None,
    floor: float = 0.002,
) -> Tensor:
    """`sample_lcm` for models trained down to a level `floor` above 0, 0.002 as the paper's."""
    return sample_lcm(denoise, x, sigmas, noise=noise, callback=callback, floor=floor)
