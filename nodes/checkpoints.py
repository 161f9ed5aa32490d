"""Models from files."""

from pathlib import Path
from typing import Annotated, NamedTuple, Protocol

from nodegraph import Choice, Context, ModelFile, node
from nodes.diffusion.loading import load_checkpoint as load_folder
from nodes.diffusion.loading import load_text, load_unet, load_vae
from nodes.diffusion.part_files import SCALES
from nodes.types import Denoiser, TextEncoder, Vae

__all__ = [
    "NODES",
    "LoadedCheckpoint",
    "clip_loader",
    "dual_clip_loader",
    "load_checkpoint",
    "unet_loader",
    "vae_loader",
]


WEIGHT_DTYPES = {"fp8_e4m3fn": "float8_e4m3fn", "fp8_e5m2": "float8_e5m2"}
"""As the field writes it, and as `--dtype` does."""


class LoadedCheckpoint(NamedTuple):
    """What denoises, what reads prompts, and what turns pictures into latents and back."""

    model: Denoiser
    clip: TextEncoder
    vae: Vae


class _Models(Protocol):
    def model(self, kind: str, name: str) -> Path: ...

    def digest(self, path: Path) -> str: ...


def _checkpoint_digest(ckpt_name: str, files: _Models) -> str:
    return files.digest(files.model("checkpoints", ckpt_name))


def _vae_digest(vae_name: str, files: _Models) -> str:
    return files.digest(files.model("vae", vae_name))


def _unet_digest(unet_name: str, files: _Models) -> str:
    return files.digest(files.model("diffusion_models", unet_name))


def _clip_digest(clip_name: str, files: _Models) -> str:
    return files.digest(files.model("text_encoders", clip_name))


def _clips_digest(clip_name1: str, clip_name2: str, files: _Models) -> str:
    return f"{_clip_digest(clip_name1, files)} {_clip_digest(clip_name2, files)}"


@node(category="loaders", aliases=("CheckpointLoaderSimple",), fingerprint=_checkpoint_digest)
def load_checkpoint(
    ckpt_name: Annotated[str, ModelFile("checkpoints")] = "shapes-64", *, ctx: Context
) -> LoadedCheckpoint:
    """Load a model with its text encoder and its VAE.

    Args:
        ckpt_name: a file (.safetensors, .ckpt) or a folder in diffusers' layout among the models
            of kind checkpoints.

    Raises:
        ValueError: if a file is missing, damaged or of another kind, with its name.
    """
    path = ctx.files.model("checkpoints", ckpt_name)
    loaded = load_folder(path, device=ctx.device, dtype=ctx.dtype)
    return LoadedCheckpoint(loaded.denoiser, loaded.text_encoder, loaded.vae)


@node(category="loaders", name="VAELoader", fingerprint=_vae_digest)
def vae_loader(
    vae_name: Annotated[str, ModelFile("vae")],
    latents: Annotated[str, Choice("auto", *SCALES)] = "auto",
    *,
    ctx: Context,
) -> Vae:
    """Load a VAE by itself.

    Args:
        vae_name: a file, or a folder in diffusers' layout, among the models of kind vae.
        latents: for which models a file's VAE is: SD1 (and SD2) and SDXL have VAEs that look
            alike and scale latents otherwise. "auto" goes by the file: SDXL if it has "xl" in
            its name.

    Raises:
        ValueError: if a file is missing, damaged or of another kind, with its name.
    """
    path = ctx.files.model("vae", vae_name)
    return load_vae(path, device=ctx.device, dtype=ctx.dtype, latents=latents)


@node(category="loaders", name="UNETLoader", outputs=("model",), fingerprint=_unet_digest)
def unet_loader(
    unet_name: Annotated[str, ModelFile("diffusion_models")],
    weight_dtype: Annotated[str, Choice("default", *WEIGHT_DTYPES)] = "default",
    *,
    ctx: Context,
) -> Denoiser:
    """Load what denoises by itself.

    Args:
        unet_name: a file among the models of kind diffusion_models, in the original layout or
            diffusers'; of a whole checkpoint its UNet is taken.
        weight_dtype: what the weights are kept in: as the run says, or at half the size of
            float16 (fp8), less precise; it computes as finely as before.

    Raises:
        ValueError: if the file is damaged, of another kind or of a family not known here.
    """
    path = ctx.files.model("diffusion_models", unet_name)
    return load_unet(
        path, device=ctx.device, dtype=ctx.dtype, storage=WEIGHT_DTYPES.get(weight_dtype, "")
    )


@node(category="loaders", name="CLIPLoader", outputs=("clip",), fingerprint=_clip_digest)
def clip_loader(
    clip_name: Annotated[str, ModelFile("text_encoders")],
    type: Annotated[str, Choice("stable_diffusion")] = "stable_diffusion",
    device: Annotated[str, Choice("default", "cpu")] = "default",
    *,
    ctx: Context,
) -> TextEncoder:
    """Load what reads prompts by itself: that of SD1, SD2 or SDXL's refiner, told by its shape.

    Args:
        clip_name: a file among the models of kind text_encoders.
        type: the models it is for.
        device: where it computes: where the run does, or on the CPU.

    Raises:
        ValueError: if the file is damaged or holds no CLIP text model.
    """
    path = ctx.files.model("text_encoders", clip_name)
    place = "cpu" if device == "cpu" else ctx.device
    return load_text([path], device=place, dtype=ctx.dtype)


@node(category="loaders", name="DualCLIPLoader", outputs=("clip",), fingerprint=_clips_digest)
def dual_clip_loader(
    clip_name1: Annotated[str, ModelFile("text_encoders")],
    clip_name2: Annotated[str, ModelFile("text_encoders")],
    type: Annotated[str, Choice("sdxl")] = "sdxl",
    device: Annotated[str, Choice("default", "cpu")] = "default",
    *,
    ctx: Context,
) -> TextEncoder:
    """Load SDXL's two text models, in any order, each from a file of its own.

    Args:
        clip_name1: a file among the models of kind text_encoders.
        clip_name2: the other one.
        type: the models they are for.
        device: where they compute: where the run does, or on the CPU.

    Raises:
        ValueError: if a file is damaged or holds no CLIP text model, or both hold the same one.
    """
    paths = [ctx.files.model("text_encoders", name) for name in (clip_name1, clip_name2)]
    place = "cpu" if device == "cpu" else ctx.device
    return load_text(paths, device=place, dtype=ctx.dtype)


NODES = (load_checkpoint, vae_loader, unet_loader, clip_loader, dual_clip_loader)
