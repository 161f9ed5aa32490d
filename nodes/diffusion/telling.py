"""From a prompt's entry to what a network is told: whatever its configuration asks for."""

from __future__ import annotations

import torch
from torch import Tensor

from nodes.diffusion.beside import concat_channels
from nodes.diffusion.box import Box
from nodes.diffusion.conditioning import ConditioningEntry, PictureSizes
from nodes.diffusion.denoiser import Denoiser
from nodes.diffusion.errors import ShapeError
from nodes.diffusion.told import Told

__all__ = ["tell"]

LEAST_AESTHETIC = 2.5
"""What SDXL's refiner is told of a picture that is not wanted, where nobody said."""


def tell(
    entry: ConditioningEntry,
    denoiser: Denoiser,
    shape: tuple[int, int, int],
    box: Box,
    *,
    unwanted: bool = False,
) -> Told:
    """What the network is told for `entry`.

    `shape` is (batch, h, w) of the latents and `box` the part of them that it counts for.

    `unwanted` says that it is an entry of the negative prompt.

    Raises ShapeError for a conditioning of another model, or one that lacks what the network reads.
    """
    _, height, width = shape
    place, dtype = denoiser.device, denoiser.dtype
    pooled, sizes = _size_reading(entry, denoiser, height, width, unwanted)
    concat = concat_channels(entry, denoiser, shape)
    labels = None
    if denoiser.reads_noise_level:
        labels = torch.tensor([entry.noise_level or 0], device=place)
    return Told(
        embedding=entry.embedding.to(place, dtype),
        pooled=None if pooled is None else pooled.to(place, dtype),
        sizes=None if sizes is None else sizes.to(place, dtype),
        concat=None if concat is None else box.cut(concat).to(place, dtype),
        labels=labels,
        controls=tuple(control.place(denoiser, shape, box) for control in entry.controls),
    )


def _size_reading(
    entry: ConditioningEntry, denoiser: Denoiser, height: int, width: int, unwanted: bool
) -> tuple[Tensor | None, Tensor | None]:
    """The pooled embedding [1 or B, P] and the numbers on sizes [1, n], where they are read."""
    count = denoiser.size_numbers
    if not count:
        return None, None
    if entry.pooled is None:
        raise ShapeError("this model reads a pooled embedding, and the conditioning has none")
    if entry.pooled.shape[-1] != denoiser.pooled_width:
        raise ShapeError(
            f"the conditioning's pooled embedding is {entry.pooled.shape[-1]} wide and this model "
            f"reads {denoiser.pooled_width}: use the text encoder that came with the model"
        )
    factor = denoiser.latent_factor
    sizes = entry.sizes or PictureSizes(width * factor, height * factor)
    numbers: list[float] = [sizes.height, sizes.width, sizes.crop_top, sizes.crop_left]
    if count == 5:
        usual = entry.sizes is None and unwanted
        numbers.append(LEAST_AESTHETIC if usual else sizes.aesthetic)
    else:
        numbers += [
            sizes.target_height or height * factor,
            sizes.target_width or width * factor,
        ]
    return entry.pooled, torch.tensor([numbers])
