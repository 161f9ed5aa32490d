"""Where and when each prompt counts, worked out for the latents and the schedule of one run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from nodes.diffusion.beside import fit_mask
from nodes.diffusion.box import Box
from nodes.diffusion.conditioning import Area, Conditioning, ConditioningEntry
from nodes.diffusion.denoiser import Denoiser
from nodes.diffusion.errors import ShapeError
from nodes.diffusion.prompt_turns import Turn
from nodes.diffusion.telling import tell
from nodes.diffusion.told import Told

__all__ = ["Box", "Region", "fit_mask", "mirrored", "place"]

FEATHER = 8
"""Cells over which an area's weight rises, at sides that are not the picture's."""


@dataclass(frozen=True, eq=False)
class Region:
    """An entry, placed: `told` in 1 or B rows, `weight` [1 or B, 1, box height, box width].

    Active at levels from `sigma_start` down to `sigma_end`, both included, if it is its turn:
    what is asked at a level of the run's `ladder` or below belongs to the step that begins there.
    With several `turns` it must be that of each.
    """

    told: Told
    box: Box
    weight: Tensor
    sigma_start: float
    sigma_end: float
    turns: tuple[Turn, ...] = ()
    ladder: tuple[float, ...] = ()

    def active(self, sigma: float) -> bool:
        if not self.sigma_end <= sigma <= self.sigma_start:
            return False
        return all(turn.at(*_step(self.ladder, sigma)) for turn in self.turns)


def _step(ladder: tuple[float, ...], sigma: float) -> tuple[int, int]:
    """The step that a level belongs to, and how many steps there are.

    On the way to the noise the steps are those of the way back: the first one is at most noise.
    """
    steps = max(len(ladder) - 1, 1)
    falling = ladder if len(ladder) < 2 or ladder[0] >= ladder[-1] else ladder[::-1]
    begun = sum(level >= sigma * (1 - 1e-6) for level in falling)
    return min(max(begun - 1, 0), steps - 1), steps


def place(
    conditioning: Conditioning,
    denoiser: Denoiser,
    batch: int,
    height: int,
    width: int,
    *,
    unwanted: bool = False,
    ladder: Sequence[float] = (),
) -> tuple[Region, ...]:
    """Every entry as a region of latents [batch, C, height, width], on the denoiser's device.

    `unwanted` says that this is the negative prompt; `ladder` are the levels of the run.

    Raises ShapeError for embeddings of another model, batches that do not fit, and areas outside
    the picture.
    """
    regions = []
    for entry in conditioning.entries:
        denoiser.check_embedding(entry.embedding)
        if entry.embedding.shape[0] not in (1, batch):
            raise ShapeError(
                f"the conditioning holds {entry.embedding.shape[0]} prompts for a batch of "
                f"{batch} latents; it may hold 1 or {batch}"
            )
        box, weight = _weight(entry, batch, height, width, denoiser.latent_factor)
        region = Region(
            told=tell(entry, denoiser, (batch, height, width), box, unwanted=unwanted),
            box=box,
            weight=weight.to(denoiser.device),
            sigma_start=denoiser.schedule.sigma_at(entry.start),
            sigma_end=denoiser.schedule.sigma_at(entry.end),
            turns=() if entry.turn is None else (entry.turn,),
            ladder=tuple(ladder),
        )
        regions.append(region)
    return tuple(regions)


def mirrored(regions: Sequence[Region], others: Sequence[Region]) -> tuple[Region, ...]:
    """`regions`, and for every box among `others` one of the same place, time and weight.

    So that positive and negative are compared on the same crop. The new region is told what the
    smallest region here is told which holds the box.
    """
    result = list(regions)
    for other in others:
        holding = [region for region in result if region.box.holds(other.box)]
        smallest = min(holding, key=lambda region: region.box.cells, default=None)
        if smallest is None or smallest.box == other.box:
            continue
        # A prompt that changes is as many regions, each of which tells its part.
        parts = [r for r in holding if r.box == smallest.box and r.turns] or [smallest]
        for part in parts:
            told = replace(other.told, embedding=part.told.embedding, pooled=part.told.pooled)
            result.append(replace(other, told=told, turns=(*other.turns, *part.turns)))
    return tuple(result)


def _weight(
    entry: ConditioningEntry, batch: int, height: int, width: int, factor: int
) -> tuple[Box, Tensor]:
    whole = Box(0, 0, height, width)
    box = whole if entry.area is None else _box(entry.area, height, width, factor)
    if entry.mask is None:
        weight = torch.ones(1, 1, box.height, box.width)
        if entry.area is not None:
            weight = weight * _feather(box.top, box.bottom, height)[:, None]
            weight = weight * _feather(box.left, box.right, width)
        return box, weight * entry.strength
    mask = fit_mask(entry.mask, "the conditioning's mask", batch, height, width)
    if entry.mask_bounds:
        box = _bounds(mask, height, width)
    return box, box.cut(mask) * (entry.mask_strength * entry.strength)


def _box(area: Area, height: int, width: int, factor: int) -> Box:
    """An area in cells, cut at the edges of the picture."""
    if area.fraction:
        top, tall = round(area.y * height), round(area.height * height)
        left, wide = round(area.x * width), round(area.width * width)
    else:
        top, tall = int(area.y) // factor, int(area.height) // factor
        left, wide = int(area.x) // factor, int(area.width) // factor
    if top >= height or left >= width:
        size = "1 x 1" if area.fraction else f"{width * factor} x {height * factor} pixels"
        raise ShapeError(
            f"a conditioning's area starts at ({area.x:g}, {area.y:g}), outside the picture "
            f"of {size}"
        )
    return Box(top, left, min(max(tall, 1), height - top), min(max(wide, 1), width - left))


def _bounds(mask: Tensor, height: int, width: int) -> Box:
    """The rectangle around what a mask [b, 1, height, width] selects, 8 cells wide at least."""
    where = mask.abs().amax(dim=(0, 1)).nonzero()
    if not len(where):
        return Box(0, 0, min(8, height), min(8, width))
    (top, left), (bottom, right) = where.amin(0).tolist(), where.amax(0).tolist()
    tall, wide = max(bottom - top + 1, 8), max(right - left + 1, 8)
    return Box(top, left, min(tall, height - top), min(wide, width - left))


def _feather(start: int, end: int, side: int) -> Tensor:
    """Weights [end - start], rising over up to 8 cells from the ends that are not the picture's."""
    length = end - start
    rise = min(FEATHER, length // 4)
    weight = torch.ones(length)
    ramp = torch.arange(1, rise + 1) / max(rise, 1)
    if start > 0:
        weight[:rise] *= ramp
    if end < side:
        weight[length - rise :] *= ramp.flip(0)
    return weight
