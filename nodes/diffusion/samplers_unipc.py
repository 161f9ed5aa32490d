"""UniPC: a predictor and a corrector of one form, sharing every network call.

See `samplers_base` for the notation and for what every sampler takes and returns.
"""

import math

import numpy as np
from torch import Tensor

from nodes.diffusion.samplers_base import Callback, Denoise, Noise, Run, h_phi_1, log_level

__all__ = ["sample_uni_pc", "sample_uni_pc_bh2"]

_FLOOR = 0.001


def sample_uni_pc(
    denoise: Denoise,
    x: Tensor,
    sigmas: Tensor,
    *,
    noise: Noise,
    callback: Callback | None = None,
    order: int = 3,
) -> Tensor:
    """UniPC-3 with B₁(h) = h: Zhao et al. 2023 (arXiv 2302.04867), multistep, data prediction.

    A ladder that ends at 0 is run to 0.001 instead, since its steps are in log σ.
    """
    return _uni_pc(Run(denoise, sigmas, callback), x, order, bh2=False)


def sample_uni_pc_bh2(
    denoise: Denoise,
    x: Tensor,
    sigmas: Tensor,
    *,
    noise: Noise,
    callback: Callback | None = None,
    order: int = 3,
) -> Tensor:
    """`sample_uni_pc` with B₂(h) = e^h - 1, better at very few steps."""
    return _uni_pc(Run(denoise, sigmas, callback), x, order, bh2=True)


def _weights(ratios: list[float], h: float, bh2: bool) -> list[float]:
    """a_m B(h) for D at λ + r_m h: what the differences D_m / r_m are combined with.

    They solve Σ_m r_m^{k-1} a_m B(h) = k! h φ_{k+1}(-h). With one point a = 1/2, as in the paper.
    """
    scale = h_phi_1(h) if bh2 else h
    if len(ratios) == 1:
        return [scale / 2]
    matrix = [[ratio**power for ratio in ratios] for power in range(len(ratios))]
    sides, phi = [], h_phi_1(h) / h
    for k in range(1, len(ratios) + 1):
        phi = (1 / math.factorial(k) - phi) / h  # φ_{k+1}(-h) from φ_k(-h)
        sides.append(math.factorial(k) * phi * h / scale)
    return [float(weight) * scale for weight in np.linalg.solve(matrix, sides)]


def _uni_pc(run: Run, x: Tensor, order: int, bh2: bool) -> Tensor:
    levels = [level or _FLOOR for level in run.levels]
    steps = len(levels) - 1
    past = [run.at(0, x)]  # D at earlier levels, newest first
    for step in range(1, steps + 1):
        now, target = log_level(levels[step - 1]), log_level(levels[step])
        h = target - now
        points = min(order, step, steps + 1 - step)  # lower orders at both ends
        ratios = [(log_level(levels[step - 1 - k]) - now) / h for k in range(1, points)]
        changes = [(past[k] - past[0]) / r for k, r in enumerate(ratios, start=1)]
        base = math.exp(-h) * x + h_phi_1(h) * past[0]

        x = base
        if ratios:
            for weight, change in zip(_weights(ratios, h, bh2), changes, strict=True):
                x = x + weight * change
        if step == steps:
            break
        denoised = run.at(step, x)

        x = base
        changes.append(denoised - past[0])
        for weight, change in zip(_weights([*ratios, 1.0], h, bh2), changes, strict=True):
            x = x + weight * change
        past = [denoised, *past[: order - 1]]
    return x
