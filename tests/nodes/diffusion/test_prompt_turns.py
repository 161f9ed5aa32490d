"""Prompts that change from step to step."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.diffusion.prompt_turns import Turn, turns


def read(prompt: str, steps: int) -> list[str]:
    """What it says at each step; exactly one turn counts at each."""
    found = turns(prompt)
    texts = []
    for step in range(steps):
        [(text,)] = [texts for turn, texts in found if turn.at(step, steps)]
        texts.append(text)
    return texts


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("a cat", ["a cat"] * 4),
        ("a [cat:dog:0.5]", ["a cat"] * 2 + ["a dog"] * 2),
        ("a [cat:dog:0.7]", ["a cat"] * 3 + ["a dog"]),
        ("a [cat:dog:3]", ["a cat"] * 3 + ["a dog"]),
        ("a [cat:dog:9]", ["a cat"] * 4),
        ("a [cat:dog:0]", ["a dog"] * 4),
        ("a [cat:dog:1.0]", ["a cat"] * 4),
        ("a[ cat:1]", ["a"] + ["a cat"] * 3),
        ("a[ cat::1]", ["a cat"] + ["a"] * 3),
        ("[a|b|]", ["a", "b", "", "a"]),
        ("[a|b] [c|d|e]", ["a c", "b d", "a e", "b c"]),
        ("[a:[b|c]:0.5]", ["a", "a", "b", "c"]),
        ("[a:[b:c:0.75]:0.25]", ["a", "b", "b", "c"]),
        ("[x|[a:b:2]]", ["x", "a", "x", "b"]),
        ("([a:b:2]:1.3)", ["(a:1.3)"] * 2 + ["(b:1.3)"] * 2),
        ("[(a:1.2):b:2]", ["(a:1.2)"] * 2 + ["b"] * 2),
        ("[(a|b)]", ["[(a|b)]"] * 4),
    ],
)
def test_what_is_read_at_each_step(prompt: str, expected: list[str]) -> None:
    assert read(prompt, 4) == expected


@pytest.mark.parametrize(
    "prompt",
    [
        "[cat]",
        "[[cat] dog]",
        "(cat:1.3)",
        "a|b",
        "a:b:0.5",
        "[a:b]",
        "[a:b:c]",
        "[a:b:1.5]",
        "[a:b:-1]",
        "[a:b:nan]",
        "[a:b:c:0.5]",
        r"\[a|b\]",
        "[embedding:eyes]",
        "[a|b",
        "a|b]",
    ],
)
def test_what_is_no_choice_stays_as_it_is(prompt: str) -> None:
    assert turns(prompt) == [(Turn(), (prompt,))]


def test_escapes_divide_nothing() -> None:
    assert read(r"[a\|b|c]", 2) == ["a|b", "c"]
    assert read(r"[a\:1:b:1]", 2) == ["a:1", "b"]
    assert read(r"[\[a\]|b]", 2) == [r"\[a\]", "b"]
    assert read("[embedding:x:embedding:y:1]", 2) == ["embedding:x", "embedding:y"]


def test_prompts_of_several_text_models_change_together() -> None:
    found = turns("[a|b]", "[c:d:1]", "e")
    at = {step: [texts for turn, texts in found if turn.at(step, 3)] for step in range(3)}
    assert at == {0: [("a", "c", "e")], 1: [("b", "d", "e")], 2: [("a", "d", "e")]}


def test_too_many_ways_are_refused() -> None:
    with pytest.raises(ValueError, match="in 2310 ways over a run; at most 256 may"):
        turns("[a|b][a|b|c][a|b|c|d|e][a|b|c|d|e|f|g][a|b|c|d|e|f|g|h|i|j|k]")
    deep = "a"
    for _ in range(60):
        deep = f"[{deep}:b:0.5]"
    with pytest.raises(ValueError, match="51 deep; at most 50"):
        turns(deep)


@given(st.text(alphabet="ab |:()[]\\.05", max_size=30), st.integers(1, 12))
def test_every_prompt_says_one_thing_at_a_step(prompt: str, steps: int) -> None:
    for text in read(prompt, steps):
        letters = iter(prompt)
        assert all(letter in letters for letter in text if letter in "ab")  # in their order


@given(st.text(alphabet="ab ", max_size=8), st.text(alphabet="ab ", max_size=8))
def test_the_ends_of_a_switch(one: str, other: str) -> None:
    assert read(f"[{one}:{other}:0]", 3) == [other] * 3
    assert read(f"[{one}:{other}:1.0]", 3) == [one] * 3
    assert read(f"[{one}|{one}]", 3) == [one] * 3


def test_deep_brackets_need_no_recursion() -> None:
    depth = 50_000
    prompt = "[(" * depth + "a|b" + ")]" * depth
    assert turns(prompt) == [(Turn(), (prompt,))]
    assert len(turns("[" * depth + "a|b" + "]" * depth)) == 2
