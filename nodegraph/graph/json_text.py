"""Files and JSON text that others wrote, read so that nothing is lost and nothing can hurt."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

from nodegraph.errors import WorkflowFileError, nearest

__all__ = ["MAX_DEPTH", "read_file", "read_json", "write_text"]

MAX_DEPTH = 100
"""How deeply lists and objects may lie in each other; no real file comes near it."""

_PIECE = 2**20


def read_file(file: Path, limit: int = 2**30) -> bytes:
    """The bytes of a file.

    Raises:
        WorkflowFileError: there is none, with the name nearest to it; it cannot be read, or is
            larger than `limit` bytes.
    """
    try:
        if file.stat().st_size > limit:
            raise _too_large(file, limit)
        data = bytearray()  # in pieces: a device or a pipe says nothing of its size
        with file.open("rb") as stream:
            while len(data) <= limit and (piece := stream.read(_PIECE)):
                data += piece
    except FileNotFoundError:
        raise WorkflowFileError(f"there is no file '{file}'{_similar(file)}") from None
    except (OSError, ValueError) as error:
        said = getattr(error, "strerror", None) or str(error)
        raise WorkflowFileError(f"cannot read '{file}': {said}") from error
    if len(data) > limit:
        raise _too_large(file, limit)
    return bytes(data)


def _too_large(file: Path, limit: int) -> WorkflowFileError:
    return WorkflowFileError(f"'{file}' is too large: it has more than {limit >> 20} MiB")


def write_text(target: Path, text: str) -> None:
    """Write a file: to a temporary name first, so that a crash leaves the old one whole."""
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(4)}.tmp")
    try:
        with temporary.open("x", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(temporary, target)
    finally:
        temporary.unlink(missing_ok=True)


def _similar(file: Path) -> str:
    if not file.parent.is_dir():
        return f" (there is no folder '{file.parent}' either)"
    close = nearest(file.name, [p.name for p in file.parent.iterdir() if p.is_file()])
    return f" - did you mean '{file.parent / close}'?" if close else ""


def _refuse(text: str) -> float:
    raise ValueError(f"{text} is not JSON; numbers must be finite")


def read_json(
    data: bytes | str, source: str, constant: Callable[[str], float | None] = _refuse
) -> Any:
    """Parse JSON text; `source` names it in errors.

    Args:
        constant: what `NaN`, `Infinity` and `-Infinity` stand for; by default they are refused.

    Raises:
        WorkflowFileError: not JSON, nested too deeply, a key twice in one object, or text that
            could not be written again.
    """
    try:
        raw = json.loads(data, object_pairs_hook=_unique_keys, parse_constant=constant)
    except UnicodeDecodeError:
        raise WorkflowFileError(f"{source} is not a JSON file (it is not text)") from None
    except RecursionError:
        raise WorkflowFileError(f"{source} is nested too deeply to be a workflow") from None
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise WorkflowFileError(f"{source} is not JSON: {error.msg} at {place}") from None
    except ValueError as error:
        raise WorkflowFileError(f"{source}: {error}") from None
    if _is_deeper(raw, MAX_DEPTH):
        raise WorkflowFileError(f"{source} is nested too deeply to be a workflow")
    if not _is_unicode(data, raw):
        raise WorkflowFileError(f"{source} holds text that is not Unicode (half a surrogate pair)")
    return raw


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise ValueError(f"the key '{twice}' stands twice in one object; one would be lost")
    return found


def _is_deeper(value: Any, limit: int) -> bool:
    level = [value] if isinstance(value, dict | list) else []
    for _ in range(limit):
        inner = (one.values() if isinstance(one, dict) else one for one in level)
        level = [one for values in inner for one in values if isinstance(one, dict | list)]
        if not level:
            return False
    return True


def _is_unicode(data: bytes | str, value: Any) -> bool:
    """Whether all text can be written again; only an escape can bring in what cannot."""
    if ("\\u" if isinstance(data, str) else b"\\u") not in data:  # type: ignore[operator]
        return True
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True
