"""Weights that rest in their file until the network is used.

A network that is loaded has its weights as views of a mapped file, in the file's format. When it
is first used (`Network.ready`) they are copied into memory of their own, in the format that it
computes in: aligned as the fastest kernels want it, and safe from changes of the file. Where it
computes on another device, weights that have that format already stay in the file and are copied
there from it. What a workflow never uses is never read.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor, nn

from nodes.diffusion.mapped import MappedFile

__all__ = ["check_files", "rest", "settle", "weight_storages"]

PLACE = "_resting"


class _Resting:
    """What is to be done to a module before it is first used."""

    def __init__(
        self,
        module: nn.Module,
        files: Iterable[MappedFile],
        device: torch.device,
        dtype: torch.dtype,
    ) -> None:
        self.dtype = dtype
        self.files = tuple(files)
        # A CUDA device is where weights come when they are used (`memory`); home is here.
        self._away = device.type == "cuda"
        self._home = torch.device("cpu") if self._away else device
        tensors = (*module.parameters(), *module.buffers())
        self._left = [(tensor, tensor.data_ptr()) for tensor in tensors]

    def settle(self) -> bool:
        """Copy what still rests; what was copied before an error is not copied again."""
        if not self._left:
            return False
        self.check()
        while self._left:
            resting, place = self._left[-1]
            if resting.data_ptr() == place:  # else somebody has put other weights there
                resting.data = self._settled(resting.data)
            self._left.pop()
        self.check()
        if not self._away:
            self.files = ()
        return True

    def check(self) -> None:
        """Raises LoadError if a file that is still needed was written over."""
        for file in self.files:
            file.check()

    def in_use(self, tensor: Tensor) -> torch.dtype:
        """The format that a weight has in use."""
        return self.dtype if self._left and tensor.is_floating_point() else tensor.dtype

    def _settled(self, tensor: Tensor) -> Tensor:
        dtype = self.in_use(tensor)
        if self._away and tensor.dtype == dtype:
            return tensor
        return tensor.to(self._home, dtype, copy=True).contiguous()


def rest(
    module: nn.Module, files: Iterable[MappedFile], device: torch.device, dtype: torch.dtype
) -> None:
    """Leave a module's weights in the files that they are views of until it is first used.

    Then, or when it is settled, those that are floating-point numbers become `dtype`. Their home is
    `device`, for a CUDA device the CPU. The first use raises LoadError if a file was written over
    in the meantime.
    """
    setattr(module, PLACE, _Resting(module, files, device, dtype))


def settle(module: Any) -> bool:
    """Bring the weights home; whether they still rested."""
    resting: _Resting | None = getattr(module, PLACE, None)
    return resting is not None and resting.settle()


def check_files(module: Any) -> None:
    """Raises LoadError if weights are still read from a file, and that was written over."""
    resting: _Resting | None = getattr(module, PLACE, None)
    if resting is not None:
        resting.check()


def weight_storages(module: Any) -> dict[int, int]:
    """The pieces of memory that the weights take in use, by identity, in bytes."""
    if not isinstance(module, nn.Module):
        return {}
    resting: _Resting | None = getattr(module, PLACE, None)
    return {
        id(weight): weight.numel() * (resting.in_use(weight) if resting else weight.dtype).itemsize
        for weight in (*module.parameters(), *module.buffers())
    }
