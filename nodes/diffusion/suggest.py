"""Choosing from a table by name, with the nearest name offered when there is none."""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import TypeVar

__all__ = ["pick"]

T = TypeVar("T")


def pick(kind: str, name: str, table: Mapping[str, T]) -> T:
    """`table[name]`, or a ValueError that names the `kind`, the nearest names and all names."""
    if name in table:
        return table[name]
    near = get_close_matches(name, table, n=3, cutoff=0.5)
    hint = f"did you mean {' or '.join(map(repr, near))}? " if near else ""
    raise ValueError(f"unknown {kind} {name!r}; {hint}Known: {', '.join(sorted(table))}")
