"""Refined exponential solver in its multistep form.

See `samplers_base` for the notation and for what every sampler takes and returns.
"""

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
)

__all__ = ["sample_res_multistep", "sample_res_multistep_ancestral"]


def sample_res_multistep(
    denoise: Denoise,
    x: Tensor,
    sigmas: Tensor,
    *,
    noise: Noise,
    callback: Callback | None = None,
) -> Tensor:
    """RES, multistep: Zhang et al. 2023 (arXiv 2308.02157), with c₂ from the step before. Order 2.

    The first step, and the one to 0, are of order 1.
    """
    return sample_res_multistep_ancestral(
        denoise, x, sigmas, noise=noise, callback=callback, eta=0.0
    )


def sample_res_multistep_ancestral(
    denoise: Denoise,
    x: Tensor,
    sigmas: Tensor,
    *,
    noise: Noise,
    callback: Callback | None = None,
    eta: float = 1.0,
) -> Tensor:
    """`sample_res_multistep` down to σ_down, then noise up to σ_next; `eta` is the share of it."""
    run = Run(denoise, sigmas, callback)
    previous, h_previous = None, 0.0
    for i, sigma, sigma_next in run:
        down, up = ancestral_split(sigma, sigma_next, eta)
        denoised = run.at(i, x)
        h = log_level(down) - log_level(sigma)
        x = down / sigma * x + h_phi_1(h) * denoised
        if previous is not None and down > 0:
            x = x + h_phi_2(h) * (denoised - previous) * (h / h_previous)
        if up > 0:
            x = x + noise(sigma, sigma_next) * up
        previous, h_previous = denoised, h
    return x
