import importlib
from typing import Any

import pytest
import torch
from torch import Tensor

from nodes.diffusion.freeu import FreeU, filtered, strengthened
from nodes.diffusion.network import Network
from tests.nodes.diffusion.prompt_values import random_latents

diffusers: Any = importlib.import_module("diffusers")  # untyped
torch_utils: Any = importlib.import_module("diffusers.utils.torch_utils")


def unet(*channels: int) -> Any:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return diffusers.UNet2DConditionModel(
            sample_size=8,
            down_block_types=("DownBlock2D",) * (len(channels) - 1) + ("CrossAttnDownBlock2D",),
            up_block_types=("CrossAttnUpBlock2D",) + ("UpBlock2D",) * (len(channels) - 1),
            block_out_channels=channels,
            layers_per_block=1,
            cross_attention_dim=16,
            attention_head_dim=2,
            norm_num_groups=4,
        )


def answer(network: Any) -> Tensor:
    x = random_latents(1)[..., :4]
    with torch.no_grad():
        found: Tensor = network(x, 500, encoder_hidden_states=torch.ones(2, 5, 16)).sample
    return found


def test_the_parts_are_those_of_diffusers() -> None:
    features, skip = random_latents(1), random_latents(2)
    factors = {"b1": 1.3, "b2": 1.0, "s1": 0.2, "s2": 1.0}
    expected = torch_utils.apply_freeu(0, features.clone(), skip.clone(), **factors)
    torch.testing.assert_close(strengthened(features, 1.3, adaptive=False), expected[0])
    torch.testing.assert_close(filtered(skip, 0.2), expected[1], atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("channels", [(8,), (8, 8)])
def test_a_network_answers_as_with_diffusers(channels: tuple[int, ...]) -> None:
    """Where all features have as many channels, they are of one stage for both."""
    network = Network(unet(*channels))
    plain = answer(network.ready())
    network.module.enable_freeu(s1=0.3, s2=0.3, b1=1.4, b2=1.4)
    expected = answer(network.module)
    network.module.disable_freeu()
    hook = FreeU({8: (1.4, 0.3)}, adaptive=False)
    torch.testing.assert_close(answer(network.ready((), (hook,))), expected, atol=1e-4, rtol=1e-4)
    assert not torch.allclose(plain, expected, atol=1e-3)
    assert torch.equal(answer(network.ready()), plain)


def test_stages_are_told_apart_by_their_channels() -> None:
    network = unet(8, 16, 32)
    hook = FreeU.of(network, (1.1, 1.2), (0.9, 0.8), adaptive=True)
    assert hook.factors == {32: (1.1, 0.9), 16: (1.2, 0.8)}
    plain = answer(network)
    for factors in (((1.5, 1.0), (1.0, 1.0)), ((1.0, 1.5), (1.0, 1.0)), ((1.0, 1.0), (0.5, 1.0))):
        detach = FreeU.of(network, *factors, adaptive=True).attach(network)
        assert not torch.allclose(answer(network), plain, atol=1e-5)
        detach()
    detach = FreeU.of(network, (1.0, 1.0), (1.0, 1.0), adaptive=True).attach(network)
    torch.testing.assert_close(answer(network), plain, atol=1e-5, rtol=1e-4)
    detach()


def test_version_2_strengthens_where_the_mean_is_high() -> None:
    features = torch.zeros(1, 4, 1, 3)
    features[..., 0, :] = torch.tensor([1.0, 2.0, 3.0])
    found = strengthened(features, 1.5, adaptive=True)
    assert found[0, 0, 0].tolist() == [1.0, 2.5, 4.5]
    assert torch.equal(found[:, 2:], features[:, 2:])
    flat = torch.ones(1, 4, 2, 2)
    assert torch.equal(strengthened(flat, 1.5, adaptive=True), flat)
