"""ControlNets and adapters: networks that guide another one by a picture.

Zhang et al. 2023, "Adding Conditional Control to Text-to-Image Diffusion Models" (arXiv
2302.05543); Mou et al. 2023, "T2I-Adapter" (arXiv 2302.08453). The networks are diffusers'.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, ClassVar

import torch
from torch import Tensor
from torch.nn.functional import interpolate

from nodes.diffusion.box import Box
from nodes.diffusion.conditioning import Conditioning
from nodes.diffusion.denoiser import Denoiser
from nodes.diffusion.errors import ShapeError
from nodes.diffusion.network import Network
from nodes.diffusion.told import Residuals, Told

__all__ = ["ControlNet", "Hint", "PlacedHint", "fit_hint", "shared", "with_hint"]


@dataclass(frozen=True, eq=False)
class ControlNet(ABC):
    """A network that guides another one by a picture, on `device` and computing in `dtype`."""

    __opaque__: ClassVar[bool] = True

    network: Network
    device: torch.device
    dtype: torch.dtype

    @property
    def config(self) -> Any:
        """The configuration of the network."""
        return self.network.module.config

    @property
    @abstractmethod
    def factor(self) -> int:
        """Pixels of a hint per cell of the latents."""

    @property
    @abstractmethod
    def channels(self) -> int:
        """Channels of a hint."""

    @abstractmethod
    def check(self, denoiser: Denoiser) -> None:
        """Raises ShapeError if it was made for another model."""

    @abstractmethod
    def prepared(self, hint: Tensor) -> tuple[Tensor, ...]:
        """What can be computed once for a run from a hint [1 or B, C, H, W]."""

    @abstractmethod
    def residuals(
        self,
        prepared: tuple[Tensor, ...],
        scaled: Tensor,
        time: Tensor,
        told: Told,
        strength: float,
    ) -> Residuals:
        """What it adds at one level; arguments as in `PlacedControl`."""


@dataclass(frozen=True, eq=False)
class Hint:
    """A ControlNet with the picture that it guides by: a `Control`.

    Attributes:
        pixels: [1 or B, 3, H, W] in 0..1; resized to the picture, its middle if shaped otherwise.
        strength: what its residuals are multiplied with.
        start, end: fractions of the schedule between which it counts, 0 being all noise.
        both: whether it counts for the negative prompt, too, where that has no control of its own.
    """

    __opaque__: ClassVar[bool] = True

    net: ControlNet
    pixels: Tensor
    strength: float = 1.0
    start: float = 0.0
    end: float = 1.0
    both: bool = False

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise ShapeError(
                f"the control's end {self.end:g} comes before its start {self.start:g}"
            )

    def place(self, denoiser: Denoiser, shape: tuple[int, int, int], box: Box) -> PlacedHint:
        """See `Control`."""
        self.net.check(denoiser)
        batch, height, width = shape
        if self.pixels.shape[0] not in (1, batch):
            raise ShapeError(
                f"the control's image holds {self.pixels.shape[0]} pictures for a batch of {batch} "
                f"latents; it may hold 1 or {batch}"
            )
        factor = self.net.factor
        fitted = fit_hint(self.pixels, height * factor, width * factor)
        if self.net.channels == 1:
            fitted = fitted.mean(dim=1, keepdim=True)
        return PlacedHint(
            hint=self,
            box=box,
            pixels=box.cut(fitted, factor).to(self.net.device, self.net.dtype),
            sigma_start=denoiser.schedule.sigma_at(self.start),
            sigma_end=denoiser.schedule.sigma_at(self.end),
        )


@dataclass(frozen=True)
class PlacedHint:
    """A hint, resized and cut for a part of the picture: a `PlacedControl`.

    Active at levels from `sigma_start` down to `sigma_end`, both included.
    """

    hint: Hint
    box: Box
    pixels: Tensor = field(compare=False)
    sigma_start: float
    sigma_end: float

    def active(self, sigma: float) -> bool:
        """See `PlacedControl`."""
        return self.hint.strength != 0 and self.sigma_end <= sigma <= self.sigma_start

    @cached_property
    def _prepared(self) -> tuple[Tensor, ...]:
        return self.hint.net.prepared(self.pixels)

    def residuals(self, scaled: Tensor, time: Tensor, told: Told) -> Residuals:
        """See `PlacedControl`."""
        rows = scaled.shape[0]
        parts = tuple(part.repeat(rows // len(part), 1, 1, 1) for part in self._prepared)
        said = self.hint.net.residuals(parts, scaled, time, told, self.hint.strength)
        return said.to(scaled.dtype)


def fit_hint(pixels: Tensor, height: int, width: int) -> Tensor:
    """The largest centred part of [B, C, H, W] shaped like `height` x `width`, in that size.

    The nearest pixel is taken, as edges and segments must stay what they are.
    """
    tall, wide = pixels.shape[-2:]
    if (tall, wide) == (height, width):
        return pixels
    side = min(tall / height, wide / width)
    keep_tall, keep_wide = (max(1, round(side * length)) for length in (height, width))
    top, left = (tall - keep_tall) // 2, (wide - keep_wide) // 2
    middle = pixels[..., top : top + keep_tall, left : left + keep_wide]
    return interpolate(middle, size=(height, width), mode="nearest-exact")


def with_hint(conditioning: Conditioning, hint: Hint) -> Conditioning:
    """With one control more on every entry; at strength 0 the conditioning itself."""
    if hint.strength == 0:
        return conditioning
    return conditioning.map(lambda entry: replace(entry, controls=(*entry.controls, hint)))


def shared(positive: Conditioning, negative: Conditioning) -> Conditioning:
    """The negative prompt with the controls of the positive one that count for both."""
    controls = next(
        (
            entry.controls
            for entry in positive.entries
            if any(isinstance(control, Hint) and control.both for control in entry.controls)
        ),
        (),
    )
    if not controls:
        return negative
    return negative.map(lambda entry: replace(entry, controls=entry.controls or controls))
