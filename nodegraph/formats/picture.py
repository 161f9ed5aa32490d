"""Workflows embedded in pictures: text chunks of PNG, EXIF of WebP and JPEG."""

from __future__ import annotations

from pathlib import Path

from PIL import Image, UnidentifiedImageError

from nodegraph.errors import WorkflowFileError
from nodegraph.graph.workflow import Workflow

__all__ = ["PICTURE_SUFFIXES", "embedded_texts", "read_workflow"]

PICTURE_SUFFIXES = (".png", ".webp", ".jpg", ".jpeg")
EXIF_MAKE, EXIF_MODEL, EXIF_DESCRIPTION = 0x010F, 0x0110, 0x010E


def embedded_texts(path: Path) -> dict[str, str]:
    """The texts embedded in a picture by name, such as `nodegraph`.

    Raises:
        WorkflowFileError: when the file is no picture.
    """
    try:
        with Image.open(path) as picture:
            found = {str(k): v for k, v in picture.info.items() if isinstance(v, str)}
            exif = picture.getexif()
    except FileNotFoundError:
        raise WorkflowFileError(f"there is no file '{path}'") from None
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise WorkflowFileError(f"'{path}' cannot be read as a picture: {error}") from None
    for tag in (EXIF_MAKE, EXIF_MODEL, EXIF_DESCRIPTION):
        name, colon, text = str(exif.get(tag, "")).partition(":")
        if colon:
            found.setdefault(name, text)
    return found


def read_workflow(path: Path) -> Workflow:
    """The workflow that made a picture.

    Raises:
        WorkflowFileError: when none is embedded in it.
    """
    text = embedded_texts(path).get("nodegraph")
    if text is None:
        raise WorkflowFileError(f"no workflow is embedded in '{path}'")
    return Workflow.parse(text, f"the workflow in '{path}'")
