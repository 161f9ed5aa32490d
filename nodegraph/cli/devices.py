"""`--device` and `--dtype`: are they names, and does this machine's torch have the device?"""

from __future__ import annotations

import os
import re

from nodegraph.cli.explain import size
from nodegraph.cli.failures import UsageError
from nodegraph.cli.sizes import read_size
from nodegraph.engine.devices import VRAM_BUDGET, NoDevice, find_device, load_torch
from nodegraph.errors import nearest

__all__ = [
    "check_attention_name",
    "check_device_name",
    "check_dtype_name",
    "choose_device",
    "describe_device",
]

_NAMES = ("auto", "cpu", "cuda", "mps")
_ATTENTION = ("auto", "sdpa", "sliced")
_DTYPES = ("auto", "float32", "float16", "bfloat16", "float8_e4m3fn", "float8_e5m2")


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
    _check("--dtype", name, _DTYPES)


def check_attention_name(name: str) -> str:
    """The way to compute attention; refuse what is none.

    Raises:
        UsageError: naming the nearest one.
    """
    _check("--attention", name, _ATTENTION)
    return name


def _check(option: str, name: str, known: tuple[str, ...]) -> None:
    if name not in known:
        message = f"{option} takes {', '.join(known)}, got '{name}'"
        raise UsageError(message, nearest(name, known))


def choose_device(name: str) -> str:
    """The torch device to use; see `find_device`.

    Raises:
        UsageError: when there is no such device; it lists those there are.
    """
    try:
        return find_device(name)
    except NoDevice as error:
        raise UsageError(str(error)) from None


def describe_device(name: str) -> str:
    """The device with its maker's name, its memory, and what models may take, for people."""
    budget = read_size(os.environ.get(VRAM_BUDGET) or None, VRAM_BUDGET)
    limit = f"; models may take {size(budget)} there" if budget is not None else ""
    if not name.startswith("cuda"):
        return name + limit
    cuda = load_torch(name).cuda
    free, total = cuda.mem_get_info(name)
    maker = cuda.get_device_properties(name).name
    return f"{name}: {maker}, {size(free)} of {size(total)} free{limit}"
