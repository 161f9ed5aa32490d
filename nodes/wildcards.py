"""Prompts with a part left to chance."""

import random
from collections.abc import Iterator
from typing import Annotated

from nodegraph import Multiline, NodeError, Seed, node

__all__ = ["NODES", "chosen", "prompt_wildcards"]

SIGNS = "{|}"
DEEPEST = 50


@node(category="text", outputs=("text",))
def prompt_wildcards(
    text: Annotated[str, Multiline(prompt=True)], seed: Annotated[int, Seed()] = 0
) -> str:
    r"""Choose among the words of a prompt.

    {red|green|blue} is one of them, {3::red|green} red three times as often as green, and
    {2$$red|green|blue} two of them, divided by commas. Choices nest; \{, \| and \} are the signs
    themselves.

    Args:
        text: a prompt with choices in braces.
        seed: the same one chooses the same words.

    Raises:
        NodeError: for braces without a partner, and for choices nested too deeply.
    """
    return chosen(text, seed)


def chosen(text: str, seed: int) -> str:
    """The text with one of each choice; raises NodeError as `prompt_wildcards`."""
    draw = random.Random(seed)
    return _read(text, draw, 0)


def _read(text: str, draw: random.Random, depth: int) -> str:
    if depth > DEEPEST:
        raise NodeError(f"'text' has choices in choices more than {DEEPEST} deep")
    words, plain = [], 0
    for start, end in _braces(text):
        words.append(_unescaped(text[plain:start], depth))
        picked = _pick(_options(text[start + 1 : end]), draw)
        words.append(", ".join(_read(option, draw, depth + 1) for option in picked))
        plain = end + 1
    words.append(_unescaped(text[plain:], depth))
    return "".join(words)


def _signs(text: str) -> Iterator[tuple[int, str]]:
    """Where a sign stands that is not escaped."""
    at = 0
    while at < len(text):
        if text[at] == "\\" and text[at + 1 : at + 2] and text[at + 1] in SIGNS:
            at += 1
        elif text[at] in SIGNS:
            yield at, text[at]
        at += 1


def _braces(text: str) -> Iterator[tuple[int, int]]:
    """Where the outermost braces open and close."""
    open_at: list[int] = []
    for at, sign in _signs(text):
        if sign == "{":
            open_at.append(at)
        elif sign == "}":
            if not open_at:
                raise NodeError(
                    f"'text' closes a brace at letter {at + 1} that was not opened; "
                    f"for the sign itself write \\}}"
                )
            start = open_at.pop()
            if not open_at:
                yield start, at
    if open_at:
        raise NodeError(
            f"'text' opens a brace at letter {open_at[0] + 1} that is not closed; "
            f"for the sign itself write \\{{"
        )


def _options(text: str) -> tuple[int, list[tuple[float, str]]]:
    """How many are wanted, and the options with their weights."""
    head, dollars, rest = text.partition("$$")
    wanted = head.strip()
    count = int(wanted[:9]) if dollars and wanted.isascii() and wanted.isdigit() else None
    body = text if count is None else rest
    depth, start, parts = 0, 0, []
    for at, sign in _signs(body):
        if sign == "|" and depth == 0:
            parts.append(body[start:at])
            start = at + 1
        depth += {"{": 1, "}": -1}.get(sign, 0)
    parts.append(body[start:])
    return 1 if count is None else count, [_weighted(part) for part in parts]


def _weighted(option: str) -> tuple[float, str]:
    head, colons, rest = option.partition("::")
    try:
        weight = float(head) if colons else 1.0
    except ValueError:
        return 1.0, option
    return (weight, rest if colons else option) if 0 <= weight < 1e9 else (1.0, option)


def _pick(given: tuple[int, list[tuple[float, str]]], draw: random.Random) -> list[str]:
    """So many different options, the more likely the larger their weights."""
    count, options = given
    left = list(options)
    picked: list[str] = []
    while left and len(picked) < count:
        point = draw.random() * sum(weight for weight, _ in left)
        place = 0
        while place < len(left) - 1 and point >= left[place][0]:
            point -= left[place][0]
            place += 1
        picked.append(left.pop(place)[1])
    return picked


def _unescaped(text: str, depth: int) -> str:
    """Outside of braces a bar divides nothing, and its escape is left for who reads it next."""
    for sign in SIGNS if depth else "{}":
        text = text.replace("\\" + sign, sign)
    return text


NODES = (prompt_wildcards,)
