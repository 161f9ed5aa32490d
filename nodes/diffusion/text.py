"""Prompts to embeddings, by one CLIP text model or by several side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import torch

from nodes.diffusion.conditioning import Conditioning, ConditioningEntry
from nodes.diffusion.prompt import parse_weights
from nodes.diffusion.prompt_turns import turns
from nodes.diffusion.tower import Chunk, TextTower, Token

__all__ = ["TextEncoder", "Token"]


@dataclass(frozen=True, eq=False)
class TextEncoder:
    """The text models that a family of models reads, their embeddings side by side.

    One for SD1, SD2 and SDXL's refiner, two for SDXL; the pooled embedding is the last one's.
    `last_layer` counts from the end: -1 takes the last layer, -2 the one before ("clip skip 2");
    None takes what the family reads.
    """

    __opaque__: ClassVar[bool] = True

    towers: tuple[TextTower, ...]
    last_layer: int | None = None

    def __post_init__(self) -> None:
        layers = self.layers
        if self.last_layer is not None and not -layers <= self.last_layer <= -1:
            nearest = max(-layers, min(-1, self.last_layer))
            raise ValueError(
                f"this text encoder has {layers} layers: the last one to use is -{layers} to -1, "
                f"got {self.last_layer} (nearest: {nearest})"
            )

    @property
    def layers(self) -> int:
        """How many layers there are to stop at: those of the smallest text model."""
        return min(tower.layers for tower in self.towers)

    @property
    def context(self) -> int:
        """Tokens per chunk, the marks of begin and end included (77 for CLIP)."""
        return self.towers[0].context

    def with_last_layer(self, last_layer: int) -> TextEncoder:
        """A copy that stops at another layer and shares the weights."""
        return replace(self, last_layer=last_layer)

    def map(self, change: Callable[[TextTower], TextTower]) -> TextEncoder:
        """A copy with every text model changed."""
        return replace(self, towers=tuple(change(tower) for tower in self.towers))

    def tokenize(self, prompt: str) -> list[Chunk]:
        """The first text model's chunks of `context` tokens each; at least one."""
        return self.towers[0].chunks(parse_weights(prompt))

    def encode(self, prompt: str, *others: str) -> Conditioning:
        """One entry: `embedding` [1, context * chunks, D] and `pooled` [1, P] of the first chunk.

        D is the sum of the text models' widths. With `others` each text model is given a prompt
        of its own (the last one given also serves those that follow). A prompt that changes while
        a picture is made gives an entry for each of its `turns`. Raises ValueError as `turns`.
        """
        readings = turns(prompt, *others)
        made = {texts: self._encode(texts) for _, texts in readings}
        if len(readings) == 1:
            return Conditioning((made[readings[0][1]],))
        return Conditioning(tuple(replace(made[texts], turn=turn) for turn, texts in readings))

    def _encode(self, prompts: Sequence[str]) -> ConditioningEntry:
        chunks = [
            tower.chunks(parse_weights(prompts[min(place, len(prompts) - 1)]))
            for place, tower in enumerate(self.towers)
        ]
        return self.encode_chunks(chunks).entries[0]

    def encode_chunks(self, chunks: Sequence[Sequence[Chunk]]) -> Conditioning:
        """As `encode`, of each text model's chunks; where one has fewer, empty ones follow."""
        most = max(map(len, chunks))
        answers = []
        for tower, own in zip(self.towers, chunks, strict=True):
            rows = [*own, *[tower.framed([])] * (most - len(own))]
            answers.append(tower.states(rows, self.last_layer))
        embedding = torch.cat([states.flatten(0, 1)[None] for states, _ in answers], dim=-1)
        pooled = answers[-1][1][:1].clone()
        return Conditioning((ConditioningEntry(embedding=embedding, pooled=pooled),))
