"""Text that every database takes and every client can be sent."""

from __future__ import annotations

from typing import Any

__all__ = ["storable", "storable_value"]


def storable(text: str) -> str:
    """A text without NUL, and with `?` for halves of surrogate pairs (such as stand for the bytes
    of a file name that are no Unicode)."""
    if text.isascii() and "\0" not in text:
        return text
    return text.replace("\0", "").encode("utf-8", "replace").decode()


def storable_value(value: Any) -> Any:
    """The same for all texts in a JSON value; keys too."""
    match value:
        case str():
            return storable(value)
        case list() | tuple():
            return [storable_value(one) for one in value]
        case dict():
            return {storable(str(key)): storable_value(one) for key, one in value.items()}
    return value
