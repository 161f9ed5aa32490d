"""ControlNets of SD1, SD2 and SDXL: diffusers' ControlNetModel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from torch import Tensor

from nodes.diffusion.control import ControlNet
from nodes.diffusion.denoiser import Denoiser
from nodes.diffusion.errors import ShapeError
from nodes.diffusion.told import Residuals, Told

__all__ = ["ResidualNet"]

COMPARED = {
    "cross_attention_dim": "reads embeddings {} wide",
    "block_out_channels": "has levels of {} channels",
    "layers_per_block": "has {} blocks per level",
    "addition_embed_type": "has {} for an embedding beside the time",
    "projection_class_embeddings_input_dim": "reads a vector of {} beside the time",
}
"""What must be alike in a ControlNet and the model it is for, and how it is said."""


@dataclass(frozen=True, eq=False)
class ResidualNet(ControlNet):
    """A copy of a UNet's first half, whose outputs are added to the UNet's skip connections."""

    @property
    def factor(self) -> int:
        """See `ControlNet`: each width of the hint's embedding after the first halves it."""
        halvings: int = len(self.config.conditioning_embedding_out_channels) - 1
        return 1 << halvings

    @property
    def channels(self) -> int:
        """See `ControlNet`."""
        return int(self.config.conditioning_channels)

    def check(self, denoiser: Denoiser) -> None:
        """See `ControlNet`."""
        mine, theirs = self.config, denoiser.config
        if mine.in_channels != denoiser.latent_channels:
            raise ShapeError(
                f"the ControlNet was made for another model: it reads latents of "
                f"{mine.in_channels} channels and this model's have {denoiser.latent_channels}"
            )
        for name, words in COMPARED.items():
            one, other = _plain(getattr(mine, name, None)), _plain(getattr(theirs, name, None))
            if one != other:
                raise ShapeError(
                    f"the ControlNet was made for another model: it {words.format(one)} and this "
                    f"model {words.format(other)}; use one of the model's family (SD1, SD2, SDXL)"
                )

    def prepared(self, hint: Tensor) -> tuple[Tensor, ...]:
        """See `ControlNet`."""
        return (hint,)

    def residuals(
        self,
        prepared: tuple[Tensor, ...],
        scaled: Tensor,
        time: Tensor,
        told: Told,
        strength: float,
    ) -> Residuals:
        """See `ControlNet`."""
        sizes = None
        if told.pooled is not None and told.sizes is not None:
            sizes = {
                "text_embeds": told.pooled.to(self.dtype),
                "time_ids": told.sizes.to(self.dtype),
            }
        down, mid = self.network.ready()(
            scaled.to(self.dtype),
            time,
            encoder_hidden_states=told.embedding.to(self.dtype),
            controlnet_cond=prepared[0],
            conditioning_scale=strength,
            added_cond_kwargs=sizes,
            return_dict=False,
        )
        return Residuals(down=tuple(down), mid=mid)


def _plain(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
