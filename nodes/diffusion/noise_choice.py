"""The noise a picture begins from, as a value: its seed, its strength, and variations of it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from nodes.diffusion.noise import SEEDS, initial_noise

__all__ = ["NoiseChoice", "slerp"]


def slerp(a: Tensor, b: Tensor, share: float) -> Tensor:
    """From `a` (at `share` 0) to `b` (at 1) on the arc between them, for each of their first axis.

    sin((1 - t) ω) / sin ω · a + sin(t ω) / sin ω · b with the angle ω between them: Shoemake 1985,
    "Animating Rotation with Quaternion Curves". Where both are unit Gaussian noise the result is as
    long as such noise is. Both are [B, ...]; where they are parallel the path is a straight line.
    """
    left, right = a.flatten(1).double(), b.flatten(1).double()
    cosine = torch.nn.functional.cosine_similarity(left, right, dim=1).clamp(-1, 1)
    angle = cosine.acos()
    straight = angle.sin() < 1e-6
    whole = torch.where(straight, torch.ones_like(angle), angle.sin())
    first = torch.where(straight, torch.full_like(angle, 1 - share), ((1 - share) * angle).sin())
    second = torch.where(straight, torch.full_like(angle, share), (share * angle).sin())
    mixed = (first / whole)[:, None] * left + (second / whole)[:, None] * right
    return mixed.reshape(a.shape).to(a.dtype)


@dataclass(frozen=True)
class NoiseChoice:
    """Seeded noise to begin from.

    `scale` is what unit noise is multiplied with: 1 is usual, 0 is none, for a latent that has its
    noise already. With `variation_strength` in 0..1 it is moved that far, on the arc, to the noise
    of `variation_seed`: a little gives pictures much like the first. Raises ValueError for values
    outside their ranges.
    """

    seed: int
    scale: float = 1.0
    variation_seed: int = 0
    variation_strength: float = 0.0

    def __post_init__(self) -> None:
        for name in ("seed", "variation_seed"):
            if not 0 <= getattr(self, name) < SEEDS:
                got = getattr(self, name)
                raise ValueError(f"{name} must be between 0 and 2**64 - 1, got {got}")
        if not 0 <= self.scale < math.inf:
            raise ValueError(f"scale must be finite and at least 0, got {self.scale}")
        if not 0 <= self.variation_strength <= 1:
            got = self.variation_strength
            raise ValueError(f"variation_strength must be between 0 and 1, got {got}")

    def initial(self, shape: Sequence[int], batch_index: Sequence[int] | None = None) -> Tensor:
        """The noise of `shape` [B, ...], float32 on the CPU; numbered as `initial_noise` does."""
        noise = initial_noise(shape, self.seed, batch_index)
        if self.variation_strength > 0:
            other = initial_noise(shape, self.variation_seed, batch_index)
            noise = slerp(noise, other, self.variation_strength)
        return noise if self.scale == 1.0 else noise * self.scale
