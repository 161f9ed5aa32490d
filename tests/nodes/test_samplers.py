"""The nodes that choose samplers with options, and noise with variations."""

from typing import Any

import pytest
import torch

from nodegraph import node_type_of
from nodes import samplers
from nodes.diffusion.samplers import SamplerChoice
from nodes.samplers import (
    random_noise_variation,
    sampler_churn,
    sampler_dpm_adaptive,
    sampler_dpmpp_2m_sde,
    sampler_er_sde,
)
from nodes.types import NoiseChoice
from tests.nodes.diffusion.analytic import Draws, TanhDenoiser, geometric

DRAWS = torch.randn(400, 16, generator=torch.Generator().manual_seed(2), dtype=torch.float64)
CHOICES = [function for function in samplers.NODES if function is not random_noise_variation]


@pytest.mark.parametrize("function", CHOICES, ids=lambda function: node_type_of(function).name)
def test_every_choice_samples(function: Any) -> None:
    choice = function()
    assert isinstance(choice, SamplerChoice)
    x = choice(TanhDenoiser(), DRAWS[0] * 10, geometric(6), noise=Draws(DRAWS))
    assert x.isfinite().all()


def test_options_reach_their_sampler() -> None:
    assert sampler_dpmpp_2m_sde("heun", eta=0.4) == SamplerChoice.of("dpmpp_2m_sde_heun", eta=0.4)
    assert dict(sampler_er_sde("Reverse-time SDE", eta=0.0).options)["kind"] == "ode"
    assert dict(sampler_dpm_adaptive(order=2).options)["order"] == 2
    churned = sampler_churn("euler", s_churn=4.0)
    plain = SamplerChoice("euler")
    first, second = (
        choice(TanhDenoiser(), DRAWS[0] * 10, geometric(6), noise=Draws(DRAWS))
        for choice in (churned, plain)
    )
    assert not torch.allclose(first, second)


def test_noise_varies() -> None:
    assert random_noise_variation(3, 4, 0.2, 0.9) == NoiseChoice(3, 0.9, 4, 0.2)
