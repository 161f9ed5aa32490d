"""CFG++: the guided sample with the noise of the unconditional one.

Chung et al. 2024 (arXiv 2406.08070), algorithm 2: step to D_guided, and add back noise along the
slope (x - D_uncond) / σ instead of (x - D_guided) / σ. Guidance then stays on the data manifold at
scales of 1 to 2. The `denoise` given must be a `GuidedDenoise`, or ValueError is raised.

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
    h_phi_2,
    log_level,
    slope,
)

__all__ = [
    "sample_dpmpp_2m_cfg_pp",
    "sample_dpmpp_2s_ancestral_cfg_pp",
    "sample_euler_ancestral_cfg_pp",
    "sample_euler_cfg_pp",
    "sample_gradient_estimation_cfg_pp",
    "sample_res_multistep_ancestral_cfg_pp",
    "sample_res_multistep_cfg_pp",
]


def sample_euler_cfg_pp(
    denoise: Denoise,
    x: Tensor,
    sigmas: Tensor,
    *,
    noise: Noise,
    callback: Callback | None = None,
) -> Tensor:
    """Euler's method with CFG++ (arXiv 2406.08070, algorithm 2)."""
    return sample_euler_ancestral_cfg_pp(
        denoise, x, sigmas, noise=noise, callback=callback, eta=0.0
    )


def sample_euler_ancestral_cfg_pp(
    denoise: Denoise,
    x: Tensor,
    sigmas: Tensor,
    *,
    noise: Noise,
    callback: Callback | None = None,
    eta: float = 1.0,
) -> Tensor:
    """`sample_euler_ancestral` with CFG++."""
    run = Run(denoise, sigmas, callback)
    for i, sigma, sigma_next in run:
        down, up = ancestral_split(sigma, sigma_next, eta)
        denoised, uncond = run.guided(i, x)
        x = denoised + slope(x, uncond, sigma) * down
        if up > 0:
            x = x + noise(sigma, sigma_next) * up
    return x


def sample_dpmpp_2s_ancestral_cfg_pp(
    denoise: Denoise,
    x: Tensor,
    sigmas: Tensor,
    *,
    noise: Noise,
    callback: Callback | None = None,
    eta: float = 1.0,
) -> Tensor:
    """`sample_dpmpp_2s_ancestral` with CFG++, from x moved by D_guided - D_uncond.

    As users know it, the second move takes D_uncond of the middle of the step and D_guided of its
    start, so that it does not converge to the plain sampler even where the two are the same.
    """
    run = Run(denoise, sigmas, callback)
    for i, sigma, sigma_next in run:
        down, up = ancestral_split(sigma, sigma_next, eta)
        denoised, uncond = run.guided(i, x)
        if down == 0:
            x = denoised
        else:
            h = log_level(down) - log_level(sigma)
            middle = math.sqrt(sigma * down)
            halfway = middle / sigma * (x + denoised - uncond) + h_phi_1(h / 2) * denoised
            target, uncond = run.guided_at(halfway, middle)
            x = down / sigma * (x + denoised - uncond) + h_phi_1(h) * target
        if up > 0:
            x = x + noise(sigma, sigma_next) * up
    return x


def sample_dpmpp_2m_cfg_pp(
    denoise: Denoise,
    x: Tensor,
    sigmas: Tensor,
    *,
    noise: Noise,
    callback: Callback | None = None,
) -> Tensor:
    """`sample_dpmpp_2m` with CFG++: extrapolated from the last unconditional prediction."""
    run = Run(denoise, sigmas, callback)
    previous, h_previous = None, 0.0
    for i, sigma, sigma_next in run:
        denoised, uncond = run.guided(i, x)
        h = log_level(sigma_next) - log_level(sigma)
        x = denoised + slope(x, uncond, sigma) * sigma_next
        if previous is not None and sigma_next > 0:
            growth = (denoised - previous) * (h / h_previous)
            x = x + h_phi_1(h) * growth / 2
        previous, h_previous = uncond, h
    return x


def sample_res_multistep_cfg_pp(
    denoise: Denoise,
    x: Tensor,
    sigmas: Tensor,
    *,
    noise: Noise,
    callback: Callback | None = None,
) -> Tensor:
    """`sample_res_multistep` with CFG++."""
    return sample_res_multistep_ancestral_cfg_pp(
        denoise, x, sigmas, noise=noise, callback=callback, eta=0.0
    )


def sample_res_multistep_ancestral_cfg_pp(
    denoise: Denoise,
    x: Tensor,
    sigmas: Tensor,
    *,
    noise: Noise,
    callback: Callback | None = None,
    eta: float = 1.0,
) -> Tensor:
    """`sample_res_multistep_ancestral` with CFG++: the unconditional D extrapolated."""
    run = Run(denoise, sigmas, callback)
    previous, h_previous = None, 0.0
    for i, sigma, sigma_next in run:
        down, up = ancestral_split(sigma, sigma_next, eta)
        denoised, uncond = run.guided(i, x)
        h = log_level(down) - log_level(sigma)
        if previous is None or down == 0:
            x = denoised + slope(x, uncond, sigma) * down
        else:
            growth = (uncond - previous) * (h / h_previous)
            x = down / sigma * (x + denoised - uncond) + h_phi_1(h) * uncond
            x = x + h_phi_2(h) * growth
        if up > 0:
            x = x + noise(sigma, sigma_next) * up
        previous, h_previous = uncond, h
    return x


def sample_gradient_estimation_cfg_pp(
    denoise: Denoise,
    x: Tensor,
    sigmas: Tensor,
    *,
    noise: Noise,
    callback: Callback | None = None,
    gamma: float = 2.0,
) -> Tensor:
    """`sample_gradient_estimation` with CFG++."""
    run = Run(denoise, sigmas, callback)
    previous = None
    for i, sigma, sigma_next in run:
        denoised, uncond = run.guided(i, x)
        if sigma_next == 0:
            return denoised
        d = slope(x, uncond, sigma)
        x = denoised + d * sigma_next
        if previous is not None:
            x = x + (gamma - 1) * (d - previous) * (sigma_next - sigma)
        previous = d
    return x
