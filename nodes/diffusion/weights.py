"""Weights from files into networks: everything is checked before memory is taken for it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from pathlib import Path

import torch
from torch import Tensor, nn

from nodes.diffusion.errors import LoadError
from nodes.diffusion.headers import named_file
from nodes.diffusion.ranges import Range, range_of
from nodes.diffusion.resting import rest
from nodes.diffusion.stored import StoredTensor, open_tensors

__all__ = ["check_fit", "fill", "place", "shown_keys"]

FLOATS = ("F64", "F32", "F16", "BF16", "F8_E4M3", "F8_E5M2")
KINDS = (
    ("a LoRA", ("lora",)),
    ("a ControlNet", ("controlnet_", "control_model.")),
    ("a single-file checkpoint", ("model.diffusion_model.", "first_stage_model.")),
    ("a VAE", ("quant_conv", "decoder.conv_in", "decoder.up_blocks")),
    ("a UNet", ("down_blocks.",)),
    ("a text encoder", ("token_embedding",)),
)


def fill(
    model: nn.Module,
    path: Path,
    *,
    expected: str,
    device: torch.device,
    dtype: torch.dtype,
    rename: Callable[[str], str | None] = lambda key: key,
) -> None:
    """Give a model made on the meta device the weights of a file.

    `rename` gives a tensor's name in the model, or None to leave it out. Raises LoadError if the
    file holds another kind of network than `expected` (say "a UNet"), lacks a tensor, has one too
    many or of another shape, or if one is not finite in `dtype`.
    """
    tensors = {
        name: tensor
        for key, tensor in open_tensors(path).items()
        if (name := rename(key)) is not None
    }
    _check_kind(model, path, expected, tensors)
    place(model, tensors, path, device=device, dtype=dtype)


def place(
    model: nn.Module,
    tensors: Mapping[str, StoredTensor],
    path: Path,
    *,
    device: torch.device,
    dtype: torch.dtype,
    asker: str = "config.json",
) -> None:
    """Give a model on the meta device these tensors of the file at `path`, named as in the model.

    They stay in the file until the model is used: see `resting`. `asker` is what the shapes are
    from. Raises LoadError as `fill`.
    """
    check_fit(model, path, tensors, asker)
    state = {name: _checked(path, tensor, dtype) for name, tensor in tensors.items()}
    model.load_state_dict(state, strict=True, assign=True)
    for name, buffer in model.named_buffers():
        if buffer.is_meta:
            raise LoadError(f"{named_file(path)} gives no values for {name}")
    model.requires_grad_(False).eval()
    rest(model, {t.file: None for t in tensors.values() if t.file is not None}, device, dtype)


def shown_keys(keys: Iterable[str], count: int = 3) -> str:
    """The first few names, for a message."""
    some = list(islice(keys, count + 1))
    return ", ".join(some[:count]) + (", ..." if len(some) > count else "")


def _check_kind(
    model: nn.Module, path: Path, expected: str, got: Mapping[str, StoredTensor]
) -> None:
    wanted = model.state_dict()
    if sum(key not in got for key in wanted) > len(wanted) // 2:
        kind = next((kind for kind, marks in KINDS if _has(got, marks)), "something else")
        kind = "another one" if kind == expected else kind
        raise LoadError(
            f"{named_file(path)} should hold {expected} but looks like {kind}: "
            f"its tensors are {shown_keys(got)}"
        )


def check_fit(model: nn.Module, path: Path, got: Mapping[str, StoredTensor], asker: str) -> None:
    wanted = model.state_dict()
    missing = [key for key in wanted if key not in got]
    extra = [got[key].key for key in got if key not in wanted]
    if missing:
        raise LoadError(f"{named_file(path)} lacks {len(missing)} tensors: {shown_keys(missing)}")
    if extra:
        raise LoadError(
            f"{named_file(path)} has {len(extra)} tensors that {asker} has no place for: "
            f"{shown_keys(extra)}"
        )
    for key, tensor in wanted.items():
        if got[key].shape != tuple(tensor.shape):
            raise LoadError(
                f"{named_file(path)}: {got[key].key} is {list(got[key].shape)} and {asker} asks "
                f"for {list(tensor.shape)}"
            )
        if got[key].dtype not in FLOATS:
            raise LoadError(
                f"{named_file(path)}: {got[key].key} is stored as {got[key].dtype}, which is not "
                f"supported; known: {', '.join(sorted(FLOATS))}"
            )


def _has(keys: Iterable[str], marks: tuple[str, ...]) -> bool:
    return any(mark in key for key in keys for mark in marks)


def _checked(path: Path, stored: StoredTensor, dtype: torch.dtype) -> Tensor:
    tensor = stored.read()
    if stored.look is not None and _fits(stored.look(), dtype):
        return tensor
    found = range_of(tensor)
    if not all(map(math.isfinite, found)):
        raise LoadError(
            f"{named_file(path)}: {stored.key} holds NaN or infinity; the file is damaged"
        )
    if not _fits(found, dtype):
        raise LoadError(f"{named_file(path)}: {stored.key} is too large for {dtype}; use float32")
    return tensor


def _fits(found: Range, dtype: torch.dtype) -> bool:
    """Whether numbers of a range are finite in a format; nothing is of a range with NaN."""
    return all(abs(end) <= torch.finfo(dtype).max for end in found)
