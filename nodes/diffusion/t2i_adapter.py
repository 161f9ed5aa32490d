"""T2I-Adapters: small networks that read a picture once and say where what goes.

Mou et al. 2023, "T2I-Adapter" (arXiv 2302.08453). The network is diffusers' T2IAdapter.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from nodes.diffusion.control import ControlNet
from nodes.diffusion.denoiser import Denoiser
from nodes.diffusion.errors import LoadError, ShapeError
from nodes.diffusion.stored import StoredTensor
from nodes.diffusion.told import Residuals, Told

__all__ = ["AdapterNet", "UnsupportedAdapter", "adapter_config", "adapter_names"]

UNSHUFFLED = {64: (1, 8), 192: (3, 8), 256: (1, 16), 768: (3, 16)}
"""Channels of a hint and pixels folded into channels, by the channels of the first layer."""


class UnsupportedAdapter(Exception):
    """An adapter of a kind that is not read here; says which."""


@dataclass(frozen=True, eq=False)
class AdapterNet(ControlNet):
    """Features of a hint, added within the UNet's down blocks; the same at every step."""

    @property
    def factor(self) -> int:
        """See `ControlNet`: hints are as large as the picture."""
        return 8

    @property
    def channels(self) -> int:
        """See `ControlNet`."""
        return int(self.config.in_channels)

    def check(self, denoiser: Denoiser) -> None:
        """See `ControlNet`."""
        widths = tuple(denoiser.config.block_out_channels)
        mine = tuple(self.config.channels)
        large = self.config.adapter_type == "full_adapter_xl"
        if mine[: len(widths)] != widths or large != (denoiser.size_numbers > 0):
            raise ShapeError(
                f"the T2I-Adapter was made for another model: it has levels of {mine} channels "
                f"and this model {widths}; use one of the model's family (SD1, SDXL)"
            )

    def prepared(self, hint: Tensor) -> tuple[Tensor, ...]:
        """See `ControlNet`. Raises ShapeError for sides that the levels cannot halve."""
        module = self.network.ready()
        whole = int(module.total_downscale_factor)
        height, width = hint.shape[-2:]
        if height % whole or width % whole:
            raise ShapeError(
                f"this T2I-Adapter needs pictures whose sides are multiples of {whole}, got "
                f"{width} x {height}"
            )
        with torch.no_grad():
            return tuple(module(hint))

    def residuals(
        self,
        prepared: tuple[Tensor, ...],
        scaled: Tensor,
        time: Tensor,
        told: Told,
        strength: float,
    ) -> Residuals:
        """See `ControlNet`."""
        return Residuals(intra=tuple(part * strength for part in prepared))


def adapter_names(tensors: Mapping[str, StoredTensor]) -> dict[str, str]:
    """From the names in a file to those of T2IAdapter; empty for what is none.

    Raises UnsupportedAdapter for light ones.

    The original layout numbers the residual blocks of all levels in a row, two a level.
    """
    if "adapter.body.0.in_conv.weight" in tensors and "adapter.conv_in.weight" not in tensors:
        raise UnsupportedAdapter("a light T2I-Adapter, which is not supported: use the full one")
    if "adapter.conv_in.weight" in tensors:
        return {name: name for name in tensors}
    if "conv_in.weight" not in tensors or "body.0.block1.weight" not in tensors:
        return {}
    return {name: _modern(name) for name in tensors}


def _modern(name: str) -> str:
    found = re.fullmatch(r"body\.(\d+)\.(block\d|in_conv)\.(weight|bias)", name)
    if found is None:
        return f"adapter.{name}"
    level, place = divmod(int(found[1]), 2)
    inner = found[2] if found[2] == "in_conv" else f"resnets.{place}.{found[2]}"
    return f"adapter.body.{level}.{inner}.{found[3]}"


def adapter_config(path: Path, named: Mapping[str, StoredTensor]) -> dict[str, Any]:
    """What T2IAdapter is made of, by the shapes of its tensors. Raises LoadError for others."""
    shape = named["adapter.conv_in.weight"].shape
    width, seen = shape[:2] if len(shape) == 4 else (0, 0)
    levels = [re.match(r"adapter\.body\.(\d+)\.resnets\.(\d+)\.", name) for name in named]
    places = {(int(found[1]), int(found[2])) for found in levels if found}
    if seen not in UNSHUFFLED or not places:
        raise LoadError(f"{path.name} is a T2I-Adapter of a structure that is not known here")
    inputs, fold = UNSHUFFLED[seen]
    channels = [width]
    for level in range(1, 1 + max(level for level, _ in places)):
        conv = named.get(f"adapter.body.{level}.in_conv.weight")
        channels.append(channels[-1] if conv is None else conv.shape[0])
    return {
        "in_channels": inputs,
        "channels": channels,
        "num_res_blocks": 1 + max(place for _, place in places),
        "downscale_factor": fold,
        "adapter_type": "full_adapter_xl" if fold == 16 else "full_adapter",
    }
