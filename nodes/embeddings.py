"""The embeddings that prompts name, found among the models of kind embeddings."""

from difflib import get_close_matches
from pathlib import Path

from nodegraph import MissingModel
from nodes.diffusion.embeddings import named_in, read_embedding
from nodes.diffusion.embeddings import with_embeddings as put_on
from nodes.files import Models
from nodes.types import TextEncoder

__all__ = ["embeddings_digest", "with_embeddings"]

SUFFIXES = ("", ".safetensors", ".pt", ".bin", ".pth", ".ckpt")


def with_embeddings(clip: TextEncoder, files: Models, *prompts: str) -> TextEncoder:
    """The text encoder with the embeddings that are named in `prompts` as `embedding:name`.

    Raises MissingModel if there is none of that name, with the nearest, and ValueError for a
    damaged file or one that was made for another family.
    """
    found = _found(files, prompts)
    return put_on(clip, {word: read_embedding(path) for word, path in found.items()})


def embeddings_digest(files: Models, *prompts: str) -> str | None:
    """What of the files a conditioning depends on: a node's fingerprint. None without any."""
    found = _found(files, prompts)
    return " ".join(f"{word}={files.digest(path)}" for word, path in found.items()) or None


def _found(files: Models, prompts: tuple[str, ...]) -> dict[str, Path]:
    """The files by the words that stand for them."""
    named = dict.fromkeys(name for prompt in prompts for name in named_in(prompt))
    found = {}
    for name in named:
        word, model = _model(name, files.models("embeddings"))
        found[word] = files.model("embeddings", model)
    return found


def _model(name: str, known: list[str]) -> tuple[str, str]:
    """The word and the model that it names: a file with or without its ending, and without the
    punctuation that may follow."""
    for word in (name, name.rstrip(".;!?'\"")):
        for suffix in SUFFIXES:
            if word + suffix in known:
                return word, word + suffix
    bare = {model.rsplit(".", 1)[0]: None for model in known}
    near = get_close_matches(name, bare, n=1)
    hint = f"; did you mean 'embedding:{near[0]}'?" if near else ""
    listed = ", ".join(bare) or "(none)"
    raise MissingModel(f"there is no embedding '{name}'; present: {listed}{hint}")
