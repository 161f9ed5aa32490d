"""What the cache remembers of a node besides its values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nodegraph.engine.events import Output

__all__ = ["Record", "Seen"]


@dataclass(frozen=True, slots=True)
class Record:
    """What is remembered of a node that ran."""

    digests: tuple[bytes, ...]
    seconds: float
    outputs: tuple[Output, ...] = ()


@dataclass(frozen=True, slots=True)
class Seen:
    """The inputs a node had when it was last looked at, to say what changed since."""

    key: bytes
    type: str
    literals: Mapping[str, Any]
    digests: Mapping[str, bytes]
    fingerprint: str | None
