"""What networks are on a device, within a budget: who was used longest ago goes first.

A network comes when it is used. Where the others' leaving does not make room enough, a part of it
stays away and comes layer by layer: a model larger than the device runs, slower, and gives the
same to the bit.
"""

from __future__ import annotations

import itertools
import os
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import psutil
import torch

if TYPE_CHECKING:
    from nodes.diffusion.network import Network

__all__ = ["BUDGET", "DeviceMemory", "memory_of", "release_memory"]

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
        if network.whole or (network.placed and not self._room(network, network.size)):
            return
        network.place(self._make_room(network))

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

    def _by_age(self, but: Network | None) -> Iterator[Network]:
        """What is on the device, used longest ago first."""
        for network in sorted(self._used, key=self._used.__getitem__):
            if network is not but and network.placed:
                yield network

    def _room(self, network: Network, needed: int) -> bool:
        """Whether so many bytes could be had for a network if all others left."""
        limit = self._limit(network)
        return limit is None or needed <= limit

    def _make_room(self, network: Network) -> int | None:
        """The bytes that a network may take, after others left as far as need be."""
        limit = self._limit(network)
        if limit is None:
            return None
        for other in self._by_age(network):
            if self.held - network.held + network.size <= limit:
                break
            other.leave()
        return limit - (self.held - network.held)

    def _limit(self, network: Network) -> int | None:
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
