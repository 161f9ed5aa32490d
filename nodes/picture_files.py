"""Pictures as PNG, WebP or JPEG files that carry the workflow that made them."""

import json
from collections.abc import Mapping
from typing import BinaryIO, Literal

import PIL.Image
from PIL.PngImagePlugin import PngInfo

from nodegraph import NodeError

__all__ = ["SUFFIXES", "Format", "check_picture", "exif_of", "on_white", "write_picture"]

Format = Literal["png", "webp", "jpeg"]
SUFFIXES: dict[Format, str] = {"png": ".png", "webp": ".webp", "jpeg": ".jpg"}

_LONGEST_SIDE: dict[Format, int] = {"png": 2**31 - 1, "webp": 16383, "jpeg": 65500}
_JPEG_EXIF_BYTES = 65533 - 64
_FIRST_EXIF_TAG = 0x010F


def check_picture(size: tuple[int, int], format: Format, metadata: Mapping[str, str]) -> None:
    """Refuse what the format cannot hold, before anything is written.

    Args:
        size: width and height in pixels.

    Raises:
        NodeError: if a side is too long, or the metadata too large for JPEG.
    """
    limit = _LONGEST_SIDE[format]
    if max(size) > limit:
        raise NodeError(
            f"a picture of {size[0]} x {size[1]} pixels is too large for {format}, which holds "
            f"{limit} pixels a side; save it as png"
        )
    length = len(exif_of(metadata).tobytes())
    if format == "jpeg" and length > _JPEG_EXIF_BYTES:
        raise NodeError(
            f"the workflow takes {length} bytes, and the metadata of a JPEG file hold "
            f"{_JPEG_EXIF_BYTES}; save the picture as png or webp"
        )


def write_picture(
    file: BinaryIO,
    picture: PIL.Image.Image,
    format: Format,
    metadata: Mapping[str, str],
    *,
    quality: int = 90,
    lossless: bool = False,
    compress_level: int = 4,
) -> None:
    """Encode an RGB or RGBA picture.

    PNG holds each entry of `metadata` in a text chunk of its name. WebP and JPEG hold them
    as `name:text` in the EXIF tags from 0x010f (Make) on. JPEG, which knows no transparency,
    shows the picture on white.

    Args:
        metadata: texts in JSON by their names.
        quality: 1..100, for WebP and JPEG.
        lossless: WebP only: keep every pixel as it is.
        compress_level: PNG only: 0 (fast) .. 9 (small).
    """
    if format == "png":
        info = PngInfo()
        for name, text in metadata.items():
            info.add_text(name, text)
        picture.save(file, format="PNG", pnginfo=info, compress_level=compress_level)
        return
    exif = exif_of(metadata)
    if format == "webp":
        picture.save(file, "WEBP", quality=quality, lossless=lossless, exact=lossless, exif=exif)
    else:
        on_white(picture).save(file, "JPEG", quality=quality, exif=exif)


def exif_of(metadata: Mapping[str, str]) -> PIL.Image.Exif:
    """Texts as `name:text` in the tags from 0x010f (Make) on."""
    exif = PIL.Image.Exif()
    for tag, (name, text) in enumerate(metadata.items(), start=_FIRST_EXIF_TAG):
        # EXIF texts are ASCII; JSON can say everything in it.
        exif[tag] = f"{name}:{text if text.isascii() else json.dumps(json.loads(text))}"
    return exif


def on_white(picture: PIL.Image.Image) -> PIL.Image.Image:
    """An RGB picture, on white where it was transparent."""
    if picture.mode != "RGBA":
        return picture
    ground = PIL.Image.new("RGBA", picture.size, "white")
    return PIL.Image.alpha_composite(ground, picture).convert("RGB")
