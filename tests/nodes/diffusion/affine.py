"""What a sampler does to Gaussian data, exactly: no sampling error in mean and variance.

The exact denoiser is affine, so that a run is an affine function of its start and of each draw.
Running it on that basis (mean, start, draw 1, draw 2, ...) gives the distribution of the result:
the first coefficient is its mean, the others' squares sum to its variance.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from nodes.diffusion.samplers import Sampler
from tests.nodes.diffusion.analytic import GaussianDenoiser


@dataclass(frozen=True)
class Reached:
    """Mean and variance that a sampler reaches, and how many draws it took."""

    mean: float
    variance: float
    draws: int


def distribution(
    sampler: Sampler, sigmas: Tensor, data: GaussianDenoiser, draws: int = 3
) -> Reached:
    """Where a sampler that is affine for this data ends, with up to `draws` draws a step."""
    size = 2 + draws * len(sigmas)
    drawn = 0

    def denoise(x: Tensor, sigma: Tensor) -> Tensor:
        shift = data(torch.zeros(1, dtype=torch.float64), sigma)
        slope = data(torch.ones(1, dtype=torch.float64), sigma) - shift
        return slope * x + torch.cat([shift, torch.zeros(size - 1, dtype=torch.float64)])

    class Affine:
        def __call__(self, x: Tensor, sigma: Tensor) -> Tensor:
            return denoise(x, sigma)

        def guided(self, x: Tensor, sigma: Tensor) -> tuple[Tensor, Tensor]:
            return denoise(x, sigma), denoise(x, sigma)

    def noise(sigma: float, sigma_next: float) -> Tensor:
        nonlocal drawn
        drawn += 1
        return torch.eye(size, dtype=torch.float64)[1 + drawn]

    start = torch.zeros(size, dtype=torch.float64)
    start[0], start[1] = data.mean, data.spread(float(sigmas[0]))
    x = sampler(Affine(), start, sigmas, noise=noise)
    return Reached(float(x[0]), float((x[1:] ** 2).sum()), drawn)


def fitted_order(counts: list[int], errors: list[float]) -> float:
    """The power of the step that the errors fall with."""
    return -float(np.polyfit(np.log(counts), np.log(errors), 1)[0])
