"""Models from files."""

from pathlib import Path
from typing import Annotated, NamedTuple, Protocol

from nodegraph import Context, ModelFile, node
from nodes.diffusion.loading import load_checkpoint as load_folder
from nodes.diffusion.loading import load_vae
from nodes.types import Denoiser, TextEncoder, Vae

__all__ = ["NODES", "LoadedCheckpoint", "load_checkpoint", "vae_loader"]


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
def vae_loader(vae_name: Annotated[str, ModelFile("vae")], *, ctx: Context) -> Vae:
    """Load a VAE by itself.

    Args:
        vae_name: a folder in diffusers' layout among the models of kind vae.

    Raises:
        ValueError: if a file is missing, damaged or of another kind, with its name.
    """
    return load_vae(ctx.files.model("vae", vae_name), device=ctx.device, dtype=ctx.dtype)


NODES = (load_checkpoint, vae_loader)
