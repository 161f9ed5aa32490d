"""Noise of the steps as increments of one Brownian motion per picture, known by its seed alone.

The increment between two levels does not depend on which other levels a run visits, nor in what
order: with more steps the same path is followed more closely, and pictures resemble each other.
"""

from collections.abc import Sequence

import torch
import torchsde
from torch import Tensor

from nodes.diffusion.noise import SEEDS, picture_numbers

__all__ = ["BrownianNoise"]

_DIGITS = 6
"""What torchsde rounds levels to."""


class BrownianNoise:
    """`noise(sigma, sigma_next)`: (W(σ) - W(σ_next)) / √(σ - σ_next) for a Brownian motion W.

    Picture i has a motion of its own, seeded with `seed` + batch_index[i] (i where that is None),
    on the levels of `sigmas` [n + 1] above 0, drawn on the CPU in float32. Where the first picture
    is alone it is the noise that the field's SDE samplers draw for that seed. The tree of bridges
    is torchsde's: Li et al. 2020 (arXiv 2001.01328), section 4.
    """

    def __init__(
        self, seed: int, batch_index: Sequence[int] | None, shape: Sequence[int], sigmas: Tensor
    ) -> None:
        self._entropies = [(seed + k) % SEEDS for k in picture_numbers(shape, seed, batch_index)]
        self._shape = (1, *shape[1:])
        above = sigmas[sigmas > 0].tolist() or [1.0]
        self._ends = round(min(above), _DIGITS), round(max(above), _DIGITS)
        self._trees: list[torchsde.BrownianTree] = []

    def __call__(self, sigma: float, sigma_next: float) -> Tensor:
        """Unit Gaussian noise of `shape`, float32 on the CPU.

        Raises ValueError for levels that have no interval within the ladder between them.
        """
        high, low = (min(max(level, self._ends[0]), self._ends[1]) for level in (sigma, sigma_next))
        if high <= low:
            raise ValueError(
                f"a Brownian motion has no noise from level {sigma:g} to {sigma_next:g}: this "
                f"sampler adds noise within a level; choose gaussian noise"
            )
        span = torch.tensor(sigma - sigma_next).sqrt()
        return torch.cat([tree(low, high) for tree in self._grown()]) / span

    def _grown(self) -> list[torchsde.BrownianTree]:
        """The trees, made when they are first asked."""
        if not self._trees:
            start = torch.zeros(self._shape, device="cpu", dtype=torch.float32)
            low, high = self._ends
            for entropy in self._entropies:
                self._trees.append(torchsde.BrownianTree(low, start, high, entropy=entropy))
        return self._trees
