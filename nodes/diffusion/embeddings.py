"""Textual inversion (Gal et al. 2022, arXiv 2208.01618): vectors from files as words of a prompt.

`embedding:name` in a prompt stands for the vectors of a file, which take the places of as many
tokens.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from torch import Tensor

from nodes.diffusion.errors import LoadError
from nodes.diffusion.tensor_files import read_tensors
from nodes.diffusion.text import TextEncoder
from nodes.diffusion.tower import TextTower
from nodes.diffusion.weights import shown_keys

__all__ = ["Embedding", "named_in", "read_embedding", "with_embeddings"]

MARKED = re.compile(r"embedding:([^\s,()\[\]{}|<>:]+)")
TOWERS = ("clip_l", "clip_g")
FAMILIES = {768: "Stable Diffusion 1", 1024: "Stable Diffusion 2", 1280: "SDXL"}
"""Models by the width of the vectors that their (larger) text encoder reads."""


@dataclass(frozen=True, eq=False)
class Embedding:
    """The vectors of a file, [n, D] for each text model by name (`clip_l`, `clip_g`), or for the
    only one under ""."""

    name: str
    vectors: Mapping[str, Tensor]


def named_in(prompt: str) -> list[str]:
    """The embeddings that a prompt asks for, as they are written there, each once."""
    return list(dict.fromkeys(match[1] for match in MARKED.finditer(prompt)))


def read_embedding(path: Path) -> Embedding:
    """Read an embedding's file: AUTOMATIC1111's, diffusers' learned_embeds, or SDXL's two parts.

    Raises LoadError if the file is damaged or holds no embedding.
    """
    file = read_tensors(path)
    found = {name: file.tensors[name] for name in TOWERS if name in file.tensors}
    if not found:
        vectors = [name for name in file.tensors if name.startswith("string_to_param.")]
        names = ["emb_params"] if "emb_params" in file.tensors else vectors or [*file.tensors]
        if len(names) == 1:
            found = {"": file.tensors[names[0]]}
    shaped = {name: part[None] if part.ndim == 1 else part for name, part in found.items()}
    if not shaped or any(part.ndim != 2 or not part.numel() for part in shaped.values()):
        raise LoadError(
            f"{file.name} holds no embedding for prompts: its tensors are "
            f"{shown_keys(file.tensors)}"
        )
    return Embedding(file.name, shaped)


def with_embeddings(clip: TextEncoder, embeddings: Mapping[str, Embedding]) -> TextEncoder:
    """A copy that knows the embeddings by the words that stand for them in prompts.

    Raises LoadError for one whose vectors are of another width than the text models', naming the
    family that it was made for.
    """
    if not embeddings:
        return clip
    towers = list(clip.towers)
    for word, embedding in embeddings.items():
        for place, vectors in _places(embedding, clip.towers).items():
            tower = towers[place]
            towers[place] = replace(tower, vectors={**tower.vectors, word: vectors})
    return replace(clip, towers=tuple(towers))


def _places(embedding: Embedding, towers: Collection[TextTower]) -> dict[int, Tensor]:
    """The vectors for each text model by its place; none where the file has none for it."""
    widths = [tower.width for tower in towers]
    named = {TOWERS.index(name): part for name, part in embedding.vectors.items() if name}
    if len(widths) == 1:
        fitting = [part for part in embedding.vectors.values() if part.shape[1] == widths[0]]
        found = {0: fitting[0]} if fitting else {}
    else:
        found = named if all(part.shape[1] == widths[at] for at, part in named.items()) else {}
    if found:
        return {at: found.get(at, _nothing(found)) for at in range(len(widths))}
    sizes = sorted(part.shape[1] for part in embedding.vectors.values())
    made_for = FAMILIES.get(sizes[-1])
    raise LoadError(
        f"the embedding {embedding.name} is {' and '.join(map(str, sizes))} wide and this model "
        f"reads {' and '.join(map(str, widths))}"
        + (f": it was made for {made_for}" if made_for else "")
    )


def _nothing(found: Mapping[int, Tensor]) -> Tensor:
    """No vectors, for the text model that a file has none for: the word is no word there."""
    return next(iter(found.values()))[:0]
