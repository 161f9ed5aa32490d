"""Prompts to pictures through the library that ships with the model."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from nodes.diffusion.conditioning import Conditioning, ConditioningEntry
from nodes.diffusion.guider import PromptGuider
from nodes.diffusion.loading import Checkpoint, load_checkpoint
from nodes.diffusion.noise import initial_noise, no_noise
from nodes.diffusion.samplers import sampler_named
from nodes.diffusion.sampling import sample as run
from nodes.diffusion.schedules import sigmas_for
from shapes.draw import SIDE, ByteArray, FloatArray


@dataclass(frozen=True)
class Settings:
    """How to sample: DPM++ 2M on Karras' ladder.

    Attributes:
        cfg: Guidance scale; 1 is none.
        denoise: Share of the ladder to walk, 0..1; below 1 a run starts from a picture.
    """

    seed: int = 0
    steps: int = 20
    cfg: float = 3.0
    denoise: float = 1.0
    sampler: str = "dpmpp_2m"
    scheduler: str = "karras"


BATCH = 50


def load_model(folder: Path, device: str = "cpu") -> Checkpoint:
    """The model of a folder, computing in float32."""
    return load_checkpoint(folder, device=device, dtype="float32")


def _prompts(model: Checkpoint, prompts: list[str]) -> Conditioning:
    """All prompts of a batch as one entry, (n, 77, width)."""
    rows = [model.text_encoder.encode(prompt).entries[0].embedding for prompt in prompts]
    return Conditioning((ConditioningEntry(embedding=torch.cat(rows)),))


def sample(
    model: Checkpoint,
    prompts: list[str],
    settings: Settings | None = None,
    pictures: ByteArray | None = None,
    masks: FloatArray | None = None,
) -> ByteArray:
    """One picture for each prompt; that of prompt i depends on `settings.seed + i` alone.

    Args:
        pictures: (n, 64, 64, 3) to start from when `denoise` is below 1 or there are masks.
        masks: (n, 64, 64) in 0..1, 1 where to paint anew.

    Returns:
        (n, 64, 64, 3) uint8.
    """
    settings = settings or Settings()
    made = []
    for at in range(0, len(prompts), BATCH):
        part = slice(at, at + BATCH)
        chunk = replace(settings, seed=settings.seed + at)
        start = None if pictures is None else torch.from_numpy(pictures[part]).float() / 255
        mask = None if masks is None else torch.from_numpy(masks[part]).float()
        made.append(_sample(model, prompts[part], chunk, start, mask))
    return np.concatenate(made)


def _sample(
    model: Checkpoint,
    prompts: list[str],
    settings: Settings,
    start: Tensor | None,
    mask: Tensor | None,
) -> ByteArray:
    denoiser = model.denoiser
    side = SIDE // denoiser.latent_factor
    shape = (len(prompts), denoiser.latent_channels, side, side)
    sigmas = sigmas_for(
        settings.scheduler,
        denoiser.schedule,
        settings.steps,
        denoise=settings.denoise,
        sampler=settings.sampler,
    )
    negative = model.text_encoder.encode("")
    latent = run(
        PromptGuider.cfg(denoiser, _prompts(model, prompts), negative, settings.cfg),
        torch.zeros(shape) if start is None else model.vae.encode(start),
        initial_noise(shape, settings.seed),
        sampler=sampler_named(settings.sampler),
        sigmas=sigmas,
        step_noise=no_noise,
        mask=mask,
    )
    pixels = model.vae.decode(latent).numpy()
    rounded: ByteArray = np.rint(pixels * 255).astype(np.uint8)
    return rounded
