"""Which regions share a call of the network, worked out once for all levels at which they count."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from nodes.diffusion.denoiser import Denoiser
from nodes.diffusion.regions import Region
from nodes.diffusion.told import Told

__all__ = ["Calls", "plan_calls"]

LONGEST_REPEAT = 4
"""Embeddings are not repeated more often than this to go into one call."""

Job = tuple[int, Region]
"""A side, and a region of it."""


@dataclass(frozen=True, eq=False)
class Calls:
    """The calls that give a prediction for each side.

    Attributes:
        groups: what is asked in one call each, and what the network is told in it.
        alone: for each side, whether it is one region that is the whole picture.
    """

    groups: tuple[tuple[tuple[Job, ...], Told], ...]
    alone: tuple[bool, ...]

    def predict(
        self, denoiser: Denoiser, x: Tensor, sigma: Tensor, tick: Callable[[], None]
    ) -> tuple[Tensor, ...]:
        """One denoised `x` [B, C, h, w] per side: the mean of its regions by their weights.

        The answers have the `answer_channels` of the denoiser.

        Where no region of a side has weight its prediction is 0. `tick` is called before every
        call.
        """
        outputs: list[list[tuple[Region, Tensor]]] = [[] for _ in self.alone]
        for jobs, told in self.groups:
            tick()
            crops = torch.cat([region.box.cut(x) for _, region in jobs])
            answers = denoiser(crops, sigma, told).chunk(len(jobs))
            for (side, region), output in zip(jobs, answers, strict=True):
                outputs[side].append((region, output))
        return tuple(
            parts[0][1] if alone else _mean(x, parts, denoiser.answer_channels)
            for alone, parts in zip(self.alone, outputs, strict=True)
        )


def plan_calls(sides: Sequence[Sequence[Region]], x: Tensor, *, batched: bool) -> Calls:
    """The calls for the regions of each side, on latents like `x`.

    `batched` puts what fits together into one call.
    """
    jobs = [(side, region) for side, regions in enumerate(sides) for region in regions]
    groups = _groups(jobs) if batched else [[job] for job in jobs]
    return Calls(
        groups=tuple((tuple(group), _told([r for _, r in group], len(x))) for group in groups),
        alone=tuple(len(regions) == 1 and _is_whole(regions[0], x) for regions in sides),
    )


def _mean(x: Tensor, parts: Sequence[tuple[Region, Tensor]], channels: int) -> Tensor:
    batch, _, *size = x.shape
    total, weight = x.new_zeros(batch, channels, *size), x.new_zeros(batch, 1, *size)
    for region, output in parts:
        region.box.cut(total).add_(output * region.weight)
        region.box.cut(weight).add_(region.weight)
    return total / weight.clamp(min=1e-37)


def _is_whole(region: Region, x: Tensor) -> bool:
    """Whether it is all of the picture, everywhere with the same weight."""
    low, high = (float(end) for end in region.weight.aminmax())
    return (region.box.height, region.box.width) == tuple(x.shape[2:]) and low == high > 0


def _told(regions: Sequence[Region], batch: int) -> Told:
    """What the network is told in one call for all of them."""
    length = math.lcm(*(region.told.embedding.shape[1] for region in regions))
    return Told.joined([region.told.rows(batch).with_tokens(length) for region in regions])


def _groups(jobs: Sequence[Job]) -> list[list[Job]]:
    """Jobs that can share a call: crops of one size, told alike, in about as many tokens."""
    groups: list[list[Job]] = []
    for job in jobs:
        group = next((group for group in groups if _fits(group, job[1])), None)
        if group is None:
            groups.append([job])
        else:
            group.append(job)
    return groups


def _fits(group: Sequence[Job], region: Region) -> bool:
    first = group[0][1]
    if (first.box.height, first.box.width) != (region.box.height, region.box.width):
        return False
    if not first.told.fits(region.told):
        return False
    lengths = [other.told.embedding.shape[1] for _, other in (*group, (0, region))]
    return math.lcm(*lengths) // min(lengths) <= LONGEST_REPEAT
