"""Blend modes: how the colours of two layers make one."""

from typing import Literal

import torch
from torch import Tensor

__all__ = ["BlendMode", "blend"]

BlendMode = Literal["normal", "multiply", "screen", "overlay", "soft_light", "difference"]


def blend(mode: BlendMode, base: Tensor, layer: Tensor) -> Tensor:
    """The colours of `layer` over `base`, both in 0..1 and of one shape.

    The formulas are those of the W3C's "Compositing and Blending Level 1", section 10, but
    for `difference`, which the field takes as base - layer, not below 0.
    """
    match mode:
        case "normal":
            return layer
        case "multiply":
            return base * layer
        case "screen":
            return _screen(base, layer)
        case "overlay":
            return torch.where(base <= 0.5, 2 * base * layer, _screen(2 * base - 1, layer))
        case "soft_light":
            return _soft_light(base, layer)
        case "difference":
            return (base - layer).clamp(min=0)


def _screen(base: Tensor, layer: Tensor) -> Tensor:
    return 1 - (1 - base) * (1 - layer)


def _soft_light(base: Tensor, layer: Tensor) -> Tensor:
    lifted = torch.where(base <= 0.25, ((16 * base - 12) * base + 4) * base, base.sqrt())
    darker = base - (1 - 2 * layer) * base * (1 - base)
    return torch.where(layer <= 0.5, darker, base + (2 * layer - 1) * (lifted - base))
