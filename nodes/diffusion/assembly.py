"""Networks put together to a model, whatever files they come from, if they belong together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import torch

from nodes.diffusion.attention import choose_attention
from nodes.diffusion.denoiser import Denoiser, Prediction
from nodes.diffusion.errors import LoadError
from nodes.diffusion.network import Network
from nodes.diffusion.noise_schedule import NoiseSchedule
from nodes.diffusion.parts import latent_channels
from nodes.diffusion.preview import PreviewFit, preview_fit
from nodes.diffusion.residence import coarsen
from nodes.diffusion.text import TextEncoder
from nodes.diffusion.tower import TextTower
from nodes.diffusion.vae import Vae

if TYPE_CHECKING:
    from transformers import CLIPTokenizer

__all__ = ["Checkpoint", "Parts", "TextPart", "assemble", "join_text", "wrap_unet"]

DEEP_OPENCLIP = 24
"""Layers of OpenCLIP ViT-H's text model; diffusers' folders of SD2 leave out the last."""


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """The parts of a model that a workflow wires up separately."""

    denoiser: Denoiser
    text_encoder: TextEncoder
    vae: Vae


@dataclass(frozen=True, eq=False)
class TextPart:
    """A loaded text model of transformers, its tokenizer, and the token that fills chunks.

    `padding` None takes the tokenizer's. Where it computes is `device`.
    """

    model: Any
    tokenizer: CLIPTokenizer
    device: torch.device
    padding: int | None = None


@dataclass(frozen=True, eq=False)
class Parts:
    """What a checkpoint's files hold, loaded and each for itself complete.

    Attributes:
        unet: diffusers' UNet2DConditionModel, on `device` to compute in `dtype`.
        text: the text models in the order of their embeddings: one, or SDXL's two.
        preview: a fit that came with the model; None takes the one known for the VAE.
        storage: the coarse format that the UNet's layers are kept in; None for `dtype`.
    """

    unet: Any
    vae: Vae
    text: tuple[TextPart, ...]
    schedule: NoiseSchedule
    prediction: Prediction
    device: torch.device
    dtype: torch.dtype
    preview: PreviewFit | None = None
    storage: torch.dtype | None = None


def assemble(parts: Parts) -> Checkpoint:
    """A model out of its parts. Raises LoadError if they do not belong together."""
    text_encoder = join_text(parts.text, sized=_reads_sizes(parts.unet))
    denoiser = wrap_unet(
        parts.unet,
        parts.schedule,
        parts.prediction,
        device=parts.device,
        dtype=parts.dtype,
        latent_factor=parts.vae.factor,
        preview=parts.preview or preview_fit(parts.vae),
        pooled_width=_pooled_width(parts.text[-1]),
        storage=parts.storage,
    )
    if denoiser.latent_channels != parts.vae.latent_channels:
        raise LoadError(
            f"the UNet makes latents of {denoiser.latent_channels} channels and the VAE decodes "
            f"{parts.vae.latent_channels}: they belong to different models"
        )
    width = sum(tower.width for tower in text_encoder.towers)
    if width != denoiser.embedding_width:
        raise LoadError(
            f"the text encoder gives embeddings {width} wide and the UNet reads "
            f"{denoiser.embedding_width}: they belong to different models"
        )
    if denoiser.inpaints:
        denoiser = replace(denoiser, grey=_grey(parts.vae))
    return Checkpoint(denoiser, text_encoder, parts.vae)


def wrap_unet(
    unet: Any,
    schedule: NoiseSchedule,
    prediction: Prediction,
    *,
    device: torch.device,
    dtype: torch.dtype,
    latent_factor: int = 8,
    preview: PreviewFit | None = None,
    pooled_width: int = 1280,
    storage: torch.dtype | None = None,
) -> Denoiser:
    """A UNet as a denoiser, its layers kept in the coarse format `storage`.

    Raises LoadError for one that asks for what we have no word for, or has weights that are too
    large for that format.
    """
    if storage is not None:
        coarsen(unet, storage)
    choose_attention(unet)
    denoiser = Denoiser(
        network=Network(unet, device, dtype),
        schedule=schedule,
        prediction=prediction,
        latent_channels=latent_channels(unet.config),
        latent_factor=latent_factor,
        device=device,
        dtype=dtype,
        preview=preview,
        pooled_width=pooled_width,
    )
    if denoiser.size_numbers not in (0, 5, 6):
        raise LoadError(
            f"the UNet reads {denoiser.size_numbers} numbers on sizes beside a pooled embedding "
            f"of {pooled_width}; known are 6 (SDXL) and 5 (its refiner)"
        )
    return denoiser


def join_text(text: Sequence[TextPart], *, sized: bool) -> TextEncoder:
    """The text models as one encoder; `sized` as for SDXL and its refiner, else for SD1 or SD2.

    SDXL reads the layer before the last, not normed (Podell et al. 2023, arXiv 2307.01952); SD2
    the same layer of OpenCLIP ViT-H, normed; SD1 the last one, normed. Raises LoadError for a
    tokenizer of another model.
    """
    return TextEncoder(tuple(_tower(part, sized) for part in text))


def _tower(part: TextPart, sized: bool) -> TextTower:
    config = part.model.config
    if len(part.tokenizer) > config.vocab_size:
        raise LoadError(
            f"the tokenizer knows {len(part.tokenizer)} tokens and the text encoder "
            f"{config.vocab_size}: they belong to different models"
        )
    # OpenAI's models compute with quick_gelu, OpenCLIP's with gelu.
    deep = config.hidden_act == "gelu" and config.num_hidden_layers == DEEP_OPENCLIP
    return TextTower(
        network=Network(part.model, part.device),
        tokenizer=part.tokenizer,
        device=part.device,
        usual_layer=-2 if sized or deep else -1,
        norm_early=not sized,
        norm_last=not sized,
        padding=part.padding,
    )


def _pooled_width(part: TextPart) -> int:
    config = part.model.config
    projected = hasattr(part.model, "text_projection")
    return int(config.projection_dim if projected else config.hidden_size)


def _grey(vae: Vae) -> tuple[float, ...]:
    """The latent of a grey picture, per channel: what an inpainting network sees of a hole."""
    side = 8 * vae.factor
    latent = vae.encode(torch.full((1, side, side, 3), 0.5))
    return tuple(float(mean) for mean in latent.mean((0, 2, 3)))


def _reads_sizes(unet: Any) -> bool:
    return getattr(unet.config, "addition_embed_type", None) == "text_time"
