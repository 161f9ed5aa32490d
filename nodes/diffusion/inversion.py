"""From a picture to the noise it comes of: deterministic sampling, backwards.

Song et al. 2021, "Denoising Diffusion Implicit Models" (arXiv 2010.02502), section 5.4; the fixed
point is that of Pan et al. 2023, "Effective Real Image Editing with Accelerated Iterative Diffusion
Inversion" (arXiv 2309.04907).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from torch import Tensor

from nodes.diffusion.samplers_base import Callback, Denoise, Noise, StepInfo, slope

__all__ = ["Inversion"]


@dataclass(frozen=True)
class Inversion:
    """Euler's method up a ladder: a `Sampler` for levels that rise.

    A step of Euler's method (and of DDIM) down from x' at σ' arrives at x = x' + (σ - σ') d(x', σ')
    with d = (x' - D) / σ'. Upwards x' is not known yet: it is looked for by x' = x + (σ' - σ)
    d(x', σ'), repeated `iterations` times. Once is DDIM inversion; with more, the way down leads
    back to the picture the more exactly.

    `variance_kept` says whether the network sees x / √(σ² + 1): then the first guess of x' is what
    it sees alike, as usual; flow models see x itself.

    Raises ValueError for fewer iterations than one.
    """

    iterations: int = 1
    variance_kept: bool = True

    def __post_init__(self) -> None:
        if self.iterations < 1:
            raise ValueError(f"inversion needs at least 1 iteration, got {self.iterations}")

    def __call__(
        self,
        denoise: Denoise,
        x: Tensor,
        sigmas: Tensor,
        /,
        *,
        noise: Noise,
        callback: Callback | None = None,
    ) -> Tensor:
        """The sample at sigmas[-1] of `x` at sigmas[0]; `noise` is not asked for."""
        levels = [float(sigma) for sigma in sigmas]
        for index, (low, high) in enumerate(pairwise(levels)):
            scale = ((high**2 + 1) / (low**2 + 1)) ** 0.5 if self.variance_kept else 1.0
            found = x * scale
            for _ in range(self.iterations):
                denoised = denoise(found, sigmas[index + 1])
                found = x + slope(found, denoised, high) * (high - low)
            x = found
            if callback is not None:
                callback(StepInfo(index, len(levels) - 1, high, x, denoised))
        return x
