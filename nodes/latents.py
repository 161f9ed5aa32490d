"""Latents: empty ones, resizing, joining, batches.

How many pixels of the picture one cell of a latent stands for is the model's affair (8 for
most, 4 for shapes-64), and a latent does not know it. Nodes that take pixels therefore have
an input `pixels_per_cell`, 8 unless set. An empty latent has its size in pixels and no cells
yet: the sampler makes them.
"""

from dataclasses import replace
from typing import Annotated

import torch
from torch import Tensor

from nodegraph import NodeError, Range, node
from nodes.batches import common_batch, expand, same_channels
from nodes.compositing import edge_ramps, paste, paste_masked
from nodes.image_edit import Side
from nodes.resize import Crop, LatentMethod, center_crop, resize, scaled_size, target_size
from nodes.types import Latent, Mask

__all__ = ["NODES"]

PixelsPerCell = Annotated[int, Range(1, 64)]
Offset = Annotated[int, Range(-16384, 16384)]

_EMPTY_CHANNELS = 4
_EMPTY_CELL = 8


def _empty(height: int, width: int, batch: int) -> Latent:
    cells = max(1, height // _EMPTY_CELL), max(1, width // _EMPTY_CELL)
    return Latent(torch.zeros(batch, _EMPTY_CHANNELS, *cells), empty_size=(height, width))


@node(category="latent", aliases=("EmptyLatentImage",))
def empty_latent(
    width: Annotated[int, Range(8, 16384)] = 512,
    height: Annotated[int, Range(8, 16384)] = 512,
    batch_size: Annotated[int, Range(1, 4096)] = 1,
) -> Latent:
    """Zeros to begin sampling from; the sampler gives them its model's channels and cells.

    Args:
        width: of the picture, in pixels; the model may ask for a multiple of 4, 8 or more.
        height: of the picture, in pixels; as width.
        batch_size: how many pictures are made at once, each with noise of its own.
    """
    return _empty(height, width, batch_size)


@node(category="latent")
def latent_upscale(
    samples: Latent,
    upscale_method: LatentMethod = "nearest-exact",
    width: Side = 512,
    height: Side = 512,
    crop: Crop = "disabled",
    pixels_per_cell: PixelsPerCell = 8,
) -> Latent:
    """Resize to a size in pixels, rounded down to whole cells.

    Args:
        upscale_method: bislerp interpolates directions and lengths apart from each other.
        width: of the picture, in pixels; 0 keeps the aspect ratio.
        height: of the picture, in pixels; 0 keeps the aspect ratio.
        crop: center cuts off what does not fit the new aspect ratio; disabled stretches.
        pixels_per_cell: pixels of the picture to a cell, by the model: 8 for most, 4 for
            shapes-64. An empty latent does not need it.
    """
    if samples.empty_size is not None:
        return _resized(samples, target_size(samples.empty_size, height, width), crop)
    h, w = samples.samples.shape[-2:]
    pixels = target_size((h * pixels_per_cell, w * pixels_per_cell), height, width)
    cells = max(1, pixels[0] // pixels_per_cell), max(1, pixels[1] // pixels_per_cell)
    return _resized(samples, cells, crop, upscale_method)


@node(category="latent")
def latent_upscale_by(
    samples: Latent,
    upscale_method: LatentMethod = "nearest-exact",
    scale_by: Annotated[float, Range(0.01, 8.0, 0.01)] = 1.5,
) -> Latent:
    """Resize both sides by one factor, rounded to whole cells."""
    size = samples.empty_size or (samples.samples.shape[-2], samples.samples.shape[-1])
    return _resized(samples, scaled_size(size, scale_by), "disabled", upscale_method)


def _resized(
    latent: Latent, size: tuple[int, int], crop: Crop, method: LatentMethod = "nearest-exact"
) -> Latent:
    """With `size` in cells, or in pixels for an empty latent. A mask keeps its resolution."""
    mask = latent.noise_mask
    if mask is not None and crop == "center":
        mask = center_crop(mask, *size)
    if latent.empty_size is not None:
        empty = _empty(*size, latent.samples.shape[0])
        return replace(empty, noise_mask=mask, batch_index=latent.batch_index)
    return replace(latent, samples=resize(latent.samples, *size, method, crop), noise_mask=mask)


def _cells(latent: Latent, other: Latent, pixels_per_cell: int) -> Tensor:
    """The samples; those of an empty latent in as many channels as `other` has."""
    if latent.empty_size is None:
        return latent.samples
    channels = other.samples.shape[1]
    height, width = (max(1, side // pixels_per_cell) for side in latent.empty_size)
    return torch.zeros(latent.samples.shape[0], channels, height, width)


def _joined(latent: Latent, samples: Tensor, *, still_empty: bool) -> Latent:
    """`latent` with other content; numbers and masks that no longer fit its batch are dropped."""
    count = samples.shape[0]
    mask = latent.noise_mask
    return Latent(
        samples,
        noise_mask=mask if mask is not None and mask.shape[0] in (1, count) else None,
        batch_index=latent.batch_index if latent.samples.shape[0] == count else None,
        empty_size=latent.empty_size if still_empty else None,
    )


def _both_empty(a: Latent, b: Latent) -> bool:
    return a.empty_size is not None and b.empty_size is not None


@node(category="latent")
def latent_composite(
    samples_to: Latent,
    samples_from: Latent,
    x: Side = 0,
    y: Side = 0,
    feather: Side = 0,
    pixels_per_cell: PixelsPerCell = 8,
) -> Latent:
    """Lay one latent over another.

    Args:
        x: of the left edge of samples_from in samples_to, in pixels of the picture.
        y: of the top edge, in pixels of the picture.
        feather: width of the fading at the edges that lie inside samples_to, in pixels.
        pixels_per_cell: pixels of the picture to a cell, by the model: 8 for most, 4 for
            shapes-64.

    Raises:
        NodeError: for different channels, or batches of different sizes above one.
    """
    if _both_empty(samples_to, samples_from):
        return samples_to
    below = _cells(samples_to, samples_from, pixels_per_cell)
    above = _cells(samples_from, samples_to, pixels_per_cell)
    left, top, fade = (pixels // pixels_per_cell for pixels in (x, y, feather))
    height, width = above.shape[-2], above.shape[-1]
    weight = edge_ramps(
        (height, width),
        left=min(fade, width) if left > 0 else 0,
        top=min(fade, height) if top > 0 else 0,
        right=min(fade, width) if left + width < below.shape[-1] else 0,
        bottom=min(fade, height) if top + height < below.shape[-2] else 0,
    )
    pasted = paste(below, above, left, top, weight[None, None] if fade else None)
    return _joined(samples_to, pasted, still_empty=False)


@node(category="latent")
def latent_composite_masked(
    destination: Latent,
    source: Latent,
    x: Offset = 0,
    y: Offset = 0,
    resize_source: bool = False,
    mask: Mask | None = None,
    pixels_per_cell: PixelsPerCell = 8,
) -> Latent:
    """Lay one latent over another where a mask says so.

    Args:
        x: of the left edge of the source in the destination, in pixels of the picture.
        y: of the top edge, in pixels of the picture.
        resize_source: stretch the source to the size of the destination first.
        mask: how much of the source shows, 1 = all; stretched over the source.
        pixels_per_cell: pixels of the picture to a cell, by the model: 8 for most, 4 for
            shapes-64.

    Raises:
        NodeError: for different channels, or batches of different sizes above one.
    """
    if _both_empty(destination, source):
        return destination
    pasted = paste_masked(
        _cells(destination, source, pixels_per_cell),
        _cells(source, destination, pixels_per_cell),
        x // pixels_per_cell,
        y // pixels_per_cell,
        resize_source,
        None if mask is None else mask.values,
    )
    return _joined(destination, pasted, still_empty=False)


@node(category="latent")
def latent_blend(
    samples1: Latent,
    samples2: Latent,
    blend_factor: Annotated[float, Range(0.0, 1.0, 0.01)] = 0.5,
) -> Latent:
    """Mix two latents: samples1 * factor + samples2 * (1 - factor).

    samples2 is resized (bicubic, centred) to the size of samples1.

    Raises:
        NodeError: for different channels, or batches of different sizes above one.
    """
    if _both_empty(samples1, samples2):
        return samples1
    first = samples1.samples if samples1.empty_size is None else samples2.samples * 0
    second = samples2.samples if samples2.empty_size is None else samples1.samples * 0
    same_channels(samples1=first, samples2=second)
    first = expand(first, common_batch(samples1=first, samples2=second))
    height, width = first.shape[-2:]
    second = resize(second, height, width, "bicubic", "center")
    return _joined(
        samples1, torch.lerp(second.expand_as(first), first, blend_factor), still_empty=False
    )


@node(category="latent/batch")
def repeat_latent_batch(samples: Latent, amount: Annotated[int, Range(1, 64)] = 1) -> Latent:
    """The batch so many times over; every copy gets noise of its own."""
    mask, numbers = samples.noise_mask, samples.batch_index
    if mask is not None and mask.shape[0] > 1:
        mask = mask.repeat(amount, 1, 1)
    if numbers is not None:
        step = max(numbers) - min(numbers) + 1
        numbers = tuple(number + step * i for i in range(amount) for number in numbers)
    return replace(
        samples,
        samples=samples.samples.repeat(amount, 1, 1, 1),
        noise_mask=mask,
        batch_index=numbers,
    )


@node(category="latent/batch")
def latent_from_batch(
    samples: Latent,
    batch_index: Annotated[int, Range(0, 4095)] = 0,
    length: Annotated[int, Range(1, 4096)] = 1,
) -> Latent:
    """A part of a batch, whose pictures get the noise they would get in the whole batch.

    Args:
        batch_index: the first picture, counted from 0.
        length: how many pictures; fewer where the batch ends.

    Raises:
        NodeError: if there is no picture of that number.
    """
    count = samples.samples.shape[0]
    if batch_index >= count:
        raise NodeError(
            f"batch_index is {batch_index}, and the batch has {count} pictures (0..{count - 1})"
        )
    part = slice(batch_index, min(batch_index + length, count))
    mask = samples.noise_mask
    return replace(
        samples,
        samples=samples.samples[part],
        noise_mask=mask if mask is None or mask.shape[0] == 1 else mask[part],
        batch_index=(samples.batch_index or tuple(range(count)))[part],
    )


@node(category="latent")
def set_latent_noise_mask(samples: Latent, mask: Mask) -> Latent:
    """Limit sampling to a part of the picture.

    Args:
        mask: 1 where the picture is to be made anew; of any resolution, stretched over the
            picture; one for all pictures or one for each.

    Raises:
        NodeError: for a number of masks that is neither 1 nor that of the pictures.
    """
    count = samples.samples.shape[0]
    if mask.values.shape[0] not in (1, count):
        raise NodeError(
            f"'mask' is {list(mask.values.shape)} and 'samples' is "
            f"{list(samples.samples.shape)}; give one mask, or {count}, one for each picture"
        )
    return replace(samples, noise_mask=mask.values)


NODES = (
    empty_latent,
    latent_upscale,
    latent_upscale_by,
    latent_composite,
    latent_composite_masked,
    latent_blend,
    repeat_latent_batch,
    latent_from_batch,
    set_latent_noise_mask,
)
