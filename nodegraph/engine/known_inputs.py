"""Input files known by their content, which are found again under another name or elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from blake3 import blake3

__all__ = ["KnownInput", "known_inputs"]

MAX_FILES = 20_000
"""How many files of a folder are looked at."""


@dataclass(frozen=True)
class KnownInput:
    """The content of a file that a result was made from.

    Attributes:
        digest: BLAKE3 of the content, 64 hexadecimal digits.
        size: its bytes.
    """

    digest: str
    size: int

    @classmethod
    def of(cls, path: Path) -> KnownInput:
        """What a file holds."""
        hasher = blake3(max_threads=blake3.AUTO)
        hasher.update_mmap(path)
        return cls(hasher.hexdigest(), path.stat().st_size)

    def is_in(self, path: Path) -> bool:
        """Whether a file holds this."""
        try:
            return path.stat().st_size == self.size and KnownInput.of(path) == self
        except OSError:
            return False

    def find(self, data: Path, folders: Iterable[Path]) -> Path | None:
        """A file that holds this: in the data directory's assets and input folder, or directly
        in one of some folders."""
        asset = data / "assets" / self.digest[:2] / self.digest
        places = [[asset], _within(data / "input"), *map(_directly_in, folders)]
        return next((path for place in places for path in place if self.is_in(path)), None)

    def as_dict(self) -> dict[str, Any]:
        """As it stands in a workflow's `made_with`."""
        return {"blake3": self.digest, "bytes": self.size}


def known_inputs(written: object) -> dict[str, KnownInput]:
    """Input files by name, as a workflow's `made_with.inputs` has them; what is odd is left out."""
    found = {}
    for name, entry in written.items() if isinstance(written, Mapping) else ():
        digest, size = (
            (entry.get("blake3"), entry.get("bytes")) if isinstance(entry, Mapping) else (None, 0)
        )
        if isinstance(digest, str) and _is_digest(digest) and type(size) is int:
            found[str(name)] = KnownInput(digest, size)
    return found


def _is_digest(text: str) -> bool:
    return len(text) == 64 and all(one in "0123456789abcdef" for one in text)


def _within(folder: Path) -> Iterator[Path]:
    return islice((path for path in folder.rglob("*") if path.is_file()), MAX_FILES)


def _directly_in(folder: Path) -> Iterator[Path]:
    try:
        yield from islice((path for path in folder.iterdir() if path.is_file()), MAX_FILES)
    except OSError:
        return
