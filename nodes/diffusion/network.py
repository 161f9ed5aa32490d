"""A network that several values share, each with changes of its own to it.

Values on wires are immutable and share weights, so what a value changes (a LoRA's deltas, how
attention is computed) is put on when the network is used for it and taken off when it is used for
another. `Network.ready` does that: it gives the module exactly as one user wants it, and costs
nothing where that is how the last user left it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, ClassVar, Protocol

import torch
from torch import Tensor

from nodes.diffusion.memory import DeviceMemory, memory_of
from nodes.diffusion.residence import COARSE, Residence
from nodes.diffusion.resting import check_files, settle, weight_storages

__all__ = ["Hook", "Network", "WeightPatch"]


class WeightPatch(Protocol):
    """New weights in place of old ones, as a LoRA gives them."""

    @property
    def targets(self) -> Collection[str]:
        """The names of the module's parameters that it changes."""
        ...

    def patched(self, name: str, weight: Tensor) -> Tensor:
        """The weight to use for the parameter `name`, whose weight so far is `weight`.

        Same shape; `weight` comes in float32 on its device and must not be written to.
        """
        ...


class Hook(Protocol):
    """A change to how a module computes, as an attention processor is."""

    def attach(self, module: Any) -> Callable[[], None]:
        """Put it on; what is returned takes it off again and leaves no trace."""
        ...


class Network:
    """A module with what its users change of it. One user at a time: device work is in one thread.

    Attributes:
        module: as the last user left it; use `ready()` to compute with it.
        device: where it computes; its weights come there when it is used (`memory`).
        dtype: what it computes in; None for that of its weights.
    """

    __opaque__: ClassVar[bool] = True

    def __init__(
        self,
        module: Any,
        device: torch.device | None = None,
        dtype: torch.dtype | None = None,
        memory: DeviceMemory | None = None,
    ) -> None:
        self.module = module
        self.device = torch.device("cpu") if device is None else device
        self._memory = memory_of(self.device) if memory is None else memory
        self._residence = Residence(
            module, self.device, dtype or torch.float32, copies=self._memory.copies
        )
        self._weights: tuple[WeightPatch, ...] = ()
        self._hooks: tuple[Hook, ...] = ()
        self._detach: list[Callable[[], None]] = []
        self._patched: set[str] = set()

    @property
    def memory(self) -> DeviceMemory:
        """The ledger of its device."""
        return self._memory

    @property
    def size(self) -> int:
        """Bytes of all its weights."""
        return self._residence.size

    @property
    def held(self) -> int:
        """Bytes that it takes on the device now."""
        return self._residence.held

    @property
    def placed(self) -> bool:
        """Whether it is ready to compute: on the device, or coming there layer by layer."""
        return self._residence.placed

    @property
    def whole(self) -> bool:
        """Whether all of it is on the device."""
        return self._residence.whole

    def place(self, room: int | None) -> None:
        """Take at most `room` bytes on the device; see `Residence.place`."""
        self._forget()
        self._residence.place(room)

    def leave(self) -> None:
        """Leave the device; what its last user changed of the weights is gone with it."""
        self._forget()
        self._residence.leave()

    def ready(self, weights: tuple[WeightPatch, ...] = (), hooks: tuple[Hook, ...] = ()) -> Any:
        """The module with these changes and no others, each put on after the ones before it."""
        if settle(self.module):
            self._residence.settle()
        check_files(self.module)
        self._memory.bring(self)
        if not _same(hooks, self._hooks):
            self._unhook()
        if not _same(weights, self._weights):
            self._unhook()
            self._restore()
            self._patch(weights)
        if not _same(hooks, self._hooks):
            self._hook(hooks)
        return self.module

    def __storages__(self) -> dict[int, int]:
        """For the engine, which asks how large a value is."""
        return weight_storages(self.module)

    def _patch(self, weights: tuple[WeightPatch, ...]) -> None:
        changed = dict.fromkeys(name for patch in weights for name in patch.targets)
        try:
            with torch.no_grad():
                for name in changed:
                    original = self._residence.home(name)
                    weight = original.to(self.device).float()
                    for patch in weights:
                        if name in patch.targets:
                            weight = patch.patched(name, weight)
                    self._patched.add(name)
                    # Rounded to a coarse format again, small changes would be lost.
                    coarse = original.dtype in COARSE
                    dtype = self._residence.dtype if coarse else original.dtype
                    self._residence.put(name, weight.to(dtype))
        except BaseException:
            self._restore()
            raise
        self._weights = weights

    def _restore(self) -> None:
        for name in self._patched:
            self._residence.put(name, None)
        self._forget()

    def _forget(self) -> None:
        self._patched.clear()
        self._weights = ()

    def _hook(self, hooks: tuple[Hook, ...]) -> None:
        try:
            for hook in hooks:
                self._detach.append(hook.attach(self.module))
        except BaseException:
            self._unhook()
            raise
        self._hooks = hooks

    def _unhook(self) -> None:
        while self._detach:
            self._detach.pop()()
        self._hooks = ()


def _same(one: tuple[object, ...], other: tuple[object, ...]) -> bool:
    return len(one) == len(other) and all(a is b for a, b in zip(one, other, strict=True))
