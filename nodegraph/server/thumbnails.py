"""Small pictures of pictures: few are made at a time, and those made are kept, up to a bound."""

from __future__ import annotations

import asyncio
import io
import os
import secrets
import warnings
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from PIL import Image, ImageOps, UnidentifiedImageError

from nodegraph.server.errors import ApiError

__all__ = ["SIZES", "Thumbnails", "small"]

SIZES = (128, 256, 512, 1024)
AT_ONCE = 2
MOST_BYTES = 256 * 2**20
"""What is kept on disk; the oldest go first."""
_LOOK_EVERY = 200
_FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF")
_BROKEN = (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError, MemoryError)


class Thumbnails:
    """The thumbnails of one data directory, made when they are asked for.

    Args:
        folder: where they are kept.
        most_pixels: the most that a picture may have.
        most_bytes: what is kept.
    """

    def __init__(self, folder: Path, most_pixels: int, most_bytes: int = MOST_BYTES) -> None:
        self._folder, self._pixels, self._bytes = folder, most_pixels, most_bytes
        self._gate = asyncio.Semaphore(AT_ONCE)
        self._made = 0

    async def of(self, source: Path, key: str, size: int) -> Path:
        """A WebP picture of a picture, at most `size` (see `SIZES`) wide and high.

        Args:
            key: stands for the content of `source`; letters and digits.

        Raises:
            ApiError: 415 `no_thumbnail`: it is no picture, or has too many pixels.
        """
        wanted = next((known for known in SIZES if known >= size), SIZES[-1])
        path = self._folder / key[:2] / f"{key}-{wanted}.webp"
        if not await asyncio.to_thread(path.is_file):
            async with self._gate:
                await asyncio.to_thread(self._make, source, path, wanted)
        return path

    def _make(self, source: Path, path: Path, size: int) -> None:
        if path.is_file():
            return
        data = small(source, size, self._pixels)
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f".{secrets.token_hex(8)}.tmp")
        try:
            temporary.write_bytes(data)
            os.replace(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)
        self._made += 1
        if self._made % _LOOK_EVERY == 1:
            self.trim()

    def trim(self) -> None:
        """Delete the oldest until the rest is within the bound."""
        found = []
        for path in self._folder.glob("??/*.webp"):
            with suppress(OSError):
                stat = path.stat()
                found.append((stat.st_mtime, stat.st_size, path))
        total = sum(size for _, size, _ in found)
        for _, size, path in sorted(found, key=lambda one: one[0]):
            if total <= self._bytes:
                return
            with suppress(OSError):
                path.unlink()
                total -= size


def small(source: Path, size: int, most_pixels: int) -> bytes:
    """A picture, its first frame if it moves, as a WebP of at most `size` by `size` pixels.

    Raises:
        ApiError: 415 `no_thumbnail`: it is no picture, or has too many pixels; 404: it is gone.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(source, formats=_FORMATS) as picture:
                return _shrunk(picture, size, most_pixels)
    except FileNotFoundError:
        raise ApiError(404, "not_found", "there is no such file") from None
    except Image.DecompressionBombError:
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
