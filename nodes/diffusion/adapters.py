"""What LoRA files add to a weight: low-rank factors of several kinds, in float32.

Factors are kept as the file has them and multiplied out when a weight is patched. Every `matrix`
is [out, in * kh * kw], whatever the shape of the weight.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from math import sqrt
from typing import Any, Protocol, TypeVar

import torch
from torch import Tensor

__all__ = ["Adapter", "Change", "Full", "Hadamard", "Kronecker", "LowRank", "adapter_of", "on"]

T = TypeVar("T")
Parts = dict[str, Tensor]


class Adapter(Protocol):
    """A change of a weight."""

    def matrix(self) -> Tensor:
        """What is added, [out, in * kh * kw] or, for a bias, [out]; float32 where it can be."""
        ...


@dataclass(frozen=True, eq=False)
class Full:
    """The whole difference, of the weight's own shape."""

    diff: Tensor
    scale: float = 1.0

    def matrix(self) -> Tensor:
        return self.scale * (self.diff.flatten(1) if self.diff.ndim > 1 else self.diff).float()


@dataclass(frozen=True, eq=False)
class LowRank:
    """scale * up @ down (Hu et al. 2021, arXiv 2106.09685), for convolutions with a core, too.

    `down` is [r, in, ...] and `up` [out, r, ...]; the core `mid` [r, r, kh, kw] stands between
    them (a Tucker decomposition, as LyCORIS has it; Yeh et al. 2023, arXiv 2309.14859).
    """

    down: Tensor
    up: Tensor
    scale: float
    mid: Tensor | None = None

    def matrix(self) -> Tensor:
        up, down = self.up.float().flatten(1), self.down.float().flatten(1)
        if self.mid is None:
            return self.scale * (up @ down)
        made = torch.einsum("op,pqkl,qi->oikl", up, self.mid.float(), down)
        return self.scale * made.flatten(1)


@dataclass(frozen=True, eq=False)
class Hadamard:
    """scale * (w1_a @ w1_b) * (w2_a @ w2_b), LoHa (Hyeon-Woo et al. 2021, arXiv 2108.06098).

    `a` is [out, r] and `b` [r, in * kh * kw]; with a core [r, r, kh, kw] `a` is [r, out].
    """

    a1: Tensor
    b1: Tensor
    a2: Tensor
    b2: Tensor
    scale: float
    core1: Tensor | None = None
    core2: Tensor | None = None

    def matrix(self) -> Tensor:
        one, two = _product(self.a1, self.b1, self.core1), _product(self.a2, self.b2, self.core2)
        return self.scale * (one * two).flatten(1)


@dataclass(frozen=True, eq=False)
class Kronecker:
    """scale * the Kronecker product of `one` and `two`, LoKr (LyCORIS, arXiv 2309.14859).

    Each is given whole or as factors (a, b, core) as in `Hadamard`.
    """

    one: tuple[Tensor, ...]
    two: tuple[Tensor, ...]
    scale: float

    def matrix(self) -> Tensor:
        one, two = _whole(self.one), _whole(self.two).contiguous()
        one = one.reshape(*one.shape, *[1] * (two.ndim - one.ndim))
        made = torch.kron(one, two)
        return self.scale * made.reshape(made.shape[0], -1)


@dataclass(frozen=True, eq=False)
class Change:
    """An adapter for one parameter, and for DoRA the `magnitude` of what comes out.

    DoRA (Liu et al. 2024, arXiv 2402.09353) gives every row (or, where `magnitude` has a number
    for each input channel, every column) of the changed weight a norm of its own.
    """

    adapter: Adapter
    magnitude: Tensor | None = None

    def applied(self, weight: Tensor, strength: float) -> Tensor:
        """`weight`, float32 of any shape, changed by `strength` of the way."""
        change = on(self, weight.device)
        made = weight + change.adapter.matrix().reshape(weight.shape) * (
            strength if change.magnitude is None else 1.0
        )
        if change.magnitude is None:
            return made
        return torch.lerp(weight, _with_norms(made, change.magnitude.float()), strength)


def on(value: T, device: torch.device | str) -> T:
    """A dataclass with the tensors in it on a device."""
    moved: dict[str, Any] = {}
    for field in fields(value):  # type: ignore[arg-type]
        part = getattr(value, field.name)
        if isinstance(part, Tensor):
            moved[field.name] = part.to(device)
        elif isinstance(part, tuple):
            moved[field.name] = tuple(each.to(device) for each in part)
        elif hasattr(part, "__dataclass_fields__"):
            moved[field.name] = on(part, device)
    return replace(value, **moved)  # type: ignore[type-var]


def adapter_of(parts: Parts, alpha: float | None = None, *, stabilised: bool = False) -> Adapter:
    """The adapter that a file's `parts` make, by their LyCORIS names (lora_down, hada_w1_a, ...).

    The scale is alpha / rank, `alpha` where the parts say nothing, and 1 where nobody does;
    `stabilised` divides by the root of the rank (rsLoRA, arXiv 2312.03732). Raises KeyError for a
    part that is missing.
    """
    if "alpha" in parts:
        alpha = float(parts["alpha"].float())

    def scale(rank: int) -> float:
        return 1.0 if alpha is None else alpha / (sqrt(rank) if stabilised else rank)

    if "lora_down" in parts or "lora_up" in parts:
        down, up = parts["lora_down"], parts["lora_up"]
        return LowRank(down, up, scale(down.shape[0]), parts.get("lora_mid"))
    if any(name.startswith("hada_") for name in parts):
        a1, b1, a2, b2 = (parts[f"hada_{name}"] for name in ("w1_a", "w1_b", "w2_a", "w2_b"))
        cores = parts.get("hada_t1"), parts.get("hada_t2")
        return Hadamard(a1, b1, a2, b2, scale(b1.shape[0]), *cores)
    if any(name.startswith("lokr_") for name in parts):
        factored = [name for name in ("lokr_w1_b", "lokr_w2_b") if name in parts]
        rank = parts[factored[0]].shape[0] if factored else 0
        return Kronecker(_factors(parts, "w1"), _factors(parts, "w2"), scale(rank) if rank else 1.0)
    return Full(parts["diff"])


def _factors(parts: Parts, name: str) -> tuple[Tensor, ...]:
    if f"lokr_{name}" in parts:
        return (parts[f"lokr_{name}"],)
    core = parts.get("lokr_t2") if name == "w2" else None
    pair = (parts[f"lokr_{name}_a"], parts[f"lokr_{name}_b"])
    return pair if core is None else (*pair, core)


def _whole(factors: tuple[Tensor, ...]) -> Tensor:
    return factors[0].float() if len(factors) == 1 else _product(*factors)


def _product(a: Tensor, b: Tensor, core: Tensor | None = None) -> Tensor:
    if core is None:
        return a.float() @ b.float()
    return torch.einsum("pqkl,po,qi->oikl", core.float(), a.float(), b.float())


def _with_norms(weight: Tensor, magnitude: Tensor) -> Tensor:
    """The rows of `weight` [out, in, ...], or its columns, made as long as `magnitude` says."""
    axis = 0 if magnitude.shape[0] == weight.shape[0] else 1
    others = [at for at in range(weight.ndim) if at != axis]
    norms = torch.linalg.vector_norm(weight, dim=others, keepdim=True)
    scaled: Tensor = weight * (magnitude.reshape(norms.shape) / norms.clamp(min=1e-12))
    return scaled
