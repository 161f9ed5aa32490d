"""Dynamic thresholding: strong guidance without values that no picture has."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from nodes.diffusion.guidance_formula import classifier_free
from nodes.diffusion.guidance_stage import Predictions, Stage

__all__ = ["Mimic", "Threshold", "mimicked", "thresholded"]


def thresholded(denoised: Tensor, percentile: float, floor: float) -> Tensor:
    """[B, ...] clipped to ±s and divided by s / `floor`, per picture.

    s is the `percentile` (0..1) of the absolute values, or `floor` if that is more. Saharia et al.
    2022 (arXiv 2205.11487), section 2.3, where `floor` is 1.
    """
    size = torch.quantile(denoised.flatten(1).abs(), percentile, dim=1)
    size = size.clamp(min=floor).reshape(-1, *([1] * (denoised.ndim - 1)))
    return denoised.clamp(-size, size) * (floor / size)


def mimicked(guided: Tensor, model: Tensor, percentile: float) -> Tensor:
    """`guided` [B, C, h, w] squeezed to the range of `model`, around its own mean per channel.

    What lies outside of the `percentile` (0..1) of the distances from the mean is clipped, where
    that is wider than the range of `model`. The form in common use for latents, which have no
    range of their own.
    """
    mean = guided.mean((2, 3), keepdim=True)
    centred = guided - mean
    width = (model - model.mean((2, 3), keepdim=True)).abs().amax((2, 3), keepdim=True)
    reach = torch.quantile(centred.flatten(2).abs(), percentile, dim=2)[..., None, None]
    widest = torch.maximum(width, reach).clamp(min=1e-12)
    return mean + centred.clamp(-widest, widest) / widest * width


@dataclass(frozen=True, eq=False)
class Threshold(Stage):
    """`thresholded`."""

    percentile: float
    floor: float

    def apply(self, predictions: Predictions) -> Tensor:
        return thresholded(predictions.guided, self.percentile, self.floor)


@dataclass(frozen=True, eq=False)
class Mimic(Stage):
    """`mimicked`, with the range that the lower `mimic_scale` would give."""

    mimic_scale: float
    percentile: float

    def apply(self, predictions: Predictions) -> Tensor:
        if predictions.uncond is None:
            return predictions.guided
        model = classifier_free(predictions.cond, predictions.uncond, self.mimic_scale)
        return mimicked(predictions.guided, model, self.percentile)
