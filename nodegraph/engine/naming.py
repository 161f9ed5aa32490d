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

_FIELD = re.compile(r"\{([^{}]*)\}")
_UNSAFE = re.compile(r'[\x00-\x1f<>:"|?*\\]')


@dataclass(frozen=True)
class NameContext:
    """What a pattern may refer to: the inputs of the workflow's nodes, and the time."""

    inputs: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    now: datetime = field(default_factory=datetime.now)

    def value(self, name: str) -> str:
        """The text of one `{name}`.

        Raises:
            NodeError: for an unknown name.
        """
        key, _, style = name.partition(":")
        if key == "date":
            return self.now.strftime(style or "%Y-%m-%d")
        if key == "time":
            return self.now.strftime(style or "%H%M%S")
        node, _, field_name = key.rpartition(".")
        value = self.inputs.get(node, {}).get(field_name)
        if value is None or isinstance(value, dict | list):
            known = ["counter", "date", "time"]
            known += [f"{n}.{f}" for n, inputs in self.inputs.items() for f in inputs]
            close = nearest(key, known)
            hint = f"; did you mean {{{close}}}?" if close else ""
            raise NodeError(f"the file name pattern has an unknown value {{{name}}}{hint}")
        return str(value).replace("/", "_")


def resolve_pattern(
    pattern: str, suffix: str, root: Path, names: NameContext
) -> Callable[[int], Path]:
    """A function from attempt number to path; the counter starts after the highest one present.

    Raises:
        NodeError: for an unknown value, an empty name, or a path outside `root`.
    """
    if not re.search(r"\{counter(:\d+)?\}", pattern):
        pattern = f"{pattern}_{{counter}}" if pattern and pattern[-1] not in "/" else "{counter}"
    filled = _FIELD.sub(lambda m: _keep_counter(m, names), pattern)
    before, width, after = _split_counter(filled)
    sample = root / f"{before}0{after}{suffix}"
    if not sample.resolve().is_relative_to(root.resolve()):
        raise NodeError(f"the file name '{pattern}' leads out of the output folder")
    start = _highest(sample.parent, Path(before + "x").name[:-1], after + suffix) + 1

    def path(attempt: int) -> Path:
        return root / f"{before}{start + attempt:0{width}}{after}{suffix}"

    return path


def _keep_counter(match: re.Match[str], names: NameContext) -> str:
    name = match[1]
    if name == "counter" or name.startswith("counter:"):
        return match[0]
    return _UNSAFE.sub("_", names.value(name))[:80]


def _split_counter(filled: str) -> tuple[str, int, str]:
    before, _, rest = filled.partition("{counter")
    width, _, after = rest.partition("}")
    after = re.sub(r"\{counter(:\d+)?\}", "", after)
    clean = [_UNSAFE.sub("_", part) for part in (before, after)]
    return clean[0], min(int(width[1:] or 5), 12), clean[1]


def _highest(folder: Path, before: str, after: str) -> int:
    if not folder.is_dir():
        return 0
    matcher = re.compile(rf"{re.escape(before)}(\d{{1,12}}){re.escape(after)}")
    found = (matcher.fullmatch(path.name) for path in folder.iterdir())
    return max((int(match[1]) for match in found if match), default=0)
