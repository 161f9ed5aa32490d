import pytest
import torch

from nodes.diffusion.conditioning import (
    Area,
    Conditioning,
    ConditioningEntry,
    average,
    combine,
    concat,
    with_area,
    with_mask,
    with_range,
    zero_out,
)
from nodes.diffusion.errors import ShapeError


def conditioning(
    value: float, tokens: int = 3, width: int = 2, *, pooled: bool = True
) -> Conditioning:
    embedding = torch.full((1, tokens, width), value)
    entry = ConditioningEntry(embedding, torch.full((1, 2), value) if pooled else None)
    return Conditioning((entry,))


def test_combine_keeps_both() -> None:
    first, second = conditioning(1.0), conditioning(2.0)
    assert combine(first, second).entries == first.entries + second.entries


def test_average_blends_embeddings_and_pooled() -> None:
    (entry,) = average(conditioning(1.0), conditioning(3.0), 0.75).entries
    assert entry.pooled is not None
    assert entry.embedding.tolist() == [[[1.5, 1.5]] * 3]
    assert entry.pooled.tolist() == [[1.5, 1.5]]
    (alone,) = average(conditioning(1.0), conditioning(3.0, pooled=False), 0.75).entries
    assert alone.pooled is not None
    assert alone.pooled.tolist() == [[1.0, 1.0]]


@pytest.mark.parametrize(("tokens", "expected"), [(2, [2.0, 2.0, 0.5]), (5, [2.0, 2.0, 2.0])])
def test_average_fits_the_second_to_the_first(tokens: int, expected: list[float]) -> None:
    (entry,) = average(conditioning(1.0), conditioning(3.0, tokens), 0.5).entries
    assert entry.embedding[0, :, 0].tolist() == expected


def test_concat_appends_tokens_to_every_entry() -> None:
    both = combine(conditioning(1.0), conditioning(2.0))
    joined = concat(both, conditioning(3.0, tokens=1))
    assert [entry.embedding[0, :, 0].tolist() for entry in joined.entries] == [
        [1, 1, 1, 3],
        [2, 2, 2, 3],
    ]


def test_concat_of_a_batch_with_one() -> None:
    batch = Conditioning((ConditioningEntry(torch.zeros(4, 3, 2)),))
    (entry,) = concat(batch, conditioning(1.0)).entries
    assert entry.embedding.shape == (4, 6, 2)


def test_limits_are_set_on_every_entry_and_the_old_ones_stay_as_they_are() -> None:
    old = combine(conditioning(1.0), conditioning(2.0))
    area, mask = Area(8, 0, 16, 24), torch.ones(1, 4, 4)
    new = with_range(with_mask(with_area(old, area, 0.5), mask, 0.7, bounds=True), 0.2, 0.8)
    for entry in new.entries:
        assert (entry.area, entry.strength) == (area, 0.5)
        assert entry.mask is mask
        assert (entry.mask_strength, entry.mask_bounds) == (0.7, True)
        assert (entry.start, entry.end) == (0.2, 0.8)
    assert old.entries[0].area is None


def test_zero_out_keeps_shapes() -> None:
    (entry,) = zero_out(conditioning(1.0)).entries
    assert entry.embedding.shape == (1, 3, 2)
    assert entry.pooled is not None
    assert not entry.embedding.any()
    assert not entry.pooled.any()
    (bare,) = zero_out(conditioning(1.0, pooled=False)).entries
    assert bare.pooled is None


def test_different_text_encoders_do_not_mix() -> None:
    with pytest.raises(ShapeError, match=r"different text encoders.* 2 and 5 wide"):
        concat(conditioning(1.0), conditioning(1.0, width=5))
    with pytest.raises(ShapeError, match="different text encoders"):
        average(conditioning(1.0), conditioning(1.0, width=5), 0.5)


def test_different_batches_do_not_mix() -> None:
    two, three = (Conditioning((ConditioningEntry(torch.zeros(n, 3, 2)),)) for n in (2, 3))
    with pytest.raises(ShapeError, match="batches of 2 and 3"):
        concat(two, three)


def test_what_is_no_conditioning() -> None:
    with pytest.raises(ShapeError, match="at least one entry"):
        Conditioning(())
    with pytest.raises(ShapeError, match=r"embedding is \[B, T, D\], got \[3, 2\]"):
        ConditioningEntry(torch.zeros(3, 2))
    with pytest.raises(ShapeError, match=r"mask is \[B, H, W\], got \[4, 4\]"):
        ConditioningEntry(torch.zeros(1, 3, 2), mask=torch.zeros(4, 4))
    with pytest.raises(ShapeError, match=r"0\.8 comes before its start 0\.9"):
        with_range(conditioning(1.0), 0.9, 0.8)


@pytest.mark.parametrize("size", [(-1, 0, 8, 8), (0, -1, 8, 8), (0, 0, 0, 8), (0, 0, 8, -2)])
def test_areas_that_are_none(size: tuple[float, float, float, float]) -> None:
    with pytest.raises(ShapeError, match="positive size"):
        Area(*size)
