"""What networks are on a device, within a budget: who was used longest ago goes first.

A network comes when it is used. Where the others' leaving does not make room enough, a part of it
stays away and comes layer by layer: a model larger than the device runs, slower, and gives the
same to the bit.
"""

from __future__ import annotations

import itertools
import os
import re
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, TypeVar
from weakref import WeakKeyDictionary

import psutil
import torch

if TYPE_CHECKING:
    from nodes.diffusion.network import Network

__all__ = ["BUDGET", "DeviceMemory", "memory_of", "release_memory"]

Size = TypeVar("Size")
Made = TypeVar("Made")

BUDGET = "NODEGRAPH_VRAM_BUDGET"
"""The variable with the bytes that networks may take on the device."""
_SIZE = re.compile(r"(?:(\d+(?:\.\d+)?)\s*([KMGT]?)(I?)B?)?")
HEADROOM = 1 << 30
"""Bytes that are kept free on a CUDA device for what is computed there."""


class DeviceMemory:
    """The ledger of one device.

    Attributes:
        device: whose it is.
        budget: bytes that weights may take there; None leaves that to what is free. On the CPU
            weights are at home, and a budget makes them come and go as they would elsewhere.
    """

    def __init__(self, device: torch.device, budget: int | None = None) -> None:
        self.device, self.budget = device, budget
        self._used: WeakKeyDictionary[Network, int] = WeakKeyDictionary()
        self._turn = itertools.count()

    @property
    def copies(self) -> bool:
        """Whether being on the device takes memory beside what is at home."""
        return self.device.type == "cuda" or self.budget is not None

    @property
    def held(self) -> int:
        """Bytes of weights on the device."""
        return sum(network.held for network in self._used)

    def bring(self, network: Network) -> None:
        """Have a network ready to compute; others leave where that takes room."""
        self._used[network] = next(self._turn)
        if network.whole:
            return
        limit = self._limit()
        if limit is None:
            network.place(None)
        elif not network.placed or network.size <= limit:
            for other in self._by_age(network):
                if self.held - network.held + network.size <= limit:
                    break
                other.leave()
            network.place(limit - (self.held - network.held))

    def free(self) -> int:
        """Bytes that are left for what is computed."""
        if self.budget is not None:
            return max(self.budget - self.held, 0)
        if self.device.type == "cuda":
            return _free_on_cuda(self.device)
        return int(psutil.virtual_memory().available)

    def make_room(self, needed: int, *, but: Network | None = None) -> None:
        """Have others leave, used longest ago first, until so many bytes are left or none is there.

        Nothing is to be had of that on the CPU without a budget.
        """
        for network in list(self._by_age(but)) if self.copies else ():
            if self.free() >= needed:
                return
            network.leave()

    def clear(self, *, but: Network | None = None) -> None:
        """Have everything leave that is not in use."""
        for network in list(self._by_age(but)):
            network.leave()
        if self.device.type == "cuda":
            torch.cuda.empty_cache()

    def fit(self, sizes: Iterable[Size], compute: Callable[[Size], Made], *, but: Network) -> Made:
        """What is computed with the first of ever smaller sizes for which there is memory.

        Raises torch.OutOfMemoryError if there is none for the last of them.
        """
        failed: torch.OutOfMemoryError | None = None
        for size in sizes:
            try:
                return compute(size)
            except torch.OutOfMemoryError as error:
                # Its frames hold what was computed so far.
                failed = error.with_traceback(None)
            self.clear(but=but)
        assert failed is not None, "at least one size is tried"
        raise failed

    def _by_age(self, but: Network | None) -> Iterator[Network]:
        """What is on the device, used longest ago first."""
        for network in sorted(self._used, key=self._used.__getitem__):
            if network is not but and network.placed:
                yield network

    def _limit(self) -> int | None:
        """Bytes that all weights may take; None where that does not matter."""
        if self.budget is not None:
            return self.budget
        if self.device.type != "cuda":
            return None
        return self.held + _free_on_cuda(self.device) - HEADROOM


_memories: dict[torch.device, DeviceMemory] = {}


def memory_of(device: torch.device) -> DeviceMemory:
    """The one ledger of a device, with the budget that the process was given."""
    if device.type == "cuda" and device.index is None:
        device = torch.device("cuda", torch.cuda.current_device())
    if device not in _memories:
        _memories[device] = DeviceMemory(device, _given(os.environ.get(BUDGET, "")))
    return _memories[device]


def _given(budget: str) -> int | None:
    """Bytes such as 8GB or 500MiB; None for nothing. Raises ValueError for what is no size."""
    found = _SIZE.fullmatch(budget.strip().upper())
    if found is None:
        raise ValueError(f"{BUDGET} takes a number of bytes such as 8GB, got '{budget}'")
    number, letter, binary = found[1], found[2], found[3]
    if number is None:
        return None
    return int(float(number) * (1024 if binary else 1000) ** " KMGT".index(letter or " "))


def release_memory() -> None:
    """Let go of what is on any device and not in use, after something found no memory there."""
    for memory in _memories.values():
        if memory.copies:
            memory.clear()


def _free_on_cuda(device: torch.device) -> int:
    """What the driver has left, and what torch holds and does not use."""
    idle = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
    return int(torch.cuda.mem_get_info(device)[0]) + idle
