"""Where a network's weights are: at home, on the device, or each there only while it is used.

Home is where they were loaded to and stay (main memory, or the file mapped into it), so that
leaving the device costs nothing. Weights stored more coarsely than the network computes (float8)
are made finer for their layer's call only, in the same way as those that come to the device for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from nodes.diffusion import precision
from nodes.diffusion.errors import LoadError

__all__ = ["COARSE", "Residence", "coarsen"]

COARSE = tuple(precision.COARSE.values())


def coarsen(module: nn.Module, dtype: torch.dtype) -> None:
    """Store the weights of linear and convolutional layers in a coarse format, one by one.

    Raises LoadError if one is too large for it.
    """
    for name, layer in module.named_modules():
        if isinstance(layer, nn.Linear | nn.Conv2d):
            stored = layer.weight.data.to(dtype, copy=True)
            if not bool(stored.float().isfinite().all()):
                raise LoadError(f"{name}.weight is too large for {dtype}; use float16 or float32")
            layer.weight.data = stored


class Residence:
    """The weights of one module, on one device.

    Attributes:
        device: where the module computes.
        dtype: what coarse weights are made for their layer's call.
        copies: whether being on the device takes memory beside what is at home.
    """

    def __init__(
        self, module: Any, device: torch.device, dtype: torch.dtype, *, copies: bool
    ) -> None:
        self.device, self.dtype, self.copies = device, dtype, copies
        self._parameters = _parameters(module)
        self._home = {name: tensor.data for name, tensor in self._parameters.items()}
        self._layers = list(_layers(module, self._parameters))
        # Buffers are small, and seldom their layer's own affair.
        for buffer in module.buffers() if self._home else ():
            buffer.data = buffer.data.to(device)
        self._rest: dict[str, Tensor] = {}
        self._here: set[str] = set()
        self._handles: list[Any] = []

    @property
    def size(self) -> int:
        """Bytes that all of it takes on the device."""
        return sum(map(_bytes, self._home.values()))

    @property
    def largest(self) -> int:
        """Bytes of the layer that takes most."""
        return max((self._size(names) for _, names in self._layers), default=0)

    @property
    def held(self) -> int:
        """Bytes that it takes on the device: what stays there, and one layer that may come."""
        if not self.placed or not self.copies:
            return 0
        return self._size(self._here) + (0 if self.whole else self.largest)

    @property
    def placed(self) -> bool:
        """Whether it can be computed with."""
        return bool(self._rest) or not self._home

    @property
    def whole(self) -> bool:
        """Whether all of it is on the device."""
        return self.placed and len(self._here) == len(self._home)

    def home(self, name: str) -> Tensor:
        """A weight as it was loaded."""
        return self._home[name]

    def settle(self) -> None:
        """Weights that rested in their file are at home where they are now."""
        self._home = {name: tensor.data for name, tensor in self._parameters.items()}

    def place(self, room: int | None = None) -> None:
        """Bring as much to the device as fits into `room` bytes; all of it for None.

        What does not fit comes for its layer's call, for which room is kept.
        """
        self.leave()
        free = None if room is None or self.size <= room else room - self.largest
        for _, names in self._layers:
            if free is not None:
                if self._size(names) > free:
                    continue
                free -= self._size(names)
            self._here.update(names)
        try:
            for name in self._home:
                self.put(name, None)
        except BaseException:
            self.leave()
            raise
        self._hook()

    def leave(self) -> None:
        """Let go of everything that is on the device; weights are as they were loaded."""
        for handle in self._handles:
            handle.remove()
        self._handles.clear()
        self._rest.clear()
        self._here.clear()
        for name, tensor in self._home.items():
            self._parameters[name].data = tensor

    def put(self, name: str, weight: Tensor | None) -> None:
        """Have another weight in a place, given on the device; None for the one that was loaded."""
        home = self._home[name]
        if name in self._here:
            rest = self._arrived(home) if weight is None else weight
        else:
            rest = home if weight is None else weight.to(home.device)
        self._rest[name] = self._parameters[name].data = rest

    def _arrived(self, tensor: Tensor) -> Tensor:
        arrived = tensor.to(self.device)
        return arrived.clone() if self.copies and arrived is tensor else arrived

    def _size(self, names: Iterable[str]) -> int:
        return sum(_bytes(self._home[name]) for name in names)

    def _hook(self) -> None:
        """Layers that are not here, or stored coarsely, get their weights for their calls."""
        for layer, names in self._layers:
            coming = [
                name for name in names if name not in self._here or self._home[name].dtype in COARSE
            ]
            if coming:
                come, go = partial(self._come, coming), partial(self._go, coming)
                self._handles.append(layer.register_forward_pre_hook(come))
                self._handles.append(layer.register_forward_hook(go, always_call=True))

    def _come(self, names: Sequence[str], _layer: Any, _given: Any) -> None:
        for name in names:
            rest = self._rest[name]
            used = rest if name in self._here else self._arrived(rest)
            self._parameters[name].data = used.to(self.dtype) if used.dtype in COARSE else used

    def _go(self, names: Sequence[str], _layer: Any, _given: Any, _said: Any) -> None:
        for name in names:
            self._parameters[name].data = self._rest[name]


def _parameters(module: Any) -> dict[str, Tensor]:
    return dict(module.named_parameters()) if isinstance(module, nn.Module) else {}


def _layers(
    module: Any, parameters: Mapping[str, Tensor]
) -> Iterator[tuple[nn.Module, tuple[str, ...]]]:
    """Modules with the names of the parameters that they have themselves."""
    names = {id(tensor): name for name, tensor in parameters.items()}
    for layer in module.modules() if parameters else ():
        own = tuple(names[id(tensor)] for tensor in layer.parameters(recurse=False))
        if own:
            yield layer, own


def _bytes(tensor: Tensor) -> int:
    return tensor.numel() * tensor.element_size()
