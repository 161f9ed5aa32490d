"""The levels of models that were distilled to a few steps, and of models without discrete times."""

from dataclasses import dataclass

import torch
from torch import Tensor

from nodes.diffusion.noise_schedule import NoiseSchedule

__all__ = ["ContinuousSchedule", "DistilledSchedule"]


@dataclass(frozen=True, eq=False)
class DistilledSchedule(NoiseSchedule):
    """Every `stride`-th level of a schedule, its last one included; times are those of the whole.

    Latent consistency models know 50 of 1000: Luo et al. 2023 (arXiv 2310.04378), section 4.3.
    """

    stride: int = 20

    @classmethod
    def of(cls, schedule: NoiseSchedule, count: int = 50) -> "DistilledSchedule":
        """`count` levels of a schedule of T. Raises ValueError if T is less."""
        stride = len(schedule.sigmas) // count
        if stride < 1:
            raise ValueError(f"a schedule of {len(schedule.sigmas)} levels has no {count}")
        first = len(schedule.sigmas) - 1 - (count - 1) * stride
        return cls(schedule.sigmas[first::stride].clone(), stride)

    @property
    def last_time(self) -> float:
        return float(len(self.sigmas) * self.stride - 1)

    def timestep(self, sigma: Tensor) -> Tensor:
        """The time in the whole schedule whose level is nearest, among those that are kept."""
        return super().timestep(sigma) * self.stride + (self.stride - 1)

    def sigma(self, timestep: Tensor) -> Tensor:
        """The level at a time of the whole schedule, linear in log σ between those kept."""
        index = (timestep.float() - (self.stride - 1)) / self.stride
        index = index.clamp(0, len(self.sigmas) - 1)
        table = self.sigmas.log().to(timestep.device)
        low = index.floor()
        below, above = table[low.long()], table[index.ceil().long()]
        return torch.lerp(below, above, index - low).exp()

    def zero_terminal_snr(self) -> NoiseSchedule:
        """Rescaled, with the same times."""
        return DistilledSchedule(super().zero_terminal_snr().sigmas, self.stride)


@dataclass(frozen=True, eq=False)
class ContinuousSchedule(NoiseSchedule):
    """Levels even in log σ; the network is told ln(σ) / 4: Karras et al. 2022, table 1 (EDM)."""

    @classmethod
    def between(cls, sigma_min: float, sigma_max: float, count: int = 1000) -> "ContinuousSchedule":
        """Raises ValueError unless 0 < `sigma_min` < `sigma_max`."""
        if not 0 < sigma_min < sigma_max:
            raise ValueError(
                f"sigma_min must be above 0 and below sigma_max, "
                f"got {sigma_min:g} and {sigma_max:g}"
            )
        ends = torch.tensor([sigma_min, sigma_max], dtype=torch.float64).log().tolist()
        return cls(torch.linspace(ends[0], ends[1], count, dtype=torch.float64).exp().float())

    def timestep(self, sigma: Tensor) -> Tensor:
        """ln(σ) / 4, same shape, float32."""
        return 0.25 * sigma.float().log()

    def sigma(self, timestep: Tensor) -> Tensor:
        """e^(4 t): the inverse."""
        return (timestep.float() / 0.25).exp()

    def sigma_at(self, fraction: float) -> float:
        """Even in log σ over the fraction."""
        if fraction <= 0:
            return float("inf")
        if fraction >= 1:
            return 0.0
        return float(self.sigma_max ** (1 - fraction) * self.sigma_min**fraction)

    def zero_terminal_snr(self) -> NoiseSchedule:
        """Itself: its highest level is what it says."""
        return self
