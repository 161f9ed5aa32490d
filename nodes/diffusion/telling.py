"""From a prompt's entry to what a network is told: whatever its configuration asks for."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn.functional import interpolate

from nodes.diffusion.conditioning import Beside, ConditioningEntry, PictureSizes
from nodes.diffusion.denoiser import Denoiser
from nodes.diffusion.errors import ShapeError
from nodes.diffusion.told import Told

__all__ = ["fit_mask", "tell"]

Cut = Callable[[Tensor], Tensor]
"""Takes a part out of [..., h, w]."""


def tell(
    entry: ConditioningEntry, denoiser: Denoiser, shape: tuple[int, int, int], cut: Cut
) -> Told:
    """What the network is told for `entry`; `shape` is (batch, h, w) of the latents.

    Raises ShapeError for a conditioning of another model, or one that lacks what the network reads.
    """
    _, height, width = shape
    place, dtype = denoiser.device, denoiser.dtype
    pooled, sizes = _size_reading(entry, denoiser, height, width)
    concat = _concat(entry, denoiser, shape)
    labels = None
    if denoiser.reads_noise_level:
        labels = torch.tensor([entry.noise_level or 0], device=place)
    return Told(
        embedding=entry.embedding.to(place, dtype),
        pooled=None if pooled is None else pooled.to(place, dtype),
        sizes=None if sizes is None else sizes.to(place, dtype),
        concat=None if concat is None else cut(concat).to(place, dtype),
        labels=labels,
        controls=tuple(control.cut(cut, denoiser.latent_factor) for control in entry.controls),
    )


def _size_reading(
    entry: ConditioningEntry, denoiser: Denoiser, height: int, width: int
) -> tuple[Tensor | None, Tensor | None]:
    """The pooled embedding [1 or B, P] and the numbers on sizes [1, n], where they are read."""
    count = denoiser.size_numbers
    if not count:
        return None, None
    if entry.pooled is None:
        raise ShapeError("this model reads a pooled embedding, and the conditioning has none")
    factor = denoiser.latent_factor
    sizes = entry.sizes or PictureSizes(width * factor, height * factor)
    numbers: list[float] = [sizes.height, sizes.width, sizes.crop_top, sizes.crop_left]
    if count == 5:
        numbers.append(sizes.aesthetic)
    else:
        numbers += [
            sizes.target_height or height * factor,
            sizes.target_width or width * factor,
        ]
    return entry.pooled, torch.tensor([numbers])


def _concat(
    entry: ConditioningEntry, denoiser: Denoiser, shape: tuple[int, int, int]
) -> Tensor | None:
    """The channels [1 or B, C', h, w] that the network sees beside the noisy latents."""
    count = denoiser.beside_channels
    if not count:
        return None
    _, height, width = shape
    masked = count == denoiser.latent_channels + 1
    channels = count - 1 if masked else count
    beside = entry.beside or Beside(torch.zeros(1, channels, height, width))
    samples = beside.samples
    if samples.shape[1] != channels:
        raise ShapeError(
            f"the picture beside has {samples.shape[1]} channels and this model reads {channels}"
        )
    if samples.shape[2:] != (height, width):
        samples = interpolate(samples, size=(height, width), mode="bilinear")
    if not masked:
        return samples
    mask = torch.ones(1, height, width) if beside.mask is None else beside.mask
    cells = fit_mask(mask, "the mask of the picture beside", shape[0], height, width)
    rows = max(len(samples), len(cells))
    return torch.cat([cells.expand(rows, -1, -1, -1), samples.expand(rows, -1, -1, -1)], dim=1)


def fit_mask(mask: Tensor, what: str, batch: int, height: int, width: int) -> Tensor:
    """A mask [1 or batch, H, W] as [1 or batch, 1, height, width], resized bilinearly."""
    if mask.shape[0] not in (1, batch):
        raise ShapeError(
            f"{what} holds {mask.shape[0]} masks for a batch of {batch} latents; "
            f"it may hold 1 or {batch}"
        )
    if mask.shape[1:] == (height, width):
        return mask[:, None]
    return interpolate(mask[:, None], size=(height, width), mode="bilinear")
