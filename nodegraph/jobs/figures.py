"""Figures of this process and machine, without importing what is not imported yet."""

from __future__ import annotations

import platform
import sys
from typing import Any

import psutil

from nodegraph.provenance import made_with

__all__ = ["cuda_devices", "memory", "resident_bytes", "versions"]


def resident_bytes() -> int:
    """The resident memory of this process."""
    return int(psutil.Process().memory_info().rss)


def memory() -> tuple[int, int]:
    """Total and available bytes of the machine."""
    found = psutil.virtual_memory()
    return int(found.total), int(found.available)


def versions() -> dict[str, str | None]:
    """Of the engine, Python, torch and diffusers."""
    from nodegraph.graph.registry import Registry

    found = made_with(Registry(), "")
    names = ("nodegraph", "torch", "diffusers")
    return {**{name: found[name] for name in names}, "python": platform.python_version()}


def cuda_devices() -> list[dict[str, Any]]:
    """The CUDA devices, if torch is loaded here: name, type, index, memory in bytes."""
    torch = sys.modules.get("torch")
    if torch is None or not torch.cuda.is_available():
        return []
    found = []
    for index in range(torch.cuda.device_count()):
        free, total = torch.cuda.mem_get_info(index)
        name = torch.cuda.get_device_name(index)
        found.append(
            {"name": name, "type": "cuda", "index": index, "vram_total": total, "vram_free": free}
        )
    return found
