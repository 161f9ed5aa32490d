"""Checkpoints and their parts, from whatever they are stored as."""

from __future__ import annotations

from pathlib import Path

from nodes.diffusion.assembly import Checkpoint, assemble
from nodes.diffusion.errors import LoadError
from nodes.diffusion.folders import read_folder, read_vae
from nodes.diffusion.single_files import read_single_file
from nodes.diffusion.vae import Vae

__all__ = ["Checkpoint", "load_checkpoint", "load_vae"]


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


def load_vae(path: Path, *, device: str = "cpu", dtype: str = "auto") -> Vae:
    """Load an AutoencoderKL folder, or the `vae` folder within a checkpoint's."""
    _check_folder(path)
    return read_vae(path / "vae" if (path / "model_index.json").exists() else path, device, dtype)


def _check_folder(path: Path) -> None:
    if path.is_file():
        raise LoadError(f"{path.name} is a single file: not supported yet, only diffusers folders")
    if not path.is_dir():
        raise LoadError(f"{path.name} does not exist")
