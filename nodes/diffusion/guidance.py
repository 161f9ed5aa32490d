"""Guidance: predictions for what is wanted and what is not, in as few calls as may be."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from nodes.diffusion.denoiser import Denoiser
from nodes.diffusion.guidance_formula import ClassifierFree, Formula
from nodes.diffusion.guidance_stage import Predictions, Stage
from nodes.diffusion.network import Hook
from nodes.diffusion.regions import Region
from nodes.diffusion.told import Told

__all__ = ["Guided", "predict"]

LONGEST_REPEAT = 4
"""Embeddings are not repeated more often than this to go into one call."""


@dataclass(frozen=True, eq=False)
class Guided:
    """denoise(x, sigma) of a whole run: prompts as regions, and guidance between them.

    `sides` are the prompts in the order of the `formula`. `batched` puts what fits together into
    one call of the network; the result is the same. `tick` is called before every call of the
    network. `memory` is what the stages of the denoiser keep from call to call: a run has a
    `Guided` of its own.
    """

    denoiser: Denoiser
    sides: tuple[tuple[Region, ...], ...]
    formula: Formula
    tick: Callable[[], None]
    batched: bool = True
    memory: dict[Stage, Any] = field(default_factory=dict)

    def __call__(self, x: Tensor, sigma: Tensor) -> Tensor:
        """Denoised `x` [B, C, h, w] at level `sigma` (0-d); asks only what the formula needs."""
        return self._combined(x, sigma)[0]

    def guided(self, x: Tensor, sigma: Tensor) -> tuple[Tensor, Tensor]:
        """Denoised with guidance, and as the last prompt alone would have it."""
        last = len(self.sides) - 1
        guided, found = self._combined(x, sigma, last)
        return guided, found[last]

    def _combined(self, x: Tensor, sigma: Tensor, *more: int) -> tuple[Tensor, dict[int, Tensor]]:
        """The result after all stages, and the predictions by their sides, `more` among them."""
        schedule, stages = self.denoiser.schedule, self.denoiser.stages
        guides = all(stage.guides(float(sigma), schedule) for stage in stages)
        formula = self.formula if guides else ClassifierFree(1.0)
        places = sorted({*formula.needed, *more})
        sides = [self.sides[place] for place in places]
        found = dict(zip(places, self._predict(self.denoiser, x, sigma, sides), strict=True))
        guided = formula(found)
        for stage in stages:
            guided = stage.apply(self._known(x, sigma, formula, found, guided))
        return guided, found

    def _known(
        self, x: Tensor, sigma: Tensor, formula: Formula, found: dict[int, Tensor], guided: Tensor
    ) -> Predictions:
        last = max(found)

        def again(*hooks: Hook, x: Tensor = x, unwanted: bool = False) -> Tensor:
            changed = self.denoiser.with_hooks(*hooks)
            return self._predict(changed, x, sigma, [self.sides[last if unwanted else 0]])[0]

        return Predictions(
            x=x,
            sigma=sigma,
            cond=found[0],
            uncond=found[last] if last else None,
            scale=formula.scale,
            guided=guided,
            schedule=self.denoiser.schedule,
            again=again,
            memory=self.memory,
        )

    def _predict(
        self, denoiser: Denoiser, x: Tensor, sigma: Tensor, sides: Sequence[Sequence[Region]]
    ) -> tuple[Tensor, ...]:
        return predict(denoiser, x, sigma, sides, tick=self.tick, batched=self.batched)


def predict(
    denoiser: Denoiser,
    x: Tensor,
    sigma: Tensor,
    sides: Sequence[Sequence[Region]],
    *,
    tick: Callable[[], None],
    batched: bool = True,
) -> tuple[Tensor, ...]:
    """One denoised `x` [B, C, h, w] per side: the mean of its regions by their weights.

    Where no region of a side has weight its prediction is 0.
    """
    level = float(sigma)
    jobs = [
        (side, region)
        for side, regions in enumerate(sides)
        for region in regions
        if region.active(level)
    ]
    totals = [torch.zeros_like(x) for _ in sides]
    weights = [x.new_zeros(x.shape[0], 1, *x.shape[2:]) for _ in sides]
    for group in _groups(jobs) if batched else [[job] for job in jobs]:
        tick()
        outputs = _call(denoiser, x, sigma, [region for _, region in group])
        for (side, region), output in zip(group, outputs, strict=True):
            region.box.cut(totals[side]).add_(output * region.weight)
            region.box.cut(weights[side]).add_(region.weight)
    pairs = zip(totals, weights, strict=True)
    return tuple(total / weight.clamp(min=1e-37) for total, weight in pairs)


def _call(
    denoiser: Denoiser, x: Tensor, sigma: Tensor, regions: Sequence[Region]
) -> tuple[Tensor, ...]:
    """One call of the network for regions of one size."""
    length = math.lcm(*(region.told.embedding.shape[1] for region in regions))
    crops = torch.cat([region.box.cut(x) for region in regions])
    told = Told.joined([region.told.rows(x.shape[0]).with_tokens(length) for region in regions])
    return denoiser(crops, sigma, told).chunk(len(regions))


Job = tuple[int, Region]


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
