"""Self-attention guidance: away from the picture with what the network looks at blurred."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import conv2d, interpolate, pad

from nodes.diffusion.guidance_stage import Predictions, Stage
from nodes.diffusion.noise_schedule import FlowSchedule

__all__ = ["LookedAt", "SelfAttention", "blurred"]

KERNEL = 9
"""Cells; the width of the blur's kernel."""
THRESHOLD = 1.0
"""Places that are looked at more than this are blurred; 1 is the mean of all places."""


@dataclass(frozen=True, eq=False)
class SelfAttention(Stage):
    """guided + scale (blurred - weak), with `weak` denoised from the noisy `blurred`.

    Hong et al. 2023 (arXiv 2210.00939), algorithm 1, in terms of clean latents. `blurred` is what
    the unwanted prompt makes of the latents (equation 25; the wanted one where there is no other),
    blurred by a Gaussian of deviation `sigma` cells where the network looks at. It is for noise
    what the authors say; they know no models of v, for which the same is done.
    """

    strength: float
    sigma: float

    def apply(self, predictions: Predictions) -> Tensor:
        if self.strength == 0:
            return predictions.guided
        unwanted = predictions.uncond is not None
        looking = LookedAt()
        clean = predictions.again(looking, unwanted=unwanted)
        where = interpolate(looking.mask(len(clean)), size=clean.shape[2:]).to(clean)
        degraded = torch.lerp(clean, blurred(clean, self.sigma), where)
        share = 1 - predictions.sigma if isinstance(predictions.schedule, FlowSchedule) else 1.0
        noisy = predictions.x + share * (degraded - clean)
        weak = predictions.again(x=noisy, unwanted=unwanted)
        return predictions.guided + self.strength * (degraded - weak)


def blurred(latents: Tensor, sigma: float) -> Tensor:
    """Latents [B, C, h, w] under a Gaussian kernel of `KERNEL` cells, mirrored at the edges."""
    if sigma == 0:
        return latents
    channels, half = latents.shape[1], KERNEL // 2
    offset = torch.arange(-half, half + 1, dtype=latents.dtype, device=latents.device)
    line = (-0.5 * (offset / sigma) ** 2).exp()
    line = line / line.sum()
    kernel = torch.outer(line, line).expand(channels, 1, -1, -1)
    edge = "reflect" if min(latents.shape[2:]) > half else "replicate"
    return conv2d(pad(latents, (half,) * 4, mode=edge), kernel, groups=channels)


class LookedAt:
    """A hook that sees how much each place is looked at in the middle block of a UNet.

    That is the attention that the places of the first transformer block pay to a place, summed
    over them, in the mean over the heads: 1 on average.
    """

    def __init__(self) -> None:
        self.seen: list[Tensor] = []

    def mask(self, batch: int) -> Tensor:
        """1 where much is looked at [batch, 1, h, w], by the largest call.

        A call may hold several prompts for each picture of the batch, one batch after the other.
        """
        most = max(self.seen, key=lambda found: found[0].numel())
        mean = most.reshape(-1, batch, *most.shape[1:]).mean(0)
        return (mean > THRESHOLD)[:, None].float()

    def attach(self, module: Any) -> Callable[[], None]:
        """Put it on the middle block; its answer stays the same."""
        transformer = module.mid_block.attentions[0]
        attention = transformer.transformer_blocks[0].attn1
        usual = attention.processor
        sums: list[Tensor] = []

        def processor(layer: Any, hidden: Tensor, *more: Any, **named: Any) -> Tensor:
            sums.append(_attention_received(layer, hidden))
            said: Tensor = usual(layer, hidden, *more, **named)
            return said

        def keep(_layer: Any, given: tuple[Tensor, ...], _said: Any) -> None:
            self.seen.append(sums.pop().reshape(-1, *given[0].shape[2:]))

        attention.set_processor(processor)
        handle = transformer.register_forward_hook(keep)

        def detach() -> None:
            handle.remove()
            attention.set_processor(usual)

        return detach


def _attention_received(layer: Any, hidden: Tensor) -> Tensor:
    """What each place [B, n] gets of the attention of all, from hidden states [B, n, C]."""
    query, key = (layer.head_to_batch_dim(part(hidden)) for part in (layer.to_q, layer.to_k))
    shares: Tensor = layer.get_attention_scores(query, key)
    return shares.float().sum(1).reshape(len(hidden), -1, hidden.shape[1]).mean(1)
