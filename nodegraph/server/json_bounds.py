"""JSON from clients: its size in values and its depth are known before any of it is built.

A body that is short as bytes may be long as objects (`[[],[],...]`), or so deep that what walks
it later runs out of stack. Both are counted first, at the speed of `bytes.count`.
"""

from __future__ import annotations

import json
from itertools import accumulate
from typing import Any

from nodegraph.server.errors import ApiError

__all__ = ["MAX_DEPTH", "MAX_VALUES", "parse_json"]

MAX_DEPTH = 128
"""Objects and lists within each other, at most."""
MAX_VALUES = 1_000_000
"""Values in one document, at most."""

_NO_BRACKETS = bytes(byte for byte in range(256) if byte not in b"[]{}")
_STEPS = [(byte in b"[{") - (byte in b"]}") for byte in range(256)]


def parse_json(data: bytes) -> Any:
    """The value that a JSON text holds; NaN and Infinity, which JSON has not, are refused.

    Raises:
        ApiError: 400 `invalid_request`: it is not JSON, nested too deeply, or of too many values.
    """
    _check_bounds(data)
    try:
        # json.loads would decode bytes itself, and let half pairs of UTF-16 through.
        value = json.loads(data.decode("utf-8-sig"), parse_constant=_refuse)
        if b"\\uD" in data or b"\\ud" in data:  # half of a pair would fail wherever it is written
            json.dumps(value, ensure_ascii=False).encode()
        return value
    except RecursionError:
        raise _invalid(f"the JSON is nested more than {MAX_DEPTH} deep") from None
    except UnicodeError:
        raise _invalid("a text in the JSON is not Unicode") from None
    except ValueError as error:
        raise _invalid(f"this is not JSON: {error}") from None


def _check_bounds(data: bytes) -> None:
    opened = data.count(b"[") + data.count(b"{")
    if opened <= MAX_DEPTH and len(data) <= MAX_VALUES:
        return
    # A bracket or comma in a text counts as well: only then is it worth while to look closer.
    if data.count(b",") + opened > MAX_VALUES or data.count(b'"') > 4 * MAX_VALUES:
        raise _invalid(f"the JSON has more than {MAX_VALUES} values")
    if opened > MAX_DEPTH and _depth(data) > MAX_DEPTH:
        raise _invalid(f"the JSON is nested more than {MAX_DEPTH} deep")


def _depth(data: bytes) -> int:
    """The most brackets that are open at once, those in texts not counted."""
    plain = data.replace(b"\\\\", b"").replace(b'\\"', b"")
    brackets = b"".join(plain.split(b'"')[::2]).translate(None, _NO_BRACKETS)
    return max(accumulate(map(_STEPS.__getitem__, brackets)), default=0)


def _invalid(text: str) -> ApiError:
    return ApiError(400, "invalid_request", text)


def _refuse(name: str) -> Any:
    raise ValueError(f"{name} is no value of JSON")
