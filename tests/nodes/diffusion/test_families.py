"""Families at their real sizes, told by names and shapes alone: no weights are made."""

import importlib
from typing import Any

import pytest
import torch
from torch import nn

from nodes.diffusion.families import FAMILIES, recognise, variant
from nodes.diffusion.ldm_unet import LdmUnet, read_ldm_unet
from nodes.diffusion.plain_layout import read_plain_unet
from nodes.diffusion.stored import StoredTensor
from tests.nodes.original_names import original_unet

diffusers: Any = importlib.import_module("diffusers")  # untyped

CROSS, PLAIN = "CrossAttnDownBlock2D", "DownBlock2D"
UP_CROSS, UP_PLAIN = "CrossAttnUpBlock2D", "UpBlock2D"
SD2 = {"cross_attention_dim": 1024, "use_linear_projection": True}
SDXL = {
    "block_out_channels": (320, 640, 1280),
    "down_block_types": (PLAIN, CROSS, CROSS),
    "up_block_types": (UP_CROSS, UP_CROSS, UP_PLAIN),
    "transformer_layers_per_block": (1, 2, 10),
    "cross_attention_dim": 2048,
    "use_linear_projection": True,
    "addition_embed_type": "text_time",
    "addition_time_embed_dim": 256,
    "projection_class_embeddings_input_dim": 2816,
}
REFINER = SDXL | {
    "block_out_channels": (384, 768, 1536, 1536),
    "down_block_types": (PLAIN, CROSS, CROSS, PLAIN),
    "up_block_types": (UP_PLAIN, UP_CROSS, UP_CROSS, UP_PLAIN),
    "transformer_layers_per_block": 4,
    "cross_attention_dim": 1280,
    "projection_class_embeddings_input_dim": 2560,
}
UPSCALER = SD2 | {
    "in_channels": 7,
    "block_out_channels": (256, 512, 512, 1024),
    "down_block_types": (PLAIN, CROSS, CROSS, CROSS),
    "up_block_types": (UP_CROSS, UP_CROSS, UP_CROSS, UP_PLAIN),
    "only_cross_attention": (True, True, True, False),
    "num_class_embeds": 1000,
}
KNOWN = [
    ("SD1", {"cross_attention_dim": 768}),
    ("SD1 inpaint", {"cross_attention_dim": 768, "in_channels": 9}),
    ("SD1 edit", {"cross_attention_dim": 768, "in_channels": 8}),
    ("SD2", SD2),
    ("SD2 inpaint", SD2 | {"in_channels": 9}),
    ("SD2 depth", SD2 | {"in_channels": 5}),
    ("SDXL", SDXL),
    ("SDXL inpaint", SDXL | {"in_channels": 9}),
    ("SDXL edit", SDXL | {"in_channels": 8}),
    ("SDXL refiner", REFINER),
    ("SD2 x4 upscaler", UPSCALER),
]
"""The published configurations, in diffusers' words."""


def network(config: dict[str, Any]) -> nn.Module:
    with torch.device("meta"):
        made: nn.Module = diffusers.UNet2DConditionModel(**config)
    return made


def shapes(state: dict[str, torch.Tensor]) -> dict[str, StoredTensor]:
    return {
        key: StoredTensor(key, "F16", tuple(value.shape), lambda first, last: torch.empty(0))
        for key, value in state.items()
    }


def structure(config: dict[str, Any]) -> LdmUnet:
    """As both layouts tell it."""
    state = network(config).state_dict()
    levels = len(config.get("block_out_channels", (1, 2, 3, 4)))
    original = read_ldm_unet(shapes(original_unet(state, levels)))
    plain = read_plain_unet(shapes(state))
    assert original is not None
    assert original == plain
    return original


@pytest.mark.parametrize(("name", "config"), KNOWN, ids=[name for name, _ in KNOWN])
def test_published_models_are_recognised(name: str, config: dict[str, Any]) -> None:
    unet = structure(config)
    family = recognise(unet)
    assert variant(family, unet) == name
    with torch.device("meta"):
        again = diffusers.UNet2DConditionModel(**unet.config(heads=family.heads))
    expected = {key: value.shape for key, value in network(config).state_dict().items()}
    assert {key: value.shape for key, value in again.state_dict().items()} == expected


@pytest.mark.parametrize(
    ("config", "message"),
    [
        (
            {"cross_attention_dim": 640},
            r"nearest is SD1, .* embeddings: 640 and not 768",
        ),
        ({"cross_attention_dim": 768, "in_channels": 12}, "input channels: 12 and not 4 or 8 or 9"),
        (SDXL | {"transformer_layers_per_block": (1, 2, 4)}, r"SDXL, .* levels: 0, 2, 4 and not 0"),
        (SD2 | {"block_out_channels": (320, 640, 640, 640)}, r"SD2, .*: 320, 640, 640, 640 and"),
    ],
)
def test_others_are_not_and_it_is_said_why(config: dict[str, Any], message: str) -> None:
    unet = structure(config)
    with pytest.raises(ValueError, match=message):
        recognise(unet)


def test_no_two_families_look_alike() -> None:
    looks = [(f.channels, f.depths, f.context, f.vector, f.classes) for f in FAMILIES]
    assert len(set(looks)) == len(looks)
