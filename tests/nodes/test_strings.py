import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodegraph import NodeError
from nodes.strings import (
    string_concatenate,
    string_contains,
    string_format,
    string_length,
    string_replace,
    string_substring,
    string_trim,
)


def test_joining() -> None:
    assert string_concatenate("a", "b") == "ab"
    assert string_concatenate("a", "b", ", ") == "a, b"


@given(st.text(), st.text(min_size=1))
def test_replacing(text: str, find: str) -> None:
    assert string_replace(text, "", "x") == text
    assert string_replace(text, find, find) == text


def test_replacing_every_one() -> None:
    assert string_replace("red red blue", "red", "green") == "green green blue"


def test_trimming_and_cutting() -> None:
    assert string_trim("  a b\n") == "a b"
    assert string_trim("  a ", "Left") == "a "
    assert string_trim("  a ", "Right") == "  a"
    assert string_substring("abcdef", 1, 4) == "bcd"
    assert string_substring("abcdef", -3, -1) == "de"


def test_asking() -> None:
    assert string_length("äöü") == 3
    assert string_contains("A Circle", "Circle")
    assert not string_contains("A Circle", "circle")
    assert string_contains("A Circle", "circle", case_sensitive=False)


def test_filling_in() -> None:
    filled = string_format("{a} {b:.2f} {c:03d} {d} {{e}} {a}", "red", 0.5, 7, True)
    assert filled == "red 0.50 007 true {e} red"
    assert string_format("plain") == "plain"


@given(st.text())
def test_filling_in_gives_a_text_or_says_why_not(template: str) -> None:
    try:
        filled = string_format(template, "x")
    except NodeError:
        assert "{" in template or "}" in template
    else:
        assert len(filled) <= len(template) + 999


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("{a", "template is not valid"),
        ("}", "template is not valid"),
        ("{}", r"it may have \{a\}, \{b\}"),
        ("{e}", r"has \{e\}; it may have"),
        ("{a.__class__}", "it may have"),
        ("{a[0]}", "it may have"),
        ("{a!r}", "it may have"),
        ("{b}", "the input 'b' is not given"),
        ("{a:d}", "the format 'd' does not fit a = 'x'"),
        ("{a:1000000000}", "not allowed"),
        ("{a:{b}}", "not allowed"),
    ],
)
def test_templates_that_cannot_be_filled(template: str, said: str) -> None:
    with pytest.raises(NodeError, match=said):
        string_format(template, "x")
