"""Files of weights mapped into memory: that costs no time and no memory of ours.

A file that is replaced by another one or removed leaves its mapping as it was; one that is written
over in place changes it, which `MappedFile.check` tells.
"""

from __future__ import annotations

import hashlib
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

PAGE, PAGES = 4096, 64
"""How much is looked at, and in how many places, to see whether a file is another one now."""


@dataclass(eq=False)
class MappedFile:
    """A file that is mapped; what is written to the mapping never reaches the file.

    Attributes:
        stamp: its inode, its size and when it was last written.
        sample: a digest of pieces from all over it, which tells a file that was written over from
            one that was only touched.
    """

    path: Path
    memory: mmap
    stamp: tuple[int, int, int]
    sample: bytes

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
        return cls(path, memory, stamp, _sample(memory))

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
        if now[0] != self.stamp[0] or now == self.stamp:
            return
        if now[1] != self.stamp[1] or _sample(self.memory) != self.sample:
            raise LoadError(
                f"{named_file(self.path)} was written over since it was loaded; run again"
            )
        self.stamp = now


def _sample(memory: mmap) -> bytes:
    """Of pages at even distances, the first and the last among them."""
    size, taken = len(memory), hashlib.blake2b()
    for place in range(PAGES):
        start = (size - PAGE) * place // (PAGES - 1) if size > PAGE else 0
        taken.update(memory[start : start + PAGE])
    return taken.digest()


def _stamp(found: os.stat_result) -> tuple[int, int, int]:
    return found.st_ino, found.st_size, found.st_mtime_ns
