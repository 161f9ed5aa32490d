"""The least and the greatest number of tensors: whether any is infinite, NaN, or too large.

To know that all of a file must be looked at. It is done in a thread of its own while networks are
built, which takes about as long.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from threading import Event, Thread
from typing import Any

import numpy as np
import torch
from torch import Tensor

from nodes.diffusion.headers import TensorInfo
from nodes.diffusion.stored import DTYPES, StoredTensor

__all__ = ["Range", "looked_through", "range_of"]

Range = tuple[float, float]

LARGEST = 1 << 30
"""Bytes that are looked at at once, between which it may be stopped."""
INTEGERS = {1: torch.int8, 2: torch.int16, 4: torch.int32, 8: torch.int64}


def range_of(tensor: Tensor) -> Range:
    """The number furthest below 0 and the one furthest above; NaN and infinity are beyond all.

    Floating-point numbers of one sign are in order as integers of their bits: with two maxima
    nothing is converted, no thread of torch's is woken, and others may work meanwhile.
    """
    if not tensor.numel():
        return 0.0, 0.0
    signed: Any = tensor.contiguous().view(-1).view(INTEGERS[tensor.itemsize]).numpy()
    unsigned = signed.view(f"u{tensor.itemsize}")
    # Those below 0 have the sign's bit, so that they are above all others without sign.
    bits = np.array([unsigned.max().astype(signed.dtype), signed.max()])
    low, high = torch.from_numpy(bits).view(tensor.dtype).double().tolist()
    return low, high


@contextmanager
def looked_through(
    tensors: Mapping[str, StoredTensor], wanted: Callable[[str], bool]
) -> Iterator[dict[str, StoredTensor]]:
    """Tensors, those with `wanted` names being looked through meanwhile.

    Their `look` waits until that was done, and then knows a range that theirs lies in. It ends
    with the context.
    """
    look = _Look({key: tensor for key, tensor in tensors.items() if wanted(key)})
    try:
        yield {
            key: replace(tensor, look=partial(look.range, key)) if key in look.tensors else tensor
            for key, tensor in tensors.items()
        }
    finally:
        look.stop()


class _Look:
    """A walk through tensors in a thread; what lies side by side in a file is looked at at once."""

    def __init__(self, tensors: Mapping[str, StoredTensor]) -> None:
        self.tensors = tensors
        self._found: dict[str, Range] = {}
        self._error: BaseException | None = None
        self._stopped = Event()
        self._thread = Thread(target=self._walk, name="looking through weights", daemon=True)
        self._thread.start()

    def range(self, key: str) -> Range:
        """What was found for a tensor and its neighbours, when all was looked through."""
        self._thread.join()
        if self._error is not None:
            raise self._error
        return self._found[key]

    def stop(self) -> None:
        """Look no further."""
        self._stopped.set()
        self._thread.join()

    def _walk(self) -> None:
        try:
            for keys, whole in _neighbours(self.tensors):
                if self._stopped.is_set():
                    return
                self._found |= dict.fromkeys(keys, range_of(whole))
        except Exception as error:  # told in the thread that asks
            self._error = error


def _neighbours(tensors: Mapping[str, StoredTensor]) -> Iterator[tuple[list[str], Tensor]]:
    """Tensors of one format that lie side by side in a file, as one; others by themselves."""
    keys: list[str] = []
    # What is stored in a format that nobody knows is told of where it is asked for.
    known = [key for key, tensor in tensors.items() if tensor.dtype in DTYPES]
    for key in sorted(known, key=lambda key: tensors[key].span):
        if keys and not _adjoin(tensors[keys[-1]], tensors[key], tensors[keys[0]].span[0]):
            yield keys, _together([tensors[key] for key in keys])
            keys = []
        keys.append(key)
    if keys:
        yield keys, _together([tensors[key] for key in keys])


def _adjoin(one: StoredTensor, next_one: StoredTensor, start: int) -> bool:
    alike = one.file is next_one.file is not None and one.dtype == next_one.dtype
    return alike and one.span[1] == next_one.span[0] and next_one.span[1] - start < LARGEST


def _together(tensors: Sequence[StoredTensor]) -> Tensor:
    first, last = tensors[0], tensors[-1]
    if first.file is None or len(tensors) == 1:
        return first.read()
    span = first.span[0], last.span[1]
    count = (span[1] - span[0]) // DTYPES[first.dtype].itemsize
    return first.file.tensor(TensorInfo(first.dtype, (count,), span), DTYPES[first.dtype])
