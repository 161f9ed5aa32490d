"""Files of weights mapped into memory: that costs no time and no memory of ours.

A file that is replaced by another one or removed leaves its mapping as it was; one that is written
over in place changes it, which `MappedFile.check` tells.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from math import prod
from mmap import ACCESS_COPY, mmap
from pathlib import Path

import torch
from torch import Tensor

from nodes.diffusion.errors import LoadError
from nodes.diffusion.headers import TensorInfo, named_file

__all__ = ["MappedFile"]


@dataclass(frozen=True, eq=False)
class MappedFile:
    """A file that is mapped; what is written to the mapping never reaches the file.

    `stamp` is its inode, its size and when it was last written.
    """

    path: Path
    memory: mmap
    stamp: tuple[int, int, int]

    @classmethod
    def of(cls, path: Path, least: int) -> MappedFile:
        """All of a file. Raises LoadError if it cannot be read or is shorter than `least` bytes."""
        try:
            with path.open("rb") as file:
                memory = mmap(file.fileno(), 0, access=ACCESS_COPY)
                stamp = _stamp(os.fstat(file.fileno()))
        except (OSError, ValueError) as error:
            raise LoadError(f"{named_file(path)} cannot be read: {error}") from error
        if len(memory) < least:
            raise LoadError(f"{named_file(path)} was cut off while it was read")
        return cls(path, memory, stamp)

    def tensor(self, info: TensorInfo, dtype: torch.dtype) -> Tensor:
        """A tensor of it: a view of the mapping, or a copy where it lies at an odd place."""
        count, (start, end) = prod(info.shape), info.span
        if not count:
            return torch.empty(info.shape, dtype=dtype)
        if start % dtype.itemsize:
            raw = torch.frombuffer(self.memory, dtype=torch.uint8, count=end - start, offset=start)
            return raw.clone().view(dtype).view(info.shape)
        flat = torch.frombuffer(self.memory, dtype=dtype, count=count, offset=start)
        return flat.view(info.shape)

    def check(self) -> None:
        """Raises LoadError if the file was written over since it was mapped."""
        try:
            now = _stamp(self.path.stat())
        except OSError:
            return  # removed, which leaves the mapping whole
        if now[0] == self.stamp[0] and now != self.stamp:
            raise LoadError(
                f"{named_file(self.path)} was written over while it was being loaded; run again"
            )


def _stamp(found: os.stat_result) -> tuple[int, int, int]:
    return found.st_ino, found.st_size, found.st_mtime_ns
