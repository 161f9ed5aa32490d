"""Names of result files: patterns with a counter, the date, and values of nodes."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from nodegraph.errors import NodeError, nearest

__all__ = ["NameContext", "resolve_pattern"]

DIGITS = 5

_FIELD = re.compile(r"(\{[^{}]*\})")
_STYLES = {"date": "%Y-%m-%d", "time": "%H%M%S"}
_UNSAFE = re.compile(r'[\x00-\x1f<>:"|?*\\]')


@dataclass(frozen=True)
class NameContext:
    """What a pattern may refer to: the inputs of the workflow's nodes, and the time."""

    inputs: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    now: datetime = field(default_factory=datetime.now)

    def values_in(self, pattern: str) -> list[object]:
        """The values of nodes that a pattern refers to; the date and the counter are none."""
        fields = (field.strip("{}").partition(":")[0] for field in _FIELD.findall(pattern))
        found = (field.rpartition(".") for field in fields)
        return [self.inputs.get(node, {}).get(field) for node, dot, field in found if dot]

    def value(self, name: str) -> str:
        """The text of one `{name}`.

        Raises:
            NodeError: for an unknown name.
        """
        key, _, style = name.partition(":")
        if key in _STYLES:
            try:
                return self.now.strftime(style or _STYLES[key])
            except ValueError as error:
                raise NodeError(f"the file name pattern has a bad {{{name}}}: {error}") from None
        node, _, field_name = key.rpartition(".")
        value = self.inputs.get(node, {}).get(field_name)
        if not _fits_into_name(value):
            raise NodeError(f"the file name pattern has {self._unknown(name, key)}")
        return str(value).replace("/", "_")

    def _unknown(self, name: str, key: str) -> str:
        """Why a name stands for no text, with the nearest one that does."""
        node, _, field_name = key.rpartition(".")
        if field_name in self.inputs.get(node, {}):
            return f"an unknown value {{{name}}}: that input is linked, a list or empty"
        known = ["counter", "date", "time"]
        for owner, inputs in self.inputs.items():
            known += [f"{owner}.{one}" for one, value in inputs.items() if _fits_into_name(value)]
        close = nearest(key, known)
        hint = f"; did you mean {{{close}}}?" if close else ""
        return f"an unknown value {{{name}}}{hint}"


def _fits_into_name(value: object) -> bool:
    return isinstance(value, str | int | float)


def resolve_pattern(
    pattern: str, suffix: str, root: Path, names: NameContext
) -> Callable[[int], Path]:
    """A function from attempt number to path; the counter starts after the highest one present.

    Raises:
        NodeError: for an unknown value, an empty name, or a path outside `root`.
    """
    before, width, after = _fill(pattern, names)
    sample = root / f"{before}0{after}{suffix}"
    if not sample.resolve().is_relative_to(root.resolve()):
        raise NodeError(f"the file name '{pattern}' leads out of the output folder")
    start = _highest(sample.parent, Path(before + "x").name[:-1], after + suffix) + 1

    def path(attempt: int) -> Path:
        return root / f"{before}{start + attempt:0{width}}{after}{suffix}"

    return path


def _fill(pattern: str, names: NameContext) -> tuple[str, int, str]:
    """The text before the first counter, the counter's width, and the text after it."""
    parts = ["", ""]
    width: int | None = None
    for piece in _FIELD.split(pattern):
        name = piece[1:-1]
        if not _FIELD.fullmatch(piece):
            text = piece
        elif name == "counter" or name.startswith("counter:"):
            width = _width(name) if width is None else width
            continue
        else:
            text = names.value(name)[:80]
        parts[width is not None] += _UNSAFE.sub("_", text)
    if width is None and parts[0] and not parts[0].endswith("/"):
        parts[0] += "_"
    return parts[0], DIGITS if width is None else width, parts[1]


def _width(name: str) -> int:
    digits = name.partition(":")[2]
    if not digits:
        return DIGITS
    if not re.fullmatch(r"[0-9]{1,3}", digits):
        raise NodeError(f"the width of {{{name}}} must be a number, as in {{counter:3}}")
    return min(int(digits), 12)


def _highest(folder: Path, before: str, after: str) -> int:
    if not folder.is_dir():
        return 0
    matcher = re.compile(rf"{re.escape(before)}(\d{{1,12}}){re.escape(after)}")
    found = (matcher.fullmatch(path.name) for path in folder.iterdir())
    return max((int(match[1]) for match in found if match), default=0)
