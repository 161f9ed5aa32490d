"""What a model value says of its guidance: stages that each turn predictions into another result.

A `Denoiser` carries a tuple of stages. Guidance first combines the predictions for what is wanted
and what is not by a formula; then the stages act on the result in their order.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from nodes.diffusion.noise_schedule import NoiseSchedule

__all__ = ["Again", "Predictions", "Stage", "Window", "per_picture"]

Again = Callable[..., Tensor]
"""again(*hooks, x=x, unwanted=False) -> `cond` anew, with these hooks on the network.

Of other noisy latents `x`, and `uncond` if asked for the `unwanted`. One more call of the network.
"""


@dataclass(frozen=True, eq=False)
class Predictions:
    """All that is known at one call: denoised latents [B, C, h, w], in float32.

    Attributes:
        x: the noisy latents.
        sigma: their level, 0-d.
        cond: denoised, as the positive prompt has it.
        uncond: as the negative prompt has it; None at scale 1, where it is not asked for.
        scale: of classifier-free guidance; of other formulas the weight of `cond`.
        guided: the result so far.
        schedule: of the model.
        again: predicts `cond` once more with a changed network.
        memory: what stages keep from call to call; of one run, each under itself as the key.
    """

    x: Tensor
    sigma: Tensor
    cond: Tensor
    uncond: Tensor | None
    scale: float
    guided: Tensor
    schedule: NoiseSchedule
    again: Again
    memory: dict[Stage, Any] = field(default_factory=dict)


class Stage:
    """A step of guidance. Immutable: what it keeps during a run is in `Predictions.memory`."""

    def guides(self, sigma: float, schedule: NoiseSchedule) -> bool:
        """Whether there is guidance at this level; without, only what is wanted is predicted."""
        return True

    def apply(self, predictions: Predictions) -> Tensor:
        """The result in place of `predictions.guided`, alike; nothing given is written to."""
        return predictions.guided


@dataclass(frozen=True)
class Window:
    """A part of a schedule, from fraction `start` (0: noise) to `end` (1: the picture)."""

    start: float = 0.0
    end: float = 1.0

    def __post_init__(self) -> None:
        if not 0.0 <= self.start <= self.end <= 1.0:
            raise ValueError(
                f"start_percent must not be above end_percent, both in 0..1; got {self.start:g} "
                f"and {self.end:g}"
            )

    def holds(self, sigma: float, schedule: NoiseSchedule) -> bool:
        """Whether a level is in it, the ends included."""
        return schedule.sigma_at(self.end) <= sigma <= schedule.sigma_at(self.start)


def per_picture(function: Callable[..., Tensor], value: Tensor) -> Tensor:
    """`function(values [B, n], dim=1)` -> [B], as [B, 1, ...] beside `value` [B, ...]."""
    found = function(value.flatten(1), dim=1)
    return torch.as_tensor(found).reshape(-1, *([1] * (value.ndim - 1)))
