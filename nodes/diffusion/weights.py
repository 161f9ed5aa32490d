"""Weights files into networks: everything is checked before memory is taken for it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor, nn

from nodes.diffusion.errors import LoadError

__all__ = ["TensorInfo", "fill", "read_header", "read_json", "shown_keys"]

LARGEST_HEADER = 100 * 2**20
FLOATS = {"F64", "F32", "F16", "BF16"}
STRANGERS = {
    b"PK": "a zip or pickle file",
    b"\x80": "a pickle file",
    b"<": "a web page",
    b"version https://git-lfs": "a Git LFS pointer (the file itself was not fetched)",
    b"GGUF": "a GGUF file",
}
KINDS = (
    ("a LoRA", ("lora",)),
    ("a ControlNet", ("controlnet_", "control_model.")),
    ("a single-file checkpoint", ("model.diffusion_model.", "first_stage_model.")),
    ("a VAE", ("quant_conv", "decoder.conv_in", "decoder.up_blocks")),
    ("a UNet", ("down_blocks.",)),
    ("a text encoder", ("token_embedding",)),
)


@dataclass(frozen=True)
class TensorInfo:
    """What the header says of one tensor; `dtype` in safetensors' words (F32, BF16, ...)."""

    dtype: str
    shape: tuple[int, ...]


def read_json(path: Path) -> dict[str, Any]:
    """The JSON object in a file; LoadError if there is none."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise LoadError(f"{_named(path)} is missing") from error
    except (OSError, ValueError, RecursionError) as error:
        raise LoadError(f"{_named(path)} is not readable as JSON: {error}") from error
    if not isinstance(found, dict):
        raise LoadError(f"{_named(path)} must hold a JSON object, got {type(found).__name__}")
    return found


def read_header(path: Path) -> dict[str, TensorInfo]:
    """The tensors of a safetensors file by name, from its header alone.

    Raises LoadError if the file is missing, empty, truncated or of another format.
    """
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            start = file.read(64)
            length = int.from_bytes(start[:8], "little")
            if not 2 <= length <= min(size - 8, LARGEST_HEADER) or start[8:9] != b"{":
                raise LoadError(_no_header(path, start, size, length))
            file.seek(8)
            header = json.loads(file.read(length))
        entries = {key: value for key, value in header.items() if key != "__metadata__"}
        end = max((entry["data_offsets"][1] for entry in entries.values()), default=0)
        tensors = {
            key: TensorInfo(str(entry["dtype"]), tuple(int(side) for side in entry["shape"]))
            for key, entry in entries.items()
        }
    except OSError as error:
        raise LoadError(f"{_named(path)} cannot be read: {error.strerror}") from error
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError) as error:
        if isinstance(error, LoadError):
            raise
        raise LoadError(f"{_named(path)} has a damaged header: {error}") from error
    if size - 8 - length < end:
        raise LoadError(
            f"{_named(path)} is truncated: {end - (size - 8 - length)} of {end} bytes are missing"
        )
    if not tensors:
        raise LoadError(f"{_named(path)} holds no tensors")
    return tensors


def fill(
    model: nn.Module,
    path: Path,
    *,
    expected: str,
    device: torch.device,
    dtype: torch.dtype,
    rename: Callable[[str], str | None] = lambda key: key,
) -> None:
    """Give a model made on the meta device the weights of a safetensors file.

    `rename` gives a tensor's name in the model, or None to leave it out. Raises LoadError if the
    file holds another kind of network than `expected` (say "a UNet"), lacks a tensor, has one too
    many or of another shape, or if one is not finite in `dtype`.
    """
    header = read_header(path)
    names = {key: name for key in header if (name := rename(key)) is not None}
    _check_fit(model, path, expected, {name: header[key] for key, name in names.items()})
    try:
        with safe_open(path, framework="pt") as file:
            state = {
                name: _converted(path, key, file.get_tensor(key), device, dtype)
                for key, name in names.items()
            }
    except SafetensorError as error:
        raise LoadError(f"{_named(path)} is damaged: {error}") from error
    model.load_state_dict(state, strict=True, assign=True)
    for name, buffer in model.named_buffers():
        if buffer.is_meta:
            raise LoadError(f"{_named(path)} gives no values for {name}")
    model.requires_grad_(False).eval()


def shown_keys(keys: Iterable[str], count: int = 3) -> str:
    """The first few names, for a message."""
    some = list(islice(keys, count + 1))
    return ", ".join(some[:count]) + (", ..." if len(some) > count else "")


def _named(path: Path) -> str:
    """A file with the folder it is in: enough to find it, short enough to read."""
    return f"{path.parent.name}/{path.name}"


def _no_header(path: Path, start: bytes, size: int, length: int) -> str:
    if not size:
        return f"{_named(path)} is empty"
    for magic, what in STRANGERS.items():
        if start.startswith(magic):
            return f"{_named(path)} is no safetensors file but {what}"
    if start[8:9] == b"{" and size - 8 < length <= LARGEST_HEADER:
        return f"{_named(path)} is truncated: it ends within its header"
    return f"{_named(path)} is no safetensors file"


def _check_fit(model: nn.Module, path: Path, expected: str, got: dict[str, TensorInfo]) -> None:
    wanted = model.state_dict()
    missing = [key for key in wanted if key not in got]
    extra = [key for key in got if key not in wanted]
    if len(missing) > len(wanted) // 2:
        kind = next((kind for kind, marks in KINDS if _has(got, marks)), "something else")
        kind = "another one" if kind == expected else kind
        raise LoadError(
            f"{_named(path)} should hold {expected} but looks like {kind}: "
            f"its tensors are {shown_keys(got)}"
        )
    if missing:
        raise LoadError(f"{_named(path)} lacks {len(missing)} tensors: {shown_keys(missing)}")
    if extra:
        raise LoadError(
            f"{_named(path)} has {len(extra)} tensors that config.json has no place for: "
            f"{shown_keys(extra)}"
        )
    for key, tensor in wanted.items():
        if got[key].shape != tuple(tensor.shape):
            raise LoadError(
                f"{_named(path)}: {key} is {list(got[key].shape)} and config.json asks for "
                f"{list(tensor.shape)}"
            )
        if got[key].dtype not in FLOATS:
            raise LoadError(
                f"{_named(path)}: {key} is stored as {got[key].dtype}, which is not supported; "
                f"known: {', '.join(sorted(FLOATS))}"
            )


def _has(keys: Iterable[str], marks: tuple[str, ...]) -> bool:
    return any(mark in key for key in keys for mark in marks)


def _converted(
    path: Path, key: str, stored: Tensor, device: torch.device, dtype: torch.dtype
) -> Tensor:
    """A copy, never a view of the file, which may change under us."""
    tensor = stored.to(device, dtype, copy=True)
    if not bool(tensor.isfinite().all()):
        if bool(stored.isfinite().all()):
            raise LoadError(f"{_named(path)}: {key} is too large for {dtype}; use float32")
        raise LoadError(f"{_named(path)}: {key} holds NaN or infinity; the file is damaged")
    return tensor
