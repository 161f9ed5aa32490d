"""ControlNets: pictures that say where what goes."""

from pathlib import Path
from typing import Annotated, NamedTuple, Protocol

from torch import Tensor

from nodegraph import Context, ModelFile, Range, node
from nodes.diffusion.control import Hint, with_hint
from nodes.diffusion.controlnet_files import load_controlnet
from nodes.types import Conditioning, ControlNet, Image, Vae

__all__ = ["NODES", "control_net_apply", "control_net_apply_advanced", "control_net_loader"]

Strength = Annotated[float, Range(0.0, 10.0, 0.01)]
Percent = Annotated[float, Range(0.0, 1.0, 0.001)]


class BothPrompts(NamedTuple):
    """The two prompts, each with the control."""

    positive: Conditioning
    negative: Conditioning


class _Models(Protocol):
    def model(self, kind: str, name: str) -> Path: ...

    def digest(self, path: Path) -> str: ...


def _digest(control_net_name: str, files: _Models) -> str:
    return files.digest(files.model("controlnet", control_net_name))


@node(
    category="loaders",
    name="ControlNetLoader",
    display_name="Load ControlNet",
    fingerprint=_digest,
)
def control_net_loader(
    control_net_name: Annotated[str, ModelFile("controlnet")], *, ctx: Context
) -> ControlNet:
    """Load a ControlNet, which guides a model of its family by a picture.

    Args:
        control_net_name: a single file (.safetensors, .pth) or a folder in diffusers' layout.

    Raises:
        ValueError: if a file is missing, damaged or of another kind, with its name.
    """
    path = ctx.files.model("controlnet", control_net_name)
    return load_controlnet(path, device=ctx.device, dtype=ctx.dtype)


@node(
    category="conditioning/controlnet", name="ControlNetApply", deprecated="ControlNetApplyAdvanced"
)
def control_net_apply(
    conditioning: Conditioning,
    control_net: ControlNet,
    image: Image,
    strength: Strength = 1.0,
) -> Conditioning:
    """Guide a picture by another one, for the negative prompt, too, if that has no control.

    Args:
        image: what the ControlNet reads: edges, depth, a pose; it is resized to the picture.
        strength: how strongly it guides; 0 not at all.
    """
    hint = Hint(control_net, _planes(image), strength, both=True)
    return with_hint(conditioning, hint)


@node(
    category="conditioning/controlnet",
    name="ControlNetApplyAdvanced",
    display_name="Apply ControlNet",
)
def control_net_apply_advanced(
    positive: Conditioning,
    negative: Conditioning,
    control_net: ControlNet,
    image: Image,
    strength: Strength = 1.0,
    start_percent: Percent = 0.0,
    end_percent: Percent = 1.0,
    vae: Vae | None = None,
) -> BothPrompts:
    """Guide a picture by another one. Several of these, one after the other, guide together.

    Args:
        image: what the ControlNet reads: edges, depth, a pose; it is resized to the picture, and
            its middle is taken where it has another shape.
        strength: how strongly it guides; 0 not at all.
        start_percent: where on the way from noise (0) to picture (1) it begins to count.
        end_percent: where on that way it ceases to count.
        vae: for ControlNets that read latents; those of SD1, SD2 and SDXL read the picture.

    Raises:
        ValueError: if the end is before the start.
    """
    hint = Hint(control_net, _planes(image), strength, start_percent, end_percent)
    return BothPrompts(with_hint(positive, hint), with_hint(negative, hint))


def _planes(image: Image) -> Tensor:
    return image.pixels[..., :3].movedim(-1, 1)


NODES = (control_net_loader, control_net_apply, control_net_apply_advanced)
