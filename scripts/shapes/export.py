"""Put the trained networks together as a diffusers folder with fp16 weights."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderKL, StableDiffusionPipeline
from numpy.typing import NDArray
from torch import nn

from shapes.draw import draw
from shapes.loop import load_state
from shapes.networks import FULL, Width, make_scheduler, make_text_encoder, make_unet, make_vae
from shapes.scenes import training_scenes
from shapes.tokenizer import load_tokenizer, write_tokenizer
from shapes.train_text import Reader
from shapes.train_vae import encode_mean


def load_average(model: nn.Module, path: Path) -> None:
    """Fill a model with the averaged weights of a checkpoint."""
    model.load_state_dict(load_state(path)["average"])
    model.eval().requires_grad_(False)


def load_vae(path: Path, width: Width = FULL) -> AutoencoderKL:
    """The trained autoencoder, with the factor that gives its latents unit deviation."""
    vae = make_vae(width)
    load_average(vae, path)
    scenes = training_scenes()
    rng = np.random.default_rng(0)
    latents = encode_mean(vae, draw(scenes[rng.integers(0, len(scenes), 2048)], rng))
    vae.register_to_config(scaling_factor=round(1 / latents.std().item(), 5))
    return vae


def load_reader(path: Path, vocabulary: int, width: Width = FULL) -> Reader:
    """The trained text encoder with the heads that it was trained with."""
    reader = Reader(make_text_encoder(vocabulary, width))
    load_average(reader, path)
    return reader


def preview_fit(
    vae: AutoencoderKL, count: int = 2048
) -> dict[str, list[float] | list[list[float]]]:
    """Least squares from a scaled latent pixel (4,) to RGB in 0..1: `factors` and `bias`."""
    scenes = training_scenes()
    rng = np.random.default_rng(0)
    pictures = draw(scenes[rng.integers(0, len(scenes), count)], rng)
    latents = encode_mean(vae, pictures) * vae.config["scaling_factor"]
    values = latents.permute(0, 2, 3, 1).reshape(-1, latents.shape[1]).numpy()
    coarse: NDArray[np.float64] = pictures.reshape(count, 16, 4, 16, 4, 3).mean(axis=(2, 4)) / 255
    design = np.concatenate([values, np.ones((len(values), 1), np.float32)], axis=1)
    fitted = np.linalg.lstsq(design, coarse.reshape(-1, 3), rcond=None)[0].round(5).tolist()
    return {"factors": fitted[:-1], "bias": fitted[-1]}


def assemble(
    folder: Path, vae: AutoencoderKL, text: Path, unet: Path, width: Width = FULL
) -> StableDiffusionPipeline:
    """A pipeline of the trained networks, its tokenizer written to `folder`.

    Args:
        folder: Where the model will live.
        text: Checkpoint of the text stage.
        unet: Checkpoint of the UNet stage.
    """
    write_tokenizer(folder / "tokenizer")
    tokenizer = load_tokenizer(folder / "tokenizer")
    network = make_unet(width)
    load_average(network, unet)
    return StableDiffusionPipeline(
        vae=vae,
        text_encoder=load_reader(text, len(tokenizer), width).encoder,
        tokenizer=tokenizer,
        unet=network,
        scheduler=make_scheduler(),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )


def to_half(network: nn.Module) -> None:
    """Turn a network into fp16; a weight that fp16 cannot hold is an error."""
    network.half()
    broken = [key for key, value in network.state_dict().items() if not torch.isfinite(value).all()]
    if broken:
        raise ValueError(f"not finite in fp16: {', '.join(broken)}")


def export(folder: Path, pipeline: StableDiffusionPipeline) -> None:
    """Write the pipeline as fp16 safetensors, with the fit for cheap previews."""
    preview = preview_fit(pipeline.vae)
    for network in (pipeline.vae, pipeline.text_encoder, pipeline.unet):
        to_half(network)
    pipeline.save_pretrained(folder, safe_serialization=True)
    for path in folder.rglob("*.safetensors"):
        path.chmod(0o644)
    write_tokenizer(folder / "tokenizer")
    (folder / "latent_preview.json").write_text(json.dumps(preview, indent=2) + "\n", "utf-8")
