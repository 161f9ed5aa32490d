"""Resizing, cutting and joining pictures."""

from typing import Annotated, NamedTuple

import torch
from torch import Tensor

from nodegraph import NodeError, Range, node
from nodes.batches import common_batch, expand
from nodes.blending import BlendMode, blend
from nodes.compositing import paste_masked
from nodes.resize import Crop, ImageMethod, resize, scaled_size, target_size
from nodes.types import Image, Mask

__all__ = ["NODES", "Side", "crop_window"]

Side = Annotated[int, Range(0, 16384)]
Offset = Annotated[int, Range(-16384, 16384)]


class PaddedImage(NamedTuple):
    """The larger picture, and what of it is to be painted (1 = new)."""

    image: Image
    mask: Mask


def _planes(pixels: Tensor) -> Tensor:
    return pixels.movedim(-1, 1)


def _image(planes: Tensor) -> Image:
    return Image(planes.movedim(1, -1).contiguous())


def _resized(image: Image, height: int, width: int, method: ImageMethod, crop: Crop) -> Image:
    if image.size == (height, width):
        return image
    return _image(resize(_planes(image.pixels), height, width, method, crop).clamp(0, 1))


def _like(pixels: Tensor, channels: int) -> Tensor:
    """`pixels` [B, H, W, C] with so many channels: opaque alpha is added, alpha dropped."""
    if pixels.shape[-1] < channels:
        return torch.cat((pixels, torch.ones_like(pixels[..., :1])), dim=-1)
    return pixels[..., :channels]


@node(category="image/size")
def image_scale(
    image: Image,
    upscale_method: ImageMethod = "nearest-exact",
    width: Side = 512,
    height: Side = 512,
    crop: Crop = "disabled",
) -> Image:
    """Resize to so many pixels.

    Args:
        upscale_method: lanczos and area are good for shrinking, lanczos and bicubic for
            enlarging; nearest-exact keeps hard edges.
        width: in pixels; 0 keeps the aspect ratio.
        height: in pixels; 0 keeps the aspect ratio.
        crop: center cuts off what does not fit the new aspect ratio; disabled stretches.
    """
    target = target_size(image.size, height, width)
    return _resized(image, *target, upscale_method, crop)


@node(category="image/size")
def image_scale_by(
    image: Image,
    upscale_method: ImageMethod = "nearest-exact",
    scale_by: Annotated[float, Range(0.01, 8.0, 0.01)] = 1.0,
) -> Image:
    """Resize both sides by one factor."""
    return _resized(image, *scaled_size(image.size, scale_by), upscale_method, "disabled")


def crop_window(
    size: tuple[int, int], x: int, y: int, width: int, height: int
) -> tuple[slice, slice]:
    """Rows and columns of a window at (x, y), cut off where the picture ends.

    Raises:
        NodeError: if nothing of the window is inside a picture of `size` (height, width).
    """
    if x >= size[1] or y >= size[0]:
        raise NodeError(
            f"the window begins at x={x}, y={y}, outside a picture {size[1]} wide and "
            f"{size[0]} high; x may be 0..{size[1] - 1}, y 0..{size[0] - 1}"
        )
    return slice(y, y + height), slice(x, x + width)


@node(category="image/size")
def image_crop(
    image: Image,
    width: Annotated[int, Range(1, 16384)] = 512,
    height: Annotated[int, Range(1, 16384)] = 512,
    x: Side = 0,
    y: Side = 0,
) -> Image:
    """Cut out a window; where it reaches beyond the picture it is made smaller.

    Args:
        x: of the left edge, in pixels.
        y: of the top edge, in pixels.

    Raises:
        NodeError: if the window begins outside the picture.
    """
    rows, columns = crop_window(image.size, x, y, width, height)
    return Image(image.pixels[:, rows, columns].contiguous())


@node(category="image/size")
def image_pad_for_outpaint(
    image: Image,
    left: Side = 0,
    top: Side = 0,
    right: Side = 0,
    bottom: Side = 0,
    feathering: Side = 40,
) -> PaddedImage:
    """Add grey borders to be painted, and the mask that says where.

    The mask is 1 on the borders and, on the sides that got one, falls inside the old picture
    as (1 - d / feathering)^2 with the distance d to its edge.

    Args:
        feathering: in pixels; without effect if the picture is not more than twice as large.
    """
    batch, height, width, channels = image.pixels.shape
    padded = torch.full((batch, height + top + bottom, width + left + right, channels), 0.5)
    padded[..., 3:] = 1.0
    inside = (slice(top, top + height), slice(left, left + width))
    padded[:, inside[0], inside[1]] = image.pixels
    mask = torch.ones(padded.shape[1:3])
    mask[inside] = 0.0
    if 0 < feathering * 2 < min(height, width):
        rows = _distance(height, top > 0, bottom > 0)[:, None]
        columns = _distance(width, left > 0, right > 0)[None, :]
        mask[inside] = (1 - torch.minimum(rows, columns) / feathering).clamp(min=0) ** 2
    return PaddedImage(Image(padded), Mask(mask[None]))


def _distance(length: int, from_start: bool, from_end: bool) -> Tensor:
    """How far each of `length` pixels is from the edges that count."""
    steps = torch.arange(length, dtype=torch.float32)
    never = torch.full((length,), torch.inf)
    return torch.minimum(steps if from_start else never, length - steps if from_end else never)


@node(category="image/colour")
def image_invert(image: Image) -> Image:
    """The negative: 1 - colour. Alpha stays."""
    colour, alpha = image.pixels[..., :3], image.pixels[..., 3:]
    return Image(torch.cat((1 - colour, alpha), dim=-1))


@node(category="image/join")
def image_blend(
    image1: Image,
    image2: Image,
    blend_factor: Annotated[float, Range(0.0, 1.0, 0.01)] = 0.5,
    blend_mode: BlendMode = "normal",
) -> Image:
    """Mix two pictures: image1 * (1 - factor) + mode(image1, image2) * factor.

    image2 is resized (bicubic, centred) to the size of image1; alpha is that of image1.

    Raises:
        NodeError: for batches of different sizes above one.
    """
    other = _resized(image2, *image1.size, "bicubic", "center").pixels[..., :3]
    base = expand(image1.pixels, common_batch(image1=image1.pixels, image2=image2.pixels))
    colour = base[..., :3]
    mixed = torch.lerp(colour, blend(blend_mode, colour, other), blend_factor).clamp(0, 1)
    return Image(torch.cat((mixed, base[..., 3:]), dim=-1))


@node(category="image/join", aliases=("ImageCompositeMasked",))
def image_composite(
    destination: Image,
    source: Image,
    x: Offset = 0,
    y: Offset = 0,
    resize_source: bool = False,
    mask: Mask | None = None,
) -> Image:
    """Lay one picture over another; what reaches beyond the destination is cut off.

    Args:
        x: of the left edge of the source in the destination, in pixels.
        y: of the top edge of the source in the destination, in pixels.
        resize_source: stretch the source to the size of the destination first.
        mask: how much of the source shows, 1 = all; stretched over the source.

    Raises:
        NodeError: for batches of different sizes above one.
    """
    values = None if mask is None else mask.values
    common_batch(destination=destination.pixels, source=source.pixels, mask=values)
    over = _like(source.pixels, destination.pixels.shape[-1])
    return _image(
        paste_masked(_planes(destination.pixels), _planes(over), x, y, resize_source, values)
    )


@node(category="image/join")
def image_batch(image1: Image, image2: Image) -> Image:
    """One batch of both; image2 is resized (bilinear, centred) to the size of image1.

    If one of them has alpha, the other becomes opaque RGBA.
    """
    channels = max(image1.pixels.shape[-1], image2.pixels.shape[-1])
    other = _resized(image2, *image1.size, "bilinear", "center")
    return Image(torch.cat((_like(image1.pixels, channels), _like(other.pixels, channels))))


NODES = (
    image_scale,
    image_scale_by,
    image_crop,
    image_pad_for_outpaint,
    image_invert,
    image_blend,
    image_composite,
    image_batch,
)
