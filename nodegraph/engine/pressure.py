"""When a node finds no memory: let go of what is idle, try once more, then say what is missing.

Neither torch nor any other library is imported; what is known of their errors is asked of those
that a node pack has imported already.
"""

from __future__ import annotations

import gc
import re
import sys
import traceback
from collections.abc import Iterator
from typing import Any

import psutil

from nodegraph.engine.state import RunState
from nodegraph.engine.task import Phase
from nodegraph.errors import OutOfMemory

__all__ = ["free_bytes", "is_out_of_memory", "needed_bytes", "out_of_memory", "try_again"]

_UNITS = {"bytes": 1, "b": 1} | {f"{k}ib": 1024**i for i, k in enumerate("kmgtpe", start=1)}
_SIZE = re.compile(r"allocate\s+([\d.]+)\s*(bytes|B|[KMGTPE]iB)\b", re.IGNORECASE)
_WORDS = ("can't allocate memory", "out of memory", "not enough memory")


def is_out_of_memory(error: BaseException | None) -> bool:
    """Whether an error, or one that it was raised from, says that memory ran out.

    Torch reports it on the CPU as a plain `RuntimeError`, told by its words.
    """
    for one in _with_causes(error):
        if isinstance(one, MemoryError) or type(one).__name__ == "OutOfMemoryError":
            return True
        text = str(one).lower()
        if isinstance(one, RuntimeError) and any(words in text for words in _WORDS):
            return True
    return False


def needed_bytes(error: BaseException) -> int | None:
    """How much was asked for, as the error's words tell."""
    found = next(filter(None, (_SIZE.search(str(one)) for one in _with_causes(error))), None)
    return int(float(found[1]) * _UNITS[found[2].lower()]) if found is not None else None


def _with_causes(error: BaseException | None) -> Iterator[BaseException]:
    """The error, the one it was raised from, and so on."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__


def free_bytes(device: str) -> int:
    """How much is free on the device: on a CUDA card, else of the machine's memory."""
    torch = sys.modules.get("torch")
    if torch is not None and device.startswith("cuda") and torch.cuda.is_initialized():
        return int(torch.cuda.mem_get_info(device)[0])
    return int(psutil.virtual_memory().available)


def try_again(state: RunState, index: int, error: BaseException) -> bool:
    """Unload what is idle and make the node run once more.

    False if that was done before, or if the node made files, which it would make again.
    """
    task = state.tasks[index]
    if task.relieved or state.cancel.cancelled or task.outputs:
        return False
    task.relieved = True
    _drop_frames(error)
    live = {other.key for other in state.tasks if other.values is not None}
    state.cache.unload(live)
    if state.environment.on_pressure is not None:
        state.environment.on_pressure()
    gc.collect()
    _empty_device_caches()
    task.phase = Phase.RUN
    task.reason = "out of memory: once more, after what was idle was unloaded"
    state.ready.append(index)
    return True


def out_of_memory(state: RunState, error: BaseException) -> OutOfMemory:
    """The error for the user: bytes needed and free, and what to try."""
    device = state.environment.device
    needed, free = needed_bytes(error), free_bytes(device)
    asked = f"{_size(needed)} more were needed" if needed is not None else "more was needed"
    place = device if device.startswith("cuda") else "this machine"
    tries = "a smaller size or batch, tiled decoding, or --dtype float16"
    if device.startswith("cuda"):
        tries += ", or --device cpu"
    return OutOfMemory(
        f"out of memory, even after everything idle was unloaded: {asked}, "
        f"{_size(free)} are free on {place}; try {tries}"
    )


def _drop_frames(error: BaseException) -> None:
    """Let go of what the frames of an error hold, which may be most of the memory."""
    seen: set[int] = set()
    stack: list[BaseException | None] = [error]
    while stack:
        one = stack.pop()
        if one is not None and id(one) not in seen:
            seen.add(id(one))
            traceback.clear_frames(one.__traceback__)
            one.__traceback__ = None
            stack.extend((one.__cause__, one.__context__))


def _empty_device_caches() -> None:
    torch: Any = sys.modules.get("torch")
    if torch is None:
        return
    if torch.cuda.is_available() and torch.cuda.is_initialized():
        torch.cuda.empty_cache()
    if torch.backends.mps.is_available():
        torch.mps.empty_cache()


def _size(count: float) -> str:
    for unit in ("bytes", "KiB", "MiB"):
        if count < 1024:
            return f"{count:.0f} {unit}" if unit == "bytes" else f"{count:.1f} {unit}"
        count /= 1024
    return f"{count:.1f} GiB"
