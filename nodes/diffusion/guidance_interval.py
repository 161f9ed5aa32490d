"""Guidance only where it helps: in the middle of the noise levels."""

from dataclasses import dataclass

from nodes.diffusion.guidance_stage import Stage, Window
from nodes.diffusion.noise_schedule import NoiseSchedule

__all__ = ["Interval"]


@dataclass(frozen=True, eq=False)
class Interval(Stage):
    """No guidance outside of a window: Kynkäänniemi et al. 2024 (arXiv 2404.07724), equation 4.

    There the negative prompt is not computed, which saves half of the work.
    """

    window: Window

    def guides(self, sigma: float, schedule: NoiseSchedule) -> bool:
        return self.window.holds(sigma, schedule)
