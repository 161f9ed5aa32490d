"""Variance schedules β₁..β_T of the forward process q(x_t | x_{t-1}) = N(√(1-β_t) x_{t-1}, β_t)."""

import math
from collections.abc import Callable

import torch
from torch import Tensor

from nodes.diffusion.suggest import pick

__all__ = ["BETA_SCHEDULES", "beta_schedule"]


def beta_schedule(
    name: str = "scaled_linear", count: int = 1000, start: float = 0.00085, end: float = 0.012
) -> Tensor:
    """Variances [count] in float64, each in (0, 1).

    Raises ValueError for an unknown name (naming the nearest) and for values outside their ranges.
    """
    make = pick("beta schedule", name, BETA_SCHEDULES)
    if count < 1:
        raise ValueError(f"a beta schedule needs at least 1 step, got {count}")
    if not 0 < start <= end < 1:
        raise ValueError(f"betas need 0 < start <= end < 1, got start={start}, end={end}")
    return make(count, start, end)


def _line(count: int, start: float, end: float) -> Tensor:
    return torch.linspace(start, end, count, dtype=torch.float64)


def _linear(count: int, start: float, end: float) -> Tensor:
    """Ho et al. 2020 (arXiv 2006.11239), section 4."""
    return _line(count, start, end)


def _scaled_linear(count: int, start: float, end: float) -> Tensor:
    """Linear in √β: Rombach et al. 2021 (arXiv 2112.10752), as Stable Diffusion is trained."""
    return _line(count, start**0.5, end**0.5) ** 2


def _quadratic(count: int, start: float, end: float) -> Tensor:
    """β rising with t²: `start` + (`end` - `start`) (t / T)²."""
    return start + (end - start) * _line(count, 0, 1) ** 2


def _sigmoid(count: int, start: float, end: float) -> Tensor:
    """A logistic curve over [-6, 6], as GeoDiff uses (arXiv 2203.02923)."""
    return start + (end - start) * torch.sigmoid(_line(count, -6, 6))


def _exponential(count: int, start: float, end: float) -> Tensor:
    """Linear in log β."""
    return _line(count, math.log(start), math.log(end)).exp()


def _constant(count: int, start: float, end: float) -> Tensor:
    """`end` throughout."""
    return torch.full((count,), end, dtype=torch.float64)


def _cosine(count: int, start: float, end: float) -> Tensor:
    """Nichol and Dhariwal 2021 (arXiv 2102.09672), equation 17, clipped at 0.999; no endpoints."""
    time = _line(count + 1, 0, 1)
    alphas_cumprod = torch.cos((time + 0.008) / 1.008 * (math.pi / 2)) ** 2
    return (1 - alphas_cumprod[1:] / alphas_cumprod[:-1]).clamp(max=0.999)


BETA_SCHEDULES: dict[str, Callable[[int, float, float], Tensor]] = {
    "constant": _constant,
    "cosine": _cosine,
    "exponential": _exponential,
    "linear": _linear,
    "quadratic": _quadratic,
    "scaled_linear": _scaled_linear,
    "sigmoid": _sigmoid,
    "squaredcos_cap_v2": _cosine,
}
