"""Linear multistep methods: slopes of earlier steps in place of further network calls.

See `samplers_base` for the notation and for what every sampler takes and returns.
"""

import math
from itertools import pairwise

import numpy as np
from torch import Tensor

from nodes.diffusion.quadrature import Floats, combine, gauss, lagrange_weights
from nodes.diffusion.samplers_base import Callback, Denoise, Noise, Run, slope

__all__ = [
    "ADAMS_BASHFORTH",
    "sample_deis",
    "sample_gradient_estimation",
    "sample_ipndm",
    "sample_ipndm_v",
    "sample_lms",
]

ADAMS_BASHFORTH = (
    (1.0,),
    (3 / 2, -1 / 2),
    (23 / 12, -16 / 12, 5 / 12),
    (55 / 24, -59 / 24, 37 / 24, -9 / 24),
)


def sample_lms(
    denoise: Denoise,
    x: Tensor,
    sigmas: Tensor,
    *,
    noise: Noise,
    callback: Callback | None = None,
    order: int = 4,
) -> Tensor:
    """Adams-Bashforth in σ with the exact weights of unequal steps, of order up to `order`.

    Liu et al. 2022 (arXiv 2202.09778), on the ODE of Karras et al. The step to 0 returns
    the denoised sample.
    """
    run = Run(denoise, sigmas, callback)
    slopes: list[Tensor] = []  # newest first, as are the levels they belong to
    for i, sigma, sigma_next in run:
        denoised = run.at(i, x)
        if sigma_next == 0:
            return denoised
        slopes = [slope(x, denoised, sigma), *slopes[: order - 1]]
        levels = run.levels[i::-1][: len(slopes)]
        x = x + combine(lagrange_weights(levels, *gauss(sigma, sigma_next)), slopes)
    return x


def sample_ipndm(
    denoise: Denoise,
    x: Tensor,
    sigmas: Tensor,
    *,
    noise: Noise,
    callback: Callback | None = None,
) -> Tensor:
    """iPNDM: Zhang and Chen 2022 (arXiv 2204.13902), after Liu et al. (2202.09778).

    Adams-Bashforth of order up to 4 with the weights of equal steps, whatever the ladder. The step
    to 0 returns the denoised sample.
    """
    run = Run(denoise, sigmas, callback)
    slopes: list[Tensor] = []
    for i, sigma, sigma_next in run:
        denoised = run.at(i, x)
        if sigma_next == 0:
            return denoised
        slopes = [slope(x, denoised, sigma), *slopes[:3]]
        x = x + combine(ADAMS_BASHFORTH[len(slopes) - 1], slopes) * (sigma_next - sigma)
    return x


def _ipndm_v_weights(h: list[float]) -> list[float]:
    """Weights per unit step from the last steps, newest first.

    As `sample_ipndm_v` is known: not quite those of `sample_lms`. The second-order term agrees with
    them, that of the third (`bend`) and fourth (`twist`) slope only for equal steps.
    """
    r = [newer / older for newer, older in pairwise(h)]
    if not r:
        return [1.0]
    weights = [1 + r[0] / 2, -r[0] / 2]
    if len(r) >= 2:
        two, older = h[0] + h[1], h[1] + h[2]
        bend = (1 - h[0] ** 2 / (3 * h[1] * older)) / 2
        weights = [weights[0] + bend, weights[1] - (1 + r[1]) * bend, r[1] * bend]
    if len(r) == 3:
        three = h[0] + h[1] + h[2]
        share = (1 - h[0] / (3 * two)) / 2 + (1 - h[0] / (2 * two)) * h[0] / (6 * three)
        twist = share * h[0] * two * three / (h[1] * older * (older + h[3]))
        q = h[1] * older / (h[2] * (h[2] + h[3]))
        # Consistency asks for h[2] / h[3] in the last weight; the field has r[1].
        turns = [1.0, -(1 + r[1] + q), r[1] + q * (1 + r[2]), -q * r[1]]
        weights = [w + twist * t for w, t in zip([*weights, 0.0], turns, strict=True)]
    return weights


def sample_ipndm_v(
    denoise: Denoise,
    x: Tensor,
    sigmas: Tensor,
    *,
    noise: Noise,
    callback: Callback | None = None,
) -> Tensor:
    """iPNDM for unequal steps: Zhou et al. 2023 (arXiv 2312.00094), after `sample_ipndm`.

    Keeps the weights that users' pictures were made with, which depart from Adams-Bashforth where
    steps are unequal (`sample_lms` has the exact ones): order 4 for equal steps, else less. The
    step to 0 returns the denoised sample.
    """
    run = Run(denoise, sigmas, callback)
    slopes: list[Tensor] = []
    steps: list[float] = []
    for i, sigma, sigma_next in run:
        denoised = run.at(i, x)
        if sigma_next == 0:
            return denoised
        slopes = [slope(x, denoised, sigma), *slopes[:3]]
        steps = [sigma_next - sigma, *steps[:3]]
        x = x + combine(_ipndm_v_weights(steps), slopes) * steps[0]
    return x


_VP_SPAN = (0.002, 80.0)
"""Levels at t = 0.001 and 1 of the variance-preserving SDE whose time DEIS interpolates in."""


def _vp_betas() -> tuple[float, float]:
    low, high = (math.log(sigma**2 + 1) for sigma in _VP_SPAN)
    beta_d = 2 * (low / 1e-3 - high) / (1e-3 - 1)
    return high - beta_d / 2, beta_d


def _deis_weights(levels: list[float], sigma_next: float, points: int = 10_000) -> list[float]:
    """∫ L_j(t) (dσ/dt) dt over the step, for polynomials through t(levels), newest first.

    log(1 + σ²) = β_min t + β_d t² / 2: Song et al. 2020 (arXiv 2011.13456), appendix C. The
    integral is the mean over equally spaced times, as in the authors' code.
    """
    beta_min, beta_d = _vp_betas()

    def time(sigma: float) -> float:
        root = math.sqrt(beta_min**2 + 2 * beta_d * math.log(sigma**2 + 1))
        return (root - beta_min) / beta_d

    start, end = time(levels[0]), time(sigma_next)
    t: Floats = np.linspace(start, end, points)
    growth = np.exp(beta_min * t + beta_d * t**2 / 2)
    speed = growth * (beta_min + beta_d * t) / (2 * np.sqrt(growth - 1))
    return lagrange_weights([time(level) for level in levels], t, speed * (end - start) / points)


def sample_deis(
    denoise: Denoise,
    x: Tensor,
    sigmas: Tensor,
    *,
    noise: Noise,
    callback: Callback | None = None,
    order: int = 3,
) -> Tensor:
    """tAB-DEIS: Zhang and Chen 2022 (arXiv 2204.13902), algorithm 1, of order up to `order`.

    Adams-Bashforth with polynomials in the time of a variance-preserving SDE. The first step is
    Euler's; the step to 0 returns the denoised sample.
    """
    run = Run(denoise, sigmas, callback)
    slopes: list[Tensor] = []
    for i, sigma, sigma_next in run:
        denoised = run.at(i, x)
        if sigma_next == 0:
            return denoised
        slopes = [slope(x, denoised, sigma), *slopes[: order - 1]]
        levels = run.levels[i::-1][: len(slopes)]
        one = len(slopes) == 1
        weights = [sigma_next - sigma] if one else _deis_weights(levels, sigma_next)
        x = x + combine(weights, slopes)
    return x


def sample_gradient_estimation(
    denoise: Denoise,
    x: Tensor,
    sigmas: Tensor,
    *,
    noise: Noise,
    callback: Callback | None = None,
    gamma: float = 2.0,
) -> Tensor:
    """Gradient estimation: Permenter and Yuan 2023 (arXiv 2306.04848), algorithm 2.

    Euler with the slope γ d + (1 - γ) d_previous; order 1. The step to 0 returns the denoised
    sample.
    """
    run = Run(denoise, sigmas, callback)
    previous = None
    for i, sigma, sigma_next in run:
        denoised = run.at(i, x)
        if sigma_next == 0:
            return denoised
        d = slope(x, denoised, sigma)
        estimate = d if previous is None else gamma * d + (1 - gamma) * previous
        x = x + estimate * (sigma_next - sigma)
        previous = d
    return x
