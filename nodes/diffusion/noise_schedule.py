"""Noise levels a network was trained at, and the time it is told for each.

A level σ is the ratio of noise to signal: x = x₀ + σ ε in the coordinates the samplers work in.
"""

from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from nodes.diffusion.betas import beta_schedule

__all__ = ["FlowSchedule", "NoiseSchedule"]

# ᾱ_T after zero-terminal-SNR rescaling: not quite 0, so that σ_T stays finite (about 4519).
_LAST_ALPHA_CUMPROD = 4.8973451890853435e-08


@dataclass(frozen=True, eq=False)
class NoiseSchedule:
    """The T levels of a discrete-time model, `sigmas` [T] in float32, rising and positive."""

    sigmas: Tensor

    def __post_init__(self) -> None:
        table = self.sigmas
        if table.ndim != 1 or len(table) < 2 or table.dtype != torch.float32:
            got = f"{list(table.shape)} {table.dtype}"
            raise ValueError(f"sigmas must be float32 [T] with T >= 2, got {got}")
        if not (table.isfinite().all() and table[0] > 0 and (table.diff() > 0).all()):
            raise ValueError("sigmas must be finite, positive and strictly rising")

    @classmethod
    def from_alphas_cumprod(cls, alphas_cumprod: Tensor) -> "NoiseSchedule":
        """σ = √((1 - ᾱ) / ᾱ) for ᾱ [T] in (0, 1), falling; computed in float64."""
        alphas = alphas_cumprod.double()
        return cls(((1 - alphas) / alphas).sqrt().float())

    @classmethod
    def from_betas(cls, betas: Tensor) -> "NoiseSchedule":
        """From variances [T] in (0, 1), by ᾱ_t = Π (1 - β_s)."""
        return cls.from_alphas_cumprod((1 - betas.double()).cumprod(0))

    @classmethod
    def stable_diffusion(cls) -> "NoiseSchedule":
        """SD1, SD2 and SDXL: scaled-linear β from 0.00085 to 0.012 over 1000 steps."""
        return cls.from_betas(beta_schedule())

    @cached_property
    def alphas_cumprod(self) -> Tensor:
        """ᾱ [T] in float64."""
        return 1 / (self.sigmas.double() ** 2 + 1)

    @property
    def sigma_min(self) -> float:
        return float(self.sigmas[0])

    @property
    def sigma_max(self) -> float:
        return float(self.sigmas[-1])

    @property
    def last_time(self) -> float:
        """The time of pure noise, the largest that `sigma` takes."""
        return float(len(self.sigmas) - 1)

    @cached_property
    def _log_sigmas(self) -> Tensor:
        return self.sigmas.log()

    def timestep(self, sigma: Tensor) -> Tensor:
        """The whole time 0..T-1 whose level is nearest to `sigma` in log σ, same shape, float32."""
        log_sigma = sigma.float().log()
        table = self._log_sigmas.to(sigma.device)
        return (log_sigma[..., None] - table).abs().argmin(-1).float()

    def sigma(self, timestep: Tensor) -> Tensor:
        """The level at a time in 0..T-1 (clamped), linear in log σ between whole times."""
        table = self._log_sigmas.to(timestep.device)
        time = timestep.float().clamp(0, self.last_time)
        low = time.floor()
        weight = time - low
        below, above = table[low.long()], table[time.ceil().long()]
        return ((1 - weight) * below + weight * above).exp()

    def sigma_at(self, fraction: float) -> float:
        """The level at a fraction of the schedule: 0 is the start (any noise), 1 the end (none).

        At 0 it is infinite and at 1 zero, so that a range 0..1 holds every level.
        """
        if fraction <= 0:
            return float("inf")
        if fraction >= 1:
            return 0.0
        return float(self.sigma(torch.tensor((1 - fraction) * self.last_time)))

    def noise_scale(self, sigma: float) -> float:
        """What unit noise is multiplied with to start at level `sigma`, the clean latent added.

        √(1 + σ²) at the schedule's highest level, where the training saw x₀ + σ ε with x₀ of unit
        variance and there is no latent to start from; σ below it.
        """
        return (1 + sigma**2) ** 0.5 if sigma >= self.sigma_max * (1 - 1e-5) else sigma

    def zero_terminal_snr(self) -> "NoiseSchedule":
        """Rescaled so that the last level is (all but) pure noise.

        Lin et al. 2023, "Common Diffusion Noise Schedules and Sample Steps are Flawed"
        (arXiv 2305.08891), algorithm 1.
        """
        roots = self.alphas_cumprod.sqrt()
        first, last = roots[0].clone(), roots[-1].clone()
        rescaled = ((roots - last) * (first / (first - last))) ** 2
        rescaled[-1] = _LAST_ALPHA_CUMPROD
        return NoiseSchedule.from_alphas_cumprod(rescaled)


class FlowSchedule(NoiseSchedule):
    """Rectified flow, x = (1 - σ) x₀ + σ ε with σ in (0, 1]; Esser et al. 2024 (arXiv 2403.03206).

    `shift` moves levels towards noise: σ = shift t / (1 + (shift - 1) t) for t in (0, 1]. The
    network is told 1000 σ.
    """

    shift: float

    def __init__(self, shift: float = 1.0, count: int = 1000) -> None:
        if not shift > 0:
            raise ValueError(f"shift must be positive, got {shift}")
        object.__setattr__(self, "shift", shift)
        super().__init__(self._shifted(torch.arange(1, count + 1) / count))

    def _shifted(self, time: Tensor) -> Tensor:
        return self.shift * time / (1 + (self.shift - 1) * time)

    @property
    def last_time(self) -> float:
        return 1000.0

    def timestep(self, sigma: Tensor) -> Tensor:
        """1000 σ: what the network is told, not the inverse of `sigma`."""
        return sigma * 1000

    def sigma(self, timestep: Tensor) -> Tensor:
        """The shifted level at a time in 0..1000."""
        return self._shifted(timestep / 1000)

    def noise_scale(self, sigma: float) -> float:
        """σ: the clean latent is weighted with 1 - σ."""
        return sigma

    def zero_terminal_snr(self) -> "NoiseSchedule":
        """Itself: its last level is pure noise already."""
        return self
