"""Samplers that draw noise, for models of rectified flow.

There x = (1 - σ) x₀ + σ ε, and x / (1 - σ) = x₀ + s ε with s = σ / (1 - σ): what the samplers
expect. The probability-flow ODE, dx/dσ = (x - D) / σ, is the same in both coordinates, so that
what follows it needs no change; noise that is added anew, and steps along another prediction, do.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from torch import Tensor

from nodes.diffusion.noise_schedule import FlowSchedule, NoiseSchedule
from nodes.diffusion.samplers import SamplerChoice
from nodes.diffusion.samplers_base import (
    Callback,
    Denoise,
    GuidedDenoise,
    Noise,
    Sampler,
    StepInfo,
)

__all__ = ["ByFlow", "for_schedule"]

_START = 1e-4
"""How far down a schedule of flow that begins at pure noise is begun instead."""


def for_schedule(choice: SamplerChoice, schedule: NoiseSchedule) -> Sampler:
    """The sampler as it is, or `ByFlow` for levels of rectified flow where that matters."""
    if not isinstance(schedule, FlowSchedule) or choice.follows_ode:
        return choice
    return ByFlow(choice, schedule.sigma_at(_START))


@dataclass(frozen=True)
class ByFlow:
    """The `sampler`, which works with x₀ + s ε, as one down levels σ of rectified flow.

    A level above `highest` is taken for it, since pure noise has no finite s.
    """

    sampler: Sampler
    highest: float

    def __call__(
        self,
        denoise: Denoise,
        x: Tensor,
        sigmas: Tensor,
        /,
        *,
        noise: Noise,
        callback: Callback | None = None,
    ) -> Tensor:
        """The sample at sigmas[-1]."""
        # In float64, for s to lead back to σ.
        levels = sigmas.double().clamp(max=self.highest)
        result = self.sampler(
            _GuidedSpread(denoise) if isinstance(denoise, GuidedDenoise) else _Spread(denoise),
            x / (1 - float(levels[0])),
            levels / (1 - levels),
            noise=lambda s, s_next: noise(_sigma(s), _sigma(s_next)),
            callback=None if callback is None else _told(callback),
        )
        return result * (1 - float(levels[-1]))


def _sigma(s: float) -> float:
    return s / (1 + s)


def _told(callback: Callback) -> Callback:
    def call(step: StepInfo) -> None:
        callback(replace(step, sigma=_sigma(step.sigma), x=step.x / (1 + step.sigma)))

    return call


@dataclass(frozen=True)
class _Spread:
    """Denoises x₀ + s ε."""

    inner: Denoise

    def __call__(self, x: Tensor, s: Tensor) -> Tensor:
        return self.inner(*_flow(x, s))


@dataclass(frozen=True)
class _GuidedSpread(_Spread):
    inner: GuidedDenoise

    def guided(self, x: Tensor, s: Tensor) -> tuple[Tensor, Tensor]:
        return self.inner.guided(*_flow(x, s))


def _flow(x: Tensor, s: Tensor) -> tuple[Tensor, Tensor]:
    return x / (1 + float(s)), (s / (1 + s)).to(x.dtype)
