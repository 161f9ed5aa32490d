"""Workflows embedded in pictures: text chunks of PNG, EXIF of WebP and JPEG."""

from __future__ import annotations

import struct
from io import BytesIO
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from nodegraph.errors import WorkflowFileError

__all__ = ["PICTURE_SUFFIXES", "embedded_texts", "is_picture", "texts_of"]

PICTURE_SUFFIXES = (".png", ".webp", ".jpg", ".jpeg")
EXIF_MAKE, EXIF_MODEL, EXIF_DESCRIPTION = 0x010F, 0x0110, 0x010E
_PNG, _JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"


def is_picture(data: bytes) -> bool:
    """Whether a file begins as a PNG, JPEG or WebP does."""
    return data.startswith((_PNG, _JPEG)) or (data[:4] == b"RIFF" and data[8:12] == b"WEBP")


def embedded_texts(path: Path) -> dict[str, str]:
    """The texts embedded in a picture by name, such as `nodegraph`.

    Raises:
        WorkflowFileError: when the file is no picture.
    """
    try:
        return texts_of(path.read_bytes(), str(path))
    except FileNotFoundError:
        raise WorkflowFileError(f"there is no file '{path}'") from None
    except OSError as error:
        raise WorkflowFileError(f"cannot read '{path}': {error.strerror}") from error


def texts_of(data: bytes, source: str) -> dict[str, str]:
    """The texts embedded in the bytes of a picture, by name; no pixel is decoded.

    Raises:
        WorkflowFileError: when they are no picture; it names `source`.
    """
    try:
        with Image.open(BytesIO(data), formats=("PNG", "WEBP", "JPEG")) as picture:
            found = {str(k): v for k, v in picture.info.items() if isinstance(v, str)}
            exif = picture.getexif()
            tagged = [exif.get(tag, "") for tag in (EXIF_MAKE, EXIF_MODEL, EXIF_DESCRIPTION)]
    except UnidentifiedImageError:
        raise WorkflowFileError(f"'{source}' cannot be read as a picture") from None
    except (
        Image.DecompressionBombError,
        Image.DecompressionBombWarning,
        OSError,
        SyntaxError,
        ValueError,
        struct.error,
    ) as error:
        raise WorkflowFileError(f"'{source}' cannot be read as a picture: {error}") from None
    for value in tagged:
        name, colon, text = str(value).partition(":")
        if colon:
            found.setdefault(name, text.rstrip("\x00"))
    return found
