"""Short ways to talk of what is kept on disk."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nodegraph.engine import disk as disk_module
from nodegraph.engine.cache import TieredCache
from nodegraph.engine.disk import DiskCache
from nodegraph.engine.keys import digest_value, opaque_digest

MEGABYTE = 1 << 20


def key(number: int) -> bytes:
    """A key for each number."""
    return number.to_bytes(32, "big")


def picture(number: int, nbytes: int = 4096) -> np.ndarray[Any, Any]:
    """Bytes that look like no others."""
    return np.random.default_rng(number).integers(0, 256, nbytes, np.uint8)


def digests(values: tuple[Any, ...]) -> list[bytes]:
    """What outputs digest to."""
    return [digest_value(value) or opaque_digest(b"", 0) for value in values]


def put(disk: DiskCache, number: int, nbytes: int = 4096, seconds: float = 10.0) -> bool:
    """Store the picture of that number."""
    return disk.store(key(number), (picture(number, nbytes),), nbytes, seconds)


def has(disk: DiskCache, number: int, nbytes: int = 4096) -> bool:
    """Whether the picture of that number is there; whatever is there must be it."""
    expected = picture(number, nbytes)
    found = disk.values(key(number), digests((expected,)))
    assert found is None or np.array_equal(found[0], expected)
    return found is not None


def keep_all(patch: pytest.MonkeyPatch) -> None:
    """Let values be written however quickly they were made."""
    patch.setattr(disk_module, "MIN_SECONDS", 0.0)
    patch.setattr(disk_module, "READ_BYTES_PER_SECOND", float("inf"))


def tiered(folder: Path, budget: int = 1 << 24, cap: int = 1 << 24) -> TieredCache:
    """A cache as a process that has just begun has it."""
    return TieredCache(budget, disk=DiskCache(folder, cap))


def content(folder: Path) -> bytes:
    """All bytes of all files below a folder."""
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
