"""Where and how finely networks compute."""

import torch

from nodes.diffusion.suggest import pick

__all__ = ["COARSE", "DTYPES", "resolve_device", "resolve_dtype", "storage_dtype"]

DTYPES = {
    "float32": torch.float32,
    "float16": torch.float16,
    "bfloat16": torch.bfloat16,
}
COARSE = {
    "float8_e4m3fn": torch.float8_e4m3fn,
    "float8_e5m2": torch.float8_e5m2,
}
"""Formats that weights are stored in, half as large as float16, and never computed with."""


def resolve_device(name: str) -> torch.device:
    """The device called `name` ("cpu", "cuda", "cuda:1", "mps"); ValueError if it is not there."""
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise ValueError(f"unknown device {name!r}; try cpu, cuda or mps") from error
    if device.type == "cuda":
        count = torch.cuda.device_count() if torch.cuda.is_available() else 0
        if (device.index or 0) >= count:
            raise ValueError(f"device {name!r} is not available: {count} CUDA devices are here")
    if device.type == "mps" and not torch.backends.mps.is_available():
        raise ValueError("device 'mps' is not available here; use cpu")
    return device


def resolve_dtype(name: str, device: torch.device, *, sensitive: bool = False) -> torch.dtype:
    """What to compute in by its name: "auto", "float32", "float16", "bfloat16" or one of `COARSE`.

    "auto" is float16 on CUDA and float32 elsewhere: half precision gains nothing on a CPU. A
    `sensitive` network (one that overflows in float16, or costs little) stays float32 in "auto".
    What is stored in a coarse format is computed with as in "auto".
    """
    if name == "auto" or name in COARSE:
        return torch.float16 if device.type == "cuda" and not sensitive else torch.float32
    return pick("dtype", name, DTYPES)


def storage_dtype(name: str) -> torch.dtype | None:
    """The coarse format that a UNet's layers are stored in; None for what it computes in."""
    return COARSE.get(name)
