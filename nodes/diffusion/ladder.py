"""Ladders as values: the noise levels of a run, cut, turned and refined."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor

from nodes.diffusion.suggest import pick

__all__ = ["SPACINGS", "Sigmas", "extended", "flipped", "split", "split_denoise", "with_first"]

ALMOST_ZERO = 1e-4
"""Where a turned ladder begins instead of at 0, whose logarithm no sampler can take."""


@dataclass(frozen=True, eq=False)
class Sigmas:
    """The noise levels that a run visits: `levels` [n + 1] in float32, finite and not negative.

    n is the number of steps. Levels usually fall and end at 0; a rising ladder leads from a picture
    to noise. With fewer than two levels there is nothing to do. Raises ValueError for other values.
    """

    levels: Tensor

    def __post_init__(self) -> None:
        if self.levels.ndim != 1 or self.levels.dtype != torch.float32:
            got = f"{list(self.levels.shape)} {self.levels.dtype}"
            raise ValueError(f"noise levels must be float32 [n + 1], got {got}")
        bad = self.levels[~(self.levels.isfinite() & (self.levels >= 0))]
        if len(bad):
            raise ValueError(f"noise levels must be finite and at least 0, got {float(bad[0])}")

    @property
    def steps(self) -> int:
        return max(len(self.levels) - 1, 0)


def split(sigmas: Sigmas, step: int) -> tuple[Sigmas, Sigmas]:
    """The first `step` steps, and the rest; they share the level between them."""
    return Sigmas(sigmas.levels[: step + 1]), Sigmas(sigmas.levels[step:])


def split_denoise(sigmas: Sigmas, denoise: float) -> tuple[Sigmas, Sigmas]:
    """As `split`, so that a share `denoise` (0..1) of the steps is in the second part."""
    return split(sigmas, sigmas.steps - round(sigmas.steps * denoise))


def flipped(sigmas: Sigmas) -> Sigmas:
    """From the last level to the first; a 0 to begin with becomes 0.0001."""
    levels = sigmas.levels.flip(0)
    if len(levels) and float(levels[0]) == 0.0:
        levels[0] = ALMOST_ZERO
    return Sigmas(levels)


def with_first(sigmas: Sigmas, level: float) -> Sigmas:
    """With another first level."""
    levels = sigmas.levels.clone()
    levels[:1] = level
    return Sigmas(levels)


SPACINGS: dict[str, Callable[[float], float]] = {
    "linear": lambda share: share,
    "cosine": lambda share: math.sin(share * math.pi / 2),
    "sine": lambda share: 1 - math.cos(share * math.pi / 2),
}
"""How far down an interval a share 0..1 of its steps leads: 0..1."""


def extended(
    sigmas: Sigmas, steps: int, start: float, end: float, spacing: str = "linear"
) -> Sigmas:
    """Every step from a level in `end`..`start` made into `steps` smaller ones.

    `start` below 0 stands for infinity. `spacing` is one of `SPACINGS`; ValueError for others.
    """
    share = pick("spacing", spacing, SPACINGS)
    highest = math.inf if start < 0 else start
    between = [share(step / steps) for step in range(1, steps)]
    levels = sigmas.levels[:1].tolist()
    for level, following in pairwise(sigmas.levels.tolist()):
        if end <= level <= highest:
            levels += [level + (following - level) * part for part in between]
        levels.append(following)
    return Sigmas(torch.tensor(levels, dtype=torch.float32))
