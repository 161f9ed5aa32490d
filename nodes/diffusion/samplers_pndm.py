"""PNDM: a Runge-Kutta start, then Adams-Bashforth.

See `samplers_base` for the notation and for what every sampler takes and returns.
"""

from torch import Tensor

from nodes.diffusion.quadrature import combine
from nodes.diffusion.samplers_base import Callback, Denoise, Noise, Run, slope
from nodes.diffusion.samplers_multistep import ADAMS_BASHFORTH

__all__ = ["sample_pndm"]


def sample_pndm(
    denoise: Denoise,
    x: Tensor,
    sigmas: Tensor,
    *,
    noise: Noise,
    callback: Callback | None = None,
) -> Tensor:
    """PNDM: Liu et al. 2022 (arXiv 2202.09778), algorithm 2 (PRK for three steps, then PLMS).

    Their transfer part, DDIM's step, is linear in σ. The middle of a step is that of its levels,
    since a sampler knows no times. Four calls in each of the first three steps, one in the others;
    order 2, for the weights are those of equal steps. The step to 0 returns the denoised sample.
    """
    run = Run(denoise, sigmas, callback)
    slopes: list[Tensor] = []  # newest first
    for i, sigma, sigma_next in run:
        denoised = run.at(i, x)
        if sigma_next == 0:
            return denoised
        slopes = [slope(x, denoised, sigma), *slopes[:3]]
        if len(slopes) < 4:
            d = _runge_kutta(run, x, slopes[0], sigma, sigma_next)
        else:
            d = combine(ADAMS_BASHFORTH[3], slopes)
        x = x + d * (sigma_next - sigma)
    return x


def _runge_kutta(run: Run, x: Tensor, first: Tensor, sigma: float, sigma_next: float) -> Tensor:
    """The mean slope of a classical Runge-Kutta step (their equation 13)."""
    middle = (sigma + sigma_next) / 2

    def ahead(d: Tensor, level: float) -> Tensor:
        y = x + d * (level - sigma)
        return slope(y, run(y, level), level)

    second = ahead(first, middle)
    third = ahead(second, middle)
    fourth = ahead(third, sigma_next)
    return (first + 2 * second + 2 * third + fourth) / 6
