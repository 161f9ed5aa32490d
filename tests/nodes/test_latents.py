import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from nodegraph import Context, NodeError, node_type_of
from nodes.diffusion.loading import Checkpoint
from nodes.latents import (
    empty_latent,
    latent_blend,
    latent_composite,
    latent_composite_masked,
    latent_from_batch,
    latent_upscale,
    latent_upscale_by,
    repeat_latent_batch,
    set_latent_noise_mask,
)
from nodes.sampling import ksampler
from nodes.text import clip_encode
from nodes.types import Latent, Mask


def latent(*shape: int) -> Latent:
    return Latent(torch.randn(*shape))


def test_empty_is_zeros_that_know_their_size_in_pixels() -> None:
    empty = empty_latent(width=64, height=40, batch_size=3)
    assert empty.samples.shape == (3, 4, 5, 8)
    assert not bool(empty.samples.any())
    assert empty.empty_size == (40, 64)
    assert empty_latent(width=9, height=8).empty_size == (8, 9)


def test_upscale_by_works_on_cells_whatever_the_model() -> None:
    small = latent(2, 16, 6, 4)
    doubled = latent_upscale_by(small, "nearest-exact", 2.0)
    expected = small.samples.repeat_interleave(2, -1).repeat_interleave(2, -2)
    assert torch.equal(doubled.samples, expected)
    assert latent_upscale_by(small, "bislerp", 1.5).samples.shape == (2, 16, 9, 6)


def test_upscale_takes_pixels() -> None:
    small = latent(1, 4, 6, 4)
    assert latent_upscale(small, "area", width=64, height=80).samples.shape[-2:] == (10, 8)
    assert latent_upscale(small, "area", width=64, height=0).samples.shape[-2:] == (12, 8)
    assert latent_upscale(small, "area", width=0, height=24).samples.shape[-2:] == (3, 2)
    four = latent_upscale(small, "area", width=64, height=80, pixels_per_cell=4)
    assert four.samples.shape[-2:] == (20, 16)


def test_upscale_to_nothing_changes_nothing() -> None:
    small = latent(1, 4, 6, 4)
    assert torch.equal(latent_upscale(small, width=0, height=0).samples, small.samples)


def test_upscaling_an_empty_latent_leaves_it_empty() -> None:
    empty = empty_latent(64, 32, 2)
    assert latent_upscale(empty, width=100, height=0).empty_size == (50, 100)
    doubled = latent_upscale_by(empty, scale_by=2.0)
    assert doubled.empty_size == (64, 128)
    assert doubled.samples.shape == (2, 4, 8, 16)
    assert not bool(doubled.samples.any())


def test_upscaling_keeps_mask_and_numbers_and_crops_the_mask_with_the_picture() -> None:
    mask = torch.zeros(1, 8, 16)
    mask[:, :, 4:12] = 1
    marked = Latent(torch.randn(2, 4, 4, 8), noise_mask=mask, batch_index=(3, 5))
    scaled = latent_upscale(marked, width=64, height=64, crop="center")
    assert scaled.batch_index == (3, 5)
    assert scaled.noise_mask is not None
    assert torch.equal(scaled.noise_mask, torch.ones(1, 8, 8))
    stretched = latent_upscale(marked, width=64, height=64)
    assert stretched.noise_mask is mask


def test_composite_lays_one_over_the_other_in_pixels() -> None:
    below, above = latent(2, 4, 8, 8), latent(1, 4, 3, 2)
    joined = latent_composite(below, above, x=16, y=40).samples
    assert torch.equal(joined[:, :, 5:8, 2:4], above.samples.expand(2, -1, -1, -1))
    untouched = torch.ones(8, 8, dtype=torch.bool)
    untouched[5:8, 2:4] = False
    assert torch.equal(joined[:, :, untouched], below.samples[:, :, untouched])
    finer = latent_composite(below, above, x=8, y=20, pixels_per_cell=4).samples
    assert torch.equal(finer, joined)


def test_composite_fades_at_the_inner_edges_only() -> None:
    below, above = Latent(torch.zeros(1, 4, 8, 8)), Latent(torch.ones(1, 4, 8, 5))
    joined = latent_composite(below, above, x=0, y=0, feather=16).samples
    assert joined[0, 0, 0].tolist() == [1, 1, 1, 1, 0.5, 0, 0, 0]
    assert bool((joined.diff(dim=2) == 0).all())
    moved = latent_composite(below, above, x=24, y=0, feather=16).samples
    assert moved[0, 0, 0].tolist() == [0, 0, 0, 0.5, 1, 1, 1, 1]


def test_masked_composite_leaves_what_is_not_masked() -> None:
    below, above = latent(1, 4, 4, 4), latent(1, 4, 2, 2)
    mask = Mask(torch.tensor([[[0.0, 1.0], [0.0, 0.5]]]))
    joined = latent_composite_masked(below, above, x=-8, y=16, mask=mask).samples
    expected = below.samples.clone()
    expected[:, :, 2, 0] = above.samples[:, :, 0, 1]
    expected[:, :, 3, 0] = (above.samples[:, :, 1, 1] + below.samples[:, :, 3, 0]) / 2
    torch.testing.assert_close(joined, expected)


def test_composites_with_an_empty_latent_take_the_others_channels() -> None:
    filled = Latent(torch.ones(1, 16, 4, 4))
    joined = latent_composite(empty_latent(32, 32), filled, x=16, y=0, pixels_per_cell=4)
    assert joined.samples.shape == (1, 16, 8, 8)
    assert joined.samples.sum() == 16 * 16
    assert joined.empty_size is None
    hole = latent_composite_masked(filled, empty_latent(8, 8), x=0, y=0)
    assert hole.samples.sum() == 16 * 15
    empty = empty_latent(32, 32)
    assert latent_composite(empty, empty_latent(8, 8)) is empty
    assert latent_composite_masked(empty, empty_latent(8, 8)) is empty


@given(st.floats(0, 1, width=32))
def test_blend_weighs_the_first_by_the_factor(factor: float) -> None:
    first, second = latent(1, 4, 3, 3), latent(2, 4, 3, 3)
    mixed = latent_blend(first, second, factor).samples
    expected = first.samples * factor + second.samples * (1 - factor)
    torch.testing.assert_close(mixed, expected)


def test_blend_resizes_the_second_and_fades_to_empty() -> None:
    first = latent(1, 4, 4, 4)
    second = Latent(torch.ones(1, 4, 8, 8))
    torch.testing.assert_close(latent_blend(first, second, 0.0).samples, torch.ones(1, 4, 4, 4))
    half = latent_blend(first, empty_latent(64, 64), 0.5)
    torch.testing.assert_close(half.samples, first.samples / 2)
    assert half.empty_size is None
    other = latent_blend(empty_latent(64, 64), first, 0.25)
    torch.testing.assert_close(other.samples, first.samples * 0.75)
    both = empty_latent(64, 64)
    assert latent_blend(both, empty_latent(8, 8)) is both


def test_blend_refuses_different_models() -> None:
    with pytest.raises(NodeError, match=r"'samples1' is \[1, 4, 3, 3\] and 'samples2' is \[1, 16"):
        latent_blend(latent(1, 4, 3, 3), latent(1, 16, 3, 3))


def test_joining_drops_the_numbers_that_no_longer_fit() -> None:
    numbered = Latent(torch.zeros(1, 4, 2, 2), noise_mask=torch.ones(1, 4, 4), batch_index=(7,))
    assert latent_blend(numbered, latent(1, 4, 2, 2)).batch_index == (7,)
    grown = latent_blend(numbered, latent(3, 4, 2, 2))
    assert grown.batch_index is None
    assert grown.noise_mask is numbered.noise_mask


def test_repeating_numbers_the_copies_anew() -> None:
    marked = Latent(torch.randn(2, 4, 2, 2), noise_mask=torch.rand(2, 4, 4), batch_index=(3, 5))
    repeated = repeat_latent_batch(marked, 3)
    assert torch.equal(repeated.samples, marked.samples.repeat(3, 1, 1, 1))
    assert repeated.noise_mask is not None
    assert repeated.noise_mask.shape == (6, 4, 4)
    assert repeated.batch_index == (3, 5, 6, 8, 9, 11)
    assert repeat_latent_batch(empty_latent(16, 24), 2).empty_size == (24, 16)
    assert repeat_latent_batch(latent(1, 4, 2, 2), 2).batch_index is None


@given(st.integers(1, 5), st.integers(0, 4), st.integers(1, 9))
def test_a_part_of_a_batch_keeps_its_numbers(count: int, first: int, length: int) -> None:
    whole = latent(count, 4, 2, 2)
    if first >= count:
        with pytest.raises(NodeError, match=rf"batch has {count} pictures \(0\.\.{count - 1}\)"):
            latent_from_batch(whole, first, length)
        return
    part = latent_from_batch(whole, first, length)
    last = min(first + length, count)
    assert torch.equal(part.samples, whole.samples[first:last])
    assert part.batch_index == tuple(range(first, last))


def test_a_part_of_a_part_and_its_mask() -> None:
    whole = set_latent_noise_mask(latent(4, 4, 2, 2), Mask(torch.rand(4, 8, 8)))
    part = latent_from_batch(latent_from_batch(whole, 1, 3), 1, 1)
    assert part.batch_index == (2,)
    assert part.noise_mask is not None
    assert whole.noise_mask is not None
    assert torch.equal(part.noise_mask, whole.noise_mask[2:3])
    one = set_latent_noise_mask(whole, Mask(torch.ones(1, 5, 5)))
    assert latent_from_batch(one, 3, 1).noise_mask is one.noise_mask


def test_the_noise_mask_must_go_with_the_batch() -> None:
    empty = set_latent_noise_mask(empty_latent(16, 16, 2), Mask(torch.ones(2, 16, 16)))
    assert empty.empty_size == (16, 16)
    with pytest.raises(NodeError, match=r"'mask' is \[3, 4, 4\] and 'samples' is \[2, .*or 2, one"):
        set_latent_noise_mask(latent(2, 4, 2, 2), Mask(torch.ones(3, 4, 4)))


def test_two_passes_make_a_larger_picture(tiny: Checkpoint, context: Context) -> None:
    def sampled(latent: Latent, denoise: float) -> Latent:
        prompt = clip_encode(text="a cat", clip=tiny.text_encoder, ctx=context)
        return ksampler(
            tiny.denoiser,
            steps=2,
            positive=prompt,
            negative=prompt,
            latent_image=latent,
            denoise=denoise,
            ctx=context,
        )

    first = sampled(empty_latent(64, 32, 2), 1.0)
    second = sampled(latent_upscale_by(first, "bislerp", 1.5), 0.5)
    assert first.samples.shape[-2:] == (4, 8)
    assert second.samples.shape[-2:] == (6, 12)
    assert bool(torch.isfinite(second.samples).all())
    alone = sampled(latent_from_batch(latent_upscale_by(first, "bislerp", 1.5), 1), 0.5)
    torch.testing.assert_close(alone.samples[0], second.samples[1], atol=1e-4, rtol=1e-4)


def test_the_fields_input_names_come_first_and_in_order() -> None:
    names = {
        empty_latent: ["width", "height", "batch_size"],
        latent_upscale: ["samples", "upscale_method", "width", "height", "crop"],
        latent_upscale_by: ["samples", "upscale_method", "scale_by"],
        latent_composite: ["samples_to", "samples_from", "x", "y", "feather"],
        latent_composite_masked: ["destination", "source", "x", "y", "resize_source", "mask"],
        latent_blend: ["samples1", "samples2", "blend_factor"],
        repeat_latent_batch: ["samples", "amount"],
        latent_from_batch: ["samples", "batch_index", "length"],
        set_latent_noise_mask: ["samples", "mask"],
    }
    for function, expected in names.items():
        inputs = [spec.name for spec in node_type_of(function).inputs]
        assert inputs[: len(expected)] == expected
    assert node_type_of(empty_latent).aliases == ("EmptyLatentImage",)
