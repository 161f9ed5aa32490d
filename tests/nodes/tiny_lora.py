"""Small random LoRAs in the ways that trainers write them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import Tensor

__all__ = ["RANK", "Factors", "diffusers_names", "factors", "kohya_names", "written"]

RANK = 3
Factors = dict[str, tuple[Tensor, Tensor]]
"""(down, up) for modules by their names in diffusers."""


def factors(module: Any, *kinds: str, seed: int = 0) -> Factors:
    """Random factors for every module whose name ends with one of `kinds`."""
    made: Factors = {}
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        for name, weight in module.named_parameters():
            stem = name.removesuffix(".weight")
            if stem.endswith(kinds) and stem != name:
                out, *ins = weight.shape
                core = torch.randn(RANK, *ins) * 0.3
                made[stem] = core, torch.randn(out, RANK, *[1] * (len(ins) - 1)) * 0.3
    assert made
    return made


def kohya_names(
    made: Factors, network: str = "lora_unet", alpha: float | None = None
) -> dict[str, Tensor]:
    """As kohya's scripts and LyCORIS write it."""
    text = "text_model_" if network != "lora_unet" else ""
    tensors = {}
    for name, (down, up) in made.items():
        stem = f"{network}_{text}{name.removeprefix('text_model.').replace('.', '_')}"
        tensors[f"{stem}.lora_down.weight"] = down
        tensors[f"{stem}.lora_up.weight"] = up
        if alpha is not None:
            tensors[f"{stem}.alpha"] = torch.tensor(alpha)
    return tensors


def diffusers_names(made: Factors, network: str = "unet") -> dict[str, Tensor]:
    """As diffusers writes it with PEFT."""
    return {
        f"{network}.{name}.{part}.weight": factor
        for name, pair in made.items()
        for part, factor in zip(("lora_A", "lora_B"), pair, strict=True)
    }


def written(path: Path, tensors: Mapping[str, Tensor], notes: dict[str, str] | None = None) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, path, notes)
    return path
