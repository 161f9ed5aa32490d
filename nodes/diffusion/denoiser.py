"""Every network behind one function D(x, σ): the clean latents it sees in noisy ones.

Samplers work with x = x₀ + σ ε (flow models: x = (1 - σ) x₀ + σ ε); what the network wants to see
and what it predicts is settled here (Karras et al. 2022, arXiv 2206.00364, section 5).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal

import torch
from torch import Tensor

from nodes.diffusion.errors import ShapeError
from nodes.diffusion.guidance_stage import Stage
from nodes.diffusion.network import Hook, Network, WeightPatch
from nodes.diffusion.noise_schedule import NoiseSchedule
from nodes.diffusion.preview import PreviewFit
from nodes.diffusion.samplers_base import NO_VARIANCE
from nodes.diffusion.told import Residuals, Told

__all__ = ["Denoiser", "Prediction", "input_scale", "to_denoised"]

Prediction = Literal["epsilon", "v_prediction", "sample", "flow_prediction", "lcm"]

FAMILIES = {768: "SD1", 1024: "SD2", 1280: "the SDXL refiner", 2048: "SDXL"}
"""Models by the width of the embeddings they read."""


def input_scale(prediction: Prediction, sigma: Tensor) -> Tensor:
    """What x is multiplied with for the network, so that its variance stays about 1."""
    if prediction == "flow_prediction":
        return torch.ones_like(sigma)
    return (sigma**2 + 1) ** -0.5


def to_denoised(
    prediction: Prediction, output: Tensor, x: Tensor, sigma: Tensor, time: Tensor | None = None
) -> Tensor:
    """Clean latents from what the network said of `x` at level `sigma`.

    epsilon: x - σ ε. v (Salimans and Ho 2022, arXiv 2202.00512): x / (σ² + 1) - σ v / √(σ² + 1).
    sample: the output itself. flow: x - σ v with v = ε - x₀. lcm: that of epsilon, and x itself the
    nearer `time` (0-d) is to 0: Luo et al. 2023 (arXiv 2310.04378), equation 9.
    """
    if prediction == "sample":
        return output
    if prediction == "v_prediction":
        return x / (sigma**2 + 1) - output * sigma / (sigma**2 + 1) ** 0.5
    denoised = x - sigma * output
    if prediction == "lcm" and time is not None:
        scaled = 10.0 * time
        denoised = (scaled / (scaled**2 + 0.25) ** 0.5) * denoised
        return denoised + (0.25 / (scaled**2 + 0.25)) * x
    return denoised


@dataclass(frozen=True, eq=False)
class Denoiser:
    """A network with the noise levels it knows and the latents it makes.

    Latents have `latent_channels` channels and one cell per `latent_factor` x `latent_factor`
    pixels. `device` and `dtype` are where and how the network computes; x stays float32.
    `pooled_width` is the width P of the pooled embedding [B, P], where it reads one; `grey` a grey
    picture's latent, one number per channel, for networks that inpaint. `weights`
    and `hooks` are what this value changes of the `network` that it shares with others; `stages`
    are what guidance does beyond the classifier-free formula. `share_too` is for `with_share`.
    """

    __opaque__: ClassVar[bool] = True

    network: Network
    schedule: NoiseSchedule
    prediction: Prediction
    latent_channels: int
    latent_factor: int
    device: torch.device
    dtype: torch.dtype
    preview: PreviewFit | None = None
    pooled_width: int = 1280
    grey: tuple[float, ...] | None = None
    weights: tuple[WeightPatch, ...] = ()
    hooks: tuple[Hook, ...] = ()
    stages: tuple[Stage, ...] = ()
    share_too: bool = False

    @property
    def config(self) -> Any:
        """The configuration of the network, a UNet of diffusers."""
        return self.network.module.config

    def with_hooks(self, *hooks: Hook) -> Denoiser:
        """A copy that shares the weights and computes otherwise, too."""
        return replace(self, hooks=(*self.hooks, *hooks))

    def with_weights(self, *weights: WeightPatch) -> Denoiser:
        """A copy that shares the weights but for those which are patched, too."""
        return replace(self, weights=(*self.weights, *weights))

    def with_stages(self, *stages: Stage) -> Denoiser:
        """A copy that shares the weights and is guided otherwise, too."""
        return replace(self, stages=(*self.stages, *stages))

    def with_schedule(self, schedule: NoiseSchedule, prediction: Prediction) -> Denoiser:
        """A copy that shares the weights and takes the network's levels and output otherwise."""
        return replace(self, schedule=schedule, prediction=prediction)

    def with_share(self) -> Denoiser:
        """A copy that answers with C more channels: the share v of the larger variance of a step.

        Such a network says 2 v - 1 in its second half of channels: Nichol and Dhariwal 2021 (arXiv
        2102.09672), equation 15, as their code has it. Raises ValueError for one that does not.
        """
        if int(self.config.out_channels) != 2 * self.latent_channels:
            raise ValueError(NO_VARIANCE)
        return replace(self, share_too=True)

    @property
    def answer_channels(self) -> int:
        """Channels of what a call returns: those of the latents, or `with_share` twice as many."""
        return self.latent_channels * (2 if self.share_too else 1)

    @property
    def embedding_width(self) -> int:
        """The width D of the embeddings [B, T, D] that the network reads."""
        return int(self.config.cross_attention_dim)

    @property
    def beside_channels(self) -> int:
        """Channels that the network sees beside the noisy latents: 0 for most."""
        return int(self.config.in_channels) - self.latent_channels

    @property
    def inpaints(self) -> bool:
        """Whether the network sees a mask and a picture beside the noisy latents."""
        return self.beside_channels == self.latent_channels + 1

    @property
    def size_numbers(self) -> int:
        """How many numbers on sizes the network reads: 6 for SDXL, 5 for its refiner, else 0."""
        config = self.config
        if getattr(config, "addition_embed_type", None) != "text_time":
            return 0
        width = int(config.addition_time_embed_dim)
        return (int(config.projection_class_embeddings_input_dim) - self.pooled_width) // width

    @property
    def reads_noise_level(self) -> bool:
        """Whether the network is told how noisy the picture beside is (the x4 upscaler)."""
        return getattr(self.config, "num_class_embeds", None) is not None

    def __call__(self, x: Tensor, sigma: Tensor, told: Told) -> Tensor:
        """Denoise `x` [B, C, h, w] at one level `sigma` (0-d), `told` B rows."""
        scaled = (x * input_scale(self.prediction, sigma)).to(self.dtype)
        time = self.schedule.timestep(sigma).to(self.device).expand(x.shape[0])
        said = self._residuals(scaled, time, float(sigma), told) if told.controls else Residuals()
        seen = scaled if told.concat is None else torch.cat([scaled, told.concat], dim=1)
        unet = self.network.ready(self.weights, self.hooks)
        options = _options(told, said)
        output = unet(
            seen, time, encoder_hidden_states=told.embedding, return_dict=False, **options
        )[0]
        output, more = output.float().tensor_split([x.shape[1]], dim=1)
        denoised = to_denoised(self.prediction, output, x, sigma, time[0])
        return torch.cat([denoised, (more + 1) / 2], dim=1) if self.share_too else denoised

    @staticmethod
    def _residuals(scaled: Tensor, time: Tensor, sigma: float, told: Told) -> Residuals:
        said = Residuals()
        for control in told.controls:
            if control.active(sigma):
                said = said + control.residuals(scaled, time, told)
        return said

    def noised(self, latent: Tensor, noise: Tensor, sigma: Tensor) -> Tensor:
        """`latent` with unit `noise` of level `sigma` added, as the samplers expect it."""
        if self.prediction == "flow_prediction":
            return (1 - sigma) * latent + sigma * noise
        return latent + sigma * noise

    def start(self, latent: Tensor, noise: Tensor, sigma: Tensor) -> Tensor:
        """Where a run that begins at `sigma` begins; see `NoiseSchedule.noise_scale`."""
        if self.prediction == "flow_prediction":
            return _signal(sigma) * latent + sigma * noise
        return latent + self.schedule.noise_scale(float(sigma)) * noise

    def finish(self, x: Tensor, sigma: Tensor) -> Tensor:
        """The latent of a run that ends at `sigma`: what a later run adds no noise to."""
        if self.prediction == "flow_prediction" and float(sigma) > 0:
            return x / _signal(sigma)
        return x

    def check_embedding(self, embedding: Tensor) -> None:
        """Raises ShapeError for the embedding of a text encoder that belongs to another model."""
        if embedding.shape[-1] != self.embedding_width:
            widths = (embedding.shape[-1], self.embedding_width)
            known = [f"{width} is {FAMILIES[width]}'s" for width in widths if width in FAMILIES]
            raise ShapeError(
                f"the conditioning is {widths[0]} wide and this model reads {widths[1]}: use the "
                f"text encoder that came with the model"
                + (f" ({', '.join(known)})" if known else "")
            )


def _signal(sigma: Tensor) -> Tensor:
    """How much of x is the clean latent in rectified flow: never nothing, so that `start` undoes
    `finish` at pure noise, too.
    """
    return (1 - sigma).clamp(min=1e-6)


def _options(told: Told, said: Residuals) -> dict[str, Any]:
    """What diffusers' UNet is given for the parts that there are."""
    options: dict[str, Any] = {}
    if told.pooled is not None and told.sizes is not None:
        options["added_cond_kwargs"] = {"text_embeds": told.pooled, "time_ids": told.sizes}
    if told.labels is not None:
        options["class_labels"] = told.labels
    if said.down is not None:
        options["down_block_additional_residuals"] = said.down
    if said.mid is not None:
        options["mid_block_additional_residual"] = said.mid
    if said.intra is not None:
        # The UNet pops from the list it is given.
        options["down_intrablock_additional_residuals"] = list(said.intra)
    return options
