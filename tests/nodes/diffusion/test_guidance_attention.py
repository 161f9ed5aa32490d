from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor

from nodes.diffusion.guidance_attention import (
    IdentityAttention,
    SkippedLayers,
    Weakened,
    check_middle,
    layers_of,
)
from nodes.diffusion.guidance_stage import Window
from nodes.diffusion.network import Network
from tests.nodes.diffusion.prompt_values import predictions, random_latents
from tests.nodes.tiny import tiny_unet

LEVEL = torch.tensor(2.0)


@pytest.fixture(scope="module")
def unet() -> Iterator[Any]:
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        torch.manual_seed(0)
        yield tiny_unet()


def answer(unet: Any) -> Tensor:
    prompt = torch.randn(2, 5, 16, generator=torch.Generator().manual_seed(3))
    found: Tensor = unet(random_latents(1)[..., :4], 500, encoder_hidden_states=prompt).sample
    return found


@pytest.mark.parametrize(
    "hook", [IdentityAttention(), SkippedLayers(("middle",)), SkippedLayers(("down 0", "up 1"))]
)
def test_hooks_change_the_network_and_come_off_without_a_trace(unet: Any, hook: Any) -> None:
    network = Network(unet)
    plain = answer(network.ready())
    changed = answer(network.ready((), (hook,)))
    assert not torch.allclose(changed, plain, atol=1e-6)
    assert torch.equal(answer(network.ready()), plain)


def test_in_identity_attention_places_do_not_see_each_other(unet: Any) -> None:
    [layer] = layers_of(unet)["middle"]
    attention = layer.attn1
    hidden = torch.randn(1, 6, attention.to_v.in_features)
    other = hidden.clone()
    other[:, 0] += 1.0
    detach = IdentityAttention().attach(unet)
    changed = attention(other) - attention(hidden)
    values = attention.to_out[0](attention.to_v(hidden))
    torch.testing.assert_close(attention(hidden), values)
    detach()
    assert changed[:, 0].abs().max() > 0.01
    assert changed[:, 1:].abs().max() < 1e-6
    assert not torch.allclose(attention(hidden), values)


def test_skipped_layers_give_back_what_they_get(unet: Any) -> None:
    [layer] = layers_of(unet)["middle"]
    hidden = torch.randn(1, 6, layer.attn1.to_v.in_features)
    detach = SkippedLayers(("middle",)).attach(unet)
    assert layer(hidden, encoder_hidden_states=None) is hidden
    detach()
    assert "forward" not in vars(layer)


def test_layers_are_named_by_their_places(unet: Any) -> None:
    assert list(layers_of(unet)) == ["down 0", "middle", "up 1"]
    assert SkippedLayers.named(" middle,  up   1,", unet) == SkippedLayers(("middle", "up 1"))
    with pytest.raises(ValueError, match="'midle'; did you mean 'middle'"):
        SkippedLayers.named("midle", unet)
    with pytest.raises(ValueError, match="there are: down 0, middle, up 1"):
        SkippedLayers.named(" , ", unet)


def test_a_network_without_attention_in_its_middle_is_refused(unet: Any) -> None:
    check_middle(unet)
    hollow = type(unet)(**{**unet.config, "mid_block_type": "UNetMidBlock2D"})
    assert list(layers_of(hollow)) == ["down 0", "up 1"]
    with pytest.raises(ValueError, match=r"no attention in the middle .* layers: down 0, up 1"):
        check_middle(hollow)


def test_guided_away_from_the_weakened_prediction() -> None:
    x, cond, weak = (random_latents(seed) for seed in range(3))
    known = replace(predictions(x, LEVEL, cond, None, 1.0), again=lambda *_hooks: weak)
    stage = Weakened(IdentityAttention(), 3.0)
    torch.testing.assert_close(stage.apply(known), cond + 3.0 * (cond - weak))
    contrast = replace(stage, share=1.0).apply(known).std(dim=(1, 2, 3))
    torch.testing.assert_close(contrast, cond.std(dim=(1, 2, 3)))


@pytest.mark.parametrize(("strength", "window"), [(0.0, Window()), (3.0, Window(0.9, 1.0))])
def test_where_it_does_not_count_it_costs_nothing(strength: float, window: Window) -> None:
    def never(*_hooks: Any) -> Tensor:
        raise AssertionError("the network was called")

    plain = predictions(random_latents(0), LEVEL, random_latents(1), None, 1.0)
    known = replace(plain, again=never)
    assert torch.equal(Weakened(IdentityAttention(), strength, window).apply(known), known.guided)
