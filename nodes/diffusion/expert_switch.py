"""One run by two models: one for the high levels of noise, another for the low ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from torch import Tensor

from nodes.diffusion.errors import ShapeError
from nodes.diffusion.guider import Guider
from nodes.diffusion.noise_schedule import FlowSchedule
from nodes.diffusion.samplers_base import RunDenoise

__all__ = ["ExpertSwitch"]


@dataclass(frozen=True, eq=False)
class ExpertSwitch(Guider):
    """`high` at levels of `sigma` and above, `low` below: an ensemble of experts.

    Balaji et al. 2022 (eDiff-I, arXiv 2211.01324), section 4. Each has a model, prompts and
    guidance of its own, so that only one network is called, and need be on the device, at a time.
    The run has the levels and the latents of the model of `high`.
    """

    high: Guider
    low: Guider
    sigma: float

    @classmethod
    def between(cls, high: Guider, low: Guider, sigma: float) -> ExpertSwitch:
        """Raises ShapeError for models that do not make the same latents."""
        one, other = high.model, low.model
        for what, mine, theirs in (
            ("channels", one.latent_channels, other.latent_channels),
            ("pixels to a cell", one.latent_factor, other.latent_factor),
        ):
            if mine != theirs:
                raise ShapeError(
                    f"these models make different latents, of {mine} and {theirs} {what}: switch "
                    f"between models of one family, such as SDXL and its refiner"
                )
        if one.preview and other.preview and one.preview != other.preview:
            raise ShapeError(
                "these models make latents of different autoencoders, so one cannot go on where "
                "the other ends: switch between models of one family, such as SDXL and its refiner"
            )
        if isinstance(one.schedule, FlowSchedule) != isinstance(other.schedule, FlowSchedule):
            raise ShapeError(
                "one of these models is of rectified flow and the other is not: their noise is not "
                "the same, so one cannot go on where the other ends"
            )
        return cls(one, high, low, sigma)

    def begin(
        self,
        latent: Tensor,
        mask: Tensor | None,
        *,
        tick: Callable[[], None],
        batched: bool = True,
        ladder: Sequence[float] = (),
    ) -> RunDenoise:
        def begun(name: str, guider: Guider) -> RunDenoise:
            try:
                return guider.begin(latent, mask, tick=tick, batched=batched, ladder=ladder)
            except ShapeError as error:
                raise ShapeError(f"of the switch of experts, {name}: {error}") from error

        return _Switched(begun("high", self.high), begun("low", self.low), self.sigma)


@dataclass(frozen=True, eq=False)
class _Switched:
    high: RunDenoise
    low: RunDenoise
    sigma: float

    def __call__(self, x: Tensor, sigma: Tensor) -> Tensor:
        return self._at(sigma)(x, sigma)

    def guided(self, x: Tensor, sigma: Tensor) -> tuple[Tensor, Tensor]:
        return self._at(sigma).guided(x, sigma)

    def with_variance(self, x: Tensor, sigma: Tensor) -> tuple[Tensor, Tensor]:
        return self._at(sigma).with_variance(x, sigma)

    def _at(self, sigma: Tensor) -> RunDenoise:
        return self.high if float(sigma) >= self.sigma else self.low
