"""Checkpoints and their parts, from whatever they are stored as."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from nodes.diffusion.assembly import Checkpoint, assemble
from nodes.diffusion.denoiser import Denoiser
from nodes.diffusion.errors import LoadError
from nodes.diffusion.folders import read_folder, read_vae
from nodes.diffusion.part_files import read_text_files, read_unet_file, read_vae_file
from nodes.diffusion.single_files import read_single_file
from nodes.diffusion.text import TextEncoder
from nodes.diffusion.vae import Vae

__all__ = ["Checkpoint", "load_checkpoint", "load_text", "load_unet", "load_vae"]


def load_checkpoint(path: Path, *, device: str = "cpu", dtype: str = "auto") -> Checkpoint:
    """Load a model: a folder in diffusers' layout or a file in the original one.

    A folder has model_index.json, unet, vae, text_encoder, ...; a file is .safetensors or .ckpt.
    `device` and `dtype` as in `precision`. Raises LoadError for anything missing, damaged, or of
    another kind, naming the file and the tensor.
    """
    if path.is_file():
        return assemble(read_single_file(path, device, dtype))
    _check_folder(path)
    return assemble(read_folder(path, device, dtype))


def load_unet(
    path: Path, *, device: str = "cpu", dtype: str = "auto", storage: str = ""
) -> Denoiser:
    """Load a UNet alone, from a file in either layout; raises LoadError as `load_checkpoint`.

    `storage` is the coarse format its layers are kept in, if it is not to be that of `dtype`.
    """
    if path.is_dir():
        raise LoadError(f"{path.name} is a folder; a UNet alone is expected as a file")
    return read_unet_file(path, device, dtype, storage=storage)


def load_text(paths: Sequence[Path], *, device: str = "cpu", dtype: str = "auto") -> TextEncoder:
    """Load one text model, or SDXL's two, from files; raises LoadError as `load_checkpoint`."""
    for path in paths:
        if path.is_dir():
            raise LoadError(f"{path.name} is a folder; a text model alone is expected as a file")
    return read_text_files(paths, device, dtype)


def load_vae(path: Path, *, device: str = "cpu", dtype: str = "auto", latents: str = "auto") -> Vae:
    """Load a VAE from a file in either layout, an AutoencoderKL folder or a checkpoint's.

    `latents` as in `read_vae_file`; a folder says it itself.
    """
    if path.is_file():
        return read_vae_file(path, device, dtype, latents)
    _check_folder(path)
    return read_vae(path / "vae" if (path / "model_index.json").exists() else path, device, dtype)


def _check_folder(path: Path) -> None:
    if not path.is_dir():
        raise LoadError(f"{path.name} does not exist")
