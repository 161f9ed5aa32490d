"""Langevin dynamics, and the reverse-time SDEs of Song et al. with and without its corrections.

The score of the noisy data is (D(x, σ) - x) / σ². The variance-exploding SDE lives in x = x₀ + σ ε,
the variance-preserving one in y = x / √(1 + σ²), where ᾱ = 1 / (1 + σ²).

See `samplers_base` for the notation and for what every sampler takes and returns.
"""

import math

from torch import Tensor

from nodes.diffusion.samplers_base import Callback, Denoise, Noise, Run

__all__ = [
    "sample_annealed_langevin",
    "sample_euler_maruyama_ve",
    "sample_euler_maruyama_vp",
    "sample_pc_ve",
    "sample_pc_vp",
]


def _score(x: Tensor, denoised: Tensor, sigma: float) -> Tensor:
    return (denoised - x) / sigma**2


def sample_annealed_langevin(
    denoise: Denoise,
    x: Tensor,
    sigmas: Tensor,
    *,
    noise: Noise,
    callback: Callback | None = None,
    repeats: int = 5,
    step: float = 0.2,
) -> Tensor:
    """Annealed Langevin dynamics: Song and Ermon 2019 (arXiv 1907.05600), algorithm 1.

    `repeats` steps of α = `step` σ² at every level above 0 (their 100, and ε / σ_L² = 0.2), each
    with one call and one noise; `step` is in 0..2, beyond which they diverge. The step to 0 returns
    the denoised sample: Jolicoeur-Martineau et al. 2020 (arXiv 2009.05475).
    """
    run = Run(denoise, sigmas, callback)

    def moved(x: Tensor, denoised: Tensor, sigma: float) -> Tensor:
        alpha = step * sigma**2
        drift = alpha / 2 * _score(x, denoised, sigma)
        return x + drift + noise(sigma, sigma) * math.sqrt(alpha)

    for i, sigma, _ in run:
        x = moved(x, run.at(i, x), sigma)
        for _ in range(repeats - 1):
            x = moved(x, run(x, sigma), sigma)
    last = run.levels[-1]
    if last == 0:
        return run(x, run.levels[-2])
    for _ in range(repeats):
        x = moved(x, run(x, last), last)
    return x


def _ve_step(x: Tensor, denoised: Tensor, sigma: float, sigma_next: float, noise: Noise) -> Tensor:
    variance = sigma**2 - sigma_next**2
    drift = variance * _score(x, denoised, sigma)
    return x + drift + noise(sigma, sigma_next) * math.sqrt(variance)


def sample_euler_maruyama_ve(
    denoise: Denoise,
    x: Tensor,
    sigmas: Tensor,
    *,
    noise: Noise,
    callback: Callback | None = None,
) -> Tensor:
    """Euler-Maruyama on the reverse variance-exploding SDE, dx = -d[σ²] score + √d[σ²] dw.

    Song et al. 2021 (arXiv 2011.13456), equations 6 and 9. Weak order 1. The step to 0 returns the
    denoised sample.
    """
    return sample_pc_ve(denoise, x, sigmas, noise=noise, callback=callback, corrections=0)


def sample_pc_ve(
    denoise: Denoise,
    x: Tensor,
    sigmas: Tensor,
    *,
    noise: Noise,
    callback: Callback | None = None,
    corrections: int = 1,
    snr: float = 0.16,
) -> Tensor:
    """Predictor-corrector for the variance-exploding SDE: Song et al. 2021 (arXiv 2011.13456).

    Algorithm 2: a step of reverse diffusion, then `corrections` Langevin steps of the size that
    makes noise and drift stand as 1 to `snr` (their r), chosen for each picture. One call and one
    noise for each of both kinds of step. The step to 0 returns the denoised sample.
    """
    run = Run(denoise, sigmas, callback)
    for i, sigma, sigma_next in run:
        denoised = run.at(i, x)
        if sigma_next == 0:
            return denoised
        x = _ve_step(x, denoised, sigma, sigma_next, noise)
        for _ in range(corrections):
            score = _score(x, run(x, sigma_next), sigma_next)
            x = _corrected(x, score, noise(sigma_next, sigma_next), snr)
    return x


def _corrected(x: Tensor, score: Tensor, z: Tensor, snr: float, alpha: float = 1.0) -> Tensor:
    """A Langevin step of size 2 α (r |z| / |score|)², for each picture."""
    size = 2 * alpha * (snr * _length(z) / _length(score).clamp(min=1e-20)) ** 2
    return x + size * score + (2 * size).sqrt() * z


def _length(x: Tensor) -> Tensor:
    """The Euclidean length of each picture, [B, 1, ...]."""
    axes = tuple(range(1, x.ndim)) or (0,)
    return x.square().sum(axes, keepdim=True).sqrt()


def sample_euler_maruyama_vp(
    denoise: Denoise,
    x: Tensor,
    sigmas: Tensor,
    *,
    noise: Noise,
    callback: Callback | None = None,
) -> Tensor:
    """Euler-Maruyama on the reverse variance-preserving SDE.

    dy = -(y / 2 + score) β dt + √β dw: Song et al. 2021 (arXiv 2011.13456), equations 6 and 11,
    where β dt over a step is log (1 + σ²) / (1 + σ_next²). Weak order 1. The step to 0 returns the
    denoised sample.
    """
    run = Run(denoise, sigmas, callback)
    for i, sigma, sigma_next in run:
        denoised = run.at(i, x)
        if sigma_next == 0:
            return denoised
        beta = math.log1p(sigma**2) - math.log1p(sigma_next**2)
        scale, scale_next = math.hypot(1, sigma), math.hypot(1, sigma_next)
        y, score = x / scale, _score(x, denoised, sigma) * scale
        y = y + beta * (y / 2 + score) + noise(sigma, sigma_next) * math.sqrt(beta)
        x = y * scale_next
    return x


def sample_pc_vp(
    denoise: Denoise,
    x: Tensor,
    sigmas: Tensor,
    *,
    noise: Noise,
    callback: Callback | None = None,
    corrections: int = 1,
    snr: float = 0.16,
) -> Tensor:
    """Predictor-corrector for the variance-preserving SDE: Song et al. 2021 (arXiv 2011.13456).

    Algorithm 3, in which 1 - β of a step is the ratio of the ᾱ at its ends; else as
    `sample_pc_ve`.
    """
    run = Run(denoise, sigmas, callback)
    for i, sigma, sigma_next in run:
        denoised = run.at(i, x)
        if sigma_next == 0:
            return denoised
        scale, scale_next = math.hypot(1, sigma), math.hypot(1, sigma_next)
        alpha = (scale_next / scale) ** 2
        y, score = x / scale, _score(x, denoised, sigma) * scale
        y = (2 - math.sqrt(alpha)) * y + (1 - alpha) * score
        y = y + noise(sigma, sigma_next) * math.sqrt(1 - alpha)
        for _ in range(corrections):
            denoised = run(y * scale_next, sigma_next)
            score = _score(y * scale_next, denoised, sigma_next) * scale_next
            y = _corrected(y, score, noise(sigma_next, sigma_next), snr, alpha)
        x = y * scale_next
    return x
