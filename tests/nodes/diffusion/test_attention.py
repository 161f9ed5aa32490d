"""Attention head by head is attention."""

import pytest
import torch
from diffusers import UNet2DConditionModel
from diffusers.models.attention_processor import SlicedAttnProcessor

from nodes.diffusion.attention import ATTENTION, choose_attention


def make_unet() -> UNet2DConditionModel:
    torch.manual_seed(0)
    unet = UNet2DConditionModel(
        sample_size=8,
        cross_attention_dim=32,
        attention_head_dim=4,
        block_out_channels=(32, 64),
        down_block_types=("CrossAttnDownBlock2D", "DownBlock2D"),
        up_block_types=("UpBlock2D", "CrossAttnUpBlock2D"),
        norm_num_groups=8,
    )
    for parameter in unet.parameters():
        parameter.data.normal_(0, 0.05)
    return unet


def sliced(unet: torch.nn.Module) -> bool:
    return any(isinstance(m.processor, SlicedAttnProcessor) for m in layers(unet))


def layers(unet: torch.nn.Module) -> list[torch.nn.Module]:
    return [module for module in unet.modules() if hasattr(module, "to_q")]


@pytest.mark.parametrize("way", ["auto", "sdpa", "sliced"])
def test_attention_is_the_same_in_every_way(way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    x, prompt = torch.randn(2, 4, 8, 8), torch.randn(2, 77, 32)
    unet = make_unet()
    with torch.no_grad():
        plain = unet(x, 500, prompt).sample
        monkeypatch.setenv(ATTENTION, way)
        choose_attention(unet)
        other = unet(x, 500, prompt).sample
    assert layers(unet)
    assert sliced(unet) == (way == "sliced")
    torch.testing.assert_close(other, plain, rtol=1e-4, atol=1e-5)
