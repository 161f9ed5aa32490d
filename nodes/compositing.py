"""Laying one tensor [B, C, H, W] over another; pictures and latents alike."""

import torch
from torch import Tensor

from nodes.batches import common_batch, expand, same_channels
from nodes.resize import resize

__all__ = ["edge_ramp", "edge_ramps", "paste", "paste_masked"]


def paste(
    destination: Tensor, source: Tensor, x: int, y: int, weight: Tensor | None = None
) -> Tensor:
    """`destination` [B, C, H, W] with `source` [B, C, h, w] laid over it at (x, y).

    `weight` [B, 1, h, w] in 0..1 is how much of the source shows. What lies outside the
    destination is cut off; x and y may be negative.

    Raises:
        NodeError: for different channels, or batches that do not go together.
    """
    same_channels(destination=destination, source=source)
    count = common_batch(destination=destination, source=source, mask=weight)
    destination = expand(destination, count)
    top, bottom = max(y, 0), min(y + source.shape[-2], destination.shape[-2])
    left, right = max(x, 0), min(x + source.shape[-1], destination.shape[-1])
    if top >= bottom or left >= right:
        return destination
    part = source[..., top - y : bottom - y, left - x : right - x]
    result = destination.clone()
    window = result[..., top:bottom, left:right]
    if weight is not None:
        shown = weight[..., top - y : bottom - y, left - x : right - x]
        part = window + (part - window) * shown
    window.copy_(part)
    return result


def paste_masked(
    destination: Tensor, source: Tensor, x: int, y: int, resize_source: bool, mask: Tensor | None
) -> Tensor:
    """`paste` with a mask [B, H, W] of any resolution, which is stretched over the source.

    With `resize_source` the source is first stretched to the size of the destination.
    """
    if resize_source:
        source = resize(
            source, destination.shape[-2], destination.shape[-1], "bilinear", "disabled"
        )
    if mask is None:
        return paste(destination, source, x, y)
    weight = resize(mask[:, None], source.shape[-2], source.shape[-1], "bilinear", "disabled")
    return paste(destination, source, x, y, weight)


def edge_ramp(length: int, start: int, end: int) -> Tensor:
    """Weights [length] that rise 1/start, 2/start, ... 1 from the start and fall so to the end."""
    steps = torch.arange(1, length + 1, dtype=torch.float32)
    rise = (steps / start).clamp(max=1) if start else torch.ones(length)
    fall = (steps.flip(0) / end).clamp(max=1) if end else torch.ones(length)
    return rise * fall


def edge_ramps(size: tuple[int, int], left: int, top: int, right: int, bottom: int) -> Tensor:
    """Weights [height, width]: the product of the ramps of both directions."""
    height, width = size
    return edge_ramp(height, top, bottom)[:, None] * edge_ramp(width, left, right)[None, :]
