"""A large picture through a network in overlapping pieces, blended where they meet."""

from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Protocol

import torch
from torch import Tensor

__all__ = ["SMALLEST", "tile_sizes", "tiled"]

SMALLEST = 128
"""Pixels along a side, under which tiles are not cut: too little would be seen of the rest."""


def tiled(
    network: Callable[[Tensor], Tensor],
    x: Tensor,
    *,
    tile: tuple[int, int],
    overlap: int,
    scale: Fraction,
    tick: Callable[[], None] = lambda: None,
) -> Tensor:
    """Apply `network` to tiles of `x` [B, C, H, W]; the result is [B, C', H scale, W scale].

    Tiles have the height and width `tile` and share `overlap` rows and columns (both in cells of
    `x`), over which their weight falls linearly. `tick` is called before each call of the network.
    """
    height, width = x.shape[2] * scale, x.shape[3] * scale
    total, weights = torch.zeros(()), torch.zeros(())
    for top, bottom in _spans(x.shape[2], tile[0], overlap):
        for left, right in _spans(x.shape[3], tile[1], overlap):
            tick()
            piece = network(x[:, :, top:bottom, left:right])
            if not total.ndim:
                total = piece.new_zeros((*piece.shape[:2], int(height), int(width)))
                weights = piece.new_zeros((1, 1, int(height), int(width)))
            ramp = int(overlap * scale)
            weight = _ramp(piece.shape[2], ramp)[:, None] * _ramp(piece.shape[3], ramp)
            weight = weight.to(piece)
            y, z = int(top * scale), int(left * scale)
            place = (slice(None), slice(None), slice(y, y + weight.shape[0]))
            total[*place, z : z + weight.shape[1]] += piece * weight
            weights[*place, z : z + weight.shape[1]] += weight
    return total / weights


class Memory(Protocol):
    """What is asked of a `memory.DeviceMemory`."""

    def free(self) -> int: ...


def tile_sizes(
    height: int, width: int, bytes_per_pixel: int, memory: Memory
) -> Iterator[int | None]:
    """Sides of tiles to try for a picture, in pixels, the largest that memory allows first.

    None is the whole picture. Each is half of the one before, down to `SMALLEST`.
    """
    free = memory.free()
    tile = 1 << (max(height, width, SMALLEST) - 1).bit_length()
    if height * width * bytes_per_pixel <= free or tile <= SMALLEST:
        yield None
    while tile > SMALLEST:
        tile //= 2
        # Tiles are averaged with such twice as wide or tall: those are of the same area.
        if tile == SMALLEST or tile * tile * bytes_per_pixel <= free:
            yield tile


def _spans(length: int, tile: int, overlap: int) -> Iterator[tuple[int, int]]:
    """Starts and ends of the tiles along one side, the last one cut at the end."""
    if length <= tile:
        yield 0, length
        return
    for start in range(0, length - overlap, tile - overlap):
        yield start, min(start + tile, length)


def _ramp(length: int, rise: int) -> Tensor:
    """Weights [length], rising from 1 / rise to 1 over `rise` cells at either end."""
    if rise < 1:
        return torch.ones(length)
    up = (torch.arange(1, length + 1) / rise).clamp(max=1.0)
    return up * up.flip(0)
