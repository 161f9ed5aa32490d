"""Autoencoders in the original key layout (latent-diffusion): their structure, and their names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from nodes.diffusion.stored import StoredTensor

__all__ = ["ldm_vae_config", "ldm_vae_tensor"]

Tensors = Mapping[str, StoredTensor]

ATTENTION = {"group_norm": "norm", "to_q": "q", "to_k": "k", "to_v": "v", "to_out.0": "proj_out"}
BLOCK = re.compile(r"(encoder\.down|decoder\.up)_blocks\.(\d+)\.(\w+)\.(\d+)\.(.+)")
MID = re.compile(r"(encoder|decoder)\.mid_block\.(resnets|attentions)\.(\d+)\.(.+)")


def ldm_vae_config(tensors: Tensors, **more: Any) -> dict[str, Any] | None:
    """What AutoencoderKL is made of, from these tensors (without prefix); None if it is none."""
    needed = ("encoder.conv_in.weight", "decoder.conv_in.weight", "decoder.conv_out.weight")
    if any(key not in tensors or len(tensors[key].shape) != 4 for key in needed):
        return None
    layers, channels = 0, list[int]()
    while (key := f"encoder.down.{len(channels)}.block.0.conv1.weight") in tensors:
        channels.append(tensors[key].shape[0])
    while f"encoder.down.0.block.{layers}.conv1.weight" in tensors:
        layers += 1
    if not channels:
        return None
    return {
        "in_channels": tensors["encoder.conv_in.weight"].shape[1],
        "out_channels": tensors["decoder.conv_out.weight"].shape[0],
        "latent_channels": tensors["decoder.conv_in.weight"].shape[1],
        "block_out_channels": tuple(channels),
        "layers_per_block": layers,
        "down_block_types": ("DownEncoderBlock2D",) * len(channels),
        "up_block_types": ("UpDecoderBlock2D",) * len(channels),
        **more,
    }


def ldm_vae_tensor(name: str, tensors: Tensors, levels: int) -> tuple[str, StoredTensor | None]:
    """The original name of a tensor of AutoencoderKL, and the tensor if it is there.

    `levels` is how many resolutions there are. Attention is made of convolutions of 1 x 1 there
    and of linear maps here: the same numbers.
    """
    key = _key(name, levels)
    found = tensors.get(key)
    if found is not None and ".mid.attn_1." in key and key.endswith(".weight"):
        found = found.squeezed(2)
    return key, found


def _key(name: str, levels: int) -> str:
    if match := BLOCK.fullmatch(name):
        side, level, kind, index, rest = match.groups()
        place = int(level) if side == "encoder.down" else levels - 1 - int(level)
        if kind == "resnets":
            rest = rest.replace("conv_shortcut", "nin_shortcut")
            return f"{side}.{place}.block.{index}.{rest}"
        return f"{side}.{place}.{kind.removesuffix('rs')}.{rest}"  # downsamplers, upsamplers
    if match := MID.fullmatch(name):
        side, kind, index, rest = match.groups()
        if kind == "resnets":
            rest = rest.replace("conv_shortcut", "nin_shortcut")
            return f"{side}.mid.block_{int(index) + 1}.{rest}"
        part, _, leaf = rest.rpartition(".")
        return f"{side}.mid.attn_{int(index) + 1}.{ATTENTION.get(part, part)}.{leaf}"
    return name.replace(".conv_norm_out.", ".norm_out.")
