"""Guidance: predictions for what is wanted and what is not, in as few calls as may be."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from torch import Tensor

from nodes.diffusion.calls import Calls, plan_calls
from nodes.diffusion.denoiser import Denoiser
from nodes.diffusion.guidance_formula import ClassifierFree, Formula
from nodes.diffusion.guidance_stage import Predictions, Stage
from nodes.diffusion.network import Hook
from nodes.diffusion.regions import Region

__all__ = ["Guided"]


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
    _calls: dict[object, Calls] = field(default_factory=dict)

    def __call__(self, x: Tensor, sigma: Tensor) -> Tensor:
        """Denoised `x` [B, C, h, w] at level `sigma` (0-d); asks only what the formula needs."""
        return self._combined(x, sigma)[0]

    def guided(self, x: Tensor, sigma: Tensor) -> tuple[Tensor, Tensor]:
        """Denoised with guidance, and as the last prompt alone would have it."""
        last = len(self.sides) - 1
        guided, found, _ = self._combined(x, sigma, last)
        return guided, found[last]

    def with_variance(self, x: Tensor, sigma: Tensor) -> tuple[Tensor, Tensor]:
        """Denoised with guidance, and the share of the larger variance of the wanted prompt.

        Raises ValueError for a network that tells none.
        """
        guided, _, share = self._combined(x, sigma, denoiser=self.denoiser.with_share())
        return guided, share

    def _combined(
        self, x: Tensor, sigma: Tensor, *more: int, denoiser: Denoiser | None = None
    ) -> tuple[Tensor, dict[int, Tensor], Tensor]:
        """The result after all stages, and the predictions by their sides, `more` among them.

        The third is what a `denoiser` (another than the run's) says beside for the wanted prompt.
        """
        schedule, stages = self.denoiser.schedule, self.denoiser.stages
        guides = all(stage.guides(float(sigma), schedule) for stage in stages)
        formula = self.formula if guides else ClassifierFree(1.0)
        places = sorted({*formula.needed, *more})
        sides = [self.sides[place] for place in places]
        answers = self._predict(denoiser or self.denoiser, x, sigma, sides)
        parts = [answer.tensor_split([x.shape[1]], dim=1) for answer in answers]
        found = {place: denoised for place, (denoised, _) in zip(places, parts, strict=True)}
        guided = formula(found)
        for stage in stages:
            guided = stage.apply(self._known(x, sigma, formula, found, guided))
        return guided, found, parts[0][1]

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
        level = float(sigma)
        active = [[region for region in side if region.active(level)] for side in sides]
        key = tuple(x.shape), *(tuple(map(id, side)) for side in active)
        calls = self._calls.get(key)
        if calls is None:
            calls = self._calls[key] = plan_calls(active, x, batched=self.batched)
        return calls.predict(denoiser, x, sigma, self.tick)
