from typing import get_args

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from nodegraph import NodeError, node_type_of
from nodes.blending import BlendMode
from nodes.image_edit import (
    image_batch,
    image_blend,
    image_composite,
    image_crop,
    image_invert,
    image_pad_for_outpaint,
    image_scale,
    image_scale_by,
)
from nodes.types import Image, Mask


def picture(*shape: int) -> Image:
    return Image(torch.rand(*shape))


def plain(colour: tuple[float, ...], height: int = 4, width: int = 6, batch: int = 1) -> Image:
    return Image(
        torch.tensor(colour, dtype=torch.float32)
        .expand(batch, height, width, len(colour))
        .contiguous()
    )


def test_scale_gives_the_size_asked_for() -> None:
    image = picture(2, 6, 8, 3)
    assert image_scale(image, "bilinear", width=5, height=3).size == (3, 5)
    assert image_scale(image, "bilinear", width=4, height=0).size == (3, 4)
    assert image_scale(image, "bilinear", width=0, height=12).size == (12, 16)
    assert image_scale(image, "bilinear", width=0, height=0) is image
    assert image_scale_by(image, "area", 0.5).size == (3, 4)


@pytest.mark.parametrize("method", ["bicubic", "lanczos"])
def test_scaling_stays_in_range(method: str) -> None:
    edge = torch.zeros(1, 8, 8, 4)
    edge[:, :, 4:] = 1
    grown = image_scale_by(Image(edge), "bicubic" if method == "bicubic" else "lanczos", 2.0)
    assert grown.pixels.min() == 0
    assert grown.pixels.max() == 1


def test_center_crop_keeps_the_middle() -> None:
    columns = torch.arange(8.0).reshape(1, 1, 8, 1).expand(1, 4, 8, 3) / 8
    cropped = image_scale(Image(columns.contiguous()), "area", 4, 4, "center")
    torch.testing.assert_close(cropped.pixels[0, 0, :, 0], torch.tensor([2.0, 3, 4, 5]) / 8)


def test_crop_cuts_out_the_window() -> None:
    image = picture(2, 6, 8, 3)
    assert torch.equal(image_crop(image, 3, 2, x=4, y=1).pixels, image.pixels[:, 1:3, 4:7])
    assert image_crop(image, 100, 100, x=6, y=5).size == (1, 2)


def test_a_crop_outside_is_refused_with_what_is_possible() -> None:
    with pytest.raises(NodeError, match=r"x=8, y=0, outside .* 8 wide and 6 high; x may be 0\.\.7"):
        image_crop(picture(1, 6, 8, 3), 1, 1, x=8, y=0)


def test_inverting_twice_is_the_picture_and_alpha_stays() -> None:
    image = picture(1, 4, 4, 4)
    once = image_invert(image)
    torch.testing.assert_close(once.pixels[..., :3], 1 - image.pixels[..., :3])
    assert torch.equal(once.pixels[..., 3], image.pixels[..., 3])
    torch.testing.assert_close(image_invert(once).pixels, image.pixels)


def test_padding_keeps_the_picture_and_masks_the_borders() -> None:
    image = picture(2, 5, 6, 3)
    padded, mask = image_pad_for_outpaint(image, left=1, top=2, right=3, bottom=4, feathering=0)
    assert padded.size == (11, 10)
    assert torch.equal(padded.pixels[:, 2:7, 1:7], image.pixels)
    assert mask.values.shape == (1, 11, 10)
    assert not bool(mask.values[:, 2:7, 1:7].any())
    assert mask.values.sum() == 11 * 10 - 5 * 6
    outside = padded.pixels[mask.values.bool().expand(2, -1, -1)]
    assert bool((outside == 0.5).all())


def test_padding_is_opaque_where_there_is_alpha() -> None:
    padded, _ = image_pad_for_outpaint(picture(1, 4, 4, 4), right=2, feathering=0)
    assert bool((padded.pixels[:, :, 4:, 3] == 1).all())


def test_feathering_falls_with_the_square_of_the_distance() -> None:
    _, mask = image_pad_for_outpaint(plain((0, 0, 0), 20, 20), left=2, feathering=4)
    row = mask.values[0, 10]
    expected = [1, 1, *[(1 - d / 4) ** 2 for d in range(4)], 0, 0]
    torch.testing.assert_close(row[:8], torch.tensor(expected))
    assert not bool(row[8:].any())
    assert bool((mask.values[0].diff(dim=0) == 0).all())


def test_feathering_counts_only_the_sides_that_grow() -> None:
    _, mask = image_pad_for_outpaint(plain((0, 0, 0), 20, 20), bottom=3, feathering=4)
    column = mask.values[0, :, 5]
    assert column[16:].tolist() == [0, 1 / 16, 1 / 4, 9 / 16, 1, 1, 1]
    assert not bool(column[:16].any())


def test_feathering_wider_than_half_the_picture_is_left_out() -> None:
    _, mask = image_pad_for_outpaint(plain((0, 0, 0), 8, 8), left=2, feathering=4)
    assert set(mask.values.flatten().tolist()) == {0, 1}


@given(st.floats(0, 1, width=32))
def test_normal_blending_is_a_weighted_mean(factor: float) -> None:
    first, second = plain((0.2, 0.4, 1.0)), plain((0.8, 0.0, 0.5))
    mixed = image_blend(first, second, factor)
    expected = first.pixels * (1 - factor) + second.pixels * factor
    torch.testing.assert_close(mixed.pixels, expected)


@pytest.mark.parametrize("mode", get_args(BlendMode))
def test_factor_zero_is_the_first_picture(mode: BlendMode) -> None:
    first = picture(1, 4, 4, 3)
    assert torch.equal(image_blend(first, picture(1, 7, 5, 3), 0.0, mode).pixels, first.pixels)


def test_blending_resizes_the_second_and_keeps_the_first_ones_alpha() -> None:
    first = picture(2, 4, 6, 4)
    mixed = image_blend(first, plain((1, 1, 1), 9, 3), 1.0)
    assert torch.equal(mixed.pixels[..., 3], first.pixels[..., 3])
    torch.testing.assert_close(mixed.pixels[..., :3], torch.ones(2, 4, 6, 3))


def test_blending_batches_that_do_not_fit_says_both_shapes() -> None:
    with pytest.raises(NodeError, match=r"\[2, 4, 4, 3\].*\[3, 5, 5, 3\]"):
        image_blend(picture(2, 4, 4, 3), picture(3, 5, 5, 3))


def test_compositing_leaves_what_is_not_masked() -> None:
    below, above = picture(1, 8, 8, 3), picture(1, 4, 4, 3)
    values = torch.zeros(1, 4, 4)
    values[:, 1:3, 2] = 1
    joined = image_composite(below, above, x=3, y=2, mask=Mask(values)).pixels
    changed = torch.zeros(8, 8, dtype=torch.bool)
    changed[3:5, 5] = True
    assert torch.equal(joined[0][~changed], below.pixels[0][~changed])
    assert torch.equal(joined[0][changed], above.pixels[0, 1:3, 2])


def test_compositing_without_a_mask_covers() -> None:
    below, above = picture(2, 6, 6, 3), picture(1, 3, 3, 4)
    joined = image_composite(below, above, x=-1, y=4).pixels
    assert torch.equal(joined[1, 4:, :2], above.pixels[0, :2, 1:, :3])
    assert torch.equal(joined[:, :4], below.pixels[:, :4])


def test_compositing_adds_opaque_alpha_where_the_destination_has_it() -> None:
    joined = image_composite(plain((0, 0, 0, 0)), plain((1, 1, 1), 2, 2))
    assert bool((joined.pixels[0, :2, :2] == 1).all())
    assert bool((joined.pixels[0, 2:] == 0).all())


def test_compositing_batches_that_do_not_fit_says_the_pictures_shapes() -> None:
    with pytest.raises(NodeError, match=r"'destination' is \[2, 4, 4, 3\].*'mask' is \[3, 4, 4\]"):
        image_composite(picture(2, 4, 4, 3), picture(1, 4, 4, 3), mask=Mask(torch.zeros(3, 4, 4)))


def test_batch_joins_and_resizes_the_second() -> None:
    first = picture(2, 4, 6, 3)
    joined = image_batch(first, plain((0.5, 0.25, 0), 8, 12)).pixels
    assert joined.shape == (3, 4, 6, 3)
    assert torch.equal(joined[:2], first.pixels)
    torch.testing.assert_close(joined[2], torch.tensor([0.5, 0.25, 0]).expand(4, 6, 3))


def test_batch_makes_the_opaque_one_rgba() -> None:
    assert image_batch(plain((0, 0, 0)), plain((0, 0, 0, 0))).pixels[:, 0, 0, 3].tolist() == [1, 0]


def test_the_fields_input_names_come_first_and_in_order() -> None:
    names = {
        image_scale: ["image", "upscale_method", "width", "height", "crop"],
        image_scale_by: ["image", "upscale_method", "scale_by"],
        image_crop: ["image", "width", "height", "x", "y"],
        image_pad_for_outpaint: ["image", "left", "top", "right", "bottom", "feathering"],
        image_blend: ["image1", "image2", "blend_factor", "blend_mode"],
        image_composite: ["destination", "source", "x", "y", "resize_source", "mask"],
    }
    for function, expected in names.items():
        assert [spec.name for spec in node_type_of(function).inputs] == expected
    assert [o.name for o in node_type_of(image_pad_for_outpaint).outputs] == ["image", "mask"]
