"""Prompts that change while a picture is made: `[from:to:when]` and `[one|another]`.

In the manner of the Stable Diffusion web UI of AUTOMATIC1111, whose documentation describes them.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from nodes.diffusion.prompt import is_escape, partners

__all__ = ["Turn", "turns"]

MOST = 256
"""Ways that a prompt may read in one run."""
DEEPEST = 50


@dataclass(frozen=True)
class Turn:
    """The steps of a run at which something counts; of a run of n steps, counted from 0,

    those from both `share` n and `step` on, before both `share_end` n and `step_end`, whose number
    divided by `period` leaves `phase`.
    """

    share: float = 0.0
    share_end: float = math.inf
    step: int = 0
    step_end: int | None = None
    period: int = 1
    phase: int = 0

    def at(self, step: int, steps: int) -> bool:
        """Whether it counts at a step, 0 to `steps` - 1."""
        # A share such as 0.7 of 10 steps is 7, whatever its last bit.
        begins = max(self.share * steps - 1e-6, self.step)
        ends = min(
            self.share_end * steps - 1e-6, math.inf if self.step_end is None else self.step_end
        )
        return begins <= step < ends and step % self.period == self.phase


@dataclass(frozen=True)
class _Switch:
    """One text before `when`, another from then on."""

    before: _Text
    after: _Text
    when: float | int

    @property
    def texts(self) -> tuple[_Text, ...]:
        return (self.before, self.after)

    def at(self, turn: Turn) -> _Text:
        begun = turn.share if isinstance(self.when, float) else turn.step
        return self.after if self.when <= begun else self.before


@dataclass(frozen=True)
class _Alternation:
    """Texts that take turns."""

    texts: tuple[_Text, ...]

    def at(self, turn: Turn) -> _Text:
        return self.texts[turn.phase % len(self.texts)]


_Choice = _Switch | _Alternation


@dataclass(frozen=True)
class _Text:
    """Words and choices in their order; `depth` counts how deep choices are in choices."""

    parts: tuple[str | _Choice, ...]
    depth: int


@dataclass(frozen=True)
class _Mark:
    """A sign that may divide a bracket."""

    sign: str


_Piece = str | _Choice | _Mark


def turns(*prompts: str) -> list[tuple[Turn, tuple[str, ...]]]:
    r"""What the prompts read at which steps: each `Turn` with all of them, as they are then.

    In square brackets `[a:b:when]` is `a` at first and `b` from `when` on, `[b:when]` nothing at
    first, `[a::when]` nothing then. `when` is a share of the steps if it is 0 or written with a
    point (0.5, 1.0), a number of steps if it is whole. `[a|b|c]` takes turns with every step. They
    nest; brackets that are neither stay as they are. `\|` and `\:` divide nothing.

    Raises ValueError for prompts that could read in more than `MOST` ways, or nest too deeply.
    """
    texts = [_parsed(prompt) for prompt in prompts]
    choices = [choice for text in texts for choice in _choices(text)]
    whens = {choice.when for choice in choices if isinstance(choice, _Switch)}
    shares = sorted({0.0} | {when for when in whens if isinstance(when, float)})
    steps = sorted({0} | {when for when in whens if isinstance(when, int)})
    period = math.lcm(*(len(one.texts) for one in choices if isinstance(one, _Alternation)))
    count = len(shares) * len(steps) * period
    if count > MOST:
        raise ValueError(f"the prompt may read in {count} ways over a run; at most {MOST} may be")
    found = []
    for (share, share_end), (step, step_end), phase in itertools.product(
        itertools.pairwise([*shares, math.inf]),
        itertools.pairwise([*steps, None]),
        range(period),
    ):
        assert step is not None
        turn = Turn(share, share_end, step, step_end, period, phase)
        found.append((turn, tuple(_read(text, turn) for text in texts)))
    return found


def _read(text: _Text, turn: Turn) -> str:
    """A prompt as it is at a turn, between whose ends nothing changes."""
    return "".join(
        part if isinstance(part, str) else _read(part.at(turn), turn) for part in text.parts
    )


def _choices(text: _Text) -> Iterator[_Choice]:
    for part in text.parts:
        if not isinstance(part, str):
            yield part
            for inner in part.texts:
                yield from _choices(inner)


@dataclass
class _Bracket:
    """An open bracket: its sign, where it is among the pieces, and whether it may be a choice."""

    sign: str
    start: int
    divided: bool = False


def _parsed(prompt: str) -> _Text:
    """In one pass, whose time does not depend on how deep brackets are nested."""
    closing = partners(prompt)
    closers = set(closing.values())
    pieces: list[_Piece] = []
    stack = [_Bracket("", 0)]
    signs = enumerate(prompt)
    for at, sign in signs:
        inner = stack[-1]
        square = inner.sign == "["
        if is_escape(prompt, at) or (square and sign == "\\" and prompt[at + 1] in "|:"):
            _, escaped = next(signs)
            pieces.append(escaped if escaped in "|:" else sign + escaped)
        elif at in closers:
            _close(pieces, stack.pop(), sign)
        elif square and (sign == "|" or (sign == ":" and not _names(prompt, at))):
            inner.divided = True
            pieces.append(_Mark(sign))
        else:
            if at in closing:
                stack.append(_Bracket(sign, len(pieces)))
            pieces.append(sign)
    return _joined(pieces)


def _names(prompt: str, colon: int) -> bool:
    """Whether a colon is that of `embedding:name`."""
    return prompt.endswith("embedding", 0, colon)


def _close(pieces: list[_Piece], bracket: _Bracket, closer: str) -> None:
    """Put a choice in the place of a bracket that is one, and end the others."""
    inner = pieces[bracket.start + 1 :] if bracket.divided else []
    choice = _choice(inner)
    if choice is None:
        # What divided nothing here divides nothing further out.
        plain = [piece.sign if isinstance(piece, _Mark) else piece for piece in inner]
        pieces[len(pieces) - len(inner) :] = [*plain, closer]
    else:
        pieces[bracket.start :] = [choice]


def _choice(pieces: Sequence[_Piece]) -> _Choice | None:
    options = _divided(pieces, "|")
    if len(options) > 1:
        return _Alternation(tuple(map(_joined, options)))
    parts = _divided(pieces, ":")
    when = _when(parts[-1]) if len(parts) in (2, 3) else None
    if when is None:
        return None
    return _Switch(_joined(parts[0] if len(parts) == 3 else ()), _joined(parts[-2]), when)


def _divided(pieces: Sequence[_Piece], sign: str) -> list[list[_Piece]]:
    parts: list[list[_Piece]] = [[]]
    for piece in pieces:
        if piece == _Mark(sign):
            parts.append([])
        else:
            parts[-1].append(piece)
    return parts


def _when(pieces: Sequence[_Piece]) -> float | int | None:
    """A share as a float, a number of steps as an int; None for what is neither."""
    word = "".join(piece if isinstance(piece, str) else "?" for piece in pieces).strip()
    if word.isascii() and word.isdigit():
        return int(word[:9]) or 0.0
    try:
        share = float(word)
    except ValueError:
        return None
    return share if 0 <= share <= 1 else None


def _joined(pieces: Sequence[_Piece]) -> _Text:
    """Letters in one piece; marks that divided nothing are the signs they are."""
    parts: list[str | _Choice] = []
    plain = (piece.sign if isinstance(piece, _Mark) else piece for piece in pieces)
    for is_text, run in itertools.groupby(plain, key=lambda piece: isinstance(piece, str)):
        found = list(run)
        parts.extend(["".join(map(str, found))] if is_text else found)
    depths = (text.depth for part in parts if not isinstance(part, str) for text in part.texts)
    depth = 1 + max(depths, default=-1)
    if depth > DEEPEST:
        raise ValueError(
            f"the prompt has choices in choices, {depth} deep; at most {DEEPEST} may be"
        )
    return _Text(tuple(parts), depth)
