"""The tokenizer takes any text and keeps the vocabulary's words whole."""

from pathlib import Path

import pytest
from transformers import CLIPTokenizer

from shapes.captions import vocabulary
from shapes.tokenizer import encode, learn_merges, load_tokenizer, write_tokenizer


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> CLIPTokenizer:
    folder: Path = tmp_path_factory.mktemp("tokenizer")
    write_tokenizer(folder)
    return load_tokenizer(folder)


def test_the_words_of_the_captions_are_single_tokens(tokenizer: CLIPTokenizer) -> None:
    split = [w for w in vocabulary() if w.isalpha() and len(tokenizer(w).input_ids) != 3]
    assert split == []


def test_prompts_are_framed_and_padded_as_stable_diffusion_does(tokenizer: CLIPTokenizer) -> None:
    start, end = tokenizer.bos_token_id, tokenizer.eos_token_id
    row = encode(tokenizer, ["a red circle"])[0].tolist()
    assert row[0] == start
    assert row[4:] == [end] * 73
    assert encode(tokenizer, [""])[0].tolist() == [start] + [end] * 76


def test_case_does_not_matter(tokenizer: CLIPTokenizer) -> None:
    low, high = encode(tokenizer, ["a red circle", "A RED Circle"])
    assert low.equal(high)


@pytest.mark.parametrize(
    "text",
    ["", "   ", "圆圈 на синем", "😀🏳️‍🌈", "\x00\x01", "<|endoftext|>", "x" * 5000, "(red:1.2)"],
)
def test_any_text_becomes_77_known_tokens(tokenizer: CLIPTokenizer, text: str) -> None:
    ids = encode(tokenizer, [text])
    assert ids.shape == (1, 77)
    assert ids.min() >= 0
    assert ids.max() < len(tokenizer)


def test_merges_rebuild_each_word() -> None:
    merges = learn_merges(["red", "ring", "green"])
    made = {a + b for a, b in merges}
    assert {"red</w>", "ring</w>", "green</w>"} <= made
