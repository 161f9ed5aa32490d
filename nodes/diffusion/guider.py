"""What a run makes, as a value: a model with its prompts and how strongly they are followed."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from torch import Tensor

from nodes.diffusion.beside import seeing
from nodes.diffusion.conditioning import Conditioning
from nodes.diffusion.control import shared
from nodes.diffusion.denoiser import Denoiser
from nodes.diffusion.guidance import Guided
from nodes.diffusion.guidance_formula import ClassifierFree, Dual, DualStyle, Formula, PerpNeg
from nodes.diffusion.regions import Region, mirrored, place
from nodes.diffusion.samplers_base import RunDenoise

__all__ = ["Guider", "PromptGuider"]


@dataclass(frozen=True, eq=False)
class Guider(ABC):
    """What a run makes. `model` is the one whose latents, levels and device the run has."""

    model: Denoiser

    @abstractmethod
    def begin(
        self,
        latent: Tensor,
        mask: Tensor | None,
        *,
        tick: Callable[[], None],
        batched: bool = True,
        ladder: Sequence[float] = (),
    ) -> RunDenoise:
        """What denoises in one run from `latent` [B, C, h, w] with its noise `mask` [1 or B, H, W].

        `tick` is called before every call of a network. `batched` puts what fits together into one
        call. `ladder` are the levels that the run visits, for prompts that change with its steps.
        Raises ShapeError for prompts that do not fit the model or the latents.
        """


@dataclass(frozen=True, eq=False)
class PromptGuider(Guider):
    """One model, prompts for what is wanted and what not, and the formula between them.

    The formula takes the prompts in this order: the wanted, then the unwanted.
    """

    wanted: tuple[Conditioning, ...]
    unwanted: tuple[Conditioning, ...]
    formula: Formula

    @classmethod
    def cfg(
        cls, model: Denoiser, positive: Conditioning, negative: Conditioning, scale: float
    ) -> PromptGuider:
        """Classifier-free guidance; at scale 1 the negative prompt is not looked at."""
        return cls(model, (positive,), (negative,), ClassifierFree(scale))

    @classmethod
    def basic(cls, model: Denoiser, conditioning: Conditioning) -> PromptGuider:
        """Without guidance. Samplers that ask for both predictions get one for both."""
        return cls(model, (conditioning,), (), ClassifierFree(1.0))

    @classmethod
    def dual(
        cls,
        model: Denoiser,
        first: Conditioning,
        second: Conditioning,
        negative: Conditioning,
        scales: tuple[float, float],
        style: DualStyle = "regular",
    ) -> PromptGuider:
        """`Dual` with the scales between first and second, and between second and negative."""
        return cls(model, (first, second), (negative,), Dual(*scales, style))

    @classmethod
    def perp_neg(
        cls,
        model: Denoiser,
        positive: Conditioning,
        negative: Conditioning,
        empty: Conditioning,
        scale: float,
        weight: float,
    ) -> PromptGuider:
        """`PerpNeg`; `empty` is the conditioning of no prompt."""
        return cls(model, (positive,), (negative, empty), PerpNeg(scale, weight))

    def begin(
        self,
        latent: Tensor,
        mask: Tensor | None,
        *,
        tick: Callable[[], None],
        batched: bool = True,
        ladder: Sequence[float] = (),
    ) -> RunDenoise:
        return Guided(self.model, self._sides(latent, mask, ladder), self.formula, tick, batched)

    def _sides(
        self, latent: Tensor, mask: Tensor | None, ladder: Sequence[float]
    ) -> tuple[tuple[Region, ...], ...]:
        """Every prompt placed on the latent, each with the boxes of the others."""
        batch, _, height, width = latent.shape
        first, *rest = (*self.wanted, *self.unwanted)
        sides = []
        for index, prompt in enumerate([first, *(shared(first, other) for other in rest)]):
            seen = seeing(prompt, self.model, latent, mask)
            unwanted = index >= len(self.wanted)
            sides.append(
                place(seen, self.model, batch, height, width, unwanted=unwanted, ladder=ladder)
            )
        return _all_mirrored(sides)


def _all_mirrored(sides: Sequence[tuple[Region, ...]]) -> tuple[tuple[Region, ...], ...]:
    """Predictions are compared on the same crops: each side gets the boxes of all others."""
    found = list(sides)
    for index in reversed(range(len(found))):
        for other in range(len(found)):
            if other != index:
                found[index] = mirrored(found[index], found[other])
    return tuple(found)
