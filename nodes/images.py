"""Pictures from files and into files."""

from collections.abc import Mapping
from functools import partial
from typing import Annotated, Literal, NamedTuple

from nodegraph import Context, InputFile, Range, node
from nodes.files import Files
from nodes.picture_files import SUFFIXES, Format, check_picture, write_picture
from nodes.pixels import read_pictures, to_pil
from nodes.types import Image, Mask

__all__ = ["NODES", "LoadedImage", "load_image", "preview_image", "save_image"]


class LoadedImage(NamedTuple):
    """Colours, and where the file is transparent (1 = transparent)."""

    image: Image
    mask: Mask


def _file_digest(image: str, files: Files) -> str:
    return files.digest(files.input(image))


@node(category="image", io=True, fingerprint=_file_digest)
def load_image(
    image: Annotated[str, InputFile("image")],
    frames: Literal["all", "first"] = "all",
    *,
    ctx: Context,
) -> LoadedImage:
    """Read a picture from the input folder: its colours [B, H, W, 3] and its mask [B, H, W].

    The mask is 1 - alpha: 1 where the file is transparent, 0 everywhere if it is opaque.
    The picture is turned upright as its EXIF orientation says.

    Args:
        image: the name of the file in the input folder, or a path.
        frames: all frames of an animation as a batch (those as large as the first), or only
            the first.

    Raises:
        NodeError: if the file is no picture that can be read.
    """
    pixels = read_pictures(ctx.files.input(image), first_only=frames == "first")
    return LoadedImage(Image(pixels[..., :3].contiguous()), Mask(1 - pixels[..., 3]))


@node(category="image", effect=True, io=True)
def save_image(
    images: Image,
    filename_prefix: str = "nodegraph",
    format: Format = "png",
    quality: Annotated[int, Range(1, 100)] = 90,
    lossless: bool = False,
    *,
    ctx: Context,
) -> None:
    """Save every picture of the batch as a file of its own, with the workflow in it.

    Transparency is kept in PNG and WebP; JPEG shows the picture on white. No file is
    ever overwritten.

    Args:
        filename_prefix: the beginning of the file names, with folders if you like. It may
            hold {counter}, {date}, {time}, {width}, {height}, {batch} (the number in the
            batch) and inputs of nodes such as {sample.seed}.
        quality: for WebP and JPEG: 1 (small) to 100 (good).
        lossless: for WebP: keep every pixel as it is.

    Raises:
        NodeError: if the picture or its workflow is too large for the format.
    """
    _save(
        ctx, images, filename_prefix, format, ctx.files.metadata, quality=quality, lossless=lossless
    )


@node(category="image", effect=True, io=True)
def preview_image(images: Image, *, ctx: Context) -> None:
    """Show the pictures without keeping them: PNG files in the folder for temporary files."""
    _save(ctx, images, "preview", "png", {}, temporary=True, compress_level=1)


def _save(
    ctx: Context,
    images: Image,
    prefix: str,
    format: Format,
    metadata: Mapping[str, str],
    *,
    temporary: bool = False,
    quality: int = 90,
    lossless: bool = False,
    compress_level: int = 4,
) -> None:
    height, width = images.size
    check_picture((width, height), format, metadata)
    count = images.pixels.shape[0]
    for index, pixels in enumerate(images.pixels):
        ctx.check_cancelled()
        write = partial(
            write_picture,
            picture=to_pil(pixels),
            format=format,
            metadata=metadata,
            quality=quality,
            lossless=lossless,
            compress_level=compress_level,
        )
        pattern = _fill(prefix, width=width, height=height, batch=index)
        ctx.files.save(pattern, SUFFIXES[format], write, temporary=temporary)
        ctx.progress(index + 1, count)


def _fill(pattern: str, **values: int) -> str:
    for name, value in values.items():
        pattern = pattern.replace(f"{{{name}}}", str(value))
    return pattern


NODES = (load_image, save_image, preview_image)
