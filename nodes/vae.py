"""Pictures to latents and back."""

from typing import Annotated

from torch import Tensor
from torch.nn.functional import interpolate, max_pool2d

from nodegraph import Context, NodeError, Range, node
from nodes.types import Image, Latent, Mask, Vae

__all__ = [
    "NODES",
    "cropped",
    "fitted",
    "vae_decode",
    "vae_decode_tiled",
    "vae_encode",
    "vae_encode_for_inpaint",
]

TileSize = Annotated[int, Range(64, 4096, 32)]
Overlap = Annotated[int, Range(0, 4096, 32)]


@node(category="latent", name="VAEEncode")
def vae_encode(pixels: Image, vae: Vae, *, ctx: Context) -> Latent:
    """A picture as the model sees it.

    Args:
        pixels: sides that are no multiple of the VAE's cell (8 pixels for most) are cropped,
            the middle kept; transparency is ignored.
    """
    return Latent(vae.encode(pixels.pixels, ctx.check_cancelled))


@node(category="latent/inpaint", name="VAEEncodeForInpaint")
def vae_encode_for_inpaint(
    pixels: Image,
    vae: Vae,
    mask: Mask,
    grow_mask_by: Annotated[int, Range(0, 64)] = 6,
    *,
    ctx: Context,
) -> Latent:
    """A picture with a hole to be painted anew (at denoise 1): what the mask covers is grey.

    Args:
        mask: 1 where the picture is to be made anew; stretched over the picture; one for all
            pictures or one for each.
        grow_mask_by: pixels that sampling may change around the mask, so that no seam shows.

    Raises:
        NodeError: for a number of masks that is neither 1 nor that of the pictures.
    """
    image = cropped(pixels.pixels, vae.factor)
    covered = fitted(mask.values, image).round()
    grey = (image[..., :3] - 0.5) * (1 - covered[..., None]) + 0.5
    samples = vae.encode(grey, ctx.check_cancelled)
    return Latent(samples, noise_mask=_grown(covered, grow_mask_by))


@node(category="latent", name="VAEDecode")
def vae_decode(samples: Latent, vae: Vae, *, ctx: Context) -> Image:
    """The picture of a latent."""
    cells = samples.cells(vae.latent_channels, vae.factor)
    return Image(vae.decode(cells, ctx.check_cancelled))


@node(category="latent", name="VAEDecodeTiled")
def vae_decode_tiled(
    samples: Latent, vae: Vae, tile_size: TileSize = 512, overlap: Overlap = 64, *, ctx: Context
) -> Image:
    """The picture of a large latent, made in tiles to save memory.

    Args:
        tile_size: in pixels; tiles of this size, and such twice as wide or tall, are averaged.
        overlap: how many pixels tiles share; at most a quarter of `tile_size`.
    """
    cells = samples.cells(vae.latent_channels, vae.factor)
    return Image(vae.decode_tiled(cells, tile_size, overlap, ctx.check_cancelled))


@node(category="latent", name="VAEEncodeTiled")
def vae_encode_tiled(
    pixels: Image, vae: Vae, tile_size: TileSize = 512, overlap: Overlap = 64, *, ctx: Context
) -> Latent:
    """A large picture as the model sees it, encoded in tiles to save memory.

    Args:
        tile_size: in pixels; tiles of this size, and such twice as wide or tall, are averaged.
        overlap: how many pixels tiles share; at most a quarter of `tile_size`.
    """
    return Latent(vae.encode_tiled(pixels.pixels, tile_size, overlap, ctx.check_cancelled))


def cropped(pixels: Tensor, factor: int) -> Tensor:
    """The middle of [B, H, W, C] whose sides are multiples of `factor`."""
    top, left = (side % factor // 2 for side in pixels.shape[1:3])
    height, width = (side - side % factor for side in pixels.shape[1:3])
    return pixels[:, top : top + height, left : left + width]


def fitted(mask: Tensor, image: Tensor) -> Tensor:
    """A mask of the picture's [B, H, W, C] height and width, [1 or B, H, W]."""
    if mask.shape[0] not in (1, image.shape[0]):
        raise NodeError(
            f"'mask' is {list(mask.shape)} and 'pixels' is {list(image.shape)}; "
            f"give one mask, or {image.shape[0]}, one for each picture"
        )
    return interpolate(mask[:, None], size=image.shape[1:3], mode="bilinear")[:, 0]


def _grown(mask: Tensor, pixels: int) -> Tensor:
    """A mask [B, H, W] whose covered parts are `pixels` larger in each dimension."""
    if pixels < 2:
        return mask
    grown = max_pool2d(mask[:, None], pixels, stride=1, padding=pixels // 2)[:, 0]
    return grown[:, : mask.shape[1], : mask.shape[2]]


NODES = (vae_encode, vae_encode_tiled, vae_encode_for_inpaint, vae_decode, vae_decode_tiled)
