"""Train the autoencoder on scenes and on clutter."""

from __future__ import annotations

import numpy as np
import torch
from diffusers import AutoencoderKL
from torch import Tensor
from torch.nn import functional as F

from shapes.draw import ByteArray, draw, draw_clutter
from shapes.loop import Plan, Trainee, fit, noise_like
from shapes.networks import FULL, Width, make_vae
from shapes.scenes import training_scenes

KL_WEIGHT = 1e-6
SAMPLER_NOISE = 0.15  # deviation, where that of the latents is 1


def to_tensor(pictures: ByteArray, device: str = "cpu") -> Tensor:
    """(n, h, w, 3) uint8 to (n, 3, h, w) in -1..1."""
    scaled = torch.from_numpy(pictures).to(device).permute(0, 3, 1, 2).float() / 127.5 - 1
    return scaled.contiguous(memory_format=torch.channels_last)


def mixed_pictures(n: int, rng: np.random.Generator) -> ByteArray:
    """Two thirds scenes, half of them small ones, whose corners are hard; one third clutter."""
    scenes = training_scenes()
    small = scenes[scenes[:, 4] == 0]
    third = n // 3
    plain = scenes[rng.integers(0, len(scenes), n - 2 * third)]
    hard = small[rng.integers(0, len(small), third)]
    return np.concatenate([draw(np.concatenate([plain, hard]), rng), draw_clutter(third, rng)])


def edge_weight(pictures: Tensor) -> Tensor:
    """(n, 1, h, w) in 1..5: more where a pixel differs from its surroundings."""
    around = F.avg_pool2d(pictures, 5, stride=1, padding=2, count_include_pad=False)
    contrast = (pictures - around).abs().mean(dim=1, keepdim=True)
    return 1 + 4 * (4 * contrast).clamp(max=1)


def train_vae(plan: Plan, width: Width = FULL) -> Trainee:
    """Absolute error, plus a trace of KL that keeps the latents near the origin."""
    torch.manual_seed(plan.seed)
    vae = make_vae(width).to(memory_format=torch.channels_last)

    def loss_at(step: int) -> Tensor:
        rng = plan.rng(step)
        pictures = to_tensor(mixed_pictures(plan.batch, rng), plan.device)
        with torch.autocast(plan.device.split(":")[0], torch.bfloat16):
            moments = vae.encode(pictures).latent_dist
            noise = noise_like(rng, tuple(moments.mean.shape), plan.device)
            decoded = vae.decode(moments.mean + moments.std * noise).sample
        error = decoded.float() - pictures
        distance = (edge_weight(pictures) * (error.abs() + error.square())).mean()
        loss: Tensor = distance + KL_WEIGHT * moments.kl().mean()
        return loss

    return fit(vae, loss_at, plan)


def train_decoder(plan: Plan, vae: AutoencoderKL) -> Trainee:
    """Sharpen the decoder alone, on slightly noisy latents such as a sampler leaves.

    The encoder stays as it is, so a UNet trained on its latents stays valid.
    """
    vae.requires_grad_(True)
    vae.encoder.requires_grad_(False)
    vae.quant_conv.requires_grad_(False)
    unit = 1 / vae.config["scaling_factor"]

    def loss_at(step: int) -> Tensor:
        rng = plan.rng(step)
        pictures = to_tensor(mixed_pictures(plan.batch, rng), plan.device)
        with torch.autocast(plan.device.split(":")[0], torch.bfloat16):
            with torch.no_grad():
                latents = vae.encode(pictures).latent_dist.mean
            noise = noise_like(rng, tuple(latents.shape), plan.device)
            strength = float(rng.uniform(0, SAMPLER_NOISE)) * unit
            decoded = vae.decode(latents + strength * noise).sample
        error = decoded.float() - pictures
        distance: Tensor = (edge_weight(pictures) * (error.abs() + error.square())).mean()
        return distance

    return fit(vae, loss_at, plan)


@torch.no_grad()
def encode_mean(vae: AutoencoderKL, pictures: ByteArray, batch: int = 256) -> Tensor:
    """Unscaled latent means, (n, 4, 16, 16) float32 on the CPU."""
    chunks = []
    for at in range(0, len(pictures), batch):
        pixels = to_tensor(pictures[at : at + batch], str(vae.device))
        with torch.autocast(vae.device.type, torch.bfloat16):
            chunks.append(vae.encode(pixels).latent_dist.mean.float().cpu())
    return torch.cat(chunks)


@torch.no_grad()
def psnr(vae: AutoencoderKL, pictures: ByteArray) -> float:
    """Decibels between pictures and what encoding and decoding makes of them."""
    pixels = to_tensor(pictures, str(vae.device))
    decoded = vae.decode(vae.encode(pixels).latent_dist.mean).sample.clamp(-1, 1)
    mse = ((decoded - pixels) / 2).square().mean().item()
    return float(-10 * np.log10(mse))
