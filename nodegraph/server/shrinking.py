"""One small picture of a picture, whatever it is, without ever decoding too much."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

from PIL import Image, ImageOps, UnidentifiedImageError

from nodegraph.server.errors import ApiError

__all__ = ["small"]

_FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF")
_BOMBS = (Image.DecompressionBombError, Image.DecompressionBombWarning)
_BROKEN = (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError, MemoryError)


def small(source: Path, size: int, most_pixels: int) -> bytes:
    """A picture, its first frame if it moves, as a WebP of at most `size` by `size` pixels.

    Raises:
        ApiError: 415 `no_thumbnail`: it is no picture, or has too many pixels; 404: it is gone.
    """
    try:
        with Image.open(source, formats=_FORMATS) as picture:
            return _shrunk(picture, size, most_pixels)
    except FileNotFoundError:
        raise ApiError(404, "not_found", "there is no such file") from None
    except _BOMBS:
        raise _refusal("it has too many pixels") from None
    except _BROKEN as error:
        raise _refusal(f"it cannot be read as a picture: {error}"[:300]) from None


def _shrunk(picture: Image.Image, size: int, most_pixels: int) -> bytes:
    if picture.width * picture.height > most_pixels:
        raise _refusal(f"it has {picture.width}x{picture.height} pixels")
    picture.draft("RGB", (2 * size, 2 * size))  # a JPEG is decoded no larger than needed
    see_through = picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info
    shown = _visible(picture).convert("RGBA" if see_through else "RGB")
    shown.thumbnail((size, size), Image.Resampling.LANCZOS, reducing_gap=3.0)
    turned = ImageOps.exif_transpose(shown)
    stream = io.BytesIO()
    turned.save(stream, "WEBP", quality=82, method=2)
    return stream.getvalue()


def _visible(picture: Image.Image) -> Image.Image:
    """Sixteen bits a pixel as eight, which a conversion would only cut off."""
    if not picture.mode.startswith("I"):
        return picture
    scale: Callable[[float], float] = lambda value: value / 256  # noqa: E731
    return picture.convert("I").point(scale).convert("L")


def _refusal(why: str) -> ApiError:
    return ApiError(415, "no_thumbnail", f"there is no thumbnail of this file: {why}")
