"""What safetensors files say of themselves at their beginning: read in milliseconds."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from math import prod
from pathlib import Path
from typing import Any

from nodes.diffusion.errors import LoadError

__all__ = ["TensorInfo", "named_file", "read_header", "read_json", "read_metadata", "stranger"]

LARGEST_HEADER = 100 * 2**20
BITS = {
    "F64": 64, "F32": 32, "F16": 16, "BF16": 16, "F8_E4M3": 8, "F8_E5M2": 8,
    "I64": 64, "I32": 32, "I16": 16, "I8": 8, "U64": 64, "U32": 32, "U16": 16, "U8": 8, "BOOL": 8,
}  # fmt: skip
"""Bits of a number of each type; types that are not here are not checked for their size."""
STRANGERS = {
    b"PK": "a zip or pickle file",
    b"\x80": "a pickle file",
    b"<": "a web page",
    b"version https://git-lfs": "a Git LFS pointer (the file itself was not fetched)",
    b"GGUF": "a GGUF file",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
}


@dataclass(frozen=True)
class TensorInfo:
    """What the header says of one tensor; `dtype` in safetensors' words (F32, BF16, ...).

    `span` is where its bytes lie in the file.
    """

    dtype: str
    shape: tuple[int, ...]
    span: tuple[int, int] = field(default=(0, 0), compare=False)


def read_json(path: Path) -> dict[str, Any]:
    """The JSON object in a file; LoadError if there is none."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise LoadError(f"{named_file(path)} is missing") from error
    except (OSError, ValueError, RecursionError) as error:
        raise LoadError(f"{named_file(path)} is not readable as JSON: {error}") from error
    if not isinstance(found, dict):
        raise LoadError(f"{named_file(path)} must hold a JSON object, got {type(found).__name__}")
    return found


def read_header(path: Path) -> dict[str, TensorInfo]:
    """The tensors of a safetensors file by name, from its header alone.

    Raises LoadError if the file is missing, empty, truncated or of another format.
    """
    size = _size(path)
    header, length = _raw_header(path, size)
    try:
        tensors = {
            key: _info(entry, 8 + length) for key, entry in header.items() if key != "__metadata__"
        }
    except (ValueError, TypeError, KeyError, IndexError, AttributeError) as error:
        raise LoadError(f"{named_file(path)} has a damaged header: {error}") from error
    end = max((info.span[1] for info in tensors.values()), default=0)
    if size < end:
        raise LoadError(
            f"{named_file(path)} is truncated: {end - size} of {end - 8 - length} bytes are missing"
        )
    if not tensors:
        raise LoadError(f"{named_file(path)} holds no tensors")
    return tensors


def read_metadata(path: Path) -> dict[str, str]:
    """What a safetensors file's maker wrote beside the tensors; LoadError as `read_header`."""
    found = _raw_header(path, _size(path))[0].get("__metadata__")
    entries = found.items() if isinstance(found, dict) else ()
    return {key: value for key, value in entries if isinstance(value, str)}


def named_file(path: Path) -> str:
    """A file with the folder it is in: enough to find it, short enough to read."""
    return f"{path.parent.name}/{path.name}"


def stranger(start: bytes) -> str | None:
    """What a file is that begins so, if it is one of those often taken for weights."""
    return next((what for magic, what in STRANGERS.items() if start.startswith(magic)), None)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError as error:
        raise LoadError(f"{named_file(path)} cannot be read: {error.strerror}") from error


def _raw_header(path: Path, size: int) -> tuple[dict[str, Any], int]:
    """The header and its length in bytes."""
    try:
        with path.open("rb") as file:
            start = file.read(64)
            length = int.from_bytes(start[:8], "little")
            if not 2 <= length <= min(size - 8, LARGEST_HEADER) or start[8:9] != b"{":
                raise LoadError(_no_header(path, start, size, length))
            file.seek(8)
            header: dict[str, Any] = json.loads(file.read(length))
    except OSError as error:
        raise LoadError(f"{named_file(path)} cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        if isinstance(error, LoadError):
            raise
        raise LoadError(f"{named_file(path)} has a damaged header: {error}") from error
    return header, length


def _info(entry: Any, offset: int) -> TensorInfo:
    dtype, shape = str(entry["dtype"]), tuple(int(side) for side in entry["shape"])
    first, last = (int(place) for place in entry["data_offsets"])
    bits = BITS.get(dtype)
    if min(shape, default=0) < 0 or not 0 <= first <= last:
        raise ValueError(f"a tensor of shape {list(shape)} from byte {first} to {last}")
    if bits is not None and (last - first) * 8 != prod(shape) * bits:
        raise ValueError(f"{last - first} bytes for a tensor {dtype} {list(shape)}")
    return TensorInfo(dtype, shape, (offset + first, offset + last))


def _no_header(path: Path, start: bytes, size: int, length: int) -> str:
    if not size:
        return f"{named_file(path)} is empty"
    if what := stranger(start):
        return f"{named_file(path)} is no safetensors file but {what}"
    if start[8:9] == b"{" and size - 8 < length <= LARGEST_HEADER:
        return f"{named_file(path)} is truncated: it ends within its header"
    return f"{named_file(path)} is no safetensors file"
