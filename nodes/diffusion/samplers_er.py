"""Extended reverse-time SDEs: noise between none and that of the reverse SDE, and beyond.

See `samplers_base` for the notation and for what every sampler takes and returns.
"""

import math
from collections.abc import Callable

from torch import Tensor

from nodes.diffusion.samplers_base import Callback, Denoise, Noise, Run
from nodes.diffusion.suggest import pick

__all__ = ["sample_er_sde"]

_SCALES: dict[str, Callable[[float, float], float]] = {
    "er_sde": lambda sigma, eta: sigma * (math.exp(sigma**0.3) + 10),
    "reverse_sde": lambda sigma, eta: sigma ** (1 + eta),
    "ode": lambda sigma, eta: sigma,
}
"""φ(σ) of a kind of noise: the authors' ER-SDE-5, the reverse SDE with a share of it, the ODE."""


def sample_er_sde(
    denoise: Denoise,
    x: Tensor,
    sigmas: Tensor,
    *,
    noise: Noise,
    callback: Callback | None = None,
    kind: str = "er_sde",
    eta: float = 1.0,
    stages: int = 3,
    points: int = 200,
) -> Tensor:
    """ER-SDE-Solver for variance-exploding diffusion: Cui et al. 2023 (arXiv 2309.06169).

    Of order `stages` (1 to 3). `kind` is the noise: `er_sde` as the authors chose it, `reverse_sde`
    that of the reverse SDE with the share `eta`, `ode` none. D is expanded in σ by divided
    differences; the integrals of 1 / φ are sums over `points` left ends, as in the authors' code.
    The step to 0 returns the denoised sample. Raises ValueError for an unknown `kind`.
    """
    run = Run(denoise, sigmas, callback)
    scale = pick("kind of noise", kind, _SCALES)
    past: list[Tensor] = []  # D, then its first divided difference, at the level before
    for i, sigma, sigma_next in run:
        denoised = run.at(i, x)
        if sigma_next == 0:
            return denoised
        there = scale(sigma_next, eta)
        h, keep = sigma_next - sigma, there / scale(sigma, eta)
        x = keep * x + (1 - keep) * denoised
        width = -h / points
        grid = [sigma_next + step * width for step in range(points)]
        now = [denoised]
        if past and stages > 1:
            integral = sum(width / scale(s, eta) for s in grid)
            now.append((denoised - past[0]) / (sigma - run.levels[i - 1]))
            x = x + (h + integral * there) * now[1]
        if len(past) == 2 and stages > 2:
            integral = sum(width * (s - sigma) / scale(s, eta) for s in grid)
            second = 2 * (now[1] - past[1]) / (sigma - run.levels[i - 2])
            x = x + (h**2 / 2 + integral * there) * second
        variance = sigma_next**2 - (sigma * keep) ** 2
        if variance > 1e-14 * sigma_next**2:
            x = x + noise(sigma, sigma_next) * math.sqrt(variance)
        past = now
    return x
