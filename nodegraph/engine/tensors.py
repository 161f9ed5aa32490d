"""The only place in the engine that knows of arrays, tensors and pictures, and it imports none.

A value can only be a tensor if somebody has imported torch already, so `sys.modules` is asked.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

__all__ = [
    "array_buffer",
    "array_kind",
    "array_storage",
    "has_bytes",
    "is_array",
    "is_module",
    "is_picture",
    "make_array",
    "module_storages",
    "picture_bytes",
]


def _known(module: str, name: str) -> Any:
    return getattr(sys.modules.get(module), name, None)


def is_array(value: object) -> bool:
    """Whether the value is a numpy array or a torch tensor."""
    tensor, array = _known("torch", "Tensor"), _known("numpy", "ndarray")
    return (tensor is not None and isinstance(value, tensor)) or (
        array is not None and isinstance(value, array)
    )


def is_module(value: object) -> bool:
    """Whether the value is a torch module."""
    nn = _known("torch", "nn")
    return nn is not None and isinstance(value, nn.Module)


def is_picture(value: object) -> bool:
    """Whether the value is a picture of Pillow."""
    cls = _known("PIL.Image", "Image")
    return cls is not None and isinstance(value, cls)


def picture_bytes(value: Any) -> int:
    """What a picture of Pillow takes in memory once it is loaded."""
    each = {"1": 1, "L": 1, "P": 1, "I;16": 2, "I;16L": 2, "I;16B": 2}.get(value.mode, 4)
    return int(value.width * value.height * each)


def has_bytes(value: Any) -> bool:
    """Whether the array's elements are all there is to it, and lie in memory as plain bytes."""
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(value, torch.Tensor):
        return value.layout is torch.strided and not value.is_meta and not value.is_quantized
    import numpy

    return type(value) in (numpy.ndarray, numpy.memmap) and not value.dtype.hasobject


def array_buffer(value: Any) -> tuple[str, memoryview]:
    """Dtype and shape as text, and the elements as bytes in C order."""
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(value, torch.Tensor):
        head = f"tensor {value.dtype} {tuple(value.shape)}"
        flat = value.detach().cpu().resolve_conj().resolve_neg().contiguous().reshape(-1)
        data = flat.view(torch.uint8).numpy() if flat.numel() else flat.to(torch.uint8).numpy()
    else:
        import numpy

        head = f"array {value.dtype.str} {value.shape}"
        data = numpy.ascontiguousarray(value).reshape(-1).view(numpy.uint8)
    return head, memoryview(data)


def array_storage(value: Any) -> tuple[int, int]:
    """An identity of the memory behind the array, and its size in bytes."""
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(value, torch.Tensor):
        if value.layout != torch.strided:
            return id(value), 0
        storage = value.untyped_storage()
        return storage.data_ptr() or id(storage), storage.nbytes()
    base = value
    while getattr(base, "base", None) is not None and hasattr(base.base, "nbytes"):
        base = base.base
    return id(base), int(base.nbytes)


def module_storages(module: Any) -> Iterator[tuple[int, int]]:
    """The storages of a module's parameters and buffers."""
    for tensor in (*module.parameters(), *module.buffers()):
        yield array_storage(tensor)


def array_kind(value: Any) -> str:
    """Library and element type, such as `torch float32` or `numpy <f4`."""
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(value, torch.Tensor):
        return f"torch {str(value.dtype).removeprefix('torch.')}"
    return f"numpy {value.dtype.str}"


def make_array(kind: str, shape: tuple[int, ...], data: Any) -> Any:
    """An array of a kind, from the flat bytes (a numpy array of uint8) that `array_buffer` gave.

    Raises:
        ValueError: for an unknown kind, or bytes that do not fill the shape.
    """
    library, _, dtype = kind.partition(" ")
    if library == "numpy":
        import numpy

        return data.view(numpy.dtype(dtype)).reshape(shape)
    if library != "torch" or "torch" not in sys.modules:
        raise ValueError(f"unknown kind of array: {kind}")
    torch = sys.modules["torch"]
    element = getattr(torch, dtype, None)
    if not isinstance(element, torch.dtype):
        raise ValueError(f"unknown element type: {dtype}")
    try:
        flat = torch.from_numpy(data)
        return (flat.view(element) if flat.numel() else flat.to(element)).reshape(shape)
    except RuntimeError as error:
        raise ValueError(str(error)) from None
