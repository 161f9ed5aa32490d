"""Between tensors and Pillow's pictures."""

import struct
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import PIL.Image
import torch
from PIL import ImageOps, ImageSequence
from torch import Tensor

from nodegraph import NodeError

__all__ = ["from_pil", "read_pictures", "to_pil"]

_UNREADABLE = (
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    IndexError,
    struct.error,
    PIL.Image.DecompressionBombError,
)
_SIXTEEN_BIT = ("I", "I;16", "I;16L", "I;16B", "I;16N")


def to_pil(pixels: Tensor) -> PIL.Image.Image:
    """An 8-bit picture of `pixels` [H, W, 3 or 4] in 0..1; values outside are clamped.

    Raises:
        NodeError: if there are values that are not finite.
    """
    if not bool(torch.isfinite(pixels).all()):
        bad = int((~torch.isfinite(pixels)).sum())
        raise NodeError(
            f"the picture has {bad} values that are not finite (NaN or infinity), usually from "
            "a model run in too small a number format; try --dtype float32"
        )
    levels = (pixels.clamp(0, 1) * 255).round().to(torch.uint8)
    return PIL.Image.fromarray(np.ascontiguousarray(levels.numpy()))


def from_pil(picture: PIL.Image.Image) -> Tensor:
    """The pixels [H, W, 4] (RGB and alpha) of a picture in any mode, as float32 in 0..1.

    16-bit grey keeps its precision; floating-point grey is clamped to 0..1.
    """
    if picture.mode in _SIXTEEN_BIT or picture.mode == "F":
        scale = 1.0 if picture.mode == "F" else 65535.0
        levels = np.asarray(picture, dtype=np.float32) / scale
        grey = torch.from_numpy(np.nan_to_num(levels)).clamp(0, 1)
        return torch.stack((grey, grey, grey, torch.ones_like(grey)), dim=-1)
    levels = np.asarray(picture.convert("RGBA"), dtype=np.float32)
    return torch.from_numpy(levels / 255.0)


def read_pictures(path: Path, *, first_only: bool = False) -> Tensor:
    """The frames of a picture file as [frames, H, W, 4] (RGB and alpha), turned upright.

    Of an animation or a file of several pages these are the frames as large as the first.

    Raises:
        NodeError: for a file that is no readable picture, or one that is too large.
    """
    try:
        with PIL.Image.open(path) as picture:
            frames = [from_pil(frame) for frame in _upright(picture, first_only)]
    except _UNREADABLE as error:
        raise NodeError(
            f"cannot read '{path.name}' as a picture: {_reason(error)}; PNG, JPEG, WebP, GIF, "
            "BMP and TIFF files can be read"
        ) from error
    return torch.stack([frame for frame in frames if frame.shape == frames[0].shape])


def _upright(picture: PIL.Image.Image, first_only: bool) -> Iterator[PIL.Image.Image]:
    # The further frames of an MPO file (photographs of many cameras) are previews.
    if first_only or picture.format == "MPO" or getattr(picture, "n_frames", 1) == 1:
        yield ImageOps.exif_transpose(picture)
        return
    limit = 2 * (PIL.Image.MAX_IMAGE_PIXELS or 10**9)
    if picture.width * picture.height * getattr(picture, "n_frames", 1) > limit:
        raise ValueError(f"all frames together have more than {limit} pixels; load only the first")
    for frame in ImageSequence.Iterator(picture):
        yield ImageOps.exif_transpose(frame)


def _reason(error: Exception) -> str:
    if isinstance(error, PIL.UnidentifiedImageError):
        return "it is in no picture format known here"
    return str(error) or type(error).__name__
