"""Train the UNet on the autoencoder's latents, reading the frozen text encoder."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from numpy.typing import NDArray
from torch import Tensor
from transformers import CLIPTextModel, CLIPTokenizer

from shapes.captions import captions, leave_out
from shapes.draw import draw
from shapes.loop import Plan, Trainee, fit, noise_like
from shapes.networks import (
    FULL,
    LATENT_CHANNELS,
    LATENT_SIDE,
    PlainAttention,
    Width,
    make_scheduler,
    make_unet,
)
from shapes.scenes import IntArray, training_scenes
from shapes.tokenizer import encode
from shapes.train_vae import encode_mean

PROMPT_DROPOUT = 0.1
PARTIAL = 0.65  # share of the prompts that leave something out
CHUNK = 2048


class Latents(NamedTuple):
    """Scaled latents (n, 4, 16, 16) float16 on disk, and the scenes (n, 5) they show."""

    values: NDArray[np.float16]
    scenes: IntArray


def latent_files(folder: Path) -> tuple[Path, Path]:
    """Where the latents and their scenes are kept."""
    return folder / "latents.npy", folder / "latents_scenes.npy"


def write_latents(vae: AutoencoderKL, count: int, folder: Path, seed: int = 1) -> None:
    """Draw and encode `count` training pictures, scaled by the autoencoder's factor."""
    rng = np.random.default_rng(seed)
    pool = training_scenes()
    scenes = pool[rng.permutation(np.arange(count) % len(pool))]
    shape = (count, LATENT_CHANNELS, LATENT_SIDE, LATENT_SIDE)
    path, scenes_path = latent_files(folder)
    values = np.lib.format.open_memmap(path, "w+", np.float16, shape)
    for at in range(0, count, CHUNK):
        rows = scenes[at : at + CHUNK]
        scaled = encode_mean(vae, draw(rows, rng)) * vae.config["scaling_factor"]
        values[at : at + CHUNK] = scaled.numpy()
        print(f"latents {at + len(rows)}/{count}", flush=True)
    values.flush()
    np.save(scenes_path, scenes)


def open_latents(folder: Path) -> Latents:
    """The latents that `write_latents` left."""
    path, scenes_path = latent_files(folder)
    return Latents(np.load(path, mmap_mode="r"), np.load(scenes_path))


class Conditions:
    """Scenes to hidden states, by way of fresh captions at every call."""

    def __init__(self, encoder: CLIPTextModel, tokenizer: CLIPTokenizer) -> None:
        self.encoder = encoder.eval().requires_grad_(False)
        self.tokenizer = tokenizer

    def __call__(self, scenes: IntArray, rng: np.random.Generator) -> Tensor:
        """(n, 77, width) hidden states; a tenth of the prompts are empty."""
        said = leave_out(scenes, rng, PARTIAL)
        said[rng.random(len(said)) < PROMPT_DROPOUT] = -1
        spoken = zip(said, captions(said, rng), strict=True)
        prompts = ["" if (row < 0).all() else caption for row, caption in spoken]
        ids = encode(self.tokenizer, prompts).to(self.encoder.device)
        with torch.no_grad(), torch.autocast(ids.device.type, torch.bfloat16):
            hidden: Tensor = self.encoder(ids).last_hidden_state
        return hidden.float()


def pick_times(n: int, rng: np.random.Generator) -> IntArray:
    """(n,) timesteps in 0..999, twice as dense in the middle, where shapes are decided."""
    even = rng.permutation((np.arange(n) + rng.random(n)) / n)
    return (1000 * (even + 0.5 * np.sin(2 * np.pi * even) / (2 * np.pi))).astype(np.int64)


def v_loss(
    unet: UNet2DConditionModel, latents: Tensor, hidden: Tensor, rng: np.random.Generator
) -> Tensor:
    """Mean squared error of v.

    Args:
        latents: Scaled, (n, 4, 16, 16).
        hidden: (n, 77, width).
    """
    n, device = len(latents), latents.device
    times = torch.from_numpy(pick_times(n, rng)).to(device)
    alphas = make_scheduler().alphas_cumprod.to(device)[times][:, None, None, None]
    signal, sigma = alphas.sqrt(), (1 - alphas).sqrt()
    noise = noise_like(rng, tuple(latents.shape), str(device))
    noisy = signal * latents + sigma * noise
    target = signal * noise - sigma * latents
    with torch.autocast(device.type, torch.bfloat16):
        noisy = noisy.contiguous(memory_format=torch.channels_last)
        predicted = unet(noisy, times, hidden, return_dict=False)[0]
    loss: Tensor = (predicted.float() - target).square().mean()
    return loss


def train_unet(
    plan: Plan,
    latents: Latents,
    conditions: Conditions,
    width: Width = FULL,
) -> Trainee:
    """Predict v from noisy latents and captions."""
    torch.manual_seed(plan.seed)
    conditions.encoder.to(plan.device)
    model: UNet2DConditionModel = make_unet(width).to(memory_format=torch.channels_last)
    if plan.device == "cpu":
        model.set_attn_processor(PlainAttention())

    def loss_at(step: int) -> Tensor:
        rng = plan.rng(step)
        rows = np.sort(rng.integers(0, len(latents.values), plan.batch))
        batch = torch.from_numpy(latents.values[rows].astype(np.float32)).to(plan.device)
        hidden = conditions(latents.scenes[rows], rng)
        return v_loss(model, batch, hidden, rng)

    return fit(model, loss_at, plan)
