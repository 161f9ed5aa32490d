"""Amounts as people write them: bytes (`2GB`, `500 MiB`, `0`) and times (`30d`, `1.5h`)."""

from __future__ import annotations

import re

from nodegraph.cli.failures import UsageError

__all__ = ["read_duration", "read_size"]

_UNITS = {"": 1, "B": 1}
for _power, _letter in enumerate("KMGT", start=1):
    _UNITS |= {_letter: 1000**_power, f"{_letter}B": 1000**_power, f"{_letter}IB": 1024**_power}

_SECONDS = {"": 1, "s": 1, "m": 60, "min": 60, "h": 3600, "d": 86400, "w": 604800}

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


def read_duration(text: str | None, option: str) -> float | None:
    """The number of seconds, or None if nothing was given.

    Raises:
        UsageError: naming `option`, for anything that is no time.
    """
    if text is None:
        return None
    found = _SIZE.fullmatch(text.strip())
    if found is None or found[2].lower() not in _SECONDS:
        raise UsageError(f"{option} takes a time, such as 30d, 12h or 90s, got '{text}'")
    return float(found[1]) * _SECONDS[found[2].lower()]
