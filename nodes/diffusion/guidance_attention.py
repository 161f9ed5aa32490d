"""Guidance away from what the same network says with a part of its attention broken."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from torch import Tensor

from nodes.diffusion.guidance_rescale import rescaled
from nodes.diffusion.guidance_stage import Predictions, Stage, Window
from nodes.diffusion.network import Hook
from nodes.diffusion.suggest import pick

__all__ = ["IdentityAttention", "SkippedLayers", "Weakened", "check_middle", "layers_of"]


@dataclass(frozen=True, eq=False)
class Weakened(Stage):
    """guided + scale (cond - weak), with `weak` the prediction of the network under `hook`.

    Perturbed-attention guidance (Ahn et al. 2024, arXiv 2403.17377, equation 16) and skip-layer
    guidance are this with their hooks. `share` in 0..1 rescales the sum to the deviation of `cond`.
    """

    hook: Hook
    strength: float
    window: Window = field(default_factory=Window)
    share: float = 0.0

    def apply(self, predictions: Predictions) -> Tensor:
        level = float(predictions.sigma)
        if self.strength == 0 or not self.window.holds(level, predictions.schedule):
            return predictions.guided
        away = predictions.cond - predictions.again(self.hook)
        guided = predictions.guided + self.strength * away
        return rescaled(guided, predictions.cond, self.share) if self.share else guided


class IdentityAttention:
    """In the middle block each place attends to itself alone: softmax(QK) becomes the identity."""

    def attach(self, module: Any) -> Callable[[], None]:
        """Put it on every self-attention of the middle block."""
        changed = [
            (layer, layer.processor)
            for layer in module.mid_block.modules()
            if hasattr(layer, "to_v") and not layer.is_cross_attention
        ]
        for layer, _ in changed:
            layer.set_processor(_values)

        def detach() -> None:
            for layer, processor in changed:
                layer.set_processor(processor)

        return detach


def _values(attention: Any, hidden: Tensor, *_others: Any, **_more: Any) -> Tensor:
    """A processor of diffusers' `Attention`: the values, projected."""
    out: Tensor = attention.to_out[1](attention.to_out[0](attention.to_v(hidden)))
    return out + hidden if attention.residual_connection else out


def layers_of(module: Any) -> dict[str, list[Any]]:
    """The transformer blocks of a UNet by where they are: `down 0`, ..., `middle`, `up 0`, ..."""
    places = {f"down {index}": block for index, block in enumerate(module.down_blocks)}
    places["middle"] = module.mid_block
    places |= {f"up {index}": block for index, block in enumerate(module.up_blocks)}
    found = {}
    for name, block in places.items():
        transformers = getattr(block, "attentions", None) or []
        layers = [
            layer for each in transformers for layer in getattr(each, "transformer_blocks", [])
        ]
        if layers:
            found[name] = layers
    return found


def check_middle(module: Any) -> None:
    """Raises ValueError for a UNet without attention in its middle, as small distilled ones are."""
    found = layers_of(module)
    if "middle" not in found:
        raise ValueError(
            f"this model has no attention in the middle of its network, which this guidance "
            f"changes; use SkipLayerGuidance with some of its layers: {', '.join(found)}"
        )


@dataclass(frozen=True)
class SkippedLayers:
    """The transformer blocks at these places (of `layers_of`) give back what they are given."""

    places: tuple[str, ...]

    @classmethod
    def named(cls, text: str, module: Any) -> SkippedLayers:
        """From names with commas between them. Raises ValueError for a place that is not there."""
        table = layers_of(module)
        places = tuple(" ".join(part.split()) for part in text.split(",") if part.strip())
        if not places:
            raise ValueError(f"no layers to skip; there are: {', '.join(table)}")
        for place in places:
            pick("place of layers", place, table)
        return cls(places)

    def attach(self, module: Any) -> Callable[[], None]:
        """Put it on every block at the places."""
        table = layers_of(module)
        layers = {id(layer): layer for place in self.places for layer in table[place]}.values()
        for layer in layers:
            layer.forward = _unchanged

        def detach() -> None:
            for layer in layers:
                del layer.forward

        return detach


def _unchanged(hidden_states: Tensor, *_others: Any, **_more: Any) -> Tensor:
    return hidden_states
