"""Noise that depends on the seed and the picture's place in the batch, and on nothing else."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from nodes.diffusion.noise import NoiseSource, initial_noise, no_noise

SHAPE = (4, 4, 8, 8)
seeds = st.integers(0, 2**64 - 1)


@given(seed=seeds, count=st.integers(1, 4))
def test_a_batch_is_its_pictures_alone(seed: int, count: int) -> None:
    batch = initial_noise((count, 3, 4, 4), seed)
    alone = [initial_noise((1, 3, 4, 4), (seed + k) % 2**64) for k in range(count)]
    assert torch.equal(batch, torch.cat(alone))


@given(seed=seeds, order=st.permutations(range(4)))
def test_noise_goes_with_the_batch_index(seed: int, order: list[int]) -> None:
    batch = initial_noise(SHAPE, seed)
    assert torch.equal(initial_noise(SHAPE, seed, order), batch[order])


def test_the_first_picture_is_what_the_seed_gives_torch() -> None:
    expected = torch.randn((1, 4, 8, 8), generator=torch.Generator().manual_seed(42))
    assert torch.equal(initial_noise(SHAPE, 42)[:1], expected)
    assert not torch.equal(initial_noise(SHAPE, 42)[0], initial_noise(SHAPE, 42)[1])


def test_noise_is_unit_gaussian() -> None:
    values = initial_noise((4, 4, 64, 64), 7)
    assert abs(float(values.mean())) < 0.02
    assert float(values.std()) == pytest.approx(1, abs=0.02)


def test_noise_does_not_depend_on_the_default_device_or_type() -> None:
    expected = initial_noise(SHAPE, 3)
    source = NoiseSource(3, None, SHAPE)(2.0, 1.0)
    torch.set_default_dtype(torch.float64)
    try:
        with torch.device("meta"):
            assert torch.equal(initial_noise(SHAPE, 3), expected)
            assert torch.equal(NoiseSource(3, None, SHAPE)(2.0, 1.0), source)
    finally:
        torch.set_default_dtype(torch.float32)


def test_steps_draw_anew_the_same_for_each_picture() -> None:
    batch = NoiseSource(9, None, SHAPE)
    last = NoiseSource(9, [3], (1, *SHAPE[1:]))
    first, second = batch(3.0, 2.0), batch(2.0, 1.0)
    assert not torch.equal(first, second)
    assert torch.equal(last(3.0, 2.0), first[3:])
    assert torch.equal(last(2.0, 1.0), second[3:])
    assert not torch.equal(first, initial_noise(SHAPE, 9))


def test_steps_noise_is_placed_like_x() -> None:
    source = NoiseSource(9, None, SHAPE, device="cpu", dtype=torch.float64)
    noise = source(2.0, 1.0)
    assert noise.dtype == torch.float64
    assert torch.equal(noise.float(), NoiseSource(9, None, SHAPE)(2.0, 1.0))


def test_the_last_seed_wraps_around() -> None:
    assert torch.equal(initial_noise(SHAPE, 2**64 - 1)[1:], initial_noise((3, *SHAPE[1:]), 0))
    assert NoiseSource(2**64 - 1, None, SHAPE)(2.0, 1.0).isfinite().all()


def test_an_empty_batch_has_no_noise() -> None:
    assert initial_noise((0, 4, 8, 8), 1).shape == (0, 4, 8, 8)


@pytest.mark.parametrize("seed", [-1, 2**64])
def test_refuses_a_seed_outside_its_range(seed: int) -> None:
    with pytest.raises(ValueError, match=f"between 0 and 2\\*\\*64 - 1, got {seed}"):
        initial_noise(SHAPE, seed)
    with pytest.raises(ValueError, match=f"got {seed}"):
        NoiseSource(seed, None, SHAPE)


def test_refuses_a_batch_index_of_another_length() -> None:
    with pytest.raises(ValueError, match="batch_index has 2 entries for a batch of 4"):
        initial_noise(SHAPE, 1, [0, 1])


def test_no_noise_says_where_it_was_asked_for() -> None:
    with pytest.raises(RuntimeError, match=r"between levels 2 and 0\.5"):
        no_noise(2.0, 0.5)
