"""Pictures in their order: as one picture, as an animation, as a video."""

from functools import partial
from typing import Annotated

import torch
from torch.nn.functional import pad

from nodegraph import Context, Range, node
from nodes.film_files import FILMS, FilmFormat, load_av, write_film, write_video
from nodes.pixels import to_pil
from nodes.types import Image

__all__ = ["NODES", "contact_sheet", "save_animation", "save_video"]

Fps = Annotated[float, Range(0.01, 1000.0, 0.5)]


@node(category="image", effect=True, io=True)
def save_animation(
    images: Image,
    filename_prefix: str = "nodegraph",
    fps: Fps = 6.0,
    format: FilmFormat = "webp",
    quality: Annotated[int, Range(1, 100)] = 80,
    lossless: bool = False,
    *,
    ctx: Context,
) -> None:
    """Save the pictures of a batch as the frames of an animation, with the workflow in it.

    Args:
        filename_prefix: the beginning of the file name, as of SaveImage.
        fps: frames a second.
        format: WebP and PNG keep transparency; GIF has 256 colours.
        quality: for WebP: 1 (small) to 100 (good).
        lossless: for WebP: keep every pixel as it is.
    """
    frames = [to_pil(pixels) for pixels in images.pixels]
    write = partial(
        write_film,
        frames=frames,
        format=format,
        metadata=ctx.files.metadata,
        fps=fps,
        quality=quality,
        lossless=lossless,
    )
    ctx.check_cancelled()
    ctx.files.save(filename_prefix, FILMS[format], write)


@node(category="image", effect=True, io=True)
def save_video(
    images: Image,
    filename_prefix: str = "nodegraph",
    fps: Fps = 24.0,
    crf: Annotated[int, Range(0, 51)] = 19,
    *,
    ctx: Context,
) -> None:
    """Save the pictures of a batch as the frames of an MP4 video, with the workflow in a tag.

    Args:
        filename_prefix: the beginning of the file name, as of SaveImage.
        fps: frames a second.
        crf: how much is lost: 0 (nothing, large) to 51; about 19 is hardly seen.

    Raises:
        NodeError: if PyAV, which writes videos, is not installed.
    """
    load_av()
    count = len(images.pixels)

    def tick(done: int) -> None:
        ctx.check_cancelled()
        ctx.progress(done, count)

    write = partial(
        write_video,
        frames=[to_pil(pixels[..., :3]) for pixels in images.pixels],
        metadata=ctx.files.metadata,
        fps=fps,
        crf=crf,
        tick=tick,
    )
    ctx.files.save(filename_prefix, ".mp4", write, type="video", name="video")


@node(category="image/join", outputs=("image",))
def contact_sheet(
    images: Image,
    columns: Annotated[int, Range(0, 1000)] = 0,
    gap: Annotated[int, Range(0, 1000)] = 4,
    ground: Annotated[float, Range(0.0, 1.0, 0.01)] = 1.0,
) -> Image:
    """All pictures of a batch in one, row by row.

    Args:
        columns: how many stand side by side; 0 makes the sheet about square.
        gap: pixels between them.
        ground: the brightness of what is between, 0 (black) to 1 (white).
    """
    pixels = images.pixels
    count, height, width, channels = pixels.shape
    across = min(columns or int((count * height / width) ** 0.5 + 0.999), count)
    rows = -(-count // across)
    tile = pad(pixels.movedim(-1, 1), (0, gap, 0, gap), value=ground)
    empty = torch.full((rows * across - count, *tile.shape[1:]), ground)
    # What is between is opaque.
    tile[:, 3:, height:], tile[:, 3:, :, width:], empty[:, 3:] = 1.0, 1.0, 1.0
    grid = torch.cat([tile, empty]).reshape(rows, across, *tile.shape[1:])
    sheet = grid.permute(0, 3, 1, 4, 2).reshape(rows * (height + gap), -1, channels)
    return Image(sheet[None, : sheet.shape[0] - gap, : sheet.shape[1] - gap].contiguous())


NODES = (save_animation, save_video, contact_sheet)
