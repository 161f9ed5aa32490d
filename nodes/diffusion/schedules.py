"""Schedulers: which noise levels a run visits.

A scheduler is a function (schedule, steps) -> levels [n + 1], falling, the last one 0, in float32.
n is `steps` except where the method itself gives another number (`ddim_uniform`, `beta`). Times and
levels are computed in float32, as the field does: at high noise a level is sensitive to rounding,
and the same workflow is to give the same picture.
"""

from collections.abc import Callable

import numpy as np
import torch
from scipy.special import betaincinv
from torch import Tensor

from nodes.diffusion import ladder_formulas
from nodes.diffusion.betas import BETA_SCHEDULES, beta_schedule
from nodes.diffusion.noise_schedule import FlowSchedule, NoiseSchedule
from nodes.diffusion.suggest import pick

__all__ = [
    "BETA_SCHEDULES",
    "SCHEDULERS",
    "SKIPS_PENULTIMATE",
    "FlowSchedule",
    "NoiseSchedule",
    "Scheduler",
    "beta_schedule",
    "sigmas_for",
]

Scheduler = Callable[[NoiseSchedule, int], Tensor]

SKIPS_PENULTIMATE = frozenset({"dpm_2", "dpm_2_ancestral", "uni_pc", "uni_pc_bh2"})
"""Samplers that lose accuracy in the last small interval: its upper level is left out."""


def sigmas_for(
    scheduler: str,
    schedule: NoiseSchedule,
    steps: int,
    *,
    denoise: float = 1.0,
    sampler: str = "euler",
) -> Tensor:
    """The ladder of a run: levels [n + 1] in float32, falling, the last one 0.

    With `denoise` d in (0, 1) the ladder of int(steps / d) steps is built and its last `steps` + 1
    levels kept, so that the run starts at a lower level. For samplers in `SKIPS_PENULTIMATE` the
    ladder is built one step longer and its penultimate level left out.

    A level that comes up more than once (more steps than the model has levels) is visited once.

    Raises ValueError for an unknown scheduler (naming the nearest), steps < 1, or `denoise` outside
    (0, 1].
    """
    make = pick("scheduler", scheduler, SCHEDULERS)
    if steps < 1:
        raise ValueError(f"steps must be at least 1, got {steps}")
    if not 0 < denoise <= 1:
        raise ValueError(f"denoise must be above 0 and at most 1, got {denoise}")
    # 0.9999 is taken for 1, as sliders round.
    count = steps if denoise > 0.9999 else int(steps / denoise)
    if sampler in SKIPS_PENULTIMATE:
        longer = make(schedule, count + 1)
        ladder = torch.cat([longer[:-2], longer[-1:]])
    else:
        ladder = make(schedule, count)
    kept = ladder if denoise > 0.9999 else ladder[-(steps + 1) :]
    return _distinct(kept)


def _distinct(levels: Tensor) -> Tensor:
    """Falling levels [n] with those that repeat the one before left out."""
    return torch.cat([levels[:1], levels[1:][levels.diff() < 0]])


def _then_zero(levels: Tensor) -> Tensor:
    return torch.cat([levels, levels.new_zeros(1)])


def _end_times(schedule: NoiseSchedule) -> tuple[Tensor, Tensor]:
    ends = schedule.timestep(torch.tensor([schedule.sigma_max, schedule.sigma_min]))
    return ends[0], ends[1]


def _line(start: Tensor | float, end: Tensor | float, count: int) -> Tensor:
    return torch.linspace(float(start), float(end), count, dtype=torch.float32)


def normal(schedule: NoiseSchedule, steps: int) -> Tensor:
    """Equally spaced times, from the first to the last."""
    start, end = _end_times(schedule)
    if float(schedule.sigma(end)) < 1e-5:  # then this is the final 0
        return torch.cat([schedule.sigma(_line(start, end, steps + 1)[:-1]), torch.zeros(1)])
    return _then_zero(schedule.sigma(_line(start, end, steps)))


def sgm_uniform(schedule: NoiseSchedule, steps: int) -> Tensor:
    """Equally spaced times, the last of which is left out (Stability's generative-models)."""
    start, end = _end_times(schedule)
    return _then_zero(schedule.sigma(_line(start, end, steps + 1)[:-1]))


def simple(schedule: NoiseSchedule, steps: int) -> Tensor:
    """Every (T / steps)-th level of the table, from the top, rounded to whole times."""
    count = len(schedule.sigmas)
    rows = [count - 1 - int(step * (count / steps)) for step in range(steps)]
    return _then_zero(schedule.sigmas[rows])


def ddim_uniform(schedule: NoiseSchedule, steps: int) -> Tensor:
    """Times 1, 1 + k, 1 + 2k, ... with k = T // steps: Song et al. 2020 (arXiv 2010.02502).

    Where `steps` does not divide T this is more than `steps` levels, as in the authors' code.
    """
    count = len(schedule.sigmas)
    stride = max(count // steps, 1)
    return _then_zero(schedule.sigmas[1::stride].flip(0))


def karras(schedule: NoiseSchedule, steps: int) -> Tensor:
    """Equally spaced in σ^(1/7): Karras et al. 2022 (arXiv 2206.00364), equation 5."""
    return ladder_formulas.karras(schedule.sigma_max, schedule.sigma_min, steps)


def exponential(schedule: NoiseSchedule, steps: int) -> Tensor:
    """Equally spaced in log σ."""
    return ladder_formulas.exponential(schedule.sigma_max, schedule.sigma_min, steps)


def beta(schedule: NoiseSchedule, steps: int, alpha: float = 0.6, beta: float = 0.6) -> Tensor:
    """Times at equal quantiles of a Beta distribution, dense at both ends.

    Lee et al. 2024, "Beta Sampling is All You Need" (arXiv 2407.12173). Whole times; one that comes
    up twice is visited once, so that many steps give fewer levels.
    """
    last = len(schedule.sigmas) - 1
    quantiles = 1 - np.linspace(0, 1, steps, endpoint=False)
    times = np.rint(betaincinv(alpha, beta, quantiles) * last).astype(int)
    return _then_zero(_distinct(schedule.sigmas[times]))


def linear_quadratic(schedule: NoiseSchedule, steps: int, threshold: float = 0.025) -> Tensor:
    """From σ_max slowly down a line for half of the steps, then down a parabola to 0.

    Polyak et al. 2024, "Movie Gen" (arXiv 2410.13720): the line takes away
    `threshold` of σ_max, and the parabola goes on with its slope.
    """
    half = steps // 2
    if half == 0:
        return torch.tensor([schedule.sigma_max, 0.0])
    rest = steps - half
    slope = threshold / half
    bend = (1 - threshold - slope * rest) / rest**2
    gone = [slope * step for step in range(half)]
    gone += [threshold + slope * step + bend * step**2 for step in range(rest)]
    return _then_zero((1 - torch.tensor(gone)) * schedule.sigma_max)


def kl_optimal(schedule: NoiseSchedule, steps: int) -> Tensor:
    """Equally spaced in arctan σ: Sabour et al. 2024, "Align Your Steps" (arXiv 2404.14507)."""
    high, low = torch.tensor([schedule.sigma_max, schedule.sigma_min]).atan()
    line = _line(0, 1, steps)
    return _then_zero((line * low + (1 - line) * high).tan())


SCHEDULERS: dict[str, Scheduler] = {
    "simple": simple,
    "sgm_uniform": sgm_uniform,
    "karras": karras,
    "exponential": exponential,
    "ddim_uniform": ddim_uniform,
    "beta": beta,
    "normal": normal,
    "linear_quadratic": linear_quadratic,
    "kl_optimal": kl_optimal,
}
