"""Tiny ControlNets whose residuals are not zero, and the files they come in."""

from pathlib import Path
from typing import Any

import torch

from tests.nodes.tiny import diffusers


def make_controlnet(folder: Path, unet_folder: Path, *, seed: int = 5) -> Path:
    """Write a ControlNet for the UNet in `unet_folder` to `folder`. Returns `folder`.

    As made, its last convolutions are zero and say nothing: here they are random.
    """
    unet = diffusers.UNet2DConditionModel.from_pretrained(unet_folder, local_files_only=True)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        net = diffusers.ControlNetModel.from_unet(
            unet, conditioning_embedding_out_channels=(4, 4, 8, 8)
        )
        with torch.no_grad():
            for name, weight in net.named_parameters():
                if "controlnet_" in name and ("blocks.weight" in name or ".weight" in name):
                    weight.normal_(std=0.3)
    net.save_pretrained(folder)
    return folder


def read_controlnet(folder: Path) -> Any:
    """As diffusers loads it."""
    return diffusers.ControlNetModel.from_pretrained(folder, local_files_only=True)


def edges(height: int = 64, width: int = 48, batch: int = 1, *, seed: int = 0) -> torch.Tensor:
    """A picture [batch, 3, height, width] of some black and white."""
    generator = torch.Generator().manual_seed(seed)
    coarse = torch.rand(batch, 1, height // 8, width // 8, generator=generator).round()
    return coarse.repeat_interleave(8, 2).repeat_interleave(8, 3).expand(-1, 3, -1, -1)


TOPS = {
    "time_embedding.linear_1": "time_embed.0",
    "time_embedding.linear_2": "time_embed.2",
    "add_embedding.linear_1": "label_emb.0.0",
    "add_embedding.linear_2": "label_emb.0.2",
    "conv_in": "input_blocks.0.0",
    "controlnet_cond_embedding.conv_in": "input_hint_block.0",
    "controlnet_cond_embedding.conv_out": "input_hint_block.14",
    "controlnet_mid_block": "middle_block_out.0",
}
WITHIN = {
    "norm1": "in_layers.0",
    "conv1": "in_layers.2",
    "time_emb_proj": "emb_layers.1",
    "norm2": "out_layers.0",
    "conv2": "out_layers.3",
    "conv_shortcut": "skip_connection",
}


def original_name(name: str, *, layers: int) -> str:
    """What `cldm.py` calls a tensor of ControlNetModel, of so many residual blocks per level."""
    stem, leaf = name.rsplit(".", 1)
    if stem in TOPS:
        return f"{TOPS[stem]}.{leaf}"
    match stem.split("."):
        case ["controlnet_cond_embedding", "blocks", index]:
            return f"input_hint_block.{2 * int(index) + 2}.{leaf}"
        case ["controlnet_down_blocks", index]:
            return f"zero_convs.{index}.0.{leaf}"
        case ["down_blocks", level, "downsamplers", *_]:
            return f"input_blocks.{(int(level) + 1) * (layers + 1)}.0.op.{leaf}"
        case ["down_blocks", level, "resnets", index, part]:
            block = int(level) * (layers + 1) + int(index) + 1
            return f"input_blocks.{block}.0.{WITHIN[part]}.{leaf}"
        case ["down_blocks", level, "attentions", index, *rest]:
            block = int(level) * (layers + 1) + int(index) + 1
            return f"input_blocks.{block}.1.{'.'.join(rest)}.{leaf}"
        case ["mid_block", "resnets", index, part]:
            return f"middle_block.{2 * int(index)}.{WITHIN[part]}.{leaf}"
        case ["mid_block", "attentions", _, *rest]:
            return f"middle_block.1.{'.'.join(rest)}.{leaf}"
    raise AssertionError(name)
