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
    """

    __opaque__: ClassVar[bool] = True

    def __init__(self, module: Any) -> None:
        self.module = module
        self._weights: tuple[WeightPatch, ...] = ()
        self._hooks: tuple[Hook, ...] = ()
        self._detach: list[Callable[[], None]] = []
        self._original: dict[str, Tensor] = {}

    def ready(self, weights: tuple[WeightPatch, ...] = (), hooks: tuple[Hook, ...] = ()) -> Any:
        """The module with these changes and no others, each put on after the ones before it."""
        if not _same(hooks, self._hooks):
            self._unhook()
        if not _same(weights, self._weights):
            self._unhook()
            self._restore()
            self._patch(weights)
        if not _same(hooks, self._hooks):
            self._hook(hooks)
        return self.module

    def _patch(self, weights: tuple[WeightPatch, ...]) -> None:
        parameters = dict(self.module.named_parameters()) if weights else {}
        changed = dict.fromkeys(name for patch in weights for name in patch.targets)
        try:
            with torch.no_grad():
                for name in changed:
                    original = parameters[name].data
                    weight = original.float()
                    for patch in weights:
                        if name in patch.targets:
                            weight = patch.patched(name, weight)
                    self._original[name] = original
                    parameters[name].data = weight.to(original.dtype)
        except BaseException:
            self._restore()
            raise
        self._weights = weights

    def _restore(self) -> None:
        parameters = dict(self.module.named_parameters()) if self._original else {}
        for name, original in self._original.items():
            parameters[name].data = original
        self._original, self._weights = {}, ()

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
