"""Small files of tensors, whole: LoRAs and embeddings, as safetensors or as pickles of tensors."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor, nn

from nodes.diffusion.errors import LoadError
from nodes.diffusion.headers import read_header

__all__ = ["TensorFile", "read_tensors"]

PICKLES = {".pt", ".pth", ".bin", ".ckpt"}


@dataclass(frozen=True, eq=False)
class TensorFile:
    """What is in a file: tensors by name, and the texts that its header holds."""

    name: str
    tensors: Mapping[str, Tensor]
    notes: Mapping[str, str]


def read_tensors(path: Path) -> TensorFile:
    """Read a .safetensors file, or a pickle that holds tensors and plain values and no code.

    Tensors within dictionaries of a pickle get names with points (`string_to_param.*`). Raises
    LoadError if the file is missing, damaged, or of another kind, or if a number is not finite.
    """
    if path.is_dir():
        raise LoadError(f"{path.name} is a folder; a single file of tensors is expected")
    notes: dict[str, str] = {}
    if path.suffix.lower() in PICKLES:
        tensors = _unpickled(path)
    else:
        tensors, notes = _safe(path)
    for name, tensor in tensors.items():
        if tensor.is_floating_point() and not bool(tensor.isfinite().all()):
            raise LoadError(f"{path.name}: {name} holds NaN or infinity; the file is damaged")
    return TensorFile(path.name, tensors, notes)


def _safe(path: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    read_header(path)
    try:
        with safe_open(path, framework="pt") as file:
            # Copies: a view of the file would change under us with the file.
            tensors = {name: file.get_tensor(name).clone() for name in file.keys()}  # noqa: SIM118
            return tensors, dict(file.metadata() or {})
    except SafetensorError as error:
        raise LoadError(f"{path.name} is damaged: {error}") from error


def _unpickled(path: Path) -> dict[str, Tensor]:
    try:
        with torch.serialization.safe_globals([nn.ParameterDict]):  # old embeddings have one
            found = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise LoadError(
            f"{path.name} is no file of tensors alone: it is damaged, or holds code, which is "
            "never run; a .safetensors version of it is safe"
        ) from error
    except OSError as error:
        raise LoadError(f"{path.name} cannot be read: {error.strerror or error}") from error
    except (RuntimeError, EOFError, ValueError, KeyError, AttributeError, TypeError) as error:
        raise LoadError(f"{path.name} is damaged or no file of tensors") from error
    tensors = dict(_tensors_in(found, ""))
    if not tensors:
        raise LoadError(f"{path.name} holds no tensors")
    return tensors


def _tensors_in(value: Any, name: str, depth: int = 0) -> list[tuple[str, Tensor]]:
    if isinstance(value, Tensor):
        return [(name, value.detach().clone())]
    if not isinstance(value, Mapping | nn.ParameterDict) or depth > 4:
        return []
    parts = ((f"{name}.{key}" if name else str(key), part) for key, part in value.items())
    return [found for key, part in parts for found in _tensors_in(part, key, depth + 1)]
