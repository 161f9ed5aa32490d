"""A node pack without nodes: a worker that loads it starts at once."""

from typing import Any

__all__ = ["NODES"]

NODES: tuple[Any, ...] = ()
