"""What the cache remembers of a node besides its values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from nodegraph.engine.events import Output

__all__ = ["Record", "Seen"]


class Record(NamedTuple):
    """What is remembered of a node that ran."""

    digests: tuple[bytes, ...]
    seconds: float
    outputs: tuple[Output, ...] = ()


class Seen(NamedTuple):
    """The inputs a node had when it was last looked at, to say what changed since."""

    key: bytes
    type: str
    literals: Mapping[str, Any]
    digests: Mapping[str, bytes]
    fingerprint: str | None
