"""What ControlNet files hold: their structure by the shapes of their tensors, and their names.

Two layouts are known: diffusers', and the original one of `cldm.py` (Zhang et al. 2023), whose
tensors may begin with `control_model.`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from itertools import count
from typing import Any, Protocol

__all__ = ["controlnet_config", "diffusers_names"]

PREFIX = "control_model."
TOPS = {
    "time_embed.0": "time_embedding.linear_1",
    "time_embed.2": "time_embedding.linear_2",
    "label_emb.0.0": "add_embedding.linear_1",
    "label_emb.0.2": "add_embedding.linear_2",
    "input_blocks.0.0": "conv_in",
    "input_hint_block.0": "controlnet_cond_embedding.conv_in",
    "middle_block_out.0": "controlnet_mid_block",
}
MIDDLE = ("resnets.0", "attentions.0", "resnets.1")
RESNET = {
    "in_layers.0": "norm1",
    "in_layers.2": "conv1",
    "emb_layers.1": "time_emb_proj",
    "out_layers.0": "norm2",
    "out_layers.3": "conv2",
    "skip_connection": "conv_shortcut",
}


class _Shaped(Protocol):
    @property
    def shape(self) -> tuple[int, ...]: ...


Tensors = Mapping[str, _Shaped]


def diffusers_names(keys: Iterable[str]) -> dict[str, str]:
    """The names in diffusers' ControlNetModel of a file's tensors, of either layout."""
    known = {key: key.removeprefix(PREFIX) for key in keys}
    here = set(known.values())
    if "time_embed.0.weight" not in here:
        return known
    places = _places(here)
    last_hint = max(int(match[1]) for key in here if (match := HINT.match(key)))
    return {key: _renamed(name, places, last_hint) for key, name in known.items()}


HINT = re.compile(r"input_hint_block\.(\d+)\.")
PART = re.compile(r"(input_blocks\.\d+|middle_block)\.(\d+)\.(.+)")


def _places(here: set[str]) -> dict[str, tuple[str, int]]:
    """For each of the original's input blocks its level's name and its place within."""
    places = {}
    level = within = 0
    for index in count(1):
        block = f"input_blocks.{index}"
        if f"{block}.0.op.weight" in here:
            places[block] = (f"down_blocks.{level}", within)
            level, within = level + 1, 0
        elif f"{block}.0.in_layers.0.weight" in here:
            places[block] = (f"down_blocks.{level}", within)
            within += 1
        else:
            break
    return places


def _renamed(name: str, places: Mapping[str, tuple[str, int]], last_hint: int) -> str:
    stem, _, leaf = name.rpartition(".")
    if stem in TOPS:
        return f"{TOPS[stem]}.{leaf}"
    if match := HINT.match(name):
        index = int(match[1])
        part = "conv_out" if index == last_hint else f"blocks.{index // 2 - 1}"
        return f"controlnet_cond_embedding.{part}.{leaf}"
    if stem.startswith("zero_convs."):
        return f"controlnet_down_blocks.{stem.split('.')[1]}.{leaf}"
    match = PART.fullmatch(name)
    if match is None:
        return name
    block, part, rest = match.groups()
    if block == "middle_block":
        index = int(part)
        return f"mid_block.{MIDDLE[index]}.{_within(rest)}" if index < len(MIDDLE) else name
    if block not in places:
        return name
    level, index = places[block]
    if rest.startswith("op."):
        return f"{level}.downsamplers.0.conv.{leaf}"
    kind = "attentions" if part == "1" else "resnets"
    return f"{level}.{kind}.{index}.{_within(rest)}"


def _within(rest: str) -> str:
    stem, _, leaf = rest.rpartition(".")
    return f"{RESNET.get(stem, stem)}.{leaf}"


def controlnet_config(tensors: Tensors) -> dict[str, Any] | None:
    """What ControlNetModel is made of for tensors of diffusers' names; None if they are of none.

    How many heads attention has, no shape tells: 8 in SD1, else as many of 64 each (SD2, SDXL).
    """
    hint, first = "controlnet_cond_embedding", tensors.get("conv_in.weight")
    entry = tensors.get(f"{hint}.conv_in.weight")
    if first is None or entry is None or len(first.shape) != 4 or len(entry.shape) != 4:
        return None
    levels = _levels(tensors)
    if not levels:
        return None
    attended = [_depth(tensors, f"down_blocks.{index}") for index in range(len(levels))]
    middle = _depth(tensors, "mid_block")
    down = ["CrossAttnDownBlock2D" if depth else "DownBlock2D" for depth in attended]
    linear = _linear(tensors)
    vector = tensors.get("add_embedding.linear_1.weight")
    sizes = {
        "addition_embed_type": "text_time",
        "addition_time_embed_dim": 256,
        "projection_class_embeddings_input_dim": vector.shape[1] if vector is not None else None,
    }
    depths = [max(depth, 1) for depth in attended]
    return {
        "in_channels": first.shape[1],
        "conditioning_channels": entry.shape[1],
        "conditioning_embedding_out_channels": (entry.shape[0], *_widths(tensors, hint)),
        "block_out_channels": tuple(levels),
        "layers_per_block": _count(tensors, "down_blocks.0.resnets.{}.conv1.weight"),
        "down_block_types": tuple(down),
        "mid_block_type": "UNetMidBlock2DCrossAttn" if middle else "UNetMidBlock2D",
        "transformer_layers_per_block": (*depths[:-1], max(depths[-1], middle)),
        "cross_attention_dim": _context(tensors),
        "use_linear_projection": linear,
        "attention_head_dim": tuple(max(width // 64, 1) for width in levels) if linear else 8,
        **(sizes if vector is not None else {}),
    }


def _levels(tensors: Tensors) -> list[int]:
    """The channels of each level."""
    found: list[int] = []
    for level in count():
        block = tensors.get(f"down_blocks.{level}.resnets.0.conv1.weight")
        if block is None:
            return found
        found.append(block.shape[0])
    return found


def _count(tensors: Tensors, name: str) -> int:
    return next(index for index in count() if name.format(index) not in tensors)


def _depth(tensors: Tensors, block: str) -> int:
    name = f"{block}.attentions.0.transformer_blocks.{{}}.attn2.to_k.weight"
    return _count(tensors, name)


def _widths(tensors: Tensors, hint: str) -> tuple[int, ...]:
    """The widths of a hint's embedding after the first."""
    blocks = _count(tensors, f"{hint}.blocks.{{}}.weight")
    return tuple(tensors[f"{hint}.blocks.{index}.weight"].shape[0] for index in range(1, blocks, 2))


def _context(tensors: Tensors) -> int:
    """The width of the embeddings it reads."""
    found = (tensor for key, tensor in tensors.items() if key.endswith("attn2.to_k.weight"))
    return next((tensor.shape[1] for tensor in found if len(tensor.shape) == 2), 0)


def _linear(tensors: Tensors) -> bool:
    found = (tensor for key, tensor in tensors.items() if key.endswith(".proj_in.weight"))
    return any(len(tensor.shape) == 2 for tensor in found)
