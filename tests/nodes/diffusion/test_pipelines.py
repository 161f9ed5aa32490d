"""The same latents as diffusers' own pipelines, given the same weights, noise and levels."""

import importlib
from pathlib import Path
from typing import Any, Literal

import pytest
import torch
from torch import Tensor

from nodegraph import Context
from nodes.diffusion.loading import Checkpoint
from nodes.diffusion.noise import initial_noise
from nodes.diffusion.schedules import sigmas_for
from nodes.sampling import ksampler
from nodes.text import clip_encode
from nodes.types import Latent

diffusers: Any = importlib.import_module("diffusers")  # untyped

# Within diffusers' schedulers, with numpy 2.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

PROMPT, NEGATIVE, CFG, SEED = "a cat on a mat", "dog", 3.0, 11

Model = tuple[Checkpoint, Path]


@pytest.fixture(params=["epsilon", "v_prediction"])
def model(
    request: pytest.FixtureRequest,
    tiny: Checkpoint,
    tiny_v: Checkpoint,
    tiny_folder: Path,
    tiny_v_folder: Path,
) -> Model:
    return (tiny, tiny_folder) if request.param == "epsilon" else (tiny_v, tiny_v_folder)


def pipeline(kind: str, folder: Path, scheduler: str, **options: Any) -> Any:
    parts = diffusers.StableDiffusionPipeline.from_pretrained(folder, local_files_only=True)
    parts.scheduler = getattr(diffusers, scheduler).from_config(parts.scheduler.config, **options)
    made = getattr(diffusers, kind)(
        **parts.components | {"requires_safety_checker": False},
    )
    made.set_progress_bar_config(disable=True)
    return made


def sampled(
    checkpoint: Checkpoint, latent: Latent, steps: int, denoise: float, sampler: Any, ctx: Context
) -> Tensor:
    clip = checkpoint.text_encoder
    return ksampler(
        checkpoint.denoiser,
        seed=SEED,
        steps=steps,
        cfg=CFG,
        sampler_name=sampler,
        scheduler="simple",
        positive=clip_encode(PROMPT, clip, ctx=ctx),
        negative=clip_encode(NEGATIVE, clip, ctx=ctx),
        latent_image=latent,
        denoise=denoise,
        ctx=ctx,
    ).samples


def assert_same(got: Tensor, expected: Tensor) -> None:
    """To 1e-4 of their spread: a network of random weights ends far from variance 1."""
    spread = max(1.0, float(expected.std()))
    torch.testing.assert_close(got, expected, atol=1e-4 * spread, rtol=0)


def some_latent() -> Tensor:
    return initial_noise((2, 4, 8, 6), seed=99)


def common() -> dict[str, Any]:
    return {
        "prompt": [PROMPT] * 2,
        "negative_prompt": [NEGATIVE] * 2,
        "guidance_scale": CFG,
        "output_type": "latent",
    }


def generators() -> list[torch.Generator]:
    return [torch.Generator().manual_seed(SEED + index) for index in range(2)]


@pytest.mark.parametrize("sampler", ["euler", "dpmpp_2m"])
def test_text_to_image(
    model: Model, sampler: Literal["euler", "dpmpp_2m"], context: Context
) -> None:
    checkpoint, folder = model
    ladder = sigmas_for("simple", checkpoint.denoiser.schedule, 6)
    if sampler == "euler":
        pipe = pipeline(
            "StableDiffusionPipeline",
            folder,
            "EulerDiscreteScheduler",
            timestep_spacing="leading",  # begins at noise times sqrt(1 + sigma^2)
        )
        levels = {"sigmas": ladder.tolist()}
    else:
        pipe = pipeline("StableDiffusionPipeline", folder, "DPMSolverMultistepScheduler")
        times = checkpoint.denoiser.schedule.timestep(ladder[:-1])
        levels = {"timesteps": [int(time) for time in times]}
    noise = initial_noise((2, 4, 8, 6), SEED)
    expected = pipe(**common(), **levels, latents=noise, height=64, width=48).images
    got = sampled(
        checkpoint, Latent(torch.zeros(2, 4, 1, 1), empty_size=(64, 48)), 6, 1.0, sampler, context
    )
    assert_same(got, expected)


def test_image_to_image(model: Model, context: Context) -> None:
    checkpoint, folder = model
    pipe = pipeline("StableDiffusionImg2ImgPipeline", folder, "EulerDiscreteScheduler")
    ladder = sigmas_for("simple", checkpoint.denoiser.schedule, 8)
    expected = pipe(
        **common(),
        image=some_latent(),
        strength=0.5,
        sigmas=ladder.tolist(),
        generator=generators(),
    ).images
    got = sampled(checkpoint, Latent(some_latent()), 4, 0.5, "euler", context)
    assert_same(got, expected)


def test_inpainting(model: Model, context: Context) -> None:
    checkpoint, folder = model
    pipe = pipeline("StableDiffusionInpaintPipeline", folder, "EulerDiscreteScheduler")
    ladder = sigmas_for("simple", checkpoint.denoiser.schedule, 8)
    mask = torch.zeros(1, 64, 48)
    mask[:, 16:48, 8:32] = 1.0
    expected = pipe(
        **common(),
        image=some_latent(),
        mask_image=mask[:, None],
        masked_image_latents=some_latent(),
        strength=0.75,
        sigmas=ladder.tolist(),
        generator=generators(),
        height=64,
        width=48,
    ).images
    got = sampled(checkpoint, Latent(some_latent(), noise_mask=mask), 6, 0.75, "euler", context)
    assert_same(got, expected)
    kept = mask[:, None, ::8, ::8].expand_as(got) == 0
    assert torch.equal(got[kept], some_latent()[kept])
