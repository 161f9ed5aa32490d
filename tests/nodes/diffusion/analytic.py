"""Denoisers with a formula, for samplers to be measured against."""

import json
import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

DATA = Path(__file__).parents[2] / "data"


def reference(name: str) -> Any:
    """Figures of the field's engine, from `tests/data`."""
    return json.loads((DATA / name).read_text())


def reals(values: list[Any]) -> Tensor:
    return torch.tensor(values, dtype=torch.float64)


@dataclass
class TanhDenoiser:
    """The denoiser that the reference trajectories were made with; counts its calls."""

    calls: int = 0

    def __call__(self, x: Tensor, sigma: Tensor) -> Tensor:
        assert sigma.ndim == 0
        self.calls += 1
        variance = 0.25 + sigma**2
        return (0.25 * x + sigma**2 * torch.tanh(x / variance)) / variance

    def guided(self, x: Tensor, sigma: Tensor) -> tuple[Tensor, Tensor]:
        denoised = self(x, sigma)
        return denoised, 0.9 * denoised


@dataclass(frozen=True)
class GaussianDenoiser:
    """The exact denoiser of data from N(mean, deviation²)."""

    mean: float = 0.7
    deviation: float = 0.5

    def __call__(self, x: Tensor, sigma: Tensor) -> Tensor:
        share = self.deviation**2 / (self.deviation**2 + sigma**2)
        return self.mean + share * (x - self.mean)

    def guided(self, x: Tensor, sigma: Tensor) -> tuple[Tensor, Tensor]:
        denoised = self(x, sigma)
        return denoised, denoised

    def spread(self, sigma: float) -> float:
        """Standard deviation of the noisy data at level `sigma`."""
        return math.hypot(self.deviation, sigma)

    def flow(self, x: Tensor, start: float, end: float) -> Tensor:
        """Where the probability-flow ODE carries `x` from level `start` to `end`."""
        return self.mean + (x - self.mean) * (self.spread(end) / self.spread(start))


@dataclass
class Draws:
    """Noise from a list of draws, in order; asserts what intervals are asked for."""

    draws: Tensor
    asked: list[tuple[float, float]] = field(default_factory=list)

    def __call__(self, sigma: float, sigma_next: float) -> Tensor:
        assert sigma >= sigma_next > 0
        self.asked.append((sigma, sigma_next))
        return self.draws[len(self.asked) - 1]


def geometric(count: int, start: float = 10.0, end: float = 0.1) -> Tensor:
    """A ladder of `count` steps, equal in log sigma, that does not go to 0."""
    levels = torch.linspace(math.log(start), math.log(end), count + 1, dtype=torch.float64)
    return levels.exp()
