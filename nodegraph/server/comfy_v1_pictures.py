"""Pictures as version 1 clients ask for them: small previews, single channels, merged masks."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TypeVar

from PIL import Image, UnidentifiedImageError
from PIL.PngImagePlugin import PngInfo

from nodegraph.server.errors import ApiError

__all__ = ["Preview", "alone", "check_picture", "check_pixels", "merge_mask", "preview_of"]

T = TypeVar("T")
_FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF")
_PREVIEW = re.compile(r"(webp|jpeg|jpg|png)?(?:;(\d{1,3}))?")
_BROKEN = (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError, MemoryError)
_BOMBS = (Image.DecompressionBombError, Image.DecompressionBombWarning)


@dataclass(frozen=True)
class Preview:
    """A picture made for showing, and its type."""

    data: bytes
    content_type: str


def preview_of(source: Path, asked: str, channel: str, most_pixels: int) -> Preview:
    """A picture in another form: `asked` is `webp;90`, `jpeg;75` or the like.

    Args:
        channel: `rgba` or `rgb`, as far as the form can hold it, or `a`.

    Raises:
        ApiError: 400: another form is asked for, or the picture has too many pixels; 415: the
            file is no picture that can be read.
    """
    found = _PREVIEW.fullmatch(asked)
    if found is None:
        raise ApiError(400, "invalid_preview", f"'webp;90' or 'jpeg;90' is taken, got {asked!a}")
    kind = {"jpg": "jpeg", None: "webp"}.get(found[1], found[1])
    quality = max(1, min(int(found[2] or 90), 100))

    def make(picture: Image.Image) -> Preview:
        kept = picture.convert("RGB" if channel == "rgb" or kind == "jpeg" else _plain(picture))
        return Preview(_written(kept, kind, quality), f"image/{kind}")

    return _with_picture(source, most_pixels, make)


def alone(source: Path, channel: str, most_pixels: int) -> Preview:
    """A picture without its transparency (`rgb`), or nothing but that (`a`), as a PNG."""

    def make(picture: Image.Image) -> Preview:
        if channel == "rgb":
            return Preview(_written(picture.convert("RGB"), "png"), "image/png")
        made = Image.new("RGBA", picture.size)
        made.putalpha(picture.convert("RGBA").getchannel("A"))
        return Preview(_written(made, "png"), "image/png")

    return _with_picture(source, most_pixels, make)


def merge_mask(original: Path, mask: BinaryIO, most_pixels: int) -> bytes:
    """A picture with the transparency of another one, as a PNG with the texts that it had.

    Raises:
        ApiError: 400: the two differ in size, or have too many pixels; 415: one is no picture.
    """
    alpha = _with_picture(mask, most_pixels, lambda p: p.convert("RGBA").getchannel("A"))

    def make(picture: Image.Image) -> bytes:
        if picture.size != alpha.size:
            sizes = "{}x{} and {}x{}".format(*picture.size, *alpha.size)
            raise ApiError(400, "invalid_mask", f"picture and mask differ in size: {sizes}")
        texts = PngInfo()
        for name, value in picture.info.items():
            if isinstance(name, str) and isinstance(value, str):
                texts.add_text(name, value)
        made = picture.convert("RGBA")
        made.putalpha(alpha)
        stream = io.BytesIO()
        made.save(stream, "PNG", compress_level=4, pnginfo=texts)
        return stream.getvalue()

    return _with_picture(original, most_pixels, make)


def _plain(picture: Image.Image) -> str:
    """The mode in which every picture can be written."""
    see_through = picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info
    return "RGBA" if see_through else "RGB"


def _written(picture: Image.Image, kind: str, quality: int = 90) -> bytes:
    stream = io.BytesIO()
    if kind == "png":
        picture.save(stream, "PNG", compress_level=1)
    else:
        picture.save(stream, kind.upper(), quality=quality)
    return stream.getvalue()


def check_pixels(source: Path | BinaryIO, most_pixels: int) -> None:
    """Refuse a picture that would take too much memory; what is no picture is let by.

    Raises:
        ApiError: 400: it has too many pixels.
    """
    try:
        with Image.open(source, formats=_FORMATS) as picture:
            _check_size(picture, most_pixels)
    except _BOMBS:
        raise _too_many() from None
    except _BROKEN:
        return


def check_picture(source: BinaryIO, name: str, most_pixels: int) -> None:
    """Refuse what is called as a picture and is broken; of a film the first frame is decoded.

    Names that are those of no picture, or of one that only a node may be able to read, are let by.

    Raises:
        ApiError: 415: it cannot be read; 400: it has too many pixels.
    """
    if Image.registered_extensions().get(Path(name).suffix.lower()) not in _FORMATS:
        return check_pixels(source, most_pixels)
    _with_picture(source, most_pixels, lambda picture: None)


def _check_size(picture: Image.Image, most_pixels: int) -> None:
    if picture.width * picture.height > most_pixels:
        raise _too_many(f"{picture.width}x{picture.height}, more than the {most_pixels} taken")


def _too_many(count: str = "more than are taken") -> ApiError:
    return ApiError(400, "too_many_pixels", f"the picture has too many pixels: {count}")


def _with_picture(source: Path | BinaryIO, most_pixels: int, make: Callable[[Image.Image], T]) -> T:
    """What comes of a picture; its size is looked at before a pixel is decoded."""
    try:
        with Image.open(source, formats=_FORMATS) as picture:
            _check_size(picture, most_pixels)
            picture.load()
            return make(picture)
    except _BOMBS:
        raise _too_many() from None
    except UnidentifiedImageError:
        raise ApiError(415, "no_picture", "this is no picture that can be read") from None
    except _BROKEN as error:
        raise ApiError(415, "no_picture", f"this is no picture that can be read: {error}") from None
