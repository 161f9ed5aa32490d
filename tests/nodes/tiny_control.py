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
