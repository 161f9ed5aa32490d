"""Seeded Gaussian noise, drawn per picture on the CPU, so that batches and devices agree.

Picture k of a batch with seed s is the picture that seed s + k gives alone.
"""

from collections.abc import Sequence

import torch
from torch import Generator, Tensor

__all__ = ["SEEDS", "NoiseSource", "initial_noise", "no_noise", "picture_numbers"]

SEEDS = 2**64
"""How many seeds there are; sums of them are taken modulo this."""


def _generators(seed: int, indices: Sequence[int]) -> list[Generator]:
    return [Generator("cpu").manual_seed((seed + index) % SEEDS) for index in indices]


def _draw(generators: Sequence[Generator], shape: Sequence[int]) -> Tensor:
    """One draw per picture, [len(generators), *shape], float32 on the CPU."""
    noise = torch.empty(len(generators), *shape, device="cpu", dtype=torch.float32)
    for picture, generator in zip(noise, generators, strict=True):
        picture.normal_(generator=generator)
    return noise


def picture_numbers(
    shape: Sequence[int], seed: int, batch_index: Sequence[int] | None
) -> list[int]:
    """What is added to `seed` for each picture of a batch of `shape` [B, ...].

    Raises ValueError for a seed outside 0..2**64-1 or a `batch_index` of another length.
    """
    if not 0 <= seed < SEEDS:
        raise ValueError(f"seed must be between 0 and 2**64 - 1, got {seed}")
    indices = list(range(shape[0])) if batch_index is None else list(batch_index)
    if len(indices) != shape[0]:
        raise ValueError(f"batch_index has {len(indices)} entries for a batch of {shape[0]}")
    return indices


def initial_noise(
    shape: Sequence[int], seed: int, batch_index: Sequence[int] | None = None
) -> Tensor:
    """Unit Gaussian noise of `shape` [B, ...], float32 on the CPU.

    Picture i is drawn from a generator of its own, seeded with `seed` + batch_index[i] (i where
    `batch_index` is None), modulo 2**64. Raises ValueError for a seed outside 0..2**64-1 or a
    `batch_index` that is not one number per picture.
    """
    return _draw(_generators(seed, picture_numbers(shape, seed, batch_index)), shape[1:])


class NoiseSource:
    """The noise a sampler asks for while it steps: `noise(sigma, sigma_next)` like x.

    Draws follow one another in the order asked, whatever the interval. Each picture has a generator
    of its own seeded with `seed` + batch_index[i] + 1: the first picture's is the one the field
    uses on the CPU, so that known pictures come out again, and is not that of `initial_noise`.
    """

    def __init__(
        self,
        seed: int,
        batch_index: Sequence[int] | None,
        shape: Sequence[int],
        *,
        device: torch.device | str = "cpu",
        dtype: torch.dtype = torch.float32,
    ) -> None:
        indices = picture_numbers(shape, seed, batch_index)
        self._generators = _generators(seed + 1, indices)
        self._shape = tuple(shape[1:])
        self._device = device
        self._dtype = dtype

    def __call__(self, sigma: float, sigma_next: float) -> Tensor:
        """Unit Gaussian noise of `shape`, on `device` in `dtype`."""
        return _draw(self._generators, self._shape).to(self._device, self._dtype)


def no_noise(sigma: float, sigma_next: float) -> Tensor:
    """For samplers that ask for none; raises where one does."""
    raise RuntimeError(f"noise was asked for between levels {sigma:g} and {sigma_next:g}")
