"""A sampler with options of its own, as a value."""

import pytest
import torch
from torch import Tensor

from nodegraph.engine.keys import digest_value
from nodes.diffusion.samplers import SamplerChoice
from nodes.diffusion.samplers_euler import sample_euler_ancestral
from tests.nodes.diffusion.analytic import Draws, TanhDenoiser, geometric

DRAWS = torch.randn(20, 16, generator=torch.Generator().manual_seed(2), dtype=torch.float64)
START = DRAWS[-1] * 10


def ran(choice: SamplerChoice, denoise: TanhDenoiser | None = None) -> Tensor:
    return choice(denoise or TanhDenoiser(), START, geometric(8), noise=Draws(DRAWS))


def test_is_the_sampler_of_that_name_with_its_options() -> None:
    choice = SamplerChoice.of("euler_ancestral", eta=0.4)
    expected = sample_euler_ancestral(
        TanhDenoiser(), START, geometric(8), noise=Draws(DRAWS), eta=0.4
    )
    assert torch.equal(ran(choice), expected)
    assert not torch.equal(ran(choice), ran(SamplerChoice("euler_ancestral")))


def test_s_noise_scales_all_noise() -> None:
    scaled = sample_euler_ancestral(TanhDenoiser(), START, geometric(8), noise=Draws(0.3 * DRAWS))
    torch.testing.assert_close(ran(SamplerChoice.of("euler_ancestral", s_noise=0.3)), scaled)


def test_is_known_by_its_content() -> None:
    first = digest_value(SamplerChoice.of("ddim", eta=0.5))
    assert first is not None
    assert first == digest_value(SamplerChoice("ddim", (("eta", 0.5),)))
    assert first != digest_value(SamplerChoice.of("ddim", eta=0.6))


def test_refuses_unknown_names_with_the_nearest() -> None:
    with pytest.raises(ValueError, match=r"unknown sampler 'eulr'; did you mean 'euler'"):
        SamplerChoice("eulr")
    with pytest.raises(ValueError, match=r"unknown option of sampler 'ddim' 'etta'.*'eta'"):
        SamplerChoice.of("ddim", etta=1.0)
    with pytest.raises(ValueError, match="sampler 'ipndm' has no options, got 'eta'"):
        SamplerChoice.of("ipndm", eta=1.0)


@pytest.mark.parametrize("scale", [-0.1, float("inf"), float("nan")])
def test_refuses_a_scale_that_is_none(scale: float) -> None:
    with pytest.raises(ValueError, match="s_noise must be finite and at least 0"):
        SamplerChoice("euler", s_noise=scale)
