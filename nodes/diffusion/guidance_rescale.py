"""Guidance that does not overexpose: the standard deviation of the prompt's own prediction."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from nodes.diffusion.guidance_stage import Predictions, Stage, per_picture

__all__ = ["RescaleCfg", "rescaled", "to_v"]


def rescaled(guided: Tensor, cond: Tensor, share: float) -> Tensor:
    """`guided` [B, ...] scaled to the standard deviation of `cond`, mixed in by `share` in 0..1.

    Lin et al. 2023 (arXiv 2305.08891), equations 15 and 16, for each picture.
    """
    ratio = per_picture(torch.std, cond) / per_picture(torch.std, guided).clamp(min=1e-12)
    return guided * (share * ratio + (1 - share))


def to_v(denoised: Tensor, x: Tensor, sigma: Tensor) -> Tensor:
    """What a v model would have said where `x` denoises so; the inverse of `to_denoised`.

    At level 0, where v says nothing of the clean latents, v is taken at the level 1e-6.
    """
    sigma = sigma.clamp(min=1e-6)
    return (x / (sigma**2 + 1) - denoised) * (sigma**2 + 1) ** 0.5 / sigma


def _from_v(v: Tensor, x: Tensor, sigma: Tensor) -> Tensor:
    sigma = sigma.clamp(min=1e-6)
    return x / (sigma**2 + 1) - v * sigma / (sigma**2 + 1) ** 0.5


@dataclass(frozen=True, eq=False)
class RescaleCfg(Stage):
    """`rescaled` in terms of v, whatever the network itself predicts."""

    share: float

    def apply(self, predictions: Predictions) -> Tensor:
        if predictions.uncond is None or self.share == 0:
            return predictions.guided
        x, sigma = predictions.x, predictions.sigma
        guided, cond = (to_v(each, x, sigma) for each in (predictions.guided, predictions.cond))
        return _from_v(rescaled(guided, cond, self.share), x, sigma)
