"""FreeU: a stronger backbone and weaker low frequencies of the skip connections in a UNet.

Si et al. 2023 (arXiv 2309.11497). The decoder's features are told apart by their channels, as the
authors' code does: four times those of the first block (b1, s1) and twice (b2, s2).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

__all__ = ["FreeU", "filtered", "strengthened"]


def filtered(skip: Tensor, factor: float, radius: int = 1) -> Tensor:
    """`skip` [B, C, h, w] with the 2 x 2 lowest frequencies times `factor` (equation 6)."""
    spectrum = torch.fft.fftshift(torch.fft.fftn(skip.float(), dim=(-2, -1)), dim=(-2, -1))
    row, column = skip.shape[-2] // 2, skip.shape[-1] // 2
    low = (
        slice(max(row - radius, 0), row + radius),
        slice(max(column - radius, 0), column + radius),
    )
    spectrum[..., low[0], low[1]] *= factor
    back = torch.fft.ifftn(torch.fft.ifftshift(spectrum, dim=(-2, -1)), dim=(-2, -1))
    found: Tensor = back.real.to(skip.dtype)
    return found


def strengthened(features: Tensor, factor: float, *, adaptive: bool) -> Tensor:
    """The first half of the channels of [B, C, h, w] times `factor`.

    With `adaptive` (version 2, equation 5) by as much of it as the mean over the channels, scaled
    to 0..1 for each picture, is at that place.
    """
    half = features.shape[1] // 2
    if adaptive:
        mean = features.mean(1, keepdim=True)
        low, high = mean.amin((2, 3), keepdim=True), mean.amax((2, 3), keepdim=True)
        by = 1 + (factor - 1) * (mean - low) / (high - low).clamp(min=1e-12)
    else:
        by = features.new_tensor(factor)
    return torch.cat([features[:, :half] * by, features[:, half:]], dim=1)


@dataclass(frozen=True, eq=False)
class FreeU:
    """A hook for diffusers' UNet. `factors` gives (b, s) for features of so many channels."""

    factors: dict[int, tuple[float, float]]
    adaptive: bool

    @classmethod
    def of(
        cls, module: Any, b: tuple[float, float], s: tuple[float, float], *, adaptive: bool
    ) -> FreeU:
        """With the factors of the two stages of a UNet."""
        width = int(module.config.block_out_channels[0])
        return cls({4 * width: (b[0], s[0]), 2 * width: (b[1], s[1])}, adaptive)

    def attach(self, module: Any) -> Callable[[], None]:
        """Put it before every residual block of the decoder that sees such features."""
        handles = [
            block.register_forward_pre_hook(self._before(channels, *self.factors[channels]))
            for channels, block in _decoder(module)
            if self.factors.get(channels, (1.0, 1.0)) != (1.0, 1.0)
        ]

        def detach() -> None:
            for handle in handles:
                handle.remove()

        return detach

    def _before(self, channels: int, b: float, s: float) -> Callable[..., tuple[Any, ...]]:
        def change(_block: Any, given: tuple[Any, ...]) -> tuple[Any, ...]:
            joined, *rest = given
            features = strengthened(joined[:, :channels], b, adaptive=self.adaptive)
            skip = filtered(joined[:, channels:], s)
            return (torch.cat([features, skip], dim=1), *rest)

        return change


def _decoder(module: Any) -> Iterator[tuple[int, Any]]:
    """Every residual block of the decoder, with the channels that come from before it."""
    channels = int(module.config.block_out_channels[-1])
    for up in module.up_blocks:
        for block in up.resnets:
            yield channels, block
            channels = int(block.out_channels)
