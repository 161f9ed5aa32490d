"""`--device` and `--dtype`: are they names, and does this machine's torch have the device?"""

from __future__ import annotations

import importlib
import re
import sys
from typing import Any

from nodegraph.cli.failures import UsageError
from nodegraph.errors import nearest

__all__ = ["check_device_name", "check_dtype_name", "choose_device", "describe_device"]

_NAMES = ("auto", "cpu", "cuda", "mps")
_DTYPES = ("auto", "float32", "float16", "bfloat16")


def check_device_name(name: str) -> None:
    """Refuse what can be no device, before anything slow begins.

    Raises:
        UsageError: naming the nearest device.
    """
    if name not in _NAMES and not re.fullmatch(r"cuda:\d{1,3}", name):
        message = f"--device takes auto, cpu, cuda, cuda:N or mps, got '{name}'"
        raise UsageError(message, nearest(name, _NAMES))


def check_dtype_name(name: str) -> None:
    """Refuse what is no precision.

    Raises:
        UsageError: naming the nearest one.
    """
    if name not in _DTYPES:
        message = f"--dtype takes {', '.join(_DTYPES)}, got '{name}'"
        raise UsageError(message, nearest(name, _DTYPES))


def choose_device(name: str) -> str:
    """The torch device to use. `auto` is the fastest one.

    Without a node pack that has loaded torch there is nothing to place, so `auto` and `cpu`
    load it for nobody.

    Raises:
        UsageError: when there is no such device; it lists those there are.
    """
    if name == "cpu" or (name == "auto" and "torch" not in sys.modules):
        return "cpu"
    torch = _torch(name)
    present = _present(torch)
    if name == "auto":
        return present[1] if len(present) > 1 else "cpu"
    if name in present or (name == "cuda" and "cuda:0" in present):
        return name
    listed = ", ".join(present)
    raise UsageError(f"--device {name}: torch {torch.__version__} finds only: {listed}")


def describe_device(name: str) -> str:
    """The device with its maker's name and memory, for people."""
    if not name.startswith("cuda"):
        return name
    properties = _torch(name).cuda.get_device_properties(name)
    return f"{name}: {properties.name}, {properties.total_memory / 2**30:.1f} GiB"


def _torch(name: str) -> Any:
    try:
        return importlib.import_module("torch")
    except ImportError as error:
        raise UsageError(f"--device {name} needs torch, which cannot be loaded: {error}") from None


def _present(torch: Any) -> list[str]:
    """`cpu`, then every CUDA device, then `mps`."""
    found = ["cpu"]
    if torch.cuda.is_available():
        found += [f"cuda:{i}" for i in range(torch.cuda.device_count())]
    if torch.backends.mps.is_available():
        found.append("mps")
    return found
