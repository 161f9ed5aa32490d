"""Pictures that move, as WebP, PNG, GIF or MP4 files that carry the workflow that made them."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any, BinaryIO, Literal

import numpy as np
import PIL.Image
from PIL.PngImagePlugin import PngInfo

from nodegraph import NodeError
from nodes.picture_files import exif_of, on_white

__all__ = ["FILMS", "FilmFormat", "load_av", "write_film", "write_video"]

FilmFormat = Literal["webp", "png", "gif"]
FILMS: dict[FilmFormat, str] = {"webp": ".webp", "png": ".png", "gif": ".gif"}
CODECS = ("libx264", "mpeg4")
"""Encoders for MP4, the first that there is; browsers show what libx264 makes."""


def write_film(
    file: BinaryIO,
    frames: Sequence[PIL.Image.Image],
    format: FilmFormat,
    metadata: Mapping[str, str],
    *,
    fps: float,
    quality: int = 90,
    lossless: bool = False,
    loops: int = 0,
) -> None:
    """Encode RGB or RGBA pictures of one size as an animation.

    WebP and PNG hold `metadata` as `picture_files.write_picture` writes it; GIF in a comment for
    each entry, `name:text`. GIF has 256 colours.

    Args:
        fps: frames a second.
        quality: 1..100, for WebP.
        lossless: WebP only: keep every pixel as it is.
        loops: how often it is shown; 0 is without end.
    """
    first, *rest = frames
    more: dict[str, Any] = {"save_all": True, "append_images": rest, "loop": loops}
    # Milliseconds are whole in WebP and PNG, hundredths of a second in GIF.
    unit = 10 if format == "gif" else 1
    more["duration"] = max(round(1000 / fps / unit) * unit, unit)
    if format == "png":
        info = PngInfo()
        for name, text in metadata.items():
            info.add_text(name, text)
        first.save(file, "PNG", pnginfo=info, **more)
    elif format == "webp":
        exif = exif_of(metadata)
        first.save(file, "WEBP", quality=quality, lossless=lossless, exif=exif, **more)
    else:
        comment = "\n".join(f"{name}:{text}" for name, text in metadata.items())
        more["append_images"] = [on_white(frame) for frame in rest]
        on_white(first).save(file, "GIF", comment=comment.encode(), **more)


def load_av() -> Any:
    """PyAV; raises NodeError with the way to install it where it is not."""
    try:
        return importlib.import_module("av")
    except ImportError:
        raise NodeError(
            "saving a video takes PyAV, which is not installed: pip install 'nodegraph[video]' "
            "(or save an animated WebP instead)"
        ) from None


def write_video(
    file: BinaryIO,
    frames: Sequence[PIL.Image.Image],
    metadata: Mapping[str, str],
    *,
    fps: float,
    crf: int = 19,
    tick: Callable[[int], None] = lambda done: None,
) -> None:
    """Encode RGB pictures of one size as an MP4 file, H.264 where this PyAV can.

    Odd sides get one row or column more, a copy of the last: the format counts in pairs. The
    metadata are in the tag `comment`, as `name:text` by lines.

    Args:
        fps: frames a second.
        crf: 0 (best, large) to 51.
        tick: told how many frames are encoded.

    Raises NodeError if PyAV is not installed, or has no encoder.
    """
    av = load_av()
    codec = next((name for name in CODECS if name in av.codecs_available), None)
    if codec is None:
        raise NodeError(f"this PyAV has no encoder for MP4: none of {', '.join(CODECS)}")
    with av.open(file, "w", format="mp4", options={"movflags": "use_metadata_tags"}) as container:
        container.metadata["comment"] = "\n".join(f"{n}:{text}" for n, text in metadata.items())
        options = {"crf": str(crf)} if codec == "libx264" else {}
        stream = container.add_stream(codec, rate=Fraction(fps).limit_denominator(1000))
        width, height = frames[0].size
        stream.width, stream.height = width + width % 2, height + height % 2
        stream.pix_fmt, stream.options = "yuv420p", options
        for done, picture in enumerate(frames, 1):
            levels = np.asarray(picture.convert("RGB"))
            even = np.pad(levels, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")
            container.mux(stream.encode(av.VideoFrame.from_ndarray(even, format="rgb24")))
            tick(done)
        container.mux(stream.encode())
