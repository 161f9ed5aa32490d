"""Tensors that are still in their file: known by name, shape and type."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import torch
from torch import Tensor

from nodes.diffusion.errors import LoadError
from nodes.diffusion.headers import TensorInfo, named_file, read_header, stranger
from nodes.diffusion.mapped import MappedFile
from nodes.diffusion.pickles import read_pickle

__all__ = ["DTYPES", "StoredTensor", "open_tensors"]

DTYPES = {
    "F64": torch.float64,
    "F32": torch.float32,
    "F16": torch.float16,
    "BF16": torch.bfloat16,
    "F8_E4M3": torch.float8_e4m3fn,
    "F8_E5M2": torch.float8_e5m2,
    "I64": torch.int64,
    "I32": torch.int32,
    "I16": torch.int16,
    "I8": torch.int8,
    "U8": torch.uint8,
    "BOOL": torch.bool,
}
NAMES = {dtype: name for name, dtype in DTYPES.items()}


@dataclass(frozen=True)
class StoredTensor:
    """A tensor in a file.

    Attributes:
        key: its name in the file, for messages.
        dtype: in safetensors' words (F32, BF16, ...).
        load: gives the rows from one index to another; all of a tensor without dimensions.
        change: what is done with what was read: a view of it, no copy.
        file: what is mapped and then in use, if anything is.
        span: where its bytes lie in that file.
        look: gives a range that its numbers lie in, where somebody looks for it already.
    """

    key: str
    dtype: str
    shape: tuple[int, ...]
    load: Callable[[int, int], Tensor]
    first: int = 0
    last: int = 0
    change: Callable[[Tensor], Tensor] | None = None
    file: MappedFile | None = None
    span: tuple[int, int] = (0, 0)
    look: Callable[[], tuple[float, float]] | None = None

    def read(self) -> Tensor:
        """The tensor: of safetensors files a view of what is mapped, else a copy."""
        found = self.load(self.first, self.last)
        return found if self.change is None else self.change(found)

    def rows(self, part: int, count: int) -> StoredTensor:
        """The `part`th of `count` equal parts along the first dimension."""
        rows = self.shape[0] // count
        first = self.first + part * rows
        return replace(self, shape=(rows, *self.shape[1:]), first=first, last=first + rows)

    def transposed(self) -> StoredTensor:
        """A matrix with its sides exchanged."""
        return replace(self, shape=self.shape[::-1], change=lambda tensor: tensor.T)

    def squeezed(self, dims: int) -> StoredTensor:
        """Without the sides of length 1 that follow the first `dims`."""
        shape = self.shape[:dims]
        if any(side != 1 for side in self.shape[dims:]):
            return self
        return replace(self, shape=shape, change=lambda tensor: tensor.reshape(shape))


def open_tensors(path: Path) -> dict[str, StoredTensor]:
    """The tensors of a safetensors or pickle (.ckpt, .pt, .pth, .bin) file by name.

    Pickles are read by PyTorch's restricted reader, which makes tensors and runs no code. Raises
    LoadError for a file that is missing, damaged or of another format.
    """
    try:
        with path.open("rb") as file:
            start = file.read(64)
    except OSError as error:
        raise LoadError(f"{named_file(path)} cannot be read: {error.strerror}") from error
    if path.suffix.lower() != ".safetensors" and (stranger(start) or "").endswith("pickle file"):
        return {key: _held(key, tensor) for key, tensor in read_pickle(path).items()}
    header = read_header(path)
    mapped = MappedFile.of(path, max(info.span[1] for info in header.values()))
    return {key: _lying(mapped, key, info) for key, info in header.items()}


def _held(key: str, tensor: Tensor) -> StoredTensor:
    name = NAMES.get(tensor.dtype, str(tensor.dtype))
    shape = tuple(tensor.shape)
    last = shape[0] if shape else 0
    return StoredTensor(key, name, shape, partial(_copied, tensor), last=last)


def _copied(tensor: Tensor, first: int, last: int) -> Tensor:
    return (tensor[first:last] if tensor.ndim else tensor).clone()


def _lying(file: MappedFile, key: str, info: TensorInfo) -> StoredTensor:
    last = info.shape[0] if info.shape else 0
    load = partial(_rows, file, key, info)
    return StoredTensor(key, info.dtype, info.shape, load, last=last, file=file, span=info.span)


def _rows(file: MappedFile, key: str, info: TensorInfo, first: int, last: int) -> Tensor:
    if info.dtype not in DTYPES:
        raise LoadError(
            f"{named_file(file.path)}: {key} is stored as {info.dtype}, which is not supported; "
            f"known: {', '.join(DTYPES)}"
        )
    tensor = file.tensor(info, DTYPES[info.dtype])
    return tensor[first:last] if info.shape else tensor
