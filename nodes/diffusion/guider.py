"""What a run makes, as a value: a model with its prompts and how strongly they are followed."""

from dataclasses import dataclass

from nodes.diffusion.conditioning import Conditioning
from nodes.diffusion.denoiser import Denoiser

__all__ = ["Guider"]


@dataclass(frozen=True, eq=False)
class Guider:
    """A model, what it is to make, and what not.

    `scale` is that of classifier-free guidance; at 1 the negative prompt is not looked at. Without
    one (None) the positive stands in for samplers that ask for both predictions.
    """

    model: Denoiser
    positive: Conditioning
    negative: Conditioning | None = None
    scale: float = 1.0

    def __post_init__(self) -> None:
        if self.negative is None and self.scale != 1.0:
            raise ValueError(f"guidance of {self.scale:g} needs a negative prompt")

    @property
    def unwanted(self) -> Conditioning:
        """The negative prompt, or what stands in for it."""
        return self.positive if self.negative is None else self.negative
