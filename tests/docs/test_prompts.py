"""What docs/prompts.md shows is read as it says."""

import re
from pathlib import Path

import pytest

from nodes.diffusion.prompt import parse_weights
from nodes.diffusion.prompt_turns import turns
from nodes.wildcards import chosen

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "prompts.md").read_text()
# In tables a bar is written with a backslash.
ROWS = [row.replace("\\|", "|") for row in re.findall(r"^\| `(.*)` \| ", PAGE, re.MULTILINE)]
PROMPTS = [row for row in ROWS if "{" not in row]
CHOICES = [row for row in ROWS if "{" in row]


def steps(prompt: str, count: int = 20) -> list[str]:
    """What it says at each step."""
    found = turns(prompt)
    return [next(text for turn, (text,) in found if turn.at(step, count)) for step in range(count)]


def test_the_page_has_examples() -> None:
    assert (len(PROMPTS), len(CHOICES)) == (11, 4)


def test_weights() -> None:
    weights = {
        prompt: {span.text: round(span.weight, 3) for span in parse_weights(prompt)}.get("red")
        for prompt in PROMPTS[:4]
    }
    assert list(weights.values()) == [1.3, 1.1, 0.909, None]
    [plain] = parse_weights(PROMPTS[3])
    assert plain.text == "a (red) circle"


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        (4, ["a red circle"] * 10 + ["a blue circle"] * 10),
        (5, ["a red circle"] * 8 + ["a blue circle"] * 12),
        (6, ["a circle"] * 6 + ["a circle on white"] * 14),
        (7, ["a circle on white"] * 6 + ["a circle"] * 14),
        (8, ["a red circle", "a blue circle"] * 10),
    ],
)
def test_changes(place: int, expected: list[str]) -> None:
    assert steps(PROMPTS[place]) == expected


def test_choices() -> None:
    one, often, two, nested = ({chosen(text, seed) for seed in range(60)} for text in CHOICES)
    assert one == {f"a {colour} circle" for colour in ("red", "green", "blue")}
    assert often == {"a red circle", "a green circle"}
    assert {len(found.split(", ")) for found in two} == {2}
    assert nested == {f"a {colour} circle" for colour in ("dark red", "light red", "white")}
