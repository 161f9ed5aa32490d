"""Every network behind one function D(x, σ): the clean latents it sees in noisy ones.

Samplers work with x = x₀ + σ ε (flow models: x = (1 - σ) x₀ + σ ε); what the network wants to see
and what it predicts is settled here (Karras et al. 2022, arXiv 2206.00364, section 5).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal, Protocol

import torch
from torch import Tensor

from nodes.diffusion.errors import ShapeError
from nodes.diffusion.noise_schedule import NoiseSchedule
from nodes.diffusion.preview import PreviewFit

__all__ = ["Denoiser", "Prediction", "Unet", "input_scale", "to_denoised"]

Prediction = Literal["epsilon", "v_prediction", "sample", "flow_prediction"]


class Unet(Protocol):
    """What is asked of diffusers' UNet2DConditionModel; the answer's first item is the output."""

    config: Any

    def __call__(
        self,
        sample: Tensor,
        timestep: Tensor,
        /,
        *,
        encoder_hidden_states: Tensor,
        return_dict: bool,
    ) -> Any: ...


def input_scale(prediction: Prediction, sigma: Tensor) -> Tensor:
    """What x is multiplied with for the network, so that its variance stays about 1."""
    if prediction == "flow_prediction":
        return torch.ones_like(sigma)
    return (sigma**2 + 1) ** -0.5


def to_denoised(prediction: Prediction, output: Tensor, x: Tensor, sigma: Tensor) -> Tensor:
    """Clean latents from what the network said of `x` at level `sigma`.

    epsilon: x - σ ε. v (Salimans and Ho 2022, arXiv 2202.00512): x / (σ² + 1) - σ v / √(σ² + 1).
    sample: the output itself. flow: x - σ v with v = ε - x₀.
    """
    if prediction == "sample":
        return output
    if prediction == "v_prediction":
        return x / (sigma**2 + 1) - output * sigma / (sigma**2 + 1) ** 0.5
    return x - sigma * output


@dataclass(frozen=True, eq=False)
class Denoiser:
    """A network with the noise levels it knows and the latents it makes.

    Latents have `latent_channels` channels and one cell per `latent_factor` x `latent_factor`
    pixels. `device` and `dtype` are where and how the network computes; x stays float32.
    """

    __opaque__: ClassVar[bool] = True

    unet: Unet
    schedule: NoiseSchedule
    prediction: Prediction
    latent_channels: int
    latent_factor: int
    device: torch.device
    dtype: torch.dtype
    preview: PreviewFit | None = None

    def with_schedule(self, schedule: NoiseSchedule, prediction: Prediction) -> Denoiser:
        """A copy that shares the weights and takes the network's levels and output otherwise."""
        return replace(self, schedule=schedule, prediction=prediction)

    @property
    def embedding_width(self) -> int:
        """The width D of the embeddings [B, T, D] that the network reads."""
        return int(self.unet.config.cross_attention_dim)

    def __call__(self, x: Tensor, sigma: Tensor, embedding: Tensor) -> Tensor:
        """Denoise `x` [B, C, h, w] at one level `sigma` (0-d), told `embedding` [B, T, D]."""
        scaled = (x * input_scale(self.prediction, sigma)).to(self.dtype)
        time = self.schedule.timestep(sigma).to(self.device).expand(x.shape[0])
        output = self.unet(
            scaled, time, encoder_hidden_states=embedding.to(self.dtype), return_dict=False
        )[0]
        return to_denoised(self.prediction, output.float(), x, sigma)

    def noised(self, latent: Tensor, noise: Tensor, sigma: Tensor) -> Tensor:
        """`latent` with unit `noise` of level `sigma` added, as the samplers expect it."""
        if self.prediction == "flow_prediction":
            return (1 - sigma) * latent + sigma * noise
        return latent + sigma * noise

    def start(self, latent: Tensor, noise: Tensor, sigma: Tensor) -> Tensor:
        """Where a run that begins at `sigma` begins; see `NoiseSchedule.noise_scale`."""
        if self.prediction == "flow_prediction":
            return self.noised(latent, noise, sigma)
        return latent + self.schedule.noise_scale(float(sigma)) * noise

    def finish(self, x: Tensor, sigma: Tensor) -> Tensor:
        """The latent of a run that ends at `sigma`: what a later run adds no noise to."""
        if self.prediction == "flow_prediction" and float(sigma) > 0:
            return x / (1 - sigma).clamp(min=1e-6)
        return x

    def check_embedding(self, embedding: Tensor) -> None:
        """Raises ShapeError for the embedding of a text encoder that belongs to another model."""
        if embedding.shape[-1] != self.embedding_width:
            raise ShapeError(
                f"the conditioning is {embedding.shape[-1]} wide and this model reads "
                f"{self.embedding_width}: use the text encoder that came with the model"
            )
