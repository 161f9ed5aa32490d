import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.diffusion.prompt import parse_weights


def pieces(prompt: str) -> list[tuple[str, float]]:
    return [(span.text, round(span.weight, 12)) for span in parse_weights(prompt)]


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("", []),
        ("a cat", [("a cat", 1.0)]),
        ("a (cat)", [("a ", 1.0), ("cat", 1.1)]),
        ("((cat))", [("cat", 1.21)]),
        ("[cat]", [("cat", 1 / 1.1)]),
        ("[[cat] dog]", [("cat", 1 / 1.21), (" dog", 1 / 1.1)]),
        ("[(cat)]", [("cat", 1.0)]),
        ("(cat:1.3)", [("cat", 1.3)]),
        ("(cat: 0.5 )", [("cat", 0.5)]),
        ("(cat:-1)", [("cat", -1.0)]),
        ("(cat:0)", [("cat", 0.0)]),
        ("((cat:1.3) dog)", [("cat", 1.3), (" dog", 1.1)]),
        ("(a (b:1.5) c:1.2)", [("a ", 1.2), ("b", 1.5), (" c", 1.2)]),
        ("(at 10:30:1.2)", [("at 10:30", 1.2)]),
    ],
)
def test_weights(prompt: str, expected: list[tuple[str, float]]) -> None:
    assert pieces(prompt) == [(text, round(weight, 12)) for text, weight in expected]


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        (r"\(cat\)", [("(cat)", 1.0)]),
        (r"(\(cat\):1.2)", [("(cat)", 1.2)]),
        (r"\[cat\]", [("[cat]", 1.0)]),
        ("a\\b", [("a\\b", 1.0)]),
        ("(cat", [("(cat", 1.0)]),
        ("cat)", [("cat)", 1.0)]),
        (")(", [(")(", 1.0)]),
        ("[(cat])", [("(cat", 1 / 1.1), (")", 1.0)]),
        ("(cat:big)", [("cat:big", 1.1)]),
        ("(cat:nan)", [("cat:nan", 1.1)]),
        ("(:1.2)", [(":1.2", 1.1)]),
        ("[cat:0.5]", [("cat:0.5", 1 / 1.1)]),
        ("cat:1.2", [("cat:1.2", 1.0)]),
        ("()", []),
    ],
)
def test_signs_that_are_no_emphasis(prompt: str, expected: list[tuple[str, float]]) -> None:
    assert pieces(prompt) == [(text, round(weight, 12)) for text, weight in expected]


@given(st.text(alphabet="ab ()[]:\\1.", max_size=40))
def test_every_prompt_is_read_and_keeps_its_letters(prompt: str) -> None:
    spans = parse_weights(prompt)
    kept = "".join(span.text for span in spans)
    assert [c for c in kept if c in "ab"] == [c for c in prompt if c in "ab"]
    assert all(span.text for span in spans)


def test_deep_nesting_needs_no_recursion() -> None:
    depth = 50_000
    (span,) = parse_weights("(" * 40 + "cat" + ")" * 40)
    assert span.weight == pytest.approx(1.1**40)
    assert len(parse_weights("[" * depth + "(cat:1.5)" + "]" * depth)) == 1
    assert parse_weights("(" * depth + "]" * depth)[0].weight == 1.0
