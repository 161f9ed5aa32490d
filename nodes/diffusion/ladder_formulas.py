"""Noise levels by formulas that need no model: levels [n + 1] in float32, the last one 0.

Between `high` and `low`, the levels of the first and the last step but the one to 0.
"""

import math

import numpy as np
import torch
from torch import Tensor

__all__ = [
    "ALIGNED",
    "align_your_steps",
    "exponential",
    "karras",
    "laplace",
    "polyexponential",
    "variance_preserving",
]


def _then_zero(levels: Tensor) -> Tensor:
    return torch.cat([levels, levels.new_zeros(1)])


def karras(high: float, low: float, steps: int, rho: float = 7.0) -> Tensor:
    """Equally spaced in σ^(1/rho): Karras et al. 2022 (arXiv 2206.00364), equation 5.

    Raises ValueError for a `rho` that is not positive.
    """
    if not rho > 0:
        raise ValueError(f"rho must be above 0, got {rho:g}")
    try:
        first, last = high ** (1 / rho), low ** (1 / rho)
    except OverflowError as error:
        raise ValueError(f"rho {rho:g} is too small for a level of {high:g}") from error
    return _then_zero((first + torch.linspace(0, 1, steps) * (last - first)) ** rho)


def exponential(high: float, low: float, steps: int) -> Tensor:
    """Equally spaced in log σ. Raises ValueError for ends that are not positive."""
    _check_logarithms(high, low)
    return _then_zero(torch.linspace(math.log(high), math.log(low), steps).exp())


def _check_logarithms(high: float, low: float) -> None:
    if not (high > 0 and low > 0):
        raise ValueError(f"both ends must be above 0 for their logarithm, got {high:g} and {low:g}")


def polyexponential(high: float, low: float, steps: int, rho: float = 1.0) -> Tensor:
    """A power `rho` of an even line in log σ: more than 1 is denser at the low levels.

    Raises ValueError for ends that are not positive.
    """
    _check_logarithms(high, low)
    share = torch.linspace(1, 0, steps) ** rho
    return _then_zero((share * (math.log(high) - math.log(low)) + math.log(low)).exp())


def laplace(high: float, low: float, steps: int, mu: float = 0.0, beta: float = 0.5) -> Tensor:
    """Equal quantiles of a Laplace distribution of log σ, kept in `low`..`high`; no 0 at the end.

    Hang et al. 2024, "Improved Noise Schedule for Diffusion Training" (arXiv 2407.03297). `steps`
    levels, as in the field's workflows. Raises ValueError for `low` above `high`.
    """
    if low > high:
        raise ValueError(f"the lowest level {low:g} is above the highest, {high:g}")
    share = torch.linspace(0, 1, steps)
    tail = (1 - 2 * (0.5 - share).abs() + 1e-5).log()
    return (mu - beta * (0.5 - share).sign() * tail).exp().clamp(low, high)


def variance_preserving(
    steps: int, beta_d: float = 19.9, beta_min: float = 0.1, eps_s: float = 1e-3
) -> Tensor:
    """σ(t) = √(exp(β_d t² / 2 + β_min t) - 1) for even times t from 1 to `eps_s`.

    Song et al. 2021 (arXiv 2011.13456), as Karras et al. 2022 write it (table 1).
    """
    time = torch.linspace(1, eps_s, steps)
    return _then_zero((beta_d * time**2 / 2 + beta_min * time).expm1().sqrt())


ALIGNED: dict[str, tuple[float, ...]] = {
    "SD1": (
        *(14.6146412293, 6.4745760956, 3.8636745985, 2.6946151520, 1.8841921177),
        *(1.3943805092, 0.9642583904, 0.6523686016, 0.3977456272, 0.1515232662, 0.0291671582),
    ),
    "SDXL": (
        *(14.6146412293, 6.3184485287, 3.7681790315, 2.1811480769, 1.3405244945),
        *(0.8620721141, 0.5550693289, 0.3798540708, 0.2332364134, 0.1114188177, 0.0291671582),
    ),
    "SVD": (700.0, 54.5, 15.886, 7.977, 4.248, 1.789, 0.981, 0.403, 0.173, 0.034, 0.002),
}
"""Levels of ten steps that Sabour et al. 2024 found ("Align Your Steps", arXiv 2404.14507)."""


def align_your_steps(family: str, steps: int, denoise: float = 1.0) -> Tensor:
    """The levels of `ALIGNED`, between them linear in log σ; the last share `denoise` of them."""
    table = np.log(ALIGNED[family])
    places = np.linspace(0, len(table) - 1, steps + 1)
    levels = torch.from_numpy(np.exp(np.interp(places, np.arange(len(table)), table))).float()
    levels[-1] = 0.0
    return levels if denoise >= 1 else levels[steps - round(steps * denoise) :]
