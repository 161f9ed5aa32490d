"""The modules of a network by the names that LoRA files give them, `_` for every point."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

__all__ = ["text_names", "unet_names"]

LDM_RESNET = {
    "norm1": "in_layers_0",
    "conv1": "in_layers_2",
    "time_emb_proj": "emb_layers_1",
    "norm2": "out_layers_0",
    "conv2": "out_layers_3",
    "conv_shortcut": "skip_connection",
}
LDM_REST = {
    "time_embedding.linear_1": "time_embed_0",
    "time_embedding.linear_2": "time_embed_2",
    "add_embedding.linear_1": "label_emb_0_0",
    "add_embedding.linear_2": "label_emb_0_2",
    "conv_norm_out": "out_0",
    "conv_out": "out_2",
}
OLD_TEXT = {"q_proj": "to_q", "k_proj": "to_k", "v_proj": "to_v", "out_proj": "to_out"}


def unet_names(unet: Any) -> dict[str, str]:
    """The modules with weights of diffusers' UNet2DConditionModel, by diffusers' names and by
    those of the original code (`input_blocks_4_1_...`), which trainers of SDXL use.
    """
    known = {name for name, module in _weighted(unet)}
    named = {name.replace(".", "_"): name for name in known}
    for name in known:
        if name.endswith(".to_out.0"):
            named[name.removesuffix(".0").replace(".", "_")] = name
    for original, block in _original_blocks(unet):
        for name in known:
            if name == block or name.startswith(f"{block}."):
                rest = name.removeprefix(block).removeprefix(".")
                rest = LDM_RESNET.get(rest, rest) if "resnets" in block else rest
                named["_".join(filter(None, (original, rest.replace(".", "_"))))] = name
    return named | {LDM_REST[name]: name for name in known & LDM_REST.keys()}


def text_names(model: Any) -> dict[str, str]:
    """The modules with weights of a CLIP text model, without the `text_model` some have before."""
    named = {}
    for name, _ in _weighted(model):
        *parents, last = name.removeprefix("text_model.").split(".")
        named["_".join([*parents, last])] = name
        if last in OLD_TEXT:
            named["_".join([*parents, OLD_TEXT[last]])] = name
    return named


def _weighted(model: Any) -> Iterator[tuple[str, Any]]:
    for name, module in model.named_modules():
        if name and "weight" in dict(module.named_parameters(recurse=False)):
            yield name, module


def _original_blocks(unet: Any) -> Iterator[tuple[str, str]]:
    """The blocks of the original code and where diffusers has them."""
    yield "input_blocks_0_0", "conv_in"
    at = 1
    for place, block in enumerate(unet.down_blocks):
        for layer in range(len(block.resnets)):
            yield from _layer(f"input_blocks_{at}", f"down_blocks.{place}", block, layer)
            at += 1
        if block.downsamplers:
            yield f"input_blocks_{at}_0_op", f"down_blocks.{place}.downsamplers.0.conv"
            at += 1
    for layer in range(len(unet.mid_block.resnets)):
        yield f"middle_block_{2 * layer}", f"mid_block.resnets.{layer}"
        yield f"middle_block_{2 * layer + 1}", f"mid_block.attentions.{layer}"
    at = 0
    for place, block in enumerate(unet.up_blocks):
        for layer in range(len(block.resnets)):
            yield from _layer(f"output_blocks_{at}", f"up_blocks.{place}", block, layer)
            at += 1
        if block.upsamplers:
            number = 2 if hasattr(block, "attentions") else 1
            upsampler = f"up_blocks.{place}.upsamplers.0.conv"
            yield f"output_blocks_{at - 1}_{number}_conv", upsampler


def _layer(original: str, place: str, block: Any, layer: int) -> Iterator[tuple[str, str]]:
    yield f"{original}_0", f"{place}.resnets.{layer}"
    if hasattr(block, "attentions"):
        yield f"{original}_1", f"{place}.attentions.{layer}"
