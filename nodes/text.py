"""Prompts."""

from typing import Annotated

from nodegraph import Context, Multiline, Range, node
from nodes.embeddings import embeddings_digest, with_embeddings
from nodes.files import Models
from nodes.types import Conditioning, TextEncoder

__all__ = ["NODES", "clip_encode", "clip_set_last_layer"]


def _digest(text: str, files: Models) -> str | None:
    return embeddings_digest(files, text)


@node(
    category="conditioning",
    name="CLIPEncode",
    aliases=("CLIPTextEncode",),
    fingerprint=_digest,
)
def clip_encode(
    text: Annotated[str, Multiline(prompt=True)], clip: TextEncoder, *, ctx: Context
) -> Conditioning:
    r"""Read a prompt, of any length.

    (word) counts 1.1 times, (word:1.3) 1.3 times, [word] 1.1 times less; \( and \[ are the signs
    themselves. [a:b:0.5] is a for the first half of the steps and b for the rest, [a|b] takes
    turns step by step. BREAK ends a chunk of 75 tokens, which are read apart. embedding:name is a
    word that a file of kind embeddings brings along.

    Args:
        text: what to see; or, as the negative prompt, what not to. May be empty.
        clip: the text encoder that came with the model.

    Raises:
        ValueError: if an embedding is damaged or was made for another family of models, or for a
            prompt that could read in too many ways.
    """
    return with_embeddings(clip, ctx.files, text).encode(text)


@node(category="conditioning", name="CLIPSetLastLayer", outputs=("clip",))
def clip_set_last_layer(
    clip: TextEncoder, stop_at_clip_layer: Annotated[int, Range(-24, -1)] = -1
) -> TextEncoder:
    """Take what an earlier layer of the text encoder says ("clip skip").

    Args:
        stop_at_clip_layer: -1 is the last layer, -2 the one before.

    Raises:
        ValueError: if the text encoder has no such layer.
    """
    return clip.with_last_layer(stop_at_clip_layer)


NODES = (clip_encode, clip_set_last_layer)
