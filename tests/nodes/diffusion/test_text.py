from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor

from nodes.diffusion.errors import NotFiniteError
from nodes.diffusion.loading import Checkpoint
from nodes.diffusion.network import Network
from nodes.diffusion.prompt_turns import Turn
from nodes.diffusion.text import TextEncoder
from tests.nodes.tiny import tiny_text_encoder, tiny_vocabulary


@pytest.fixture
def clip(tiny: Checkpoint) -> TextEncoder:
    return tiny.text_encoder


def embedding(clip: TextEncoder, prompt: str) -> Tensor:
    (entry,) = clip.encode(prompt).entries
    return entry.embedding


def plainly(clip: TextEncoder, prompt: str) -> Any:
    """What transformers says of a prompt that fits, padded by its own tokenizer."""
    tokenizer: Any = clip.towers[0].tokenizer
    ids = tokenizer(prompt, padding="max_length", max_length=77, return_tensors="pt").input_ids
    with torch.no_grad():
        return clip.towers[0].network.ready()(input_ids=ids, output_hidden_states=True)


@pytest.mark.parametrize("prompt", ["", "a cat", "A  Cat,\n(the:1.0) big one!"])
def test_unweighted_prompts_are_the_text_models_own_answer(clip: TextEncoder, prompt: str) -> None:
    output = plainly(clip, prompt.replace("(the:1.0)", "the"))
    (entry,) = clip.encode(prompt).entries
    assert entry.embedding.shape == (1, 77, 16)
    torch.testing.assert_close(entry.embedding, output.last_hidden_state)
    assert entry.pooled is not None
    torch.testing.assert_close(entry.pooled, output.pooler_output)


def test_weights_move_words_away_from_the_empty_prompt(clip: TextEncoder) -> None:
    plain, empty = embedding(clip, "a cat on a mat"), embedding(clip, "")
    weighted = embedding(clip, "a (cat:1.3) [on] a mat")
    factors = torch.ones(77)
    factors[2:5] = 1.3  # begin, a, c, a, t, o, n, ...
    factors[5:7] = 1 / 1.1
    torch.testing.assert_close(weighted, empty + factors[:, None] * (plain - empty))
    torch.testing.assert_close(
        embedding(clip, "(a cat on a mat:0)")[:, 1:11], empty[:, 1:11], atol=1e-6, rtol=1e-6
    )


def test_words_move_to_the_next_chunk_as_a_whole(clip: TextEncoder) -> None:
    words = [f"{'ab' * 3}"] * 13  # 78 tokens: 12 words fit into 75
    first, second = clip.tokenize(" ".join(words))
    begin, end = tiny_vocabulary()["<|startoftext|>"], tiny_vocabulary()["<|endoftext|>"]
    assert [len(first), len(second)] == [77, 77]
    assert (first[0], second[0]) == ((begin, 1.0), (begin, 1.0))
    assert [token for token, _ in first[73:]] == [end] * 4
    assert [token for token, _ in second[7:]] == [end] * 70


def test_a_word_too_long_for_one_chunk_is_split(clip: TextEncoder) -> None:
    chunks = clip.tokenize(f"(a {'b' * 100}:1.2)")
    assert [sum(weight == 1.2 for _, weight in chunk) for chunk in chunks] == [75, 26]


def test_long_prompts_are_their_chunks_side_by_side(clip: TextEncoder) -> None:
    words = ["abcdef"] * 12, ["cats", "(dog:1.2)"]
    long = embedding(clip, " ".join([*words[0], *words[1]]))
    parts = [embedding(clip, " ".join(part)) for part in words]
    assert long.shape == (1, 154, 16)
    torch.testing.assert_close(long, torch.cat(parts, dim=1))


def test_full_chunks_do_not_start_an_empty_one(clip: TextEncoder) -> None:
    assert len(clip.tokenize("abcde " * 15)) == 1
    assert len(clip.tokenize("abcde " * 15 + "f")) == 2


def test_an_earlier_layer_is_normed_like_the_last(clip: TextEncoder) -> None:
    hidden = plainly(clip, "a cat").hidden_states[-2]
    model: Any = clip.towers[0].network.module
    with torch.no_grad():
        expected = model.final_layer_norm(hidden)
    earlier = clip.with_last_layer(-2)
    torch.testing.assert_close(embedding(earlier, "a cat"), expected)
    assert earlier.towers[0].network is clip.towers[0].network
    assert clip.last_layer is None


@pytest.mark.parametrize("layer", [-4, 0, 1])
def test_layers_that_are_not_there(clip: TextEncoder, layer: int) -> None:
    with pytest.raises(ValueError, match=rf"has 3 layers.* -3 to -1, got {layer} \(nearest"):
        clip.with_last_layer(layer)


def test_a_text_encoder_that_overflows_is_named(clip: TextEncoder) -> None:
    broken = tiny_text_encoder()
    with torch.no_grad():
        broken.final_layer_norm.weight.fill_(float("inf"))
    with pytest.raises(NotFiniteError, match="text encoder gave NaN"):
        clip.map(lambda tower: replace(tower, network=Network(broken))).encode("a cat")


def test_a_break_begins_a_chunk(clip: TextEncoder) -> None:
    apart = [embedding(clip, part) for part in ("a cat", "a (big:1.2) dog")]
    broken = embedding(clip, "a cat BREAK a (big:1.2) dog")
    torch.testing.assert_close(broken, torch.cat(apart, dim=1), rtol=1e-4, atol=1e-5)
    assert len(clip.tokenize("a BREAK b BREAK")) == 3
    assert len(clip.tokenize("a breakfast, break")) == 1


def test_a_prompt_that_changes_is_an_entry_for_each_turn(clip: TextEncoder) -> None:
    first, second = clip.encode("a [cat:(dog:1.2):0.5]").entries
    assert (first.turn, second.turn) == (Turn(share_end=0.5), Turn(share=0.5))
    assert torch.equal(first.embedding, embedding(clip, "a cat"))
    assert torch.equal(second.embedding, embedding(clip, "a (dog:1.2)"))
    assert [entry.turn for entry in clip.encode("a [cat]").entries] == [None]
