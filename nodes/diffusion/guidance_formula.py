"""How the predictions for several prompts become one: classifier-free guidance and its kin.

The formulas are linear in the predictions, and so are the same for noise and for clean latents.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

import torch
from torch import Tensor

from nodes.diffusion.guidance_stage import per_picture

__all__ = [
    "ClassifierFree",
    "Dual",
    "DualStyle",
    "Formula",
    "PerpNeg",
    "classifier_free",
    "perpendicular",
]

DualStyle = Literal["regular", "nested"]


def classifier_free(cond: Tensor, uncond: Tensor, scale: float) -> Tensor:
    """uncond + scale (cond - uncond): Ho and Salimans 2022 (arXiv 2207.12598), equation 6."""
    return uncond + scale * (cond - uncond)


class Formula(Protocol):
    """Combines the predictions of prompts, the first of which says what is wanted."""

    @property
    def scale(self) -> float:
        """What the wanted prediction is multiplied with: 1 is no guidance."""
        ...

    @property
    def needed(self) -> tuple[int, ...]:
        """Which prompts it needs, by their place; rising, and the first always."""
        ...

    def __call__(self, found: Mapping[int, Tensor]) -> Tensor:
        """The result, like each of `found` [B, C, h, w], which holds those that are needed."""
        ...


@dataclass(frozen=True)
class ClassifierFree:
    """`classifier_free` of (wanted, unwanted); at scale 1 the wanted alone."""

    scale: float

    @property
    def needed(self) -> tuple[int, ...]:
        return (0,) if math.isclose(self.scale, 1.0) else (0, 1)

    def __call__(self, found: Mapping[int, Tensor]) -> Tensor:
        if len(self.needed) == 1:
            return found[0]
        return classifier_free(found[0], found[1], self.scale)


@dataclass(frozen=True)
class Dual:
    """Two things wanted and one not: (first, second, unwanted).

    regular: unwanted + outer (second - unwanted) + inner (first - second), Brooks et al. 2023
    (InstructPix2Pix, arXiv 2211.09800), equation 3. nested: unwanted + outer (g - unwanted) with
    g = second + inner (first - second).
    """

    inner: float
    outer: float
    style: DualStyle = "regular"

    @property
    def scale(self) -> float:
        return self.inner * self.outer if self.style == "nested" else self.inner

    @property
    def needed(self) -> tuple[int, ...]:
        if math.isclose(self.outer, 1.0):
            return (0,) if math.isclose(self.inner, 1.0) else (0, 1)
        if self.style == "nested" and math.isclose(self.inner, 1.0):
            return (0, 2)
        return (0, 1, 2)

    def __call__(self, found: Mapping[int, Tensor]) -> Tensor:
        first = found[0]
        if self.needed == (0,):
            return first
        if self.needed == (0, 1):
            return classifier_free(first, found[1], self.inner)
        unwanted = found[2]
        if self.needed == (0, 2):
            return classifier_free(first, unwanted, self.outer)
        if self.style == "nested":
            between = classifier_free(first, found[1], self.inner)
            return classifier_free(between, unwanted, self.outer)
        return classifier_free(found[1], unwanted, self.outer) + self.inner * (first - found[1])


@dataclass(frozen=True)
class PerpNeg:
    """empty + scale (p - weight n⊥) of (wanted, unwanted, empty), p = wanted - empty.

    n⊥ is the part of unwanted - empty at right angles to p, so that what both prompts share is not
    taken away: Armandpour et al. 2023 (arXiv 2304.04968), section 3. The angle is taken in each
    picture by itself, where the field's engine takes it over the batch: a picture does not
    depend on the others beside it.
    """

    scale: float
    weight: float

    @property
    def needed(self) -> tuple[int, ...]:
        if self.weight:
            return (0, 1, 2)
        return (0,) if math.isclose(self.scale, 1.0) else (0, 2)

    def __call__(self, found: Mapping[int, Tensor]) -> Tensor:
        if self.needed == (0,):
            return found[0]
        empty = found[2]
        if self.needed == (0, 2):
            return classifier_free(found[0], empty, self.scale)
        wanted, unwanted = found[0] - empty, found[1] - empty
        return empty + self.scale * (wanted - self.weight * perpendicular(unwanted, wanted))


def perpendicular(difference: Tensor, along: Tensor) -> Tensor:
    """`difference` [B, ...] without its part parallel to `along`, for each picture."""
    square = per_picture(torch.sum, along * along).clamp(min=1e-24)
    return difference - per_picture(torch.sum, difference * along) / square * along
