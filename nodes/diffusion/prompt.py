"""Emphasis in prompts: `(word)` counts 1.1, `(word:1.3)` counts 1.3, `[word]` counts 1 / 1.1."""

from dataclasses import dataclass
from math import isfinite

__all__ = ["Span", "is_escape", "parse_weights", "partners"]

UP = 1.1
CLOSERS = {"(": ")", "[": "]"}
ESCAPABLE = "()[]"


@dataclass(frozen=True)
class Span:
    """A piece of the prompt and the weight of its words."""

    text: str
    weight: float


def parse_weights(prompt: str) -> tuple[Span, ...]:
    r"""Split a prompt into pieces of one weight each.

    Brackets nest: `(word)` multiplies the weight around it by 1.1, `[word]` divides it by 1.1,
    and `(word:1.3)` sets it to 1.3 whatever is around. `\(`, `\)`, `\[` and `\]` are the signs
    themselves, and so are brackets without a partner.
    """
    closing = partners(prompt)
    spans: list[Span] = []
    outer: list[tuple[int, int, float]] = []  # (where the bracket ends, where to go on, weight)
    weight, text, at = 1.0, "", 0
    while at < len(prompt):
        sign = prompt[at]
        if outer and at == outer[-1][0]:
            spans.append(Span(text, weight))
            _, at, weight = outer.pop()
            text = ""
        elif at in closing:
            spans.append(Span(text, weight))
            stop, inner = _inside(prompt, at, closing[at], weight)
            outer.append((stop, closing[at] + 1, weight))
            weight, text, at = inner, "", at + 1
        else:
            escaped = is_escape(prompt, at)
            text += prompt[at + 1] if escaped else sign
            at += 2 if escaped else 1
    spans.append(Span(text, weight))
    return tuple(span for span in spans if span.text)


def is_escape(prompt: str, at: int) -> bool:
    """Whether a backslash stands there that makes the next sign a plain one."""
    return prompt[at] == "\\" and prompt[at + 1 : at + 2] != "" and prompt[at + 1] in ESCAPABLE


def partners(prompt: str) -> dict[int, int]:
    """Where each opening bracket that has a partner is closed."""
    openers = {closer: opener for opener, closer in CLOSERS.items()}
    waiting = dict.fromkeys(CLOSERS, 0)
    partners: dict[int, int] = {}
    open_at: list[int] = []
    at = 0
    while at < len(prompt):
        sign = prompt[at]
        if is_escape(prompt, at):
            at += 1
        elif sign in CLOSERS:
            open_at.append(at)
            waiting[sign] += 1
        elif waiting.get(openers.get(sign, ""), 0):
            while prompt[start := open_at.pop()] != openers[sign]:
                waiting[prompt[start]] -= 1
            waiting[openers[sign]] -= 1
            partners[start] = at
        at += 1
    return partners


def _inside(prompt: str, start: int, close: int, weight: float) -> tuple[int, float]:
    """Where the words of a bracket end, and their weight."""
    if prompt[start] == "[":
        return close, weight / UP
    colon = prompt.rfind(":", start + 1, close)
    if colon > start + 1 and not prompt.endswith("embedding", start + 1, colon):
        try:
            explicit = float(prompt[colon + 1 : close])
        except ValueError:
            return close, weight * UP
        if isfinite(explicit):
            return colon, explicit
    return close, weight * UP
