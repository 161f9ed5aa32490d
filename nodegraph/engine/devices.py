"""The devices that this machine's torch has, without loading torch where nobody needs it."""

from __future__ import annotations

import importlib
import os
import sys
from typing import Any

from nodegraph.errors import NodegraphError

__all__ = [
    "ATTENTION",
    "VRAM_BUDGET",
    "NoDevice",
    "find_device",
    "limit_device_memory",
    "load_torch",
    "tell_attention",
]

VRAM_BUDGET = "NODEGRAPH_VRAM_BUDGET"
"""The variable that tells node packs how many bytes models may take on the device."""

ATTENTION = "NODEGRAPH_ATTENTION"
"""The variable that tells node packs how to compute attention."""


class NoDevice(NodegraphError):
    """There is no such device here; the message lists those there are."""


def find_device(name: str) -> str:
    """The torch device to use. `auto` is the fastest one.

    Without a node pack that has loaded torch there is nothing to place, so `auto` and `cpu`
    load it for nobody.

    Raises:
        NoDevice: there is no such device.
    """
    if name == "cpu" or (name == "auto" and "torch" not in sys.modules):
        return "cpu"
    torch = load_torch(name)
    present = _present(torch)
    if name == "auto":
        return present[1] if len(present) > 1 else "cpu"
    if name in present or (name == "cuda" and "cuda:0" in present):
        return name
    listed = ", ".join(present)
    raise NoDevice(f"--device {name}: torch {torch.__version__} finds only: {listed}")


def limit_device_memory(size: int | None) -> None:
    """Tell node packs, of this process and of those it starts, what models may take there."""
    if size is not None:
        os.environ[VRAM_BUDGET] = str(size)


def tell_attention(way: str) -> None:
    """Tell node packs, of this process and of those it starts, how to compute attention."""
    os.environ[ATTENTION] = way


def load_torch(name: str) -> Any:
    """The module, for the device `name`.

    Raises:
        NoDevice: it cannot be loaded.
    """
    try:
        return importlib.import_module("torch")
    except ImportError as error:
        raise NoDevice(f"--device {name} needs torch, which cannot be loaded: {error}") from None


def _present(torch: Any) -> list[str]:
    """`cpu`, then every CUDA device, then `mps`."""
    found = ["cpu"]
    if torch.cuda.is_available():
        found += [f"cuda:{i}" for i in range(torch.cuda.device_count())]
    if torch.backends.mps.is_available():
        found.append("mps")
    return found
