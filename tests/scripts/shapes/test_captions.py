"""Captions say what the scene says, in words that the tokenizer knows whole."""

import re

import numpy as np
import pytest

from shapes.captions import (
    COLOUR_WORDS,
    PLACE_WORDS,
    SHAPE_WORDS,
    SIZE_WORDS,
    captions,
    full_prompt,
    leave_out,
    vocabulary,
)
from shapes.scenes import Scene, names_of, training_scenes

WORDS: tuple[dict[str, tuple[str, ...]], ...] = (
    SHAPE_WORDS,
    COLOUR_WORDS,
    COLOUR_WORDS,
    PLACE_WORDS,
    SIZE_WORDS,
)


def said(count: int) -> list[tuple[Scene, str]]:
    rng = np.random.default_rng(0)
    pool = training_scenes()
    scenes = leave_out(pool[rng.integers(0, len(pool), count)], rng)
    spoken = captions(scenes, rng)
    return [(names_of(row), text) for row, text in zip(scenes, spoken, strict=True)]


def test_a_caption_says_every_attribute_it_was_given() -> None:
    for scene, text in said(400):
        for value, words in zip(scene, WORDS, strict=True):
            if value is not None:
                options = [*words[value], *(w.replace(" ", "-") for w in words[value])]
                assert any(option in text for option in [*options, "centered"]), text


def test_a_colour_left_out_is_not_said() -> None:
    for scene, text in said(400):
        named = {
            c for c, words in COLOUR_WORDS.items() for w in words if re.search(rf"\b{w}\b", text)
        }
        assert named == {c for c in (scene.colour, scene.background) if c}, text


def test_captions_are_tidy() -> None:
    for _, text in said(400):
        assert text == " ".join(text.split())
        assert "{" not in text
        assert "a orange" not in text


def test_captions_vary() -> None:
    rng = np.random.default_rng(0)
    rows = np.tile([0, 0, 2, 4, 2], (200, 1))
    assert len(set(captions(rows, rng))) > 150


def test_leaving_out_keeps_half_of_the_scenes_whole() -> None:
    rows = np.zeros((4000, 5), np.int64)
    whole = (leave_out(rows, np.random.default_rng(0)) == 0).all(axis=1).mean()
    assert 0.5 < whole < 0.65


def test_the_empty_scene_is_often_the_empty_prompt() -> None:
    texts = captions(np.full((100, 5), -1), np.random.default_rng(0))
    assert "" in texts


def test_the_plainest_prompt() -> None:
    scene = Scene("circle", "red", "blue", "center", "large")
    assert full_prompt(scene) == "a large red circle in the center on a blue background"
    corner = scene._replace(place="top left")
    assert full_prompt(corner) == "a large red circle at the top left on a blue background"


@pytest.mark.parametrize("word", ["red", "violet", "circle", "plus", "upper", "backdrop", "tiny"])
def test_the_vocabulary_has_the_synonyms(word: str) -> None:
    assert word in vocabulary()
