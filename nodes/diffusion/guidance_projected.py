"""Adaptive projected guidance: less of the part of guidance that only saturates the picture."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from nodes.diffusion.guidance_formula import classifier_free, perpendicular
from nodes.diffusion.guidance_stage import Predictions, Stage, per_picture

__all__ = ["Projected", "limited", "projected"]


def limited(difference: Tensor, threshold: float) -> Tensor:
    """`difference` [B, ...] shortened to a norm of `threshold` for each picture; 0 is no limit."""
    if threshold <= 0:
        return difference
    norm = per_picture(torch.linalg.vector_norm, difference)
    return difference * (threshold / norm.clamp(min=1e-12)).clamp(max=1.0)


def projected(difference: Tensor, cond: Tensor, eta: float) -> Tensor:
    """`difference` with its part parallel to `cond`, both [B, ...], times `eta`."""
    across = perpendicular(difference, cond)
    return across + eta * (difference - across)


@dataclass(frozen=True, eq=False)
class Projected(Stage):
    """cond + weight times the projected difference: Sadat et al. 2024 (arXiv 2410.02416).

    Algorithm 1: the difference cond - uncond is first added to `momentum` (negative: reversed)
    times its sum so far, then limited. Takes the place of the classifier-free formula in the
    result so far. The weight is the scale, as in the field's workflows; with `less_one` it is
    scale - 1, as in the paper, so that with `eta` 1 and nothing limited the result is that of
    classifier-free guidance.
    """

    eta: float
    threshold: float
    momentum: float
    less_one: bool = False

    def apply(self, predictions: Predictions) -> Tensor:
        cond, uncond, scale = predictions.cond, predictions.uncond, predictions.scale
        if uncond is None or self._is_plain:
            return predictions.guided
        difference = cond - uncond
        if self.momentum:
            before = predictions.memory.get(self)
            difference = difference if before is None else difference + self.momentum * before
            predictions.memory[self] = difference
        update = projected(limited(difference, self.threshold), cond, self.eta)
        instead = cond + (scale - self.less_one) * update
        return predictions.guided + (instead - classifier_free(cond, uncond, scale))

    @property
    def _is_plain(self) -> bool:
        return self.less_one and (self.eta, self.threshold, self.momentum) == (1.0, 0.0, 0.0)
