"""DPM-Solver++: exponential integrators of D in λ = -log σ, deterministic or ancestral.

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
    h_phi_1,
    log_level,
)

__all__ = ["sample_dpmpp_2m", "sample_dpmpp_2s_ancestral"]


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
