"""Models of the published ones' full sizes with random weights, as a folder and as one file.

Their weights are windows into one block of random numbers, and files are written tensor by tensor,
so that making them takes no more memory than that block.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from nodes.diffusion.families import FAMILIES
from nodes.diffusion.stored import NAMES
from tests.nodes import real_sizes as real
from tests.nodes.tiny_files import TinyModel

__all__ = ["MODELS", "SCHEDULE", "Model", "make"]

diffusers: Any = importlib.import_module("diffusers")  # untyped
transformers: Any = importlib.import_module("transformers")

BLOCK = 2**24
"""So many numbers are drawn; tensors are windows into them, each from a place of its own."""
STRIDE = 7_368_787
SCHEDULE: dict[str, Any] = {
    "beta_schedule": "scaled_linear",
    "beta_start": 0.00085,
    "beta_end": 0.012,
    "num_train_timesteps": 1000,
}
SMALL: tuple[dict[str, Any], ...] = (
    {"block_out_channels": (32, 64, 64, 64), "layers_per_block": 1},
    {"block_out_channels": (32, 32, 64, 64)},
    {"num_hidden_layers": 2},
)
"""What small networks have less of."""


@dataclass(frozen=True)
class Model:
    """A published model: its place in `FAMILIES`, and how its networks are built."""

    family: int
    unet: dict[str, Any]
    text: tuple[dict[str, Any], ...]


MODELS = {
    "sd15": Model(0, real.SD1_UNET, (real.CLIP_L,)),
    "sd15-inpaint": Model(0, real.SD1_UNET | {"in_channels": 9}, (real.CLIP_L,)),
    "sd2": Model(1, real.SD2_UNET, (real.VIT_H,)),
    "sdxl": Model(2, real.SDXL_UNET, (real.CLIP_L, real.BIG_G)),
    "sdxl-refiner": Model(3, real.REFINER_UNET, (real.BIG_G,)),
}


class FullSize(TinyModel):
    """A model whose tensors share memory."""

    def file(self, path: Path) -> Path:
        """Everything under the original names, in one file."""
        _write(path, self.original())
        return path

    def folder(self, path: Path, *, weights: bool = True) -> Path:
        """In diffusers' layout, or without `weights` what says how it is built."""
        parts = {"unet": self.unet, "vae": self.vae}
        parts |= dict(zip(self.text_folders(), self.text, strict=True))
        for name, network in parts.items():
            (path / name).mkdir(parents=True)
            ours = hasattr(network, "save_config")
            if ours:
                network.save_config(path / name)
            else:
                network.config.architectures = [type(network).__name__]
                network.config.save_pretrained(path / name)
            if weights:
                stem = "diffusion_pytorch_model" if ours else "model"
                _write(path / name / f"{stem}.safetensors", network.state_dict())
        return self.around(path)


def make(
    name: str = "sd15",
    dtype: torch.dtype = torch.float16,
    *,
    small: bool = False,
    seed: int = 0,
) -> FullSize:
    """One of `MODELS`; with `small` its networks have few layers."""
    model, less = MODELS[name], SMALL if small else ({}, {}, {})
    family = FAMILIES[model.family]
    with torch.device("meta"):
        unet = diffusers.UNet2DConditionModel(**model.unet | less[0])
        vae = diffusers.AutoencoderKL(scaling_factor=family.scale, **real.VAE | less[1])
        text = [
            _text_class(place.projected)(transformers.CLIPTextConfig(**config | less[2]))
            for place, config in zip(family.text, model.text, strict=True)
        ]
    windows = _windows(dtype, seed)
    for network in (unet, vae, *text):
        state = {key: _like(t, next(windows)) for key, t in network.state_dict().items()}
        network.load_state_dict(state, assign=True)
        network.requires_grad_(False).eval()
    for network in text:
        places = torch.arange(network.config.max_position_embeddings).expand(1, -1)
        getattr(network, "text_model", network).embeddings.position_ids = places
    scheduler = diffusers.DDIMScheduler(steps_offset=1, **SCHEDULE)
    return FullSize(family, unet, vae, text, scheduler)


def _text_class(projected: bool) -> Any:
    name = "CLIPTextModelWithProjection" if projected else "CLIPTextModel"
    return getattr(transformers, name)


def _windows(dtype: torch.dtype, seed: int) -> Iterator[Tensor]:
    """Views of random numbers of deviation 0.02, each from another place on."""
    generator = torch.Generator().manual_seed(seed)
    block = (torch.randn(BLOCK, generator=generator) * 0.02).to(dtype)
    largest = max(config["vocab_size"] * config["hidden_size"] for config in (real.BIG_G,))
    block = block.repeat(-(-largest // BLOCK) + 1)
    place = 0
    while True:
        yield block[place:]
        place = (place + STRIDE) % BLOCK


def _like(tensor: Tensor, window: Tensor) -> Tensor:
    return window[: tensor.numel()].view(tensor.shape)


def _write(path: Path, tensors: Mapping[str, Tensor]) -> None:
    """A safetensors file, written a tensor at a time."""
    header, place = dict[str, Any](), 0
    for name, tensor in tensors.items():
        end = place + tensor.numel() * tensor.itemsize
        entry = {"dtype": NAMES[tensor.dtype], "shape": list(tensor.shape)}
        header[name] = entry | {"data_offsets": [place, end]}
        place = end
    raw = json.dumps(header).encode()
    raw += b" " * (-len(raw) % 8)
    with path.open("wb") as file:
        file.write(len(raw).to_bytes(8, "little") + raw)
        for tensor in tensors.values():
            file.write(tensor.contiguous().view(-1).view(torch.uint8).numpy().data)
