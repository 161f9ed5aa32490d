"""Pictures made larger by networks."""

from typing import Annotated

from nodegraph import Context, ModelFile, Range, node
from nodes.diffusion.upscaler import load_upscaler
from nodes.files import Models
from nodes.types import Image, UpscaleModel

__all__ = ["NODES", "image_upscale_with_model", "upscale_model_loader"]


def _digest(model_name: str, files: Models) -> str:
    return files.digest(files.model("upscale_models", model_name))


@node(category="loaders", outputs=("upscale_model",), fingerprint=_digest)
def upscale_model_loader(
    model_name: Annotated[str, ModelFile("upscale_models")], *, ctx: Context
) -> UpscaleModel:
    """Load a network that enlarges pictures.

    Args:
        model_name: a file (.safetensors, .pth) of the ESRGAN family: ESRGAN, Real-ESRGAN.

    Raises:
        ValueError: if the file is damaged or holds another network, with its name.
    """
    path = ctx.files.model("upscale_models", model_name)
    return load_upscaler(path, device=ctx.device, dtype=ctx.dtype)


@node(category="image/size", outputs=("image",))
def image_upscale_with_model(
    upscale_model: UpscaleModel,
    image: Image,
    tile: Annotated[int, Range(64, 4096, 32)] = 512,
    *,
    ctx: Context,
) -> Image:
    """A picture as many times larger as the model makes it; transparency is left out.

    Args:
        tile: pixels along a side of what is worked on at once; smaller takes less memory. Where
            memory runs out, it is made smaller by itself.

    Raises:
        ValueError: if the model gives numbers that are not finite.
    """
    return Image(upscale_model.enlarge(image.pixels, tile, ctx.check_cancelled))


NODES = (upscale_model_loader, image_upscale_with_model)
