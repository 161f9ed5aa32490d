"""Prompts to embeddings: weights, chunks of the context's length, and the layer to stop at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

import torch
from torch import Tensor

from nodes.diffusion.conditioning import Conditioning, ConditioningEntry
from nodes.diffusion.errors import NotFiniteError
from nodes.diffusion.prompt import parse_weights

if TYPE_CHECKING:
    from transformers import CLIPTextModel, CLIPTokenizer

__all__ = ["TextEncoder", "Token"]

LONG_WORD = 8
"""A word of this many tokens or more may be split over two chunks."""

Token = tuple[int, float]
"""A token's number and its weight."""


@dataclass(frozen=True, eq=False)
class TextEncoder:
    """A CLIP text model and its tokenizer.

    `last_layer` counts from the end: -1 takes the last layer, -2 the one before ("clip skip 2");
    the final layer norm is applied in every case. `device` is where the model computes.
    """

    __opaque__: ClassVar[bool] = True

    model: CLIPTextModel
    tokenizer: CLIPTokenizer
    device: torch.device
    last_layer: int = -1

    def __post_init__(self) -> None:
        layers = self.layers
        if not -layers <= self.last_layer <= -1:
            nearest = max(-layers, min(-1, self.last_layer))
            raise ValueError(
                f"this text encoder has {layers} layers: the last one to use is -{layers} to -1, "
                f"got {self.last_layer} (nearest: {nearest})"
            )

    @property
    def layers(self) -> int:
        return int(self.model.config.num_hidden_layers)

    @property
    def context(self) -> int:
        """Tokens per chunk, the marks of begin and end included (77 for CLIP)."""
        return int(min(self.tokenizer.model_max_length, self.model.config.max_position_embeddings))

    def with_last_layer(self, last_layer: int) -> TextEncoder:
        """A copy that stops at another layer and shares the weights."""
        return replace(self, last_layer=last_layer)

    def tokenize(self, prompt: str) -> list[list[Token]]:
        """Chunks of `context` tokens each; at least one, also for the empty prompt.

        A word goes to the next chunk as a whole unless it is `LONG_WORD` tokens or longer.
        """
        room = self.context - 2
        chunks: list[list[Token]] = [[]]
        for word in self._words(prompt):
            if len(word) < LONG_WORD and len(word) > room - len(chunks[-1]):
                chunks.append([])
            while word:
                free = room - len(chunks[-1])
                if not free:
                    chunks.append([])
                    continue
                chunks[-1].extend(word[:free])
                word = word[free:]
        return [self._framed(chunk) for chunk in chunks]

    def encode(self, prompt: str) -> Conditioning:
        """One entry: `embedding` [1, context * chunks, D] and `pooled` [1, D] of the first chunk.

        A word of weight w != 1 is moved away from the embedding z_0 that its place has in the
        empty prompt: z_0 + w (z - z_0).
        """
        chunks = self.tokenize(prompt)
        weights = torch.tensor([[weight for _, weight in chunk] for chunk in chunks])
        weighted = bool((weights != 1.0).any())
        rows = [*chunks, self._framed([])] if weighted else chunks
        states, pooled = self._run([[token for token, _ in row] for row in rows])
        if weighted:
            empty = states[-1:]
            states = empty + weights[..., None] * (states[:-1] - empty)
        embedding = states.reshape(1, -1, states.shape[-1])
        return Conditioning((ConditioningEntry(embedding=embedding, pooled=pooled[:1].clone()),))

    def _words(self, prompt: str) -> Iterator[list[Token]]:
        for span in parse_weights(prompt):
            for word in span.text.split():
                ids = self.tokenizer(word, add_special_tokens=False)["input_ids"]
                yield [(int(token), span.weight) for token in ids]

    def _framed(self, chunk: list[Token]) -> list[Token]:
        """Begin, the chunk, end, and padding."""
        begin, end, filler = (
            self.tokenizer.bos_token_id,
            self.tokenizer.eos_token_id,
            self.tokenizer.pad_token_id,
        )
        row = [(begin, 1.0), *chunk, (end, 1.0)]
        return row + [(filler, 1.0)] * (self.context - len(row))

    @torch.no_grad()
    def _run(self, rows: list[list[int]]) -> tuple[Tensor, Tensor]:
        """Token ids [n, context] to hidden states [n, context, D] and pooled [n, D], on the CPU."""
        ids = torch.tensor(rows, dtype=torch.long, device=self.device)
        deep = self.last_layer != -1
        output = self.model(input_ids=ids, output_hidden_states=deep)
        states = output.last_hidden_state
        if deep:
            # hidden_states[0] is the embedding and [-1] the last layer, neither of them normed.
            states = self.model.final_layer_norm(output.hidden_states[self.last_layer])
        states, pooled = (part.float().cpu() for part in (states, output.pooler_output))
        if not bool(states.isfinite().all()):
            raise NotFiniteError(
                "the text encoder gave NaN or infinity; try dtype float32, or check the model file"
            )
        return states, pooled
