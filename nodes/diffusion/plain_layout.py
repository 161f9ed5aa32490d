"""UNets and VAEs under diffusers' names but without a configuration: what their shapes tell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nodes.diffusion.ldm_unet import LdmUnet
from nodes.diffusion.stored import StoredTensor

__all__ = ["modern_attention", "plain_vae_config", "read_plain_unet"]

Tensors = Mapping[str, StoredTensor]

READS = "transformer_blocks.0.attn2.to_k.weight"
OLD_ATTENTION = {"query": "to_q", "key": "to_k", "value": "to_v", "proj_attn": "to_out.0"}


def read_plain_unet(tensors: Tensors) -> LdmUnet | None:
    """The structure of a UNet under diffusers' names; None if it is none."""
    first, last = tensors.get("conv_in.weight"), tensors.get("conv_out.weight")
    channels = _channels(tensors, "down_blocks.{}.resnets.0.conv2.weight")
    if first is None or last is None or "time_embedding.linear_1.weight" not in tensors:
        return None
    attentions = [f"down_blocks.{level}.attentions.0" for level in range(len(channels))]
    attended = [name for name in attentions if f"{name}.proj_in.weight" in tensors]
    reader = tensors.get(f"{attended[0]}.{READS}") if attended else None
    label, vector = (
        tensors.get(f"{name}.weight") for name in ("class_embedding", "add_embedding.linear_1")
    )
    return LdmUnet(
        inputs=first.shape[1],
        outputs=last.shape[0],
        channels=channels,
        depths=tuple(_depth(tensors, name) for name in attentions),
        middle=_depth(tensors, "mid_block.attentions.0"),
        layers=_count(tensors, "down_blocks.0.resnets.{}.conv1.weight"),
        context=reader.shape[1] if reader is not None else 0,
        linear=bool(attended) and len(tensors[f"{attended[0]}.proj_in.weight"].shape) == 2,
        crossed=tuple(_crossed(tensors, name) for name in attentions),
        vector=vector.shape[1] if vector is not None else 0,
        classes=label.shape[0] if label is not None else 0,
    )


def plain_vae_config(tensors: Tensors, **more: Any) -> dict[str, Any] | None:
    """What AutoencoderKL is made of, from tensors under diffusers' names; None if it is none."""
    channels = _channels(tensors, "encoder.down_blocks.{}.resnets.0.conv2.weight")
    first, latent, last = (
        tensors.get(f"{name}.weight")
        for name in ("encoder.conv_in", "decoder.conv_in", "decoder.conv_out")
    )
    if first is None or latent is None or last is None or not channels:
        return None
    return {
        "in_channels": first.shape[1],
        "out_channels": last.shape[0],
        "latent_channels": latent.shape[1],
        "block_out_channels": channels,
        "layers_per_block": _count(tensors, "encoder.down_blocks.0.resnets.{}.conv1.weight"),
        "down_block_types": ("DownEncoderBlock2D",) * len(channels),
        "up_block_types": ("UpDecoderBlock2D",) * len(channels),
        **more,
    }


def modern_attention(key: str) -> str:
    """Autoencoders saved before diffusers 0.17 name the parts of attention otherwise."""
    *parents, part, leaf = key.rsplit(".", 2)
    if "attentions" in key and part in OLD_ATTENTION:
        return ".".join([*parents, OLD_ATTENTION[part], leaf])
    return key


def _count(tensors: Tensors, name: str) -> int:
    count = 0
    while name.format(count) in tensors:
        count += 1
    return count


def _channels(tensors: Tensors, name: str) -> tuple[int, ...]:
    return tuple(tensors[name.format(i)].shape[0] for i in range(_count(tensors, name)))


def _depth(tensors: Tensors, attention: str) -> int:
    return _count(tensors, attention + ".transformer_blocks.{}.attn2.to_k.weight")


def _crossed(tensors: Tensors, attention: str) -> bool:
    """Whether the first attention of a block reads the prompt: then it is not square."""
    block = f"{attention}.transformer_blocks.0"
    first, second = (tensors.get(f"{block}.{name}.to_k.weight") for name in ("attn1", "attn2"))
    if first is None or second is None:
        return False
    return first.shape == second.shape and first.shape[0] != first.shape[1]
