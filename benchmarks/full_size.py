"""A model of Stable Diffusion 1.5's full size with random weights, as a folder and as one file."""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import Tensor

from tests.nodes.original_names import original_unet, original_vae
from tests.nodes.tiny import tiny_tokenizer

__all__ = ["SCHEDULE", "FullSize", "make"]

diffusers: Any = importlib.import_module("diffusers")  # untyped
transformers: Any = importlib.import_module("transformers")

BLOCK = 2**24
"""So many numbers are drawn; tensors are windows into them, each from a place of its own."""
STRIDE = 7_368_787

UNET: dict[str, Any] = {"cross_attention_dim": 768, "attention_head_dim": 8, "sample_size": 64}
VAE: dict[str, Any] = {
    "block_out_channels": (128, 256, 512, 512),
    "down_block_types": ("DownEncoderBlock2D",) * 4,
    "up_block_types": ("UpDecoderBlock2D",) * 4,
    "layers_per_block": 2,
    "latent_channels": 4,
    "sample_size": 512,
}
TEXT: dict[str, Any] = {
    "vocab_size": 49408,
    "hidden_size": 768,
    "intermediate_size": 3072,
    "num_hidden_layers": 12,
    "num_attention_heads": 12,
    "max_position_embeddings": 77,
    "projection_dim": 768,
    "hidden_act": "quick_gelu",
    "bos_token_id": 49406,
    "eos_token_id": 49407,
}
LESS: tuple[dict[str, Any], ...] = (
    {"block_out_channels": (32, 64, 64, 64), "layers_per_block": 1},
    {"block_out_channels": (32, 32, 64, 64)},
    {"num_hidden_layers": 2},
)
"""What small networks have less of."""
SCHEDULE: dict[str, Any] = {
    "beta_schedule": "scaled_linear",
    "beta_start": 0.00085,
    "beta_end": 0.012,
    "num_train_timesteps": 1000,
}


@dataclass(frozen=True)
class FullSize:
    """The networks, whose weights are views of one block of random numbers."""

    unet: Any
    vae: Any
    text: Any

    def file(self, path: Path) -> Path:
        """Save everything under the original names (2.1 GB in float16)."""
        state = _prefixed("model.diffusion_model.", original_unet(self.unet.state_dict(), 4))
        state |= _prefixed("first_stage_model.", original_vae(self.vae.state_dict(), 4))
        state |= _prefixed("cond_stage_model.transformer.text_model.", self.text.state_dict())
        save_file({name: tensor.clone() for name, tensor in state.items()}, path)
        return path

    def folder(self, path: Path, *, weights: bool = True) -> Path:
        """Save in diffusers' layout, or without `weights` what says how it is built."""
        scheduler = diffusers.PNDMScheduler(skip_prk_steps=True, steps_offset=1, **SCHEDULE)
        parts = {"unet": self.unet, "vae": self.vae, "text_encoder": self.text}
        index: dict[str, Any] = {"_class_name": "StableDiffusionPipeline"}
        for name, network in parts.items():
            if weights:
                # Views of one block are no tensors that share memory on purpose.
                own = {key: tensor.clone() for key, tensor in network.state_dict().items()}
                network.save_pretrained(path / name, state_dict=own)
            else:
                _save_config(network, path / name)
            library = "transformers" if name == "text_encoder" else "diffusers"
            index[name] = [library, type(network).__name__]
        scheduler.save_pretrained(path / "scheduler")
        tiny_tokenizer().save_pretrained(path / "tokenizer")
        index["scheduler"] = ["diffusers", "PNDMScheduler"]
        index["tokenizer"] = ["transformers", "CLIPTokenizer"]
        index |= {"safety_checker": [None, None], "feature_extractor": [None, None]}
        (path / "model_index.json").write_text(json.dumps(index))
        return path


def make(dtype: torch.dtype = torch.float16, seed: int = 0, *, small: bool = False) -> FullSize:
    """Networks of full size, or `small` ones; only one block of numbers is in memory."""
    configs = [UNET, VAE, TEXT]
    if small:
        configs = [config | less for config, less in zip(configs, LESS, strict=True)]
    with torch.device("meta"):
        unet = diffusers.UNet2DConditionModel(**configs[0])
        vae = diffusers.AutoencoderKL(**configs[1])
        text = transformers.CLIPTextModel(transformers.CLIPTextConfig(**configs[2]))
    windows = _windows(dtype, seed)
    for network in (unet, vae, text):
        state = {name: _like(t, next(windows)) for name, t in network.state_dict().items()}
        network.load_state_dict(state, assign=True)
        network.requires_grad_(False).eval()
    embeddings = getattr(text, "text_model", text).embeddings
    embeddings.position_ids = torch.arange(TEXT["max_position_embeddings"]).expand(1, -1)
    return FullSize(unet, vae, text)


def _windows(dtype: torch.dtype, seed: int) -> Iterator[Tensor]:
    """Views of random numbers of deviation 0.02, each from another place on."""
    generator = torch.Generator().manual_seed(seed)
    block = (torch.randn(BLOCK, generator=generator) * 0.02).to(dtype)
    largest = TEXT["vocab_size"] * TEXT["hidden_size"]
    block = block.repeat(-(-largest // BLOCK) + 1)
    place = 0
    while True:
        yield block[place:]
        place = (place + STRIDE) % BLOCK


def _like(tensor: Tensor, window: Tensor) -> Tensor:
    return window[: tensor.numel()].view(tensor.shape)


def _prefixed(prefix: str, state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {prefix + key: tensor for key, tensor in state.items()}


def _save_config(network: Any, path: Path) -> None:
    path.mkdir(parents=True)
    if hasattr(network, "save_config"):
        network.save_config(path)
    else:
        network.config.save_pretrained(path)
