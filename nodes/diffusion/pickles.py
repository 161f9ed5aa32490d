"""Weights in pickle files (.ckpt, .pt, .pth, .bin), read without running what they hold."""

from __future__ import annotations

import pickle
import re
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from nodes.diffusion.errors import LoadError
from nodes.diffusion.headers import named_file

__all__ = ["read_pickle"]

WRAPPERS = ("state_dict", "model", "params_ema", "params")
"""Names under which trainers put the weights beside notes on the training."""
DEEPEST = 4
"""So many dictionaries within each other are looked into."""


class _Note:
    """Stands for what trainers note beside the weights; it is read and left."""

    def __setstate__(self, state: object) -> None:
        """Nothing of it is kept."""


def _number(kind: np.dtype[Any], raw: bytes) -> object:
    """A number of numpy's, as trainers note them."""
    return np.frombuffer(raw, kind)[0]


def read_pickle(path: Path) -> dict[str, Tensor]:
    """The tensors of a pickle file by name, mapped from the file where its format allows.

    Those within dictionaries get names with points (`string_to_param.*`). Raises LoadError for a
    file that is damaged, holds no tensors, or asks for code to be run.
    """
    found: Any = _restricted(path)
    for name in WRAPPERS:
        if isinstance(found, dict) and isinstance(found.get(name), dict):
            found = found[name]
    tensors = dict(_tensors_in(found, ""))
    if not tensors:
        raise LoadError(f"{named_file(path)} holds no tensors")
    return tensors


def _tensors_in(value: Any, name: str, depth: int = 0) -> list[tuple[str, Tensor]]:
    if isinstance(value, Tensor):
        return [(name, value.detach())]
    if not isinstance(value, Mapping | nn.ParameterDict) or depth > DEEPEST:
        return []
    parts = ((f"{name}.{key}" if name else str(key), part) for key, part in value.items())
    return [found for key, part in parts for found in _tensors_in(part, key, depth + 1)]


def _restricted(path: Path) -> object:
    known: list[Any] = [
        (_Note, "pytorch_lightning.callbacks.model_checkpoint.ModelCheckpoint"),
        (_number, "numpy.core.multiarray.scalar"),
        nn.ParameterDict,  # old embeddings have one
        np.dtype,
        type(np.dtype("float64")),
        type(np.dtype("int64")),
    ]
    options: dict[str, Any] = {"map_location": "cpu", "weights_only": True}
    try:
        with torch.serialization.safe_globals(known), warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # on old pickles; what fails is an error
            try:
                return torch.load(path, mmap=True, **options)
            except RuntimeError as error:
                if "mmap" not in str(error):  # files of before 2020 cannot be mapped
                    raise
                return torch.load(path, **options)
    except pickle.UnpicklingError as error:
        raise LoadError(_refused(path, str(error))) from error
    except (RuntimeError, OSError, EOFError, ValueError, TypeError, KeyError, IndexError,
            AttributeError, ImportError, UnicodeDecodeError) as error:  # fmt: skip
        raise LoadError(f"{named_file(path)} is damaged: {_first_line(error)}") from error


def _refused(path: Path, said: str) -> str:
    if "Unsupported" in said or "GLOBAL" in said:
        return (
            f"{named_file(path)} was refused: it holds more than weights, which would run code "
            f"when read ({_asked_for(said)}); get it as .safetensors from a source that you trust"
        )
    return f"{named_file(path)} is damaged: {_first_line(said)}"


def _asked_for(said: str) -> str:
    if named := re.search(r"GLOBAL ([\w.]+)", said):
        return named[1]
    lines = [line.strip() for line in said.splitlines() if "Unsupported" in line]
    return lines[0] if lines else _first_line(said)


def _first_line(said: object) -> str:
    line = next(iter(str(said).splitlines()), "no more is known")
    return line.partition(". ")[0]
