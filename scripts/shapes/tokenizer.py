"""A CLIP tokenizer with a vocabulary of our own: bytes, and the words of the captions."""

from __future__ import annotations

import json
from collections import Counter
from itertools import pairwise
from pathlib import Path

from torch import Tensor
from transformers import CLIPTokenizer

from shapes.captions import vocabulary
from shapes.networks import TOKENS

START, END, WORD_END = "<|startoftext|>", "<|endoftext|>", "</w>"
COMMON = (
    "and are as but by from has have it its no not of or to very with without "
    "bad low worst blurry ugly dark bright light color colour colored gray grey brown pink "
    "red-colored round solid plain empty two three many person man woman cat dog house tree "
    "sky sea mountain photograph realistic art style sketch illustration icon logo symbol "
    "full middle-sized towards close corner edge side filled hollow outline small-sized"
)
Pair = tuple[str, str]


def byte_symbols() -> list[str]:
    """One printable character for each byte, as CLIP's tokenizer spells bytes."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    spelled = {byte: chr(byte) for byte in printable}
    others = [byte for byte in range(256) if byte not in spelled]
    spelled |= {byte: chr(256 + i) for i, byte in enumerate(others)}
    return [spelled[byte] for byte in [*printable, *others]]


def _merge(word: list[str], pair: Pair) -> list[str]:
    merged: list[str] = []
    for symbol in word:
        if merged and (merged[-1], symbol) == pair:
            merged[-1] += symbol
        else:
            merged.append(symbol)
    return merged


def learn_merges(words: list[str]) -> list[Pair]:
    """Byte-pair merges, most frequent first, until each of the ASCII words is one token."""
    spelled = [[*word[:-1], word[-1] + WORD_END] for word in words]
    merges: list[Pair] = []
    while True:
        counts = Counter(pair for w in spelled for pair in pairwise(w))
        if not counts:
            return merges
        pair = min(counts, key=lambda p: (-counts[p], p))
        merges.append(pair)
        spelled = [_merge(word, pair) for word in spelled]


def write_tokenizer(folder: Path) -> None:
    """Write the files that `CLIPTokenizer.from_pretrained` reads."""
    words = set(COMMON.replace("-", " ").split()) | set(vocabulary())
    merges = learn_merges(sorted(word for word in words if word.isalpha()))
    symbols = byte_symbols()
    tokens = symbols + [s + WORD_END for s in symbols] + [a + b for a, b in merges]
    tokens = list(dict.fromkeys([*tokens, START, END]))
    folder.mkdir(parents=True, exist_ok=True)
    vocab = {token: i for i, token in enumerate(tokens)}
    (folder / "vocab.json").write_text(json.dumps(vocab, ensure_ascii=False) + "\n", "utf-8")
    lines = ["#version: 0.2", *(f"{a} {b}" for a, b in merges)]
    (folder / "merges.txt").write_text("\n".join(lines) + "\n", "utf-8")
    special = {"bos_token": START, "eos_token": END, "pad_token": END, "unk_token": END}
    config = special | {
        "add_prefix_space": False,
        "do_lower_case": True,
        "errors": "replace",
        "model_max_length": TOKENS,
        "tokenizer_class": "CLIPTokenizer",
    }
    for name, content in (("special_tokens_map", special), ("tokenizer_config", config)):
        (folder / f"{name}.json").write_text(json.dumps(content, indent=2) + "\n", "utf-8")


def load_tokenizer(folder: Path) -> CLIPTokenizer:
    """The tokenizer of a folder, without asking any network."""
    return CLIPTokenizer.from_pretrained(folder, local_files_only=True)


def encode(tokenizer: CLIPTokenizer, prompts: list[str]) -> Tensor:
    """Token ids (n, 77), padded with the end token as Stable Diffusion pads."""
    ids: Tensor = tokenizer(
        prompts,
        padding="max_length",
        max_length=TOKENS,
        truncation=True,
        return_tensors="pt",
    ).input_ids
    return ids
