"""What a network is told besides noisy latents and a time: one row for each latent of a call."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any, Protocol

import torch
from torch import Tensor

if TYPE_CHECKING:
    from nodes.diffusion.box import Box
    from nodes.diffusion.denoiser import Denoiser

__all__ = ["Control", "PlacedControl", "Residuals", "Told"]


@dataclass(frozen=True, eq=False)
class Residuals:
    """What ControlNets and adapters add inside of a UNet, in diffusers' order.

    `down` and `mid` are added to the skip connections and the middle (ControlNet); `intra` within
    the down blocks (T2I-Adapter).
    """

    down: tuple[Tensor, ...] | None = None
    mid: Tensor | None = None
    intra: tuple[Tensor, ...] | None = None

    def to(self, dtype: torch.dtype) -> Residuals:
        """The same in another number format."""
        return Residuals(
            down=None if self.down is None else tuple(part.to(dtype) for part in self.down),
            mid=None if self.mid is None else self.mid.to(dtype),
            intra=None if self.intra is None else tuple(part.to(dtype) for part in self.intra),
        )

    def __add__(self, other: Residuals) -> Residuals:
        """Both together."""
        return Residuals(
            down=_summed(self.down, other.down),
            mid=_sum(self.mid, other.mid),
            intra=_summed(self.intra, other.intra),
        )


class Control(Protocol):
    """A network beside the network, with its hint, strength and range, as prompts carry it."""

    def place(self, denoiser: Denoiser, shape: tuple[int, int, int], box: Box) -> PlacedControl:
        """For the part `box` of latents of `shape` (batch, h, w), on the denoiser's device.

        Raises ShapeError if it was made for another model or does not fit the batch.
        """
        ...


class PlacedControl(Protocol):
    """A control for one run and one part of the picture; equal to one placed alike."""

    def active(self, sigma: float) -> bool:
        """Whether it counts at this level."""
        ...

    def residuals(self, scaled: Tensor, time: Tensor, told: Told) -> Residuals:
        """What it adds; `scaled` [B, C, h, w] and `time` [B] as the network gets them."""
        ...


@dataclass(frozen=True, eq=False)
class Told:
    """What a network is told, on its device and in its dtype.

    Attributes:
        embedding: of the prompt, [B, T, D].
        pooled: of the prompt, [B, P]; for networks that read it (SDXL).
        sizes: SDXL's numbers on size and crop, [B, 6], or [B, 5] for its refiner.
        concat: further input channels, [B, C', h, w] (inpainting, editing, depth, upscaling).
        labels: a class for each latent, [B] (the noise level of the x4 upscaler).
        controls: ControlNets and adapters, each for all rows.
    """

    embedding: Tensor
    pooled: Tensor | None = None
    sizes: Tensor | None = None
    concat: Tensor | None = None
    labels: Tensor | None = None
    controls: tuple[PlacedControl, ...] = ()

    def rows(self, batch: int) -> Told:
        """For `batch` latents, where this is for one or for as many."""
        return self._map(lambda part: part.expand(batch, *part.shape[1:]))

    def fits(self, other: Told) -> bool:
        """Whether one call can tell both: the same parts in the same shapes but for tokens."""
        if self.controls != other.controls:
            return False
        mine, theirs = self._parts(), other._parts()
        if mine.keys() != theirs.keys():
            return False
        return all(
            mine[name].shape[1:] == theirs[name].shape[1:] for name in mine if name != "embedding"
        )

    def with_tokens(self, length: int) -> Told:
        """All tokens repeated to `length`, a multiple of theirs: attention stays as it was."""
        embedding = self.embedding.repeat(1, length // self.embedding.shape[1], 1)
        return replace(self, embedding=embedding)

    @staticmethod
    def joined(parts: Sequence[Told]) -> Told:
        """The rows of all, which must fit and have as many tokens."""
        names = parts[0]._parts()
        changes: dict[str, Any] = {
            name: torch.cat([part._parts()[name] for part in parts]) for name in names
        }
        return replace(parts[0], **changes)

    def _parts(self) -> dict[str, Tensor]:
        found = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: part for name, part in found.items() if isinstance(part, Tensor)}

    def _map(self, change: Callable[[Tensor], Tensor]) -> Told:
        changes: dict[str, Any] = {name: change(part) for name, part in self._parts().items()}
        return replace(self, **changes)


def _sum(one: Tensor | None, other: Tensor | None) -> Tensor | None:
    if one is None or other is None:
        return other if one is None else one
    return one + other


def _summed(
    one: tuple[Tensor, ...] | None, other: tuple[Tensor, ...] | None
) -> tuple[Tensor, ...] | None:
    if one is None or other is None:
        return other if one is None else one
    return tuple(a + b for a, b in zip(one, other, strict=True))
