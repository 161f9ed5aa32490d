"""Models that see a picture beside the noise give the latents of diffusers' own pipelines."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from nodegraph import Context
from nodes.diffusion.loading import Checkpoint, load_checkpoint
from nodes.guiders import dual_cfg_guider
from nodes.model_conditioning import (
    depth_conditioning,
    inpaint_model_conditioning,
    instruct_pix_to_pix_conditioning,
    upscale_conditioning,
)
from nodes.types import Image, Mask
from tests.nodes.diffusion import family_cases as case
from tests.nodes.tiny_families import Family, make_family

# Within diffusers' schedulers, with numpy 2.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

BARE: dict[str, Any] = {"safety_checker": None, "feature_extractor": None}
IMAGE_CFG = 1.7


def model(folder: Path, family: Family) -> tuple[Checkpoint, Path]:
    return load_checkpoint(make_family(folder / family, family)), folder / family


def pictures(height: int = 64, width: int = 48) -> Tensor:
    """Two pictures [2, 3, H, W] in 0..1."""
    return torch.rand(2, 3, height, width, generator=torch.Generator().manual_seed(3))


def as_image(pixels: Tensor) -> Image:
    return Image(pixels.movedim(1, -1))


@pytest.mark.parametrize(
    ("family", "kind", "bare"),
    [
        ("inpaint", "StableDiffusionInpaintPipeline", BARE | {"requires_safety_checker": False}),
        ("sdxl-inpaint", "StableDiffusionXLInpaintPipeline", {}),
    ],
)
def test_inpainting_models(
    family: Family, kind: str, bare: dict[str, Any], tmp_path: Path, context: Context
) -> None:
    checkpoint, folder = model(tmp_path, family)
    pipe = case.pipeline(kind, folder, **bare)
    noise, sigmas = case.noise_of(), case.ladder(pipe)
    mask = torch.zeros(1, 64, 48)
    mask[:, 16:48, 8:32] = 1.0
    kept = (pictures() * 2 - 1) * (mask < 0.5)
    with torch.no_grad():
        seen = pipe.vae.encode(kept).latent_dist.mode() * pipe.vae.config.scaling_factor
    expected = pipe(
        **case.asked(),
        image=pictures(),
        mask_image=mask[:, None],
        masked_image_latents=seen,
        strength=1.0,
        latents=case.begun(checkpoint, pipe, noise, sigmas),
        height=64,
        width=48,
    ).images
    shown = inpaint_model_conditioning(
        *case.both_prompts(checkpoint),
        checkpoint.vae,
        as_image(pictures()),
        Mask(mask),
        noise_mask=False,
        ctx=context,
    )
    got = case.drawn(checkpoint, sigmas, *shown[:2], latent=torch.zeros_like(noise), noise=noise)
    case.assert_same(got, expected)


def test_an_inpainting_model_sees_what_is_masked_to_be_sampled(
    tmp_path: Path, context: Context
) -> None:
    checkpoint, _ = model(tmp_path, "inpaint")
    noise, sigmas = case.noise_of(), checkpoint.denoiser.schedule.sigmas[[900, 400, 10]]
    mask = torch.zeros(1, 64, 48)
    mask[:, 16:48, 8:32] = 1.0
    prompts = case.both_prompts(checkpoint)
    shown = inpaint_model_conditioning(
        *prompts, checkpoint.vae, as_image(pictures()), Mask(mask), ctx=context
    )
    samples = shown.latent.samples
    by_mask = case.drawn(checkpoint, sigmas, *prompts, latent=samples, noise=noise, mask=mask)
    scene = shown.positive.entries[0].beside
    assert scene is not None
    whole = [
        prompt.map(lambda entry: replace(entry, beside=replace(scene, samples=samples)))
        for prompt in prompts
    ]
    expected = case.drawn(checkpoint, sigmas, *whole, latent=samples, noise=noise, mask=mask)
    assert torch.equal(by_mask, expected)
    blind = case.drawn(checkpoint, sigmas, *prompts, latent=samples, noise=noise)
    case.assert_other(by_mask, blind)


def test_pix2pix_follows_text_and_picture(tmp_path: Path, context: Context) -> None:
    checkpoint, folder = model(tmp_path, "pix2pix")
    pipe = case.pipeline(
        "StableDiffusionInstructPix2PixPipeline", folder, requires_safety_checker=False, **BARE
    )
    noise, sigmas = case.noise_of(), case.ladder(pipe)
    expected = pipe(
        **case.asked(),
        image=pictures(),
        image_guidance_scale=IMAGE_CFG,
        latents=case.begun(checkpoint, pipe, noise, sigmas),
    ).images
    denoiser = checkpoint.denoiser
    positive, negative = case.both_prompts(checkpoint)
    shown = instruct_pix_to_pix_conditioning(
        positive, negative, checkpoint.vae, as_image(pictures()), ctx=context
    )
    assert shown.latent.samples.shape == noise.shape
    guider = dual_cfg_guider(denoiser, *shown[:2], negative, case.CFG, IMAGE_CFG)
    got = case.drawn_by(guider, sigmas, latent=torch.zeros_like(noise), noise=noise)
    case.assert_same(got, expected)


def test_depth(tmp_path: Path) -> None:
    checkpoint, folder = model(tmp_path, "depth")
    pipe = case.pipeline(
        "StableDiffusionDepth2ImgPipeline", folder, depth_estimator=None, feature_extractor=None
    )
    depth = pictures()[:, 0]
    generators = [torch.Generator().manual_seed(case.SEED + index) for index in range(2)]
    expected = pipe(
        **case.asked(), image=pictures(), depth_map=depth, strength=0.6, generator=generators
    ).images
    latents, noise = [], []
    for index, picture in enumerate(pictures() * 2 - 1):
        generator = torch.Generator().manual_seed(case.SEED + index)
        with torch.no_grad():
            encoded = pipe.vae.encode(picture[None]).latent_dist.sample(generator)
        latents.append(encoded * pipe.vae.config.scaling_factor)
        noise.append(torch.randn(1, 4, 8, 6, generator=generator))
    shown = depth_conditioning(
        *case.both_prompts(checkpoint), Image(depth[..., None].expand(-1, -1, -1, 3))
    )
    got = case.drawn(
        checkpoint,
        case.ladder(pipe)[-4:],
        *shown,
        latent=torch.cat(latents),
        noise=torch.cat(noise),
    )
    case.assert_same(got, expected)


@pytest.mark.parametrize("level", [0, 20])
def test_the_x4_upscaler(level: int, tmp_path: Path) -> None:
    checkpoint, folder = model(tmp_path, "x4")
    pipe = case.pipeline("StableDiffusionUpscalePipeline", folder, watermarker=None, **BARE)
    small = pictures(12, 8)
    noise, sigmas = case.noise_of(12, 8), case.ladder(pipe)
    if level == 0:  # the pipeline adds a little noise at level 0 as well, and we do not
        pipe.low_res_scheduler.add_noise = lambda picture, noise, level: picture
    expected = pipe(
        **case.asked(),
        image=small,
        noise_level=level,
        latents=case.begun(checkpoint, pipe, noise, sigmas),
        generator=[torch.Generator().manual_seed(case.SEED + index) for index in range(2)],
    ).images
    shown = upscale_conditioning(
        as_image(small),
        *case.both_prompts(checkpoint),
        noise_augmentation=level / 350,
        noise_seed=case.SEED,
    )
    assert checkpoint.denoiser.latent_factor == 4
    latent = shown.latent.cells(4, 4)
    assert latent.shape == noise.shape
    got = case.drawn(checkpoint, sigmas, *shown[:2], latent=latent, noise=noise)
    case.assert_same(got, expected)
