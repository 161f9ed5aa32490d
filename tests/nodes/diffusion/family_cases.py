"""What the comparisons of model families with diffusers' pipelines share."""

import importlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from nodes.diffusion.conditioning import Conditioning
from nodes.diffusion.guider import Guider, PromptGuider
from nodes.diffusion.loading import Checkpoint
from nodes.diffusion.noise import initial_noise, no_noise
from nodes.diffusion.samplers import sampler_named
from nodes.diffusion.sampling import sample
from tests.nodes.tiny_families import family_parts

diffusers: Any = importlib.import_module("diffusers")  # untyped

PROMPTS, NEGATIVE, CFG, SEED = ["a cat on a mat", "two birds"], "dog", 3.0, 11
STEPS = 5


def pipeline(kind: str, folder: Path, **options: Any) -> Any:
    """diffusers' pipeline of a folder, with the Euler scheduler on whole times."""
    scheduler = diffusers.EulerDiscreteScheduler.from_pretrained(
        folder / "scheduler", timestep_spacing="leading", local_files_only=True
    )
    made = getattr(diffusers, kind)(**family_parts(folder), scheduler=scheduler, **options)
    made.set_progress_bar_config(disable=True)
    return made


def asked(count: int = 2) -> dict[str, Any]:
    """What every pipeline is asked."""
    return {
        "prompt": PROMPTS[:count],
        "negative_prompt": [NEGATIVE] * count,
        "guidance_scale": CFG,
        "num_inference_steps": STEPS,
        "output_type": "latent",
    }


def ladder(pipe: Any, steps: int = STEPS) -> Tensor:
    """The levels [steps + 1] at which the pipeline's scheduler calls the network."""
    pipe.scheduler.set_timesteps(steps)
    sigmas: Tensor = pipe.scheduler.sigmas.clone()
    return sigmas


def begun(checkpoint: Checkpoint, pipe: Any, noise: Tensor, sigmas: Tensor) -> Tensor:
    """`latents` for a pipeline, which scales them otherwise than we do."""
    start = checkpoint.denoiser.start(torch.zeros_like(noise), noise, sigmas[0])
    scaled: Tensor = start / pipe.scheduler.init_noise_sigma
    return scaled


def both_prompts(checkpoint: Checkpoint) -> tuple[Conditioning, Conditioning]:
    """A prompt for each picture of the batch, and a negative one for both."""
    encoded = [checkpoint.text_encoder.encode(prompt).entries[0] for prompt in PROMPTS]
    pooled = [entry.pooled for entry in encoded if entry.pooled is not None]
    entry = replace(
        encoded[0],
        embedding=torch.cat([entry.embedding for entry in encoded]),
        pooled=torch.cat(pooled),
    )
    return Conditioning((entry,)), checkpoint.text_encoder.encode(NEGATIVE)


def drawn(
    checkpoint: Checkpoint,
    sigmas: Tensor,
    positive: Conditioning,
    negative: Conditioning,
    *,
    latent: Tensor,
    noise: Tensor,
    mask: Tensor | None = None,
) -> Tensor:
    """What we make of it, with Euler's sampler."""
    guider = PromptGuider.cfg(checkpoint.denoiser, positive, negative, CFG)
    return drawn_by(guider, sigmas, latent=latent, noise=noise, mask=mask)


def drawn_by(
    guider: Guider, sigmas: Tensor, *, latent: Tensor, noise: Tensor, mask: Tensor | None = None
) -> Tensor:
    """The same with a guider of any kind."""
    return sample(
        guider,
        latent,
        noise,
        sampler=sampler_named("euler"),
        sigmas=sigmas,
        step_noise=no_noise,
        mask=mask,
    )


def assert_same(got: Tensor, expected: Tensor) -> None:
    """To 1e-4 of their spread: a network of random weights ends far from variance 1."""
    spread = max(1.0, float(expected.std()))
    torch.testing.assert_close(got, expected, atol=1e-4 * spread, rtol=0)


def assert_other(one: Tensor, other: Tensor) -> None:
    """That they differ by far more than `assert_same` lets pass."""
    assert float((one - other).abs().max()) > 1e-2 * max(1.0, float(other.std()))


def noise_of(height: int = 8, width: int = 6) -> Tensor:
    return initial_noise((2, 4, height, width), SEED)
