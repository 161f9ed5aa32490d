"""CLIP text models in files: transformers' names with their prefixes, and OpenCLIP's own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from nodes.diffusion.stored import StoredTensor

__all__ = ["clip_config", "clip_tensor", "is_open_clip"]

Tensors = Mapping[str, StoredTensor]

BEGIN, END = 49406, 49407
TOKENS = "embeddings.token_embedding.weight"
PLACES = "embeddings.position_embedding.weight"
LAYER_START = "encoder.layers.{}.mlp.fc1.weight"
OPEN_TOPS = {
    "embeddings.token_embedding.weight": "token_embedding.weight",
    "embeddings.position_embedding.weight": "positional_embedding",
    "final_layer_norm.weight": "ln_final.weight",
    "final_layer_norm.bias": "ln_final.bias",
    "text_projection.weight": "text_projection",
}
OPEN_LAYER = {
    "layer_norm1": "ln_1",
    "layer_norm2": "ln_2",
    "mlp.fc1": "mlp.c_fc",
    "mlp.fc2": "mlp.c_proj",
    "self_attn.out_proj": "attn.out_proj",
}
STACKED = ("q_proj", "k_proj", "v_proj")
LAYER = re.compile(r"encoder\.layers\.(\d+)\.(.+)\.(weight|bias)")


def is_open_clip(tensors: Tensors) -> bool:
    """Whether these tensors (without prefix) are named as OpenCLIP names them."""
    return "transformer.resblocks.0.ln_1.weight" in tensors


def clip_config(tensors: Tensors) -> dict[str, Any] | None:
    """What a CLIP text model is made of, from these tensors (without prefix); None if it is none.

    OpenAI's models have quick_gelu and OpenCLIP's gelu, heads of 64 each. OpenCLIP's have
    several sizes and OpenAI's two, so of transformers' layout those of a width of 512 or 768 are
    OpenAI's.
    """
    opened = is_open_clip(tensors)
    words, places = (clip_tensor(name, tensors)[1] for name in (TOKENS, PLACES))
    count = 0
    while clip_tensor(LAYER_START.format(count), tensors)[1] is not None:
        count += 1
    first = clip_tensor(LAYER_START.format(0), tensors)[1]
    if words is None or places is None or first is None:
        return None
    width = words.shape[1]
    return {
        "vocab_size": words.shape[0],
        "hidden_size": width,
        "intermediate_size": first.shape[0],
        "num_hidden_layers": count,
        "num_attention_heads": max(width // 64, 1),
        "max_position_embeddings": places.shape[0],
        "hidden_act": "gelu" if opened or width > 768 else "quick_gelu",
        "projection_dim": width,
        "bos_token_id": BEGIN,
        "eos_token_id": END,
    }


def clip_tensor(name: str, tensors: Tensors) -> tuple[str, StoredTensor | None]:
    """The name in the file of a tensor of CLIPTextModel, and the tensor if it is there.

    OpenCLIP stacks queries, keys and values, and has its projection the other way round.
    """
    name = name.removeprefix("text_model.")
    if not is_open_clip(tensors):
        key = _plain_key(name, tensors)
        return key, tensors.get(key)
    key, part = _open_key(name)
    found = tensors.get(key)
    if found is not None and part is not None:
        found = found.rows(part, len(STACKED))
    if found is not None and name == "text_projection.weight":
        found = found.transposed()
    return key, found


def _plain_key(name: str, tensors: Tensors) -> str:
    """With the prefix that most files have, unless this one has none."""
    prefix = "" if TOKENS in tensors else "text_model."
    return name if name == "text_projection.weight" else prefix + name


def _open_key(name: str) -> tuple[str, int | None]:
    """OpenCLIP's name, and which third of the tensor is meant where it stacks three."""
    match = LAYER.fullmatch(name)
    if match is None:
        return OPEN_TOPS.get(name, name), None
    index, part, leaf = match.groups()
    layer = f"transformer.resblocks.{index}"
    stacked = part.removeprefix("self_attn.")
    if stacked in STACKED:
        return f"{layer}.attn.in_proj_{leaf}", STACKED.index(stacked)
    return f"{layer}.{OPEN_LAYER.get(part, part)}.{leaf}", None
