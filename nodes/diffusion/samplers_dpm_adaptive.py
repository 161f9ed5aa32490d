"""DPM-Solver that plans its own steps from the difference between two orders.

The difference is that of the whole batch, so that pictures of one batch depend on each other. Of
the ladder only the ends (the last level above 0) are taken; a ladder of one step to 0 gives the
denoised sample.

See `samplers_base` for the notation and for what every sampler takes and returns.
"""

import math
from dataclasses import dataclass, field

import torch
from torch import Tensor

from nodes.diffusion.samplers_base import (
    Callback,
    Denoise,
    Noise,
    Run,
    ancestral_split,
    log_level,
    slope,
)
from nodes.diffusion.samplers_dpm_solver import dpm_solver_step, ends_of

__all__ = ["sample_dpm_adaptive", "sample_dpm_solver_12", "sample_dpm_solver_23"]

SHORTEST = 1e-7
"""Steps in λ below this are taken whatever their error: rounding is all there is left."""


def _error(high: Tensor, low: Tensor, previous: Tensor, rtol: float, atol: float) -> float:
    """Root mean square of the difference, in units of the tolerance."""
    scale = torch.maximum(low.abs(), previous.abs()).mul(rtol).clamp(min=atol)
    return float(((low - high) / scale).square().mean().sqrt())


def _check_tolerance(rtol: float, atol: float) -> None:
    if not max(rtol, atol) > 0:
        raise ValueError("rtol or atol must be above 0, or no step is ever good enough")


def _told(run: Run, x: Tensor, time: float, ends: tuple[float, float]) -> Tensor:
    """ε at λ `time`; tells the callback how far that is on the ladder."""
    sigma = math.exp(-time)
    denoised = run(x, sigma)
    total = len(run.levels) - 1
    run.tell(int(total * (time - ends[0]) / (ends[1] - ends[0])), x, denoised)
    return slope(x, denoised, sigma)


@dataclass
class _StepSize:
    """A PID controller of the step h: Söderlind 2003, digital filters in adaptive time-stepping.

    `order` is the power of the step that the error falls with.
    """

    h: float
    order: float
    pcoeff: float
    icoeff: float
    dcoeff: float
    accept_safety: float
    _past: list[float] = field(default_factory=list)  # 1 / error, newest first

    def accepts(self, error: float) -> bool:
        """Whether a step of that error is good enough; plans the next one."""
        p, i, d = self.pcoeff, self.icoeff, self.dcoeff
        inverse = 1 / (error + 1e-8)
        past = [inverse, *(self._past or [inverse, inverse])]
        powers = (p + i + d, -(p + 2 * d), d)
        factor = math.prod(e ** (k / self.order) for e, k in zip(past, powers, strict=True))
        factor = 1 + math.atan(factor - 1)
        good = factor >= self.accept_safety
        if good or not self._past:
            self._past = past[:2]
        self.h *= factor
        return good


def sample_dpm_adaptive(
    denoise: Denoise,
    x: Tensor,
    sigmas: Tensor,
    *,
    noise: Noise,
    callback: Callback | None = None,
    order: int = 3,
    rtol: float = 0.05,
    atol: float = 0.0078,
    h_init: float = 0.05,
    pcoeff: float = 0.0,
    icoeff: float = 1.0,
    dcoeff: float = 0.0,
    accept_safety: float = 0.81,
    eta: float = 0.0,
) -> Tensor:
    """DPM-Solver-23 (12 with `order` 2): Lu et al. 2022 (arXiv 2206.00927), appendix C.

    The next step is chosen by a PID controller with the weights `pcoeff`, `icoeff` and `dcoeff`,
    and its change bounded; a step whose change would be below `accept_safety` is taken again. With
    `eta` above 0 each step goes down to σ_down and adds noise. Raises ValueError for an `order`
    other than 2 and 3, and for options with which it would never end.
    """
    if order not in (2, 3):
        raise ValueError(f"order must be 2 or 3, got {order}")
    if accept_safety >= 1:
        raise ValueError(
            f"accept_safety must be below 1, or no step is ever good enough: got {accept_safety:g}"
        )
    _check_tolerance(rtol, atol)
    run = Run(denoise, sigmas, callback)
    ends = ends_of(run)
    time, end = ends
    if time == end:
        return run.at(0, x)
    power = 1.5 if eta > 0 else order
    size = _StepSize(h_init, power, pcoeff, icoeff, dcoeff, accept_safety)
    previous = x
    while time < end - 1e-5:
        target = min(end, time + size.h)
        sigma, sigma_next = math.exp(-time), math.exp(-target)
        down, up = ancestral_split(sigma, sigma_next, eta)
        if eta > 0:
            down = max(down, math.exp(-end))
            up = math.sqrt(max(sigma_next**2 - down**2, 0.0))
        eps = _told(run, x, time, ends)
        stop = log_level(down) if eta > 0 else target
        high, low = dpm_solver_step(run, x, eps, time, stop, order)
        if size.accepts(_error(high, low, previous, rtol, atol)) or target - time < SHORTEST:
            previous, x, time = low, high, target
            if up > 0:
                x = x + noise(sigma, sigma_next) * up
    return x


def _planned(
    run: Run, x: Tensor, order: int, rtol: float, atol: float, h: float, theta: float
) -> Tensor:
    """Algorithm 3 or 4 of appendix C: steps that are as long as the tolerance lets them be."""
    _check_tolerance(rtol, atol)
    ends = ends_of(run)
    time, end = ends
    if time == end:
        return run.at(0, x)
    previous = x
    while time < end - 1e-5:
        target = min(end, time + h)
        eps = _told(run, x, time, ends)
        high, low = dpm_solver_step(run, x, eps, time, target, order)
        error = _error(high, low, previous, rtol, atol)
        h = theta * (target - time) * (error + 1e-8) ** (-1 / order)
        if error <= 1 or target - time < SHORTEST:
            previous, x, time = low, high, target
    return x


def sample_dpm_solver_12(
    denoise: Denoise,
    x: Tensor,
    sigmas: Tensor,
    *,
    noise: Noise,
    callback: Callback | None = None,
    rtol: float = 0.05,
    atol: float = 0.0078,
    h_init: float = 0.05,
    theta: float = 0.9,
) -> Tensor:
    """DPM-Solver-12: Lu et al. 2022 (arXiv 2206.00927), appendix C, algorithm 3.

    Orders 1 and 2 side by side, two calls a step; a step of error E is followed by one that is
    `theta` E^(-1/2) as long, and taken again where E is above 1.
    """
    return _planned(Run(denoise, sigmas, callback), x, 2, rtol, atol, h_init, theta)


def sample_dpm_solver_23(
    denoise: Denoise,
    x: Tensor,
    sigmas: Tensor,
    *,
    noise: Noise,
    callback: Callback | None = None,
    rtol: float = 0.05,
    atol: float = 0.0078,
    h_init: float = 0.05,
    theta: float = 0.9,
) -> Tensor:
    """DPM-Solver-23: Lu et al. 2022 (arXiv 2206.00927), appendix C, algorithm 4.

    As `sample_dpm_solver_12` with orders 2 and 3 and E^(-1/3), three calls a step.
    """
    return _planned(Run(denoise, sigmas, callback), x, 3, rtol, atol, h_init, theta)
