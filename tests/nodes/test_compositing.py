import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from nodegraph import NodeError
from nodes.compositing import edge_ramp, edge_ramps, paste, paste_masked

OFFSETS = st.integers(-9, 9)


@given(OFFSETS, OFFSETS, st.integers(1, 8), st.integers(1, 8))
def test_paste_puts_each_pixel_where_it_belongs(x: int, y: int, h: int, w: int) -> None:
    below, above = torch.zeros(1, 2, 6, 7), torch.rand(1, 2, h, w) + 1
    got = paste(below, above, x, y)
    for row in range(6):
        for column in range(7):
            inside = 0 <= row - y < h and 0 <= column - x < w
            expected = above[0, :, row - y, column - x] if inside else below[0, :, row, column]
            assert torch.equal(got[0, :, row, column], expected)
    assert not bool(below.any())


def test_a_weight_mixes_and_zero_leaves_the_destination() -> None:
    below, above = torch.rand(2, 3, 4, 4), torch.rand(1, 3, 4, 4)
    weight = torch.tensor([0.0, 0.25, 1.0, 0.5]).reshape(1, 1, 1, 4).expand(1, 1, 4, 4)
    got = paste(below, above, 0, 0, weight)
    assert torch.equal(got[..., 0], below[..., 0])
    torch.testing.assert_close(got, weight * above + (1 - weight) * below)


def test_batches_grow_to_the_larger_one() -> None:
    mask = torch.stack((torch.zeros(4, 4), torch.ones(4, 4)))
    got = paste_masked(torch.zeros(1, 3, 4, 4), torch.ones(1, 3, 4, 4), 0, 0, False, mask)
    assert got.shape == (2, 3, 4, 4)
    assert got.mean((1, 2, 3)).tolist() == [0, 1]


def test_the_mask_is_stretched_over_the_source() -> None:
    mask = torch.tensor([[[0.0, 1.0]]])
    got = paste_masked(torch.zeros(1, 1, 2, 8), torch.ones(1, 1, 2, 8), 0, 0, False, mask)
    assert got[0, 0, 0, 0] == 0
    assert got[0, 0, 0, -1] == 1
    assert bool((got[0, 0, 0].diff() >= 0).all())


def test_resize_source_covers_the_destination() -> None:
    got = paste_masked(torch.zeros(1, 1, 5, 7), torch.ones(1, 1, 2, 2), 0, 0, True, None)
    torch.testing.assert_close(got, torch.ones(1, 1, 5, 7))


def test_different_channels_are_refused_with_both_shapes() -> None:
    with pytest.raises(NodeError, match=r"\[1, 4, 2, 2\].*\[1, 16, 2, 2\].*same model"):
        paste(torch.zeros(1, 4, 2, 2), torch.zeros(1, 16, 2, 2), 0, 0)


def test_different_batches_are_refused_with_both_shapes() -> None:
    with pytest.raises(NodeError, match=r"\[2, 4, 2, 2\].*\[3, 4, 2, 2\]"):
        paste(torch.zeros(2, 4, 2, 2), torch.zeros(3, 4, 2, 2), 0, 0)


def test_edge_ramp_rises_in_even_steps_to_one() -> None:
    assert edge_ramp(6, 2, 4).tolist() == [0.5, 1, 1, 0.75, 0.5, 0.25]
    assert edge_ramp(3, 0, 0).tolist() == [1, 1, 1]


def test_edge_ramps_multiply_in_the_corners() -> None:
    ramps = edge_ramps((3, 4), left=2, top=2, right=0, bottom=0)
    assert ramps.shape == (3, 4)
    assert ramps[0, 0] == 0.25
    assert ramps[0, 3] == 0.5
    assert ramps[2, 0] == 0.5
    assert ramps[2, 3] == 1
