"""What a sampler is asked to draw, and where, when and how strongly: plain values, no network."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from torch import Tensor
from torch.nn.functional import pad

from nodes.diffusion.errors import ShapeError
from nodes.diffusion.prompt_turns import Turn
from nodes.diffusion.told import Control

__all__ = [
    "Area",
    "Beside",
    "Conditioning",
    "ConditioningEntry",
    "PictureSizes",
    "average",
    "combine",
    "concat",
    "with_area",
    "with_mask",
    "with_range",
    "zero_out",
]


@dataclass(frozen=True)
class Area:
    """A rectangle of the picture, in pixels or, with `fraction`, in shares of its sides (0..1)."""

    y: float
    x: float
    height: float
    width: float
    fraction: bool = False

    def __post_init__(self) -> None:
        if self.y < 0 or self.x < 0 or self.height <= 0 or self.width <= 0:
            raise ShapeError(
                f"an area needs a positive size and starts at 0 or later, got {self.width:g} x "
                f"{self.height:g} at ({self.x:g}, {self.y:g})"
            )


@dataclass(frozen=True)
class PictureSizes:
    """What SDXL is told of the picture that a training picture was cut from, in pixels.

    The picture was `width` x `height`, was cut at (`crop_left`, `crop_top`), and became
    `target_width` x `target_height`; Podell et al. 2023 (arXiv 2307.01952), section 2.2. The
    refiner reads an aesthetic score (about 1 to 10) instead of the target.
    """

    width: int
    height: int
    crop_left: int = 0
    crop_top: int = 0
    target_width: int | None = None
    target_height: int | None = None
    aesthetic: float = 6.0


@dataclass(frozen=True, eq=False)
class Beside:
    """A picture that the network sees beside the noisy one, for networks with more inputs.

    `samples` [1 or B, C, h, w] in the network's own scale, and for inpainting `mask` ([1 or B, H,
    W] in 0..1, any resolution, 1 = to be made anew).
    """

    samples: Tensor
    mask: Tensor | None = None


@dataclass(frozen=True, eq=False)
class ConditioningEntry:
    """One prompt's embedding with its place, its time and its weight.

    `embedding` is [1 or B, T, D], `pooled` [1 or B, P]. `mask` ([1 or B, H, W] in 0..1, any
    resolution) and `area` limit where it counts, with the weights `mask_strength` and
    `strength`; with `mask_bounds` the network sees only the rectangle around the mask. It is
    active while the noise lies between the fractions `start` and `end` (0 = all noise) of the
    model's schedule, and of a run's steps at those that `turn` says. `sizes`, `beside` and
    `noise_level` (of the picture beside, a whole number) are for the networks that read them;
    `controls` are ControlNets and adapters.
    """

    embedding: Tensor
    pooled: Tensor | None = None
    area: Area | None = None
    mask: Tensor | None = None
    mask_bounds: bool = False
    strength: float = 1.0
    mask_strength: float = 1.0
    start: float = 0.0
    end: float = 1.0
    turn: Turn | None = None
    sizes: PictureSizes | None = None
    beside: Beside | None = None
    noise_level: int | None = None
    controls: tuple[Control, ...] = ()

    def __post_init__(self) -> None:
        if self.embedding.ndim != 3:
            raise ShapeError(f"an embedding is [B, T, D], got {list(self.embedding.shape)}")
        if self.mask is not None and self.mask.ndim != 3:
            raise ShapeError(f"a conditioning mask is [B, H, W], got {list(self.mask.shape)}")
        if self.end < self.start:
            raise ShapeError(f"the range's end {self.end:g} comes before its start {self.start:g}")


@dataclass(frozen=True, eq=False)
class Conditioning:
    """Entries whose predictions are averaged by their weights wherever they overlap."""

    entries: tuple[ConditioningEntry, ...]

    def __post_init__(self) -> None:
        if not self.entries:
            raise ShapeError("a conditioning needs at least one entry")

    def map(self, change: Callable[[ConditioningEntry], ConditioningEntry]) -> "Conditioning":
        """The same conditioning with every entry changed."""
        return Conditioning(tuple(change(entry) for entry in self.entries))


def combine(first: Conditioning, second: Conditioning) -> Conditioning:
    """Both, to be averaged as predictions (not as embeddings)."""
    return Conditioning(first.entries + second.entries)


def average(to: Conditioning, other: Conditioning, to_strength: float) -> Conditioning:
    """Blend embeddings: `to_strength` (0..1) of each entry of `to`, the rest of `other`'s first.

    `other` is cut, or filled with zeros, to the length of `to`.
    """
    source = _only(other)

    def blend(entry: ConditioningEntry) -> ConditioningEntry:
        _check_width(entry, source)
        length = entry.embedding.shape[1]
        fitted = source.embedding[:, :length]
        fitted = pad(fitted, (0, 0, 0, length - fitted.shape[1]))
        embedding = torch.lerp(fitted, entry.embedding, to_strength)
        pooled = entry.pooled
        if pooled is not None and source.pooled is not None:
            pooled = torch.lerp(source.pooled, pooled, to_strength)
        return replace(entry, embedding=embedding, pooled=pooled)

    return to.map(blend)


def _only(other: Conditioning) -> ConditioningEntry:
    """The first entry. Raises ShapeError where it is told at some steps only."""
    if other.entries[0].turn is not None:
        raise ShapeError(
            "the second prompt changes from step to step ([a:b:0.5], [a|b]); only the first may"
        )
    return other.entries[0]


def concat(to: Conditioning, other: Conditioning) -> Conditioning:
    """Append the tokens of `other`'s first entry to every entry of `to`."""
    source = _only(other)

    def join(entry: ConditioningEntry) -> ConditioningEntry:
        _check_width(entry, source)
        batch = max(entry.embedding.shape[0], source.embedding.shape[0])
        parts = [part.embedding.expand(batch, -1, -1) for part in (entry, source)]
        return replace(entry, embedding=torch.cat(parts, dim=1))

    return to.map(join)


def with_area(conditioning: Conditioning, area: Area, strength: float) -> Conditioning:
    """Limit every entry to a rectangle."""
    return conditioning.map(lambda entry: replace(entry, area=area, strength=strength))


def with_mask(
    conditioning: Conditioning, mask: Tensor, strength: float, *, bounds: bool = False
) -> Conditioning:
    """Limit every entry to a mask ([1 or B, H, W] in 0..1)."""
    return conditioning.map(
        lambda entry: replace(entry, mask=mask, mask_bounds=bounds, mask_strength=strength)
    )


def with_range(conditioning: Conditioning, start: float, end: float) -> Conditioning:
    """Limit every entry to the fractions `start`..`end` of the schedule, 0 being all noise."""
    return conditioning.map(lambda entry: replace(entry, start=start, end=end))


def zero_out(conditioning: Conditioning) -> Conditioning:
    """Embeddings of zeros, of the same shapes."""
    return conditioning.map(
        lambda entry: replace(
            entry,
            embedding=torch.zeros_like(entry.embedding),
            pooled=None if entry.pooled is None else torch.zeros_like(entry.pooled),
        )
    )


def _check_width(to: ConditioningEntry, other: ConditioningEntry) -> None:
    if to.embedding.shape[2] != other.embedding.shape[2]:
        raise ShapeError(
            f"these conditionings come from different text encoders: their embeddings are "
            f"{to.embedding.shape[2]} and {other.embedding.shape[2]} wide"
        )
    batches = {to.embedding.shape[0], other.embedding.shape[0]} - {1}
    if len(batches) > 1:
        raise ShapeError(f"conditioning batches of {min(batches)} and {max(batches)} do not match")
