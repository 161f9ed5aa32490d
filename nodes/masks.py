"""Masks: making, changing and joining them."""

from typing import Annotated, Literal, NamedTuple, get_args

import torch
import torch.nn.functional as F
from torch import Tensor

from nodegraph import Range, node
from nodes.batches import common_batch, expand
from nodes.compositing import edge_ramps, paste
from nodes.image_edit import Side, crop_window
from nodes.resize import resize
from nodes.types import Image, Mask

__all__ = ["NODES"]

Operation = Literal["multiply", "add", "subtract", "and", "or", "xor"]
Channel = Literal["red", "green", "blue", "alpha"]
Extent = Annotated[int, Range(1, 16384)]


@node(category="mask")
def solid_mask(
    value: Annotated[float, Range(0.0, 1.0, 0.01)] = 1.0,
    width: Extent = 512,
    height: Extent = 512,
) -> Mask:
    """A mask of one value everywhere."""
    return Mask(torch.full((1, height, width), float(value)))


@node(category="mask")
def invert_mask(mask: Mask) -> Mask:
    """1 - mask."""
    return Mask(1 - mask.values)


@node(category="mask")
def mask_to_image(mask: Mask) -> Image:
    """The mask as a grey picture: 0 is black, 1 is white."""
    return Image(mask.values.clamp(0, 1)[..., None].repeat(1, 1, 1, 3))


@node(category="mask")
def image_to_mask(image: Image, channel: Channel = "red") -> Mask:
    """One channel of a picture as a mask. The alpha of a picture without one is 1 everywhere."""
    index = get_args(Channel).index(channel)
    if index >= image.pixels.shape[-1]:
        return Mask(torch.ones(image.pixels.shape[:-1]))
    return Mask(image.pixels[..., index].contiguous())


@node(category="mask")
def join_image_with_alpha(image: Image, alpha: Mask) -> Image:
    """The picture made transparent where the mask is 1: its alpha is 1 - mask.

    The mask is stretched over the picture.

    Raises:
        NodeError: for batches of different sizes above one.
    """
    count = common_batch(image=image.pixels, alpha=alpha.values)
    values = resize(alpha.values[:, None], *image.size, "bilinear", "disabled")[:, 0]
    colour = expand(image.pixels[..., :3], count)
    return Image(torch.cat((colour, 1 - expand(values, count)[..., None]), dim=-1))


class Layers(NamedTuple):
    """Colours, and where the picture is transparent (1 = transparent)."""

    image: Image
    mask: Mask


@node(category="mask")
def split_image_with_alpha(image: Image) -> Layers:
    """The colours of a picture, and the mask 1 - alpha."""
    opacity = image_to_mask(image, "alpha").values
    return Layers(Image(image.pixels[..., :3].contiguous()), Mask(1 - opacity))


@node(category="mask")
def crop_mask(
    mask: Mask, x: Side = 0, y: Side = 0, width: Extent = 512, height: Extent = 512
) -> Mask:
    """Cut out a window; where it reaches beyond the mask it is made smaller.

    Args:
        x: of the left edge, in pixels.
        y: of the top edge, in pixels.

    Raises:
        NodeError: if the window begins outside the mask.
    """
    size = mask.values.shape[1], mask.values.shape[2]
    rows, columns = crop_window(size, x, y, width, height)
    return Mask(mask.values[:, rows, columns].contiguous())


@node(category="mask")
def grow_mask(
    mask: Mask,
    expand: Annotated[int, Range(-16384, 16384)] = 0,
    tapered_corners: bool = True,
) -> Mask:
    """Grow what is selected by so many pixels, or shrink it.

    Every pixel becomes the maximum (shrinking: the minimum) over its surroundings. What is
    beyond the edges of the mask counts for nothing, so the edges do not shrink away.

    Args:
        expand: in pixels; negative shrinks.
        tapered_corners: the surroundings are a diamond (distances along both axes are
            added); otherwise a square.
    """
    sign = 1 if expand >= 0 else -1
    values = sign * mask.values[:, None]
    dilate = _dilate_diamond if tapered_corners else _dilate_square
    return Mask(sign * dilate(values, abs(expand))[:, 0])


def _dilate_square(values: Tensor, radius: int) -> Tensor:
    """The maximum over (2 radius + 1)^2 pixels, one axis after the other, in steps of one."""
    for _ in range(min(radius, values.shape[-1])):
        values = _max(values, 1, 3)
    for _ in range(min(radius, values.shape[-2])):
        values = _max(values, 3, 1)
    return values


def _dilate_diamond(values: Tensor, radius: int) -> Tensor:
    for _ in range(min(radius, values.shape[-1] + values.shape[-2])):
        values = torch.maximum(_max(values, 1, 3), _max(values, 3, 1))
    return values


def _max(values: Tensor, height: int, width: int) -> Tensor:
    return F.max_pool2d(values, (height, width), stride=1, padding=(height // 2, width // 2))


@node(category="mask")
def feather_mask(
    mask: Mask, left: Side = 0, top: Side = 0, right: Side = 0, bottom: Side = 0
) -> Mask:
    """Fade the mask out towards its edges.

    The pixel at distance d from an edge (0 for the outermost) is multiplied by
    min(1, (d + 1) / width of that edge's fading).

    Args:
        left: width of the fading, in pixels; 0 is none.
        top: as left.
        right: as left.
        bottom: as left.
    """
    height, width = mask.values.shape[1:]
    ramps = edge_ramps(
        (height, width), min(left, width), min(top, height), min(right, width), min(bottom, height)
    )
    return Mask(mask.values * ramps)


@node(category="mask")
def mask_composite(
    destination: Mask,
    source: Mask,
    x: Side = 0,
    y: Side = 0,
    operation: Operation = "multiply",
) -> Mask:
    """Join two masks where the source, laid at (x, y), covers the destination.

    Args:
        x: of the left edge of the source in the destination, in pixels.
        y: of the top edge of the source in the destination, in pixels.
        operation: add and subtract stay within 0..1; and, or, xor take values from 0.5 on as
            selected.

    Raises:
        NodeError: for batches of different sizes above one.
    """
    count = common_batch(destination=destination.values, source=source.values)
    below, above = expand(destination.values, count), expand(source.values, count)
    height, width = below.shape[1:]
    part = above[:, : max(height - y, 0), : max(width - x, 0)]
    if part.numel() == 0:
        return Mask(below)
    window = below[:, y : y + part.shape[1], x : x + part.shape[2]]
    joined = _join(operation, window, part)
    return Mask(paste(below[:, None], joined[:, None], x, y)[:, 0])


def _join(operation: Operation, below: Tensor, above: Tensor) -> Tensor:
    match operation:
        case "multiply":
            return below * above
        case "add":
            return (below + above).clamp(max=1)
        case "subtract":
            return (below - above).clamp(min=0)
        case "and":
            return ((below >= 0.5) & (above >= 0.5)).float()
        case "or":
            return ((below >= 0.5) | (above >= 0.5)).float()
        case "xor":
            return ((below >= 0.5) ^ (above >= 0.5)).float()


NODES = (
    solid_mask,
    invert_mask,
    mask_to_image,
    image_to_mask,
    join_image_with_alpha,
    split_image_with_alpha,
    crop_mask,
    grow_mask,
    feather_mask,
    mask_composite,
)
