"""Choices in prompts: by the seed, and as often as they are weighted."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodegraph import NodeError
from nodes.wildcards import chosen, prompt_wildcards


def among(text: str, count: int = 400) -> Counter[str]:
    return Counter(chosen(text, seed) for seed in range(count))


def test_a_seed_chooses_the_same_words_again() -> None:
    text = "a {red|green|blue} {circle|square} on {a {dark|light} ground|white}"
    assert prompt_wildcards(text, 7) == prompt_wildcards(text, 7)
    assert len({prompt_wildcards(text, seed) for seed in range(60)}) > 8


def test_all_come_alike_unless_weighted() -> None:
    assert set(among("{a|b|c}").values()) <= set(range(95, 175))
    weighted = among("{3::a|b}")
    assert 250 < weighted["a"] < 350
    assert among("{0::a|b}") == {"b": 400}


def test_several_are_different() -> None:
    found = among("{2$$a|b|c}")
    assert set(found) == {"a, b", "b, a", "a, c", "c, a", "b, c", "c, b"}
    assert set(among("{9$$a|b}")) == {"a, b", "b, a"}
    assert chosen("{0$$a|b}", 1) == ""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("a (cat:1.2) [a|b]", "a (cat:1.2) [a|b]"),
        ("{a}", "a"),
        ("{|}", ""),
        (r"\{a|b\}", "{a|b}"),
        (r"[a\|b]", r"[a\|b]"),
        ("{" + "9" * 5000 + "$$a}", "a"),
        (r"{a\|b}", "a|b"),
        ("{5$$}", ""),
        ("{$$a}", "$$a"),
        ("{x::a}", "x::a"),
        ("{{a}}", "a"),
    ],
)
def test_what_leaves_no_choice(text: str, expected: str) -> None:
    assert chosen(text, 3) == expected


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a {b|c", "opens a brace at letter 3 that is not closed"),
        ("a} b", "closes a brace at letter 2 that was not opened"),
        ("{" * 60 + "}" * 60, "more than 50 deep"),
    ],
)
def test_braces_without_partners(text: str, words: str) -> None:
    with pytest.raises(NodeError, match=words):
        chosen(text, 0)


@given(st.text(alphabet="ab{}|\\$:12 ", max_size=30), st.integers(0, 99))
def test_any_text_is_read_or_refused(text: str, seed: int) -> None:
    try:
        found = chosen(text, seed)
    except NodeError:
        return
    assert found == chosen(text, seed)
