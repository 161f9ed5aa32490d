"""LoRAs: small files that change what a model draws."""

from typing import Annotated, NamedTuple

from nodegraph import Context, ModelFile, Range, node
from nodes.diffusion.lora import Fitted, apply_lora, read_lora
from nodes.files import Models
from nodes.types import Denoiser, TextEncoder

__all__ = ["NODES", "LoraOutputs", "lora_loader", "lora_loader_model_only"]

LoraFile = Annotated[str, ModelFile("loras")]
Strength = Annotated[float, Range(-100.0, 100.0, step=0.01)]


class LoraOutputs(NamedTuple):
    """The model and the text encoder with the LoRA on them."""

    model: Denoiser
    clip: TextEncoder


def _digest(lora_name: str, files: Models) -> str:
    return files.digest(files.model("loras", lora_name))


@node(category="loaders", name="LoraLoader", fingerprint=_digest)
def lora_loader(
    model: Denoiser,
    clip: TextEncoder,
    lora_name: LoraFile,
    strength_model: Strength = 1.0,
    strength_clip: Strength = 1.0,
    *,
    ctx: Context,
) -> LoraOutputs:
    """Put a LoRA on a model and its text encoder; several in a row add up.

    It reads LoRA, LoCon, LoHa, LoKr and DoRA files of kohya's scripts, LyCORIS, diffusers and
    PEFT.

    Args:
        lora_name: a file among the models of kind loras.
        strength_model: how much of it; 0 leaves the model as it is, and below 0 it is the
            opposite.
        strength_clip: the same for the text encoder.

    Raises:
        ValueError: if the file is damaged, no LoRA, or was made for another family of models.
    """
    fitted = _applied(lora_name, model, clip, strength_model, strength_clip, ctx)
    return LoraOutputs(fitted.model, fitted.clip or clip)


@node(category="loaders", name="LoraLoaderModelOnly", outputs=("model",), fingerprint=_digest)
def lora_loader_model_only(
    model: Denoiser, lora_name: LoraFile, strength_model: Strength = 1.0, *, ctx: Context
) -> Denoiser:
    """Put a LoRA on a model and leave its text encoder as it is.

    Args:
        lora_name: a file among the models of kind loras.
        strength_model: how much of it; 0 leaves the model as it is, and below 0 it is the
            opposite.

    Raises:
        ValueError: if the file is damaged, no LoRA, or was made for another family of models.
    """
    return _applied(lora_name, model, None, strength_model, 0.0, ctx).model


def _applied(
    name: str,
    model: Denoiser,
    clip: TextEncoder | None,
    strength_model: float,
    strength_clip: float,
    ctx: Context,
) -> Fitted:
    lora = read_lora(ctx.files.model("loras", name))
    fitted = apply_lora(lora, model, clip, strength_model, strength_clip)
    if fitted.left:
        ctx.files.show(fitted.told(name), name="note")
    return fitted


NODES = (lora_loader, lora_loader_model_only)
