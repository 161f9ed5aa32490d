"""CLIP's tokens, against published numbers and against byte-pair merging written anew."""

from itertools import pairwise

import pytest

from nodes.diffusion.vocabulary import ClipVocabulary, clip_tokenizer

PUBLISHED = {
    "a photo of a cat": [320, 1125, 539, 320, 2368],
    "A person riding a motorcycle": [320, 2533, 6765, 320, 10297],
}


@pytest.fixture(scope="module")
def ranks() -> dict[str, int]:
    """Every token by its text; those of whole words end with a space. Lower is merged first."""
    vocabulary = ClipVocabulary()
    return {vocabulary.decode([number]): number for number in range(49405, -1, -1)}


def merged(word: str, ranks: dict[str, int]) -> list[int]:
    """Byte-pair encoding (Sennrich et al. 2016): the pair of the lowest rank first, everywhere."""
    parts = [*word[:-1], word[-1] + " "]
    while len(parts) > 1:
        pairs = [one + other for one, other in pairwise(parts)]
        best = min(pairs, key=lambda pair: ranks.get(pair, 1 << 30))
        if best not in ranks:
            break
        joined: list[str] = []
        index = 0
        while index < len(parts):
            if index < len(pairs) and pairs[index] == best:
                joined.append(best)
                index += 2
            else:
                joined.append(parts[index])
                index += 1
        parts = joined
    return [ranks[part] for part in parts]


@pytest.mark.parametrize("text", PUBLISHED)
def test_published_numbers(text: str) -> None:
    ids = clip_tokenizer()(text, add_special_tokens=False)["input_ids"]
    assert ids == PUBLISHED[text]
    framed = clip_tokenizer()(text)["input_ids"]
    assert framed == [49406, *PUBLISHED[text], 49407]


def test_words_are_merged_as_the_method_says(ranks: dict[str, int]) -> None:
    words = "a masterpiece photograph of an astronaut riding hyperrealistic steampunk zebras qwxzkj"
    for word in words.split():
        assert clip_tokenizer()(word, add_special_tokens=False)["input_ids"] == merged(word, ranks)


def test_case_and_composition_do_not_matter() -> None:
    def ids(text: str) -> list[int]:
        found: list[int] = clip_tokenizer()(text, add_special_tokens=False)["input_ids"]
        return found

    assert ids("CAFÉ") == ids("café") == ids("cafe\u0301")


def test_what_a_text_tower_asks_of_it() -> None:
    tokenizer = clip_tokenizer()
    assert len(tokenizer) == 49408
    assert (tokenizer.bos_token_id, tokenizer.eos_token_id, tokenizer.pad_token_id) == (
        49406,
        49407,
        49407,
    )
    assert tokenizer.model_max_length == 77
