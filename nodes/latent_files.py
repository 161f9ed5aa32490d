"""Latents in files: safetensors, as the field keeps them."""

import json
from pathlib import Path
from typing import Annotated, BinaryIO

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from nodegraph import Context, InputFile, NodeError, Range, node
from nodes.files import Files
from nodes.types import Latent

__all__ = ["NODES"]

_SAMPLES, _MASK = "latent_tensor", "noise_mask"
_UNSCALED = "latent_format_version_0"


def _file_digest(latent: str, files: Files) -> str:
    return files.digest(files.input(latent))


@node(category="latent", effect=True, io=True)
def save_latent(
    samples: Latent, filename_prefix: str = "latents/nodegraph", *, ctx: Context
) -> None:
    """Save a batch of latents, with its mask and the workflow, as a safetensors file.

    Args:
        filename_prefix: the beginning of the file name, with folders if you like.
    """
    tensors = {_SAMPLES: samples.samples.contiguous()}
    metadata = dict(ctx.files.metadata)
    if samples.noise_mask is not None:
        tensors[_MASK] = samples.noise_mask.contiguous()
    if samples.batch_index is not None:
        metadata["batch_index"] = json.dumps(samples.batch_index)
    if samples.empty_size is not None:
        metadata["empty_size"] = json.dumps(samples.empty_size)
    content = save(tensors, metadata)

    def write(file: BinaryIO) -> None:
        file.write(content)

    ctx.files.save(filename_prefix, ".latent", write, type="latent", name="latents")


@node(category="latent", io=True, fingerprint=_file_digest)
def load_latent(
    latent: Annotated[str, InputFile("latent")],
    scaling_factor: Annotated[float, Range(0.0001, 100.0)] = 0.18215,
    *,
    ctx: Context,
) -> Latent:
    """Read latents from a file of SaveLatent, ours or ComfyUI's.

    Args:
        latent: the name of the file in the input folder, or a path.
        scaling_factor: of the model; only for files of ComfyUI, which hold what the VAE gave
            before scaling (0.18215 for SD1, 0.13025 for SDXL).

    Raises:
        NodeError: if the file holds no latents that can be read.
    """
    path = ctx.files.input(latent)
    tensors, metadata = _read(path)
    samples = tensors.get(_SAMPLES)
    if samples is None or samples.ndim != 4 or samples.numel() == 0:
        got = "none" if samples is None else str(list(samples.shape))
        raise NodeError(
            f"'{path.name}' is no file of latents: it needs a tensor '{_SAMPLES}' of "
            f"[B, C, h, w], and has {got}; its tensors are {', '.join(tensors) or '(none)'}"
        )
    if not bool(torch.isfinite(samples).all()):
        raise NodeError(f"'{path.name}' holds values that are not finite (NaN or infinity)")
    samples = samples.float() * (scaling_factor if _UNSCALED in tensors else 1.0)
    mask = tensors.get(_MASK)
    try:
        return Latent(
            samples,
            noise_mask=None if mask is None else mask.float(),
            batch_index=_numbers(metadata.get("batch_index")),
            empty_size=_pair(metadata.get("empty_size")),
        )
    except (ValueError, TypeError) as error:
        raise NodeError(f"'{path.name}' is damaged: {error}") from error


def _read(path: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    try:
        with safe_open(path, framework="pt") as file:
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            return tensors, dict(file.metadata() or {})
    except (SafetensorError, OSError) as error:
        raise NodeError(f"cannot read '{path.name}' as a safetensors file: {error}") from error


def _numbers(text: str | None) -> tuple[int, ...] | None:
    return None if text is None else tuple(int(number) for number in json.loads(text))


def _pair(text: str | None) -> tuple[int, int] | None:
    if text is None:
        return None
    height, width = json.loads(text)
    return int(height), int(width)


NODES = (save_latent, load_latent)
