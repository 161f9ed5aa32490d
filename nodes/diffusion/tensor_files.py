"""Small files of tensors, whole and in memory: LoRAs and embeddings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from torch import Tensor

from nodes.diffusion.errors import LoadError
from nodes.diffusion.headers import read_metadata
from nodes.diffusion.stored import open_tensors

__all__ = ["TensorFile", "read_tensors"]


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
    stored = open_tensors(path)
    tensors = {name: tensor.read().clone() for name, tensor in stored.items()}
    for name, tensor in tensors.items():
        if tensor.is_floating_point() and not bool(tensor.float().isfinite().all()):
            raise LoadError(f"{path.name}: {name} holds NaN or infinity; the file is damaged")
    mapped = any(tensor.file is not None for tensor in stored.values())
    return TensorFile(path.name, tensors, read_metadata(path) if mapped else {})
