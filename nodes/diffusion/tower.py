"""One CLIP text model with its tokenizer: a prompt to chunks of tokens to hidden states."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

import torch
from torch import Tensor

from nodes.diffusion.errors import NotFiniteError
from nodes.diffusion.network import Hook, Network, WeightPatch
from nodes.diffusion.prompt import Span

if TYPE_CHECKING:
    from transformers import CLIPTokenizer

__all__ = ["Chunk", "TextTower", "Token"]

MARK = "embedding:"
BREAK = "BREAK"
"""Ends a chunk, so that what stands on either side is read apart."""
LONG_WORD = 8
"""A word of this many tokens or more may be split over two chunks."""

Token = tuple[int, float]
"""A token's number and its weight; numbers beyond the vocabulary are vectors of embeddings."""
Chunk = list[Token]
"""`context` tokens: begin, words, end, padding."""
NEW_CHUNK: Token = (-1, 0.0)
"""In the place of a word: a chunk ends."""


@dataclass(frozen=True, eq=False)
class TextTower:
    """A CLIP text model and its tokenizer.

    Attributes:
        network: transformers' CLIPTextModel, or CLIPTextModelWithProjection, whose pooled
            embedding is projected.
        device: where it computes.
        usual_layer: the layer that its family reads, from the end: -1 is the last.
        norm_early: whether the final layer norm is applied to layers before the last.
        norm_last: whether it is applied to the last one.
        padding: the token that fills chunks; None takes the tokenizer's.
        vectors: embeddings [n, D] that take the places of tokens, by the name that stands for them
            in a prompt, as in `embedding:name`.
        weights, hooks: what this value changes of the network that it shares with others.
    """

    __opaque__: ClassVar[bool] = True

    network: Network
    tokenizer: CLIPTokenizer
    device: torch.device
    usual_layer: int = -1
    norm_early: bool = True
    norm_last: bool = True
    padding: int | None = None
    vectors: Mapping[str, Tensor] = field(default_factory=dict)
    weights: tuple[WeightPatch, ...] = ()
    hooks: tuple[Hook, ...] = ()

    @property
    def config(self) -> Any:
        """The configuration of the text model."""
        return self.network.module.config

    @property
    def layers(self) -> int:
        return int(self.config.num_hidden_layers)

    @property
    def width(self) -> int:
        """The width D of the hidden states."""
        return int(self.config.hidden_size)

    @property
    def context(self) -> int:
        """Tokens per chunk, the marks of begin and end included (77 for CLIP)."""
        return int(min(self.tokenizer.model_max_length, self.config.max_position_embeddings))

    def chunks(self, spans: Sequence[Span]) -> list[Chunk]:
        """Chunks of `context` tokens each; at least one, also for the empty prompt.

        A word goes to the next chunk as a whole unless it is `LONG_WORD` tokens or longer; `BREAK`
        begins a chunk.
        """
        room = self.context - 2
        chunks: list[Chunk] = [[]]
        for word in self._words(spans):
            if word == [NEW_CHUNK]:
                chunks.append([])
                continue
            if len(word) < LONG_WORD and len(word) > room - len(chunks[-1]):
                chunks.append([])
            while word:
                free = room - len(chunks[-1])
                if not free:
                    chunks.append([])
                    continue
                chunks[-1].extend(word[:free])
                word = word[free:]
        return [self.framed(chunk) for chunk in chunks]

    def framed(self, chunk: Chunk) -> Chunk:
        """Begin, the chunk, end, and padding."""
        begin, end = self.tokenizer.bos_token_id, self.tokenizer.eos_token_id
        filler = self.tokenizer.pad_token_id if self.padding is None else self.padding
        row = [(begin, 1.0), *chunk, (end, 1.0)]
        return row + [(filler, 1.0)] * (self.context - len(row))

    def states(self, chunks: Sequence[Chunk], layer: int | None = None) -> tuple[Tensor, Tensor]:
        """Hidden states [n, context, D] of a layer and pooled embeddings [n, P], on the CPU.

        A token of weight w != 1 is moved away from the embedding z_0 that its place has in the
        empty prompt: z_0 + w (z - z_0).
        """
        weights = torch.tensor([[weight for _, weight in chunk] for chunk in chunks])
        weighted = bool((weights != 1.0).any())
        rows = [*chunks, self.framed([])] if weighted else chunks
        states, pooled = self._run([[token for token, _ in row] for row in rows], layer)
        if weighted:
            empty = states[-1:]
            states = empty + weights[..., None] * (states[:-1] - empty)
        return states, pooled

    def _words(self, spans: Sequence[Span]) -> Iterator[Chunk]:
        for span in spans:
            for word in self._pieces(span.text):
                if word == BREAK:
                    yield [NEW_CHUNK]
                    continue
                yield [(token, span.weight) for token in self._ids(word)]

    def _pieces(self, text: str) -> list[str]:
        """The words of a text, embeddings apart from what is written on to them."""
        if not self.vectors:
            return text.split()
        names = "|".join(map(re.escape, sorted(self.vectors, key=len, reverse=True)))
        return " ".join(re.split(rf"({MARK}(?:{names}))", text)).split()

    def _ids(self, word: str) -> list[int]:
        """Its tokens; vectors are numbered on from the vocabulary's end, in their order."""
        name = word.removeprefix(MARK)
        if name == word or name not in self.vectors:
            ids = self.tokenizer(word, add_special_tokens=False)["input_ids"]
            return [int(token) for token in ids]
        first = int(self.config.vocab_size)
        for known, vectors in self.vectors.items():
            if known == name:
                break
            first += len(vectors)
        return list(range(first, first + len(self.vectors[name])))

    @torch.no_grad()
    def _run(self, rows: list[list[int]], layer: int | None) -> tuple[Tensor, Tensor]:
        """Token ids [n, context] to hidden states [n, context, D] and pooled [n, P], on the CPU."""
        ids = torch.tensor(rows, dtype=torch.long, device=self.device)
        place = self.usual_layer if layer is None else layer
        model = self.network.ready(self.weights, self.hooks)
        last = place == -1
        usual = last and self.norm_last
        with self._placed(model, ids) as plain:
            output = model(input_ids=plain, output_hidden_states=not usual)
        if usual:
            states = output.last_hidden_state
        else:
            # hidden_states[0] is the embedding and [-1] the last layer, neither of them normed.
            states = output.hidden_states[place]
            if self.norm_early and not last:
                states = getattr(model, "text_model", model).final_layer_norm(states)
        pooled = output.text_embeds if hasattr(output, "text_embeds") else output.pooler_output
        states, pooled = (part.float().cpu() for part in (states, pooled))
        if not bool(states.isfinite().all()):
            raise NotFiniteError(
                "the text encoder gave NaN or infinity; try dtype float32, or check the model file"
            )
        return states, pooled

    @contextmanager
    def _placed(self, model: Any, ids: Tensor) -> Iterator[Tensor]:
        """The tokens for a call in which vectors stand in their places.

        There the text model is shown the begin token, which is never taken for the end.
        """
        own = ids >= int(self.config.vocab_size)
        if not bool(own.any()):
            yield ids
            return
        table = torch.cat([vectors.to(self.device) for vectors in self.vectors.values()])
        rows = table[ids[own] - int(self.config.vocab_size)]

        def put(_module: Any, _given: Any, output: Tensor) -> Tensor:
            made = output.clone()
            made[own] = rows.to(made.dtype)
            return made

        handle = model.get_input_embeddings().register_forward_hook(put)
        try:
            yield ids.masked_fill(own, self.tokenizer.bos_token_id)
        finally:
            handle.remove()
