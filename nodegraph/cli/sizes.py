"""Numbers of bytes as people write them: `2GB`, `500 MiB`, `0`."""

from __future__ import annotations

import re

from nodegraph.cli.failures import UsageError

__all__ = ["read_size"]

_UNITS = {"": 1, "B": 1}
for _power, _letter in enumerate("KMGT", start=1):
    _UNITS |= {_letter: 1000**_power, f"{_letter}B": 1000**_power, f"{_letter}IB": 1024**_power}

_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([A-Z]*)", re.IGNORECASE)


def read_size(text: str | None, option: str) -> int | None:
    """The number of bytes, or None if nothing was given.

    Raises:
        UsageError: naming `option`, for anything that is no size.
    """
    if text is None:
        return None
    found = _SIZE.fullmatch(text.strip())
    if found is None or found[2].upper() not in _UNITS:
        raise UsageError(f"{option} takes a number of bytes, such as 2GB or 500MiB, got '{text}'")
    return int(float(found[1]) * _UNITS[found[2].upper()])
