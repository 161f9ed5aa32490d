"""Prompts for models that are told more than a prompt: sizes, and pictures beside the noise."""

from dataclasses import replace
from typing import Annotated, NamedTuple

import torch

from nodegraph import Context, Multiline, NodeError, Range, Seed, node
from nodes.diffusion.beside import MOST_NOISE, depth_beside, noised_beside
from nodes.diffusion.conditioning import Beside, PictureSizes
from nodes.diffusion.noise import initial_noise
from nodes.embeddings import embeddings_digest, with_embeddings
from nodes.files import Models
from nodes.resize import resize
from nodes.types import Conditioning, Image, Latent, Mask, TextEncoder, Vae
from nodes.vae import cropped, fitted

__all__ = ["NODES"]

Side = Annotated[int, Range(0, 16384)]
Text = Annotated[str, Multiline(prompt=True)]

UPSCALER_FACTOR = 4
"""Pixels of the enlarged picture to a cell of the x4 upscaler's latents."""


class BothPrompts(NamedTuple):
    """The prompts with what the model is told besides."""

    positive: Conditioning
    negative: Conditioning


class PromptsAndLatent(NamedTuple):
    """The prompts with what the model is told besides, and a latent to begin from."""

    positive: Conditioning
    negative: Conditioning
    latent: Latent


def _both_digests(text_g: str, text_l: str, files: Models) -> str | None:
    return embeddings_digest(files, text_g, text_l)


def _digest(text: str, files: Models) -> str | None:
    return embeddings_digest(files, text)


@node(category="conditioning/sdxl", name="CLIPTextEncodeSDXL", fingerprint=_both_digests)
def clip_text_encode_sdxl(
    clip: TextEncoder,
    width: Side = 1024,
    height: Side = 1024,
    crop_w: Side = 0,
    crop_h: Side = 0,
    target_width: Side = 1024,
    target_height: Side = 1024,
    *,
    text_g: Text,
    text_l: Text,
    ctx: Context,
) -> Conditioning:
    """Read a prompt for SDXL, and say what picture it would be from training.

    Args:
        clip: SDXL's text encoders.
        width: of the picture as it was found; small ones are blurred.
        height: of the picture as it was found.
        crop_w: pixels cut off at its left; 0 keeps what is shown in the middle.
        crop_h: pixels cut off at its top.
        target_width: of the picture after that.
        target_height: of the picture after that.
        text_g: what to see, for the larger text encoder; most often the same as text_l.
        text_l: what to see, for the smaller text encoder.

    Raises:
        ValueError: for the text encoder of another model.
    """
    if len(clip.towers) != 2:
        raise NodeError(
            "CLIPTextEncodeSDXL needs the two text encoders of SDXL and 'clip' is one: use "
            "CLIPEncode, or CLIPTextEncodeSDXLRefiner for SDXL's refiner"
        )
    sizes = PictureSizes(width, height, crop_w, crop_h, target_width, target_height)
    told = with_embeddings(clip, ctx.files, text_g, text_l)
    return _sized(told.encode(text_l, text_g), sizes)


@node(category="conditioning/sdxl", name="CLIPTextEncodeSDXLRefiner", fingerprint=_digest)
def clip_text_encode_sdxl_refiner(
    clip: TextEncoder,
    ascore: Annotated[float, Range(0.0, 1000.0, 0.01)] = 6.0,
    width: Side = 1024,
    height: Side = 1024,
    *,
    text: Text,
    ctx: Context,
) -> Conditioning:
    """Read a prompt for SDXL's refiner, and say how beautiful the picture would be found.

    Args:
        clip: the refiner's text encoder.
        ascore: the aesthetic score, about 1 to 10; 6 is usual for what to see, 2.5 for what not to.
        width: of the picture.
        height: of the picture.
        text: what to see; or, as the negative prompt, what not to.

    Raises:
        ValueError: for the text encoder of another model.
    """
    if len(clip.towers) != 1:
        raise NodeError(
            "CLIPTextEncodeSDXLRefiner needs the refiner's text encoder and 'clip' is SDXL's two: "
            "take the clip of the refiner's checkpoint"
        )
    told = with_embeddings(clip, ctx.files, text)
    return _sized(told.encode(text), PictureSizes(width, height, aesthetic=ascore))


@node(category="conditioning/inpaint")
def inpaint_model_conditioning(
    positive: Conditioning,
    negative: Conditioning,
    vae: Vae,
    pixels: Image,
    mask: Mask,
    noise_mask: bool = True,
    *,
    ctx: Context,
) -> PromptsAndLatent:
    """Show an inpainting model the picture with a hole in it.

    Args:
        pixels: the picture; sides that are no multiple of the VAE's cell are cropped.
        mask: 1 where the picture is to be made anew; stretched over the picture; one for all
            pictures or one for each.
        noise_mask: keep what is outside of the mask as it is; without, the model repaints all.

    Raises:
        NodeError: for a number of masks that is neither 1 nor that of the pictures.
    """
    holes = fitted(mask.values, pixels.pixels)
    picture = cropped(pixels.pixels, vae.factor)[..., :3]
    holes = cropped(holes[..., None], vae.factor)[..., 0]
    kept = (picture - 0.5) * (1 - holes.round())[..., None] + 0.5
    scene = Beside(vae.encode(kept, ctx.check_cancelled), holes)
    samples = vae.encode(picture, ctx.check_cancelled)
    latent = Latent(samples, noise_mask=holes if noise_mask else None)
    return PromptsAndLatent(_seeing(positive, scene), _seeing(negative, scene), latent)


@node(category="conditioning/edit")
def instruct_pix_to_pix_conditioning(
    positive: Conditioning, negative: Conditioning, vae: Vae, pixels: Image, *, ctx: Context
) -> PromptsAndLatent:
    """Show an instruct-pix2pix model the picture to be edited.

    Args:
        positive: how to change the picture.
        pixels: the picture; sides that are no multiple of the VAE's cell are cropped.
    """
    samples = vae.encode(pixels.pixels, ctx.check_cancelled)
    scene = Beside(vae.unscaled(samples))
    latent = Latent(torch.zeros_like(samples))
    return PromptsAndLatent(_seeing(positive, scene), _seeing(negative, scene), latent)


@node(category="conditioning/depth")
def depth_conditioning(positive: Conditioning, negative: Conditioning, depth: Image) -> BothPrompts:
    """Show a depth model (SD2-depth) how far away everything is to be.

    Args:
        depth: white is near and black is far, in whatever range; as large as the picture to be
            made, or else stretched over it.
    """
    scene = depth_beside(depth.pixels[..., :3].mean(-1))
    return BothPrompts(_seeing(positive, scene), _seeing(negative, scene))


@node(category="conditioning/upscale", name="SD_4XUpscale_Conditioning")
def upscale_conditioning(
    images: Image,
    positive: Conditioning,
    negative: Conditioning,
    scale_ratio: Annotated[float, Range(0.0, 10.0, 0.01)] = 4.0,
    noise_augmentation: Annotated[float, Range(0.0, 1.0, 0.001)] = 0.0,
    noise_seed: Annotated[int, Seed()] = 0,
) -> PromptsAndLatent:
    """Show the x4 upscaler the small picture to be enlarged.

    Args:
        images: the small picture.
        scale_ratio: how much larger the result is; at other ratios than 4 the picture is resized
            first.
        noise_augmentation: how much noise is laid over the small picture, so that more detail is
            made up; 1 is the most that the model knows.
        noise_seed: of that noise; picture k of a batch has that of noise_seed + k.
    """
    count, *sides, _ = images.pixels.shape
    height, width = (max(1, round(side * scale_ratio) // UPSCALER_FACTOR) for side in sides)
    small = resize(images.pixels[..., :3].movedim(-1, 1), height, width, "bilinear", "center")
    level = round(MOST_NOISE * noise_augmentation)
    scene = noised_beside(small, initial_noise(small.shape, noise_seed), level)
    pixels = height * UPSCALER_FACTOR, width * UPSCALER_FACTOR
    latent = Latent(torch.zeros(count, 4, height, width), empty_size=pixels)
    return PromptsAndLatent(
        _seeing(positive, scene, level), _seeing(negative, scene, level), latent
    )


def _sized(conditioning: Conditioning, sizes: PictureSizes) -> Conditioning:
    return conditioning.map(lambda entry: replace(entry, sizes=sizes))


def _seeing(
    conditioning: Conditioning, scene: Beside, noise_level: int | None = None
) -> Conditioning:
    return conditioning.map(lambda entry: replace(entry, beside=scene, noise_level=noise_level))


NODES = (
    clip_text_encode_sdxl,
    clip_text_encode_sdxl_refiner,
    inpaint_model_conditioning,
    instruct_pix_to_pix_conditioning,
    depth_conditioning,
    upscale_conditioning,
)
