"""Pictures that a network sees beside the noisy one: to inpaint, to edit, depth, to enlarge."""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor
from torch.nn.functional import interpolate

from nodes.diffusion.betas import beta_schedule
from nodes.diffusion.conditioning import Beside, Conditioning, ConditioningEntry
from nodes.diffusion.denoiser import Denoiser
from nodes.diffusion.errors import ShapeError

__all__ = ["MOST_NOISE", "concat_channels", "depth_beside", "fit_mask", "noised_beside", "seeing"]

MOST_NOISE = 350
"""The highest noise level that the x4 upscaler's picture had in training."""
DEPTH, SMALL_PICTURE = 1, 3


def seeing(
    conditioning: Conditioning, denoiser: Denoiser, latent: Tensor, mask: Tensor | None
) -> Conditioning:
    """With what an inpainting network sees where nobody said: the latent that is sampled anew.

    `latent` is [B, C, h, w] and `mask` its noise mask, [1 or B, H, W]; without one there is
    nothing to keep and nothing to see. Other networks' conditioning is returned as it is.
    """
    if mask is None or not denoiser.inpaints:
        return conditioning
    scene = Beside(latent, mask)
    return conditioning.map(lambda entry: replace(entry, beside=entry.beside or scene))


def concat_channels(
    entry: ConditioningEntry, denoiser: Denoiser, shape: tuple[int, int, int]
) -> Tensor | None:
    """The channels [1 or B, C', h, w] that the network sees beside latents; None for most.

    `shape` is (B, h, w) of the latents. For inpainting the mask comes first, 1 where the picture is
    made anew. Raises ShapeError for a picture of another kind of network, or none where there
    must be one.
    """
    count = denoiser.beside_channels
    if not count:
        return None
    batch, height, width = shape
    channels = count - 1 if denoiser.inpaints else count
    beside = entry.beside or _nothing_beside(denoiser, channels, height, width)
    samples = beside.samples
    if samples.shape[1] != channels:
        raise ShapeError(
            f"the picture beside has {samples.shape[1]} channels and this model reads {channels}: "
            f"use {_node(denoiser)} with the VAE that came with the model"
        )
    if samples.shape[0] not in (1, batch):
        raise ShapeError(
            f"{samples.shape[0]} pictures beside a batch of {batch} latents; there may be 1 or "
            f"{batch}"
        )
    if samples.shape[2:] != (height, width):
        samples = interpolate(samples, size=(height, width), mode="bilinear")
    if not denoiser.inpaints:
        return samples
    mask = torch.ones(1, height, width) if beside.mask is None else beside.mask
    cells = fit_mask(mask, "the mask of the picture beside", batch, height, width).round()
    rows = max(len(samples), len(cells))
    parts = (part.to(samples.device).expand(rows, -1, -1, -1) for part in (cells, samples))
    return torch.cat(list(parts), dim=1)


def depth_beside(depth: Tensor, factor: int = 8) -> Beside:
    """Depth [B, H, W], larger is nearer, in cells of `factor` pixels; each picture fills -1..1.

    As diffusers' StableDiffusionDepth2ImgPipeline prepares it; flat depth is -1.
    """
    size = (max(1, depth.shape[1] // factor), max(1, depth.shape[2] // factor))
    cells = interpolate(depth[:, None], size=size, mode="bicubic", align_corners=False)
    low, high = cells.amin((1, 2, 3), keepdim=True), cells.amax((1, 2, 3), keepdim=True)
    return Beside(2 * (cells - low) / (high - low).clamp(min=1e-12) - 1)


def noised_beside(pixels: Tensor, noise: Tensor, level: int) -> Beside:
    """Pixels [B, 3, h, w] in 0..1 with unit `noise` alike added, as the x4 upscaler sees them.

    √ᾱ x + √(1 - ᾱ) ε with x in -1..1 and ᾱ of scaled-linear β from 0.0001 to 0.02, at `level`
    0..999; at 0 without noise. Ho et al. 2021, "Cascaded Diffusion Models" (arXiv 2106.15282).
    """
    picture = pixels * 2 - 1
    if level == 0:
        return Beside(picture)
    betas = beta_schedule("scaled_linear", 1000, 0.0001, 0.02)
    kept = float((1 - betas).cumprod(0)[level])
    return Beside(kept**0.5 * picture + (1 - kept) ** 0.5 * noise)


def fit_mask(mask: Tensor, what: str, batch: int, height: int, width: int) -> Tensor:
    """A mask [1 or batch, H, W] as [1 or batch, 1, height, width], resized bilinearly."""
    if mask.shape[0] not in (1, batch):
        raise ShapeError(
            f"{what} holds {mask.shape[0]} masks for a batch of {batch} latents; "
            f"it may hold 1 or {batch}"
        )
    if mask.shape[1:] == (height, width):
        return mask[:, None]
    return interpolate(mask[:, None], size=(height, width), mode="bilinear")


def _nothing_beside(denoiser: Denoiser, channels: int, height: int, width: int) -> Beside:
    """What is seen where no picture was given: grey all to be made, or black to be edited."""
    if denoiser.inpaints and denoiser.grey is not None:
        return Beside(torch.tensor(denoiser.grey)[:, None, None].expand(1, -1, height, width))
    if channels in (DEPTH, SMALL_PICTURE):
        what = "a depth picture" if channels == DEPTH else "a small picture to enlarge"
        raise ShapeError(
            f"this model sees {what} beside the noise and the prompt has none: put "
            f"{_node(denoiser)} between prompts and sampler"
        )
    return Beside(torch.zeros(1, channels, height, width))


def _node(denoiser: Denoiser) -> str:
    if denoiser.inpaints:
        return "InpaintModelConditioning"
    known = {DEPTH: "DepthConditioning", SMALL_PICTURE: "SD_4XUpscale_Conditioning"}
    return known.get(denoiser.beside_channels, "InstructPixToPixConditioning")
