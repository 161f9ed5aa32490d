"""Networks that enlarge pictures, from their files."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import ClassVar

import torch
from torch import Tensor
from torch.nn.functional import pad

from nodes.diffusion.errors import LoadError, NotFiniteError
from nodes.diffusion.headers import named_file
from nodes.diffusion.network import Network
from nodes.diffusion.precision import resolve_device, resolve_dtype
from nodes.diffusion.rrdb import RRDBNet
from nodes.diffusion.stored import StoredTensor, open_tensors
from nodes.diffusion.tiles import SMALLEST, tiled
from nodes.diffusion.weights import place, shown_keys

__all__ = ["Upscaler", "load_upscaler"]

WRAPPERS = ("params_ema.", "params.", "state_dict.", "module.", "generator.")
OLDER = {"RRDB_trunk": "body", "trunk_conv": "conv_body", "HRconv": "conv_hr", "upconv": "conv_up"}
FOLDS = {1: 1, 3: 1, 4: 1, 12: 2, 48: 4}
"""Pixels folded into channels, by the channels of the first layer."""
FIRST_TILE = 512


@dataclass(frozen=True, eq=False)
class Upscaler:
    """A network that makes pictures `scale` times as large."""

    __opaque__: ClassVar[bool] = True

    network: Network
    scale: int
    device: torch.device
    dtype: torch.dtype

    @torch.no_grad()
    def enlarge(
        self, pixels: Tensor, tile: int = FIRST_TILE, tick: Callable[[], None] = lambda: None
    ) -> Tensor:
        """Pixels [B, H, W, 3 or 4] to [B, H scale, W scale, 3] in 0..1; alpha is ignored.

        One picture after the other, in tiles of `tile` x `tile` pixels that overlap; in smaller
        ones where memory runs out. Raises NotFiniteError for a result that is not finite.
        """
        made = [self._one(picture[None], tile, tick) for picture in pixels[..., :3].movedim(-1, 1)]
        result = torch.cat(made)
        if not bool(result.isfinite().all()):
            raise NotFiniteError(
                f"the upscaling model gave NaN or infinity in {self.dtype}; try dtype float32"
            )
        return result.clamp(0, 1).movedim(1, -1).contiguous()

    def _one(self, picture: Tensor, tile: int, tick: Callable[[], None]) -> Tensor:
        module = self.network.ready()

        def compute(side: int) -> Tensor:
            return tiled(
                lambda piece: self._piece(module, piece),
                picture,
                tile=(side, side),
                overlap=side // 8,
                scale=Fraction(self.scale),
                tick=tick,
            )

        return self.network.memory.fit(_halves(tile), compute, but=self.network)

    def _piece(self, module: RRDBNet, piece: Tensor) -> Tensor:
        height, width = piece.shape[-2:]
        fold = module.fold
        whole = pad(piece, (0, -width % fold, 0, -height % fold), mode="replicate")
        made = module(whole.to(self.device, self.dtype)).float().cpu()
        answer: Tensor = made[..., : height * self.scale, : width * self.scale]
        return answer


def _halves(tile: int) -> Iterator[int]:
    """Sides of tiles, each half of the one before; none after the first under `SMALLEST`."""
    yield tile
    while tile > SMALLEST:
        tile //= 2
        yield tile


def load_upscaler(path: Path, *, device: str = "cpu", dtype: str = "auto") -> Upscaler:
    """Load a model of the ESRGAN family (.safetensors, .pth), in any of its three layouts.

    Raises LoadError for a file that is damaged or holds another network, with what it looks like.
    """
    target = resolve_device(device)
    precision = resolve_dtype(dtype, target, sensitive=True)
    tensors = _named(path, open_tensors(path))
    with torch.device("meta"):
        model = RRDBNet(**_structure(path, tensors))
    place(model, tensors, path, device=target, dtype=precision, asker="its structure")
    return Upscaler(Network(model, target, precision), model.scale, target, precision)


def _named(path: Path, tensors: Mapping[str, StoredTensor]) -> dict[str, StoredTensor]:
    """By the names of `RRDBNet`."""
    wrapped = next((w for w in WRAPPERS if any(key.startswith(w) for key in tensors)), "")
    bare = {k.removeprefix(wrapped): t for k, t in tensors.items() if k.startswith(wrapped)}
    if {"model.0.weight", "model.1.sub.0.RDB1.conv1.0.weight"} <= bare.keys():
        bare = _from_oldest(bare)
    found = {}
    for key, tensor in bare.items():
        name = re.sub("|".join(OLDER), lambda match: OLDER[match[0]], key)
        found[re.sub(r"\.RDB(\d)\.", r".rdb\1.", name)] = tensor
    if "conv_first.weight" not in found or "body.0.rdb1.conv1.weight" not in found:
        raise LoadError(
            f"{named_file(path)} holds no upscaling model of the ESRGAN family, which is the one "
            f"known here: its tensors are {shown_keys(tensors)}"
        )
    return found


def _from_oldest(bare: Mapping[str, StoredTensor]) -> dict[str, StoredTensor]:
    """From numbered layers: the first, the blocks and theirs, the doublings, the last two."""
    numbers = _numbers(r"model\.(\d+)\.(?:weight|bias)", bare)
    blocks = _numbers(r"model\.1\.sub\.(\d+)\..*", bare)[-1]
    if len(numbers) < 3:
        return {}
    *ups, high, last = numbers[1:]
    names = {f"model.{up}": f"conv_up{place}" for place, up in enumerate(ups, 1)}
    names |= {"model.0": "conv_first", f"model.{high}": "conv_hr", f"model.{last}": "conv_last"}
    names[f"model.1.sub.{blocks}"] = "conv_body"
    found = {}
    for key, tensor in bare.items():
        layer, _, kind = key.rpartition(".")
        inner = re.sub(r"^model\.1\.sub\.(\d+)\.RDB(\d)\.(conv\d)\.0$", r"body.\1.rdb\2.\3", layer)
        found[f"{names.get(layer, inner)}.{kind}"] = tensor
    return found


def _numbers(pattern: str, names: Iterable[str]) -> list[int]:
    """The numbers in the names that are of a kind, rising."""
    found = (re.fullmatch(pattern, name) for name in names)
    return sorted({int(match[1]) for match in found if match})


def _structure(path: Path, tensors: Mapping[str, StoredTensor]) -> dict[str, int]:
    shapes = {name: tensor.shape for name, tensor in tensors.items()}
    try:
        width, channels = shapes["conv_first.weight"][:2]
        outputs = shapes["conv_last.weight"][0]
        growth = shapes["body.0.rdb1.conv1.weight"][0]
        fold = FOLDS[channels]
    except (KeyError, ValueError, IndexError) as error:
        raise LoadError(
            f"{named_file(path)} is an ESRGAN model of a structure that is not known here ({error})"
        ) from error
    if channels // fold**2 != 3 or outputs != 3:
        raise LoadError(
            f"{named_file(path)} enlarges pictures of {channels // fold**2} channels to {outputs}; "
            f"known are models of 3 (colour)"
        )
    count = 1 + _numbers(r"body\.(\d+)\..*", shapes)[-1]
    doublings = sum(bool(re.fullmatch(r"conv_up\d\.weight", name)) for name in shapes)
    if 2**doublings < fold:
        raise LoadError(f"{named_file(path)} makes pictures smaller, not larger")
    return {
        "width": width,
        "growth": growth,
        "blocks": count,
        "doublings": doublings,
        "fold": fold,
    }
