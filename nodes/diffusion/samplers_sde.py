"""Stochastic exponential integrators: the diffusion SDE instead of the probability-flow ODE.

In λ = -log σ the SDE of Lu et al. 2022 (arXiv 2211.01095) with a share η of the noise
is dx = (1 + η) (D - x) dλ + σ √(2 η) dw: η = 0 is the probability-flow ODE, 1 the reverse-time
SDE. Its linear part is solved exactly: a step of length h keeps e^{-(1 + η) h} of x.

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
    h_phi_2,
    h_phi_3,
    log_level,
)

__all__ = [
    "sample_dpmpp_2m_sde",
    "sample_dpmpp_2m_sde_heun",
    "sample_dpmpp_3m_sde",
    "sample_dpmpp_sde",
    "sample_seeds_2",
    "sample_seeds_3",
]


def _spread(h: float, eta: float) -> float:
    """√(1 - e^{-2 η h}): the noise a step of length h in λ adds, in units of σ_next."""
    return math.sqrt(-math.expm1(-2 * eta * h))


def _silence(sigma: float, sigma_next: float) -> Tensor:
    """Stands for the noise where none is to be drawn."""
    return torch.zeros(())


def sample_dpmpp_sde(
    denoise: Denoise,
    x: Tensor,
    sigmas: Tensor,
    *,
    noise: Noise,
    callback: Callback | None = None,
    eta: float = 1.0,
    r: float = 0.5,
) -> Tensor:
    """SDE-DPM-Solver++ in one step with a middle point: two calls and two noises a step.

    Lu et al. 2022 (arXiv 2211.01095), the stochastic form of algorithm 1, with the middle at the
    share `r` in 0..1 of the step in λ; the noise is added ancestrally, to the middle and to the
    end; variances converge with order 1 where the two are independent. The step to 0 is of order 1.
    """
    run = Run(denoise, sigmas, callback)
    for i, sigma, sigma_next in run:
        denoised = run.at(i, x)
        if sigma_next > 0:
            middle = math.sqrt(sigma * sigma_next) if r == 0.5 else sigma ** (1 - r) * sigma_next**r
            down, up = ancestral_split(sigma, middle, eta)
            halfway = denoised + down / sigma * (x - denoised)
            if up > 0:
                halfway = halfway + noise(sigma, middle) * up
            denoised = denoised + (run(halfway, middle) - denoised) / (2 * r)
        down, up = ancestral_split(sigma, sigma_next, eta)
        x = denoised + down / sigma * (x - denoised)
        if up > 0:
            x = x + noise(sigma, sigma_next) * up
    return x


def sample_dpmpp_2m_sde(
    denoise: Denoise,
    x: Tensor,
    sigmas: Tensor,
    *,
    noise: Noise,
    callback: Callback | None = None,
    eta: float = 1.0,
    heun: bool = False,
) -> Tensor:
    """SDE-DPM-Solver++(2M): Lu et al. 2022 (arXiv 2211.01095), the SDE form of algorithm 2.

    The growth of D is weighted as the midpoint rule does (φ₁ / 2), or with `heun` exactly (φ₂).
    The first step, and the one to 0, are of order 1.
    """
    run = Run(denoise, sigmas, callback)
    previous, h_previous = None, 0.0
    for i, sigma, sigma_next in run:
        denoised = run.at(i, x)
        if sigma_next == 0:
            return denoised
        h = log_level(sigma_next) - log_level(sigma)
        h_eta = (1 + eta) * h
        x = math.exp(-h_eta) * x + h_phi_1(h_eta) * denoised
        if previous is not None:
            growth = (denoised - previous) * (h / h_previous)
            x = x + (h_phi_2(h_eta) if heun else h_phi_1(h_eta) / 2) * growth
        if eta > 0:
            x = x + noise(sigma, sigma_next) * sigma_next * _spread(h, eta)
        previous, h_previous = denoised, h
    return x


def sample_dpmpp_2m_sde_heun(
    denoise: Denoise,
    x: Tensor,
    sigmas: Tensor,
    *,
    noise: Noise,
    callback: Callback | None = None,
    eta: float = 1.0,
) -> Tensor:
    """`sample_dpmpp_2m_sde` with the exact weight of a linearly growing D."""
    return sample_dpmpp_2m_sde(
        denoise, x, sigmas, noise=noise, callback=callback, eta=eta, heun=True
    )


def sample_dpmpp_3m_sde(
    denoise: Denoise,
    x: Tensor,
    sigmas: Tensor,
    *,
    noise: Noise,
    callback: Callback | None = None,
    eta: float = 1.0,
) -> Tensor:
    """SDE-DPM-Solver++(3M): Lu et al. 2022 (arXiv 2211.01095), with two earlier D.

    Weights of an exponential Adams method: D extrapolated by divided differences, φ₂ and φ₃. The
    first step, and the one to 0, are of order 1, the second of order 2.
    """
    run = Run(denoise, sigmas, callback)
    past: list[tuple[Tensor, float]] = []  # earlier D, newest first, and the step from it
    for i, sigma, sigma_next in run:
        denoised = run.at(i, x)
        if sigma_next == 0:
            return denoised
        h = log_level(sigma_next) - log_level(sigma)
        h_eta = (1 + eta) * h
        x = math.exp(-h_eta) * x + h_phi_1(h_eta) * denoised
        if past:
            d_1, h_1 = past[0]
            growth = (denoised - d_1) * (h / h_1)
            if len(past) == 2:
                d_2, h_2 = past[1]
                growth_1 = (d_1 - d_2) * (h / h_2)
                bend = (growth - growth_1) * (h / (h_1 + h_2))
                growth = growth + bend * (h_1 / h)
                x = x + h_phi_3(h_eta) * bend
            x = x + h_phi_2(h_eta) * growth
        if eta > 0:
            x = x + noise(sigma, sigma_next) * sigma_next * _spread(h, eta)
        past = [(denoised, h), *past[:1]]
    return x


def sample_seeds_2(
    denoise: Denoise,
    x: Tensor,
    sigmas: Tensor,
    *,
    noise: Noise,
    callback: Callback | None = None,
    eta: float = 1.0,
) -> Tensor:
    """SEEDS-2: Gonzalez et al. 2023 (arXiv 2305.14267) with a middle point r = 1/2.

    Two calls and two noises a step; the noise of the first half is part of the second's.
    """
    run = Run(denoise, sigmas, callback)
    draw = noise if eta > 0 else _silence
    for i, sigma, sigma_next in run:
        denoised = run.at(i, x)
        if sigma_next == 0:
            return denoised
        h = log_level(sigma_next) - log_level(sigma)
        h_eta = (1 + eta) * h
        middle = math.sqrt(sigma * sigma_next)
        halves = [draw(sigma, middle), draw(middle, sigma_next)]
        spread = _spread(h / 2, eta)

        halfway = math.exp(-h_eta / 2) * x + h_phi_1(h_eta / 2) * denoised
        halfway = halfway + halves[0] * spread * middle
        x = math.exp(-h_eta) * x + h_phi_1(h_eta) * run(halfway, middle)
        x = x + (halves[0] * math.exp(-eta * h / 2) + halves[1]) * spread * sigma_next
    return x


def sample_seeds_3(
    denoise: Denoise,
    x: Tensor,
    sigmas: Tensor,
    *,
    noise: Noise,
    callback: Callback | None = None,
    eta: float = 1.0,
) -> Tensor:
    """SEEDS-3: Gonzalez et al. 2023 (arXiv 2305.14267), points at thirds of the step.

    Three calls and three noises a step; the noise of a third is part of those that follow.
    Variances converge with order 2.
    """
    run = Run(denoise, sigmas, callback)
    draw = noise if eta > 0 else _silence
    for i, sigma, sigma_next in run:
        denoised = run.at(i, x)
        if sigma_next == 0:
            return denoised
        h = log_level(sigma_next) - log_level(sigma)
        h_eta = (1 + eta) * h
        levels = [sigma * (sigma_next / sigma) ** (part / 3) for part in range(4)]
        decay, spread = math.exp(-eta * h / 3), _spread(h / 3, eta)
        walk = [spread * draw(levels[part], levels[part + 1]) for part in range(3)]
        walk[1] = walk[0] * decay + walk[1]
        walk[2] = walk[1] * decay + walk[2]

        third = math.exp(-h_eta / 3) * x + h_phi_1(h_eta / 3) * denoised + walk[0] * levels[1]
        growth = (run(third, levels[1]) - denoised) * 2
        third = math.exp(-h_eta * 2 / 3) * x + h_phi_1(h_eta * 2 / 3) * denoised
        third = third + h_phi_2(h_eta * 2 / 3) * growth + walk[1] * levels[2]
        growth = (run(third, levels[2]) - denoised) * (3 / 2)
        x = math.exp(-h_eta) * x + h_phi_1(h_eta) * denoised
        x = x + h_phi_2(h_eta) * growth + walk[2] * sigma_next
    return x
