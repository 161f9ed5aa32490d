import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from nodegraph import NodeError, node_type_of
from nodes.masks import (
    Channel,
    crop_mask,
    feather_mask,
    grow_mask,
    image_to_mask,
    invert_mask,
    join_image_with_alpha,
    mask_composite,
    mask_to_image,
    solid_mask,
    split_image_with_alpha,
)
from nodes.types import Image, Mask

RADIUS = st.integers(0, 6)


def dot(height: int = 9, width: int = 11, row: int = 4, column: int = 5) -> Mask:
    values = torch.zeros(1, height, width)
    values[0, row, column] = 1
    return Mask(values)


def random_mask(*shape: int) -> Mask:
    return Mask(torch.rand(*shape))


def test_solid_and_inverted() -> None:
    mask = solid_mask(0.25, width=3, height=2)
    assert mask.values.shape == (1, 2, 3)
    assert bool((mask.values == 0.25).all())
    assert bool((invert_mask(mask).values == 0.75).all())
    assert torch.equal(invert_mask(invert_mask(mask)).values, mask.values)


def test_a_mask_survives_being_a_picture() -> None:
    mask = random_mask(2, 3, 4)
    image = mask_to_image(mask)
    assert image.pixels.shape == (2, 3, 4, 3)
    for channel in ("red", "green", "blue"):
        assert torch.equal(image_to_mask(image, channel).values, mask.values)


def test_each_channel_is_its_own_mask() -> None:
    image = Image(torch.rand(1, 2, 2, 4))
    channels: list[Channel] = ["red", "green", "blue", "alpha"]
    for index, channel in enumerate(channels):
        assert torch.equal(image_to_mask(image, channel).values, image.pixels[..., index])


def test_alpha_of_an_opaque_picture_is_one() -> None:
    assert bool((image_to_mask(Image(torch.zeros(1, 2, 2, 3)), "alpha").values == 1).all())


def test_alpha_joined_and_split_again() -> None:
    image, mask = Image(torch.rand(1, 4, 4, 3)), random_mask(2, 4, 4)
    joined = join_image_with_alpha(image, mask)
    assert joined.pixels.shape == (2, 4, 4, 4)
    colours, transparent = split_image_with_alpha(joined)
    assert torch.equal(colours.pixels, image.pixels.expand(2, -1, -1, -1))
    torch.testing.assert_close(transparent.values, mask.values)


def test_crop_cuts_out_the_window() -> None:
    mask = random_mask(2, 6, 8)
    assert torch.equal(crop_mask(mask, 2, 1, 3, 4).values, mask.values[:, 1:5, 2:5])
    with pytest.raises(NodeError, match=r"y 0\.\.5"):
        crop_mask(mask, 0, 6, 1, 1)


@given(RADIUS)
def test_a_dot_grows_to_a_diamond_or_a_square(radius: int) -> None:
    rows, columns = torch.meshgrid(torch.arange(9), torch.arange(11), indexing="ij")
    down, across = (rows - 4).abs(), (columns - 5).abs()
    diamond = (down + across <= radius).float()
    square = (torch.maximum(down, across) <= radius).float()
    assert torch.equal(grow_mask(dot(), radius).values[0], diamond)
    assert torch.equal(grow_mask(dot(), radius, tapered_corners=False).values[0], square)


@given(st.integers(0, 2**32), RADIUS, st.booleans())
def test_growing_covers_the_mask_and_shrinking_lies_in_it(
    seed: int, radius: int, tapered: bool
) -> None:
    mask = Mask(torch.rand(1, 7, 8, generator=torch.Generator().manual_seed(seed)))
    grown, shrunk = grow_mask(mask, radius, tapered), grow_mask(mask, -radius, tapered)
    assert bool((grown.values >= mask.values).all())
    assert bool((shrunk.values <= mask.values).all())
    mirrored = invert_mask(grow_mask(invert_mask(mask), radius, tapered))
    torch.testing.assert_close(mirrored.values, shrunk.values)


def test_growing_beyond_the_mask_ends_and_edges_do_not_shrink() -> None:
    assert bool((grow_mask(dot(), 16384).values == 1).all())
    full = solid_mask(1.0, 5, 5)
    assert torch.equal(grow_mask(full, -3).values, full.values)


def test_feathering_rises_from_each_edge() -> None:
    mask = feather_mask(solid_mask(1.0, 8, 6), left=4, bottom=2)
    assert mask.values[0, 0].tolist() == [0.25, 0.5, 0.75, 1, 1, 1, 1, 1]
    assert mask.values[0, :, 7].tolist() == [1, 1, 1, 1, 1, 0.5]
    assert mask.values[0, 5, 0] == 0.125


@given(st.integers(0, 30), st.integers(0, 30), st.integers(0, 30), st.integers(0, 30))
def test_feathering_never_adds(left: int, top: int, right: int, bottom: int) -> None:
    mask = random_mask(1, 6, 7)
    faded = feather_mask(mask, left, top, right, bottom)
    assert bool((faded.values <= mask.values).all())
    if not (left or top or right or bottom):
        assert torch.equal(faded.values, mask.values)


@pytest.mark.parametrize(
    ("operation", "expected"),
    [
        ("multiply", [0.0, 0.16, 0.48]),
        ("add", [0.6, 0.8, 1.0]),
        ("subtract", [0.0, 0.0, 0.2]),
        ("and", [0.0, 0.0, 1.0]),
        ("or", [1.0, 0.0, 1.0]),
        ("xor", [1.0, 0.0, 0.0]),
    ],
)
def test_joining_masks(operation: str, expected: list[float]) -> None:
    below = Mask(torch.tensor([[[0.0, 0.4, 0.8]]]))
    above = Mask(torch.tensor([[[0.6, 0.4, 0.6]]]))
    joined = mask_composite(below, above, operation=operation)  # type: ignore[arg-type]
    torch.testing.assert_close(joined.values[0, 0], torch.tensor(expected))


def test_joining_changes_only_what_the_source_covers() -> None:
    below, above = random_mask(2, 6, 6), Mask(torch.ones(1, 4, 4))
    joined = mask_composite(below, above, x=4, y=3, operation="add").values
    assert bool((joined[:, 3:, 4:] == 1).all())
    covered = torch.zeros(2, 6, 6, dtype=torch.bool)
    covered[:, 3:, 4:] = True
    assert torch.equal(joined[~covered], below.values[~covered])
    outside = mask_composite(below, above, x=6, y=0, operation="add")
    assert torch.equal(outside.values, below.values)


def test_joining_batches_that_do_not_fit_says_both_shapes() -> None:
    with pytest.raises(NodeError, match=r"\[2, 4, 4\].*\[3, 4, 4\]"):
        mask_composite(random_mask(2, 4, 4), random_mask(3, 4, 4))


def test_the_fields_input_names_come_first_and_in_order() -> None:
    names = {
        solid_mask: ["value", "width", "height"],
        image_to_mask: ["image", "channel"],
        crop_mask: ["mask", "x", "y", "width", "height"],
        grow_mask: ["mask", "expand", "tapered_corners"],
        feather_mask: ["mask", "left", "top", "right", "bottom"],
        mask_composite: ["destination", "source", "x", "y", "operation"],
        join_image_with_alpha: ["image", "alpha"],
    }
    for function, expected in names.items():
        assert [spec.name for spec in node_type_of(function).inputs] == expected
