"""Increments of one path: they add up, and do not depend on the steps or their order."""

import math

import pytest
import torch
import torchsde
from torch import Tensor

from nodes.diffusion.brownian import BrownianNoise
from nodes.diffusion.samplers import BROWNIAN, SamplerChoice

SHAPE = (3, 4, 8, 8)
SIGMAS = torch.tensor([10.0, 4.0, 1.0, 0.25, 0.0])


def source(seed: int = 5, batch_index: list[int] | None = None, count: int = 3) -> BrownianNoise:
    return BrownianNoise(seed, batch_index, (count, *SHAPE[1:]), SIGMAS)


def increment(noise: BrownianNoise, high: float, low: float) -> Tensor:
    return noise(high, low) * math.sqrt(high - low)


def test_is_the_increment_of_the_fields_brownian_tree() -> None:
    tree = torchsde.BrownianTree(
        torch.tensor(0.25), torch.zeros(1, 4, 8, 8), torch.tensor(10.0), entropy=5
    )
    expected = tree(torch.tensor(1.0), torch.tensor(4.0)) / torch.tensor(3.0).sqrt()
    assert torch.equal(source()(4.0, 1.0)[:1], expected)


def test_increments_add_up_whatever_the_steps() -> None:
    whole = increment(source(), 10.0, 1.0)
    parts = source()
    summed = sum(increment(parts, a, b) for a, b in [(10.0, 7.0), (7.0, 4.0), (4.0, 1.0)])
    torch.testing.assert_close(summed, whole, atol=1e-5, rtol=1e-5)


def test_does_not_depend_on_the_order_of_the_questions() -> None:
    first, second = source(), source()
    early, late = first(10.0, 4.0), first(4.0, 1.0)
    assert torch.equal(second(4.0, 1.0), late)
    assert torch.equal(second(10.0, 4.0), early)
    assert torch.equal(second(4.0, 1.0), late)


def test_each_picture_has_its_own_motion() -> None:
    together = source()(4.0, 1.0)
    torch.testing.assert_close(source(7, None, 1)(4.0, 1.0)[0], together[2])
    torch.testing.assert_close(source(5, [2, 0], 2)(4.0, 1.0), together[[2, 0]])
    assert not torch.allclose(together[0], together[1])
    assert source(2**64 - 1)(4.0, 1.0).isfinite().all()


def test_is_unit_gaussian_and_independent_from_step_to_step() -> None:
    noise = BrownianNoise(1, None, (1, 4, 64, 64), SIGMAS)
    early, late = noise(10.0, 4.0).flatten(), noise(4.0, 0.25).flatten()
    for draw in (early, late):
        assert abs(float(draw.mean())) < 0.03
        assert float(draw.std()) == pytest.approx(1, abs=0.03)
    assert abs(float((early * late).mean())) < 0.03


def test_refuses_noise_within_a_level() -> None:
    with pytest.raises(ValueError, match="choose gaussian noise"):
        source()(4.0, 4.0)


def test_levels_a_rounding_outside_of_the_ladder_are_its_ends() -> None:
    torch.testing.assert_close(source()(10.0 + 1e-6, 4.0), source()(10.0, 4.0))
    ends = torch.tensor([14.614641189575195, 0.029167199328541756])
    odd = BrownianNoise(5, None, SHAPE, ends)
    assert odd(*ends.tolist()).isfinite().all()


@pytest.mark.parametrize("name", sorted(BROWNIAN))
def test_is_what_sde_samplers_draw_unless_told_otherwise(name: str) -> None:
    def noise(choice: SamplerChoice) -> Tensor:
        return choice.step_noise(5, None, SHAPE, SIGMAS)(4.0, 1.0)

    assert torch.equal(noise(SamplerChoice(name)), source()(4.0, 1.0))
    plain = noise(SamplerChoice.of(name, noise_kind="gaussian"))
    assert torch.equal(plain, noise(SamplerChoice("euler_ancestral")))
    assert torch.equal(noise(SamplerChoice.of("lcm", noise_kind="brownian")), source()(4.0, 1.0))
