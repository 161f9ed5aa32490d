"""Digests of what files and folders hold, read again only where something changed.

What was read is remembered by path, size, inode and the times of the last change, for large files
beyond the process too: a model of some gigabytes is read once and not in each run.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from blake3 import blake3

from nodegraph.errors import NodeError

__all__ = ["Contents", "KeptDigests"]

LARGE = 1 << 20
"""Bytes from which on it is worth a row to know a file's digest next time."""
SETTLED_SECONDS = 2.0
"""A file that was written so lately may change again without its times telling."""


class KeptDigests(Protocol):
    """Digests by path that outlive the process."""

    def digest(self, path: str, stamp: str) -> str | None:
        """What a file held that had this stamp; None if that is not known."""
        ...

    def note_digest(self, path: str, stamp: str, digest: str) -> None:
        """Keep it."""
        ...


@dataclass
class Contents:
    """What was read, by path; with `kept` large files are known from earlier processes."""

    kept: KeptDigests | None = None
    _known: dict[Path, tuple[list[str], str]] = field(default_factory=dict)

    def digest(self, path: Path) -> str:
        """The BLAKE3 of a file's content, or of a folder's names and contents.

        Documents (`*.md`) and hidden files in a folder are passed over.

        Raises:
            NodeError: when there is neither.
        """
        if not path.exists():
            raise NodeError(f"there is nothing at '{path}'")
        files = [path] if path.is_file() else sorted(filter(_counts, path.rglob("*")))
        stamps = [f"{file} {_stamp(file)}" for file in files]
        known = self._known.get(path)
        if known is not None and known[0] == stamps:
            return known[1]
        hasher = blake3()
        for file in files:
            name = file.relative_to(path).as_posix() if file != path else ""
            hasher.update(f"{name}\0{self._content(file)}\n".encode())
        text = hasher.hexdigest()
        self._known[path] = (stamps, text)
        return text

    def _content(self, file: Path) -> str:
        place, stamp = str(file.absolute()), _stamp(file)
        if self.kept is None or file.stat().st_size < LARGE:
            return _read(file)
        found = self.kept.digest(place, stamp)
        if found is None:
            found = _read(file)
            changed = time.time() - max(file.stat().st_mtime, file.stat().st_ctime)
            if changed > SETTLED_SECONDS and _stamp(file) == stamp:
                self.kept.note_digest(place, stamp, found)
        return found


def _read(file: Path) -> str:
    content = blake3(max_threads=blake3.AUTO)
    content.update_mmap(file)
    return content.hexdigest()


def _stamp(file: Path) -> str:
    found = file.stat()
    parts = (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)
    return " ".join(map(str, parts))


def _counts(path: Path) -> bool:
    return path.is_file() and path.suffix != ".md" and not path.name.startswith(".")
