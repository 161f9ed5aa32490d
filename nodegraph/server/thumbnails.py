"""Small pictures of pictures: few are made at a time, and those made are kept, up to a bound."""

from __future__ import annotations

import asyncio
import os
import secrets
from contextlib import suppress
from pathlib import Path

__all__ = ["SIZES", "Thumbnails"]

SIZES = (128, 256, 512, 1024)
AT_ONCE = 2
MOST_PIXELS = 100_000_000
"""Of a picture, whatever more the server takes: some bytes each, for every one made at a time."""
MOST_BYTES = 256 * 2**20
"""What is kept on disk; the oldest go first."""
_LOOK_EVERY = 200


class Thumbnails:
    """The thumbnails of one data directory, made when they are asked for.

    Args:
        folder: where they are kept.
        most_pixels: the most that a picture may have.
        most_bytes: what is kept.
    """

    def __init__(self, folder: Path, most_pixels: int, most_bytes: int = MOST_BYTES) -> None:
        self._folder, self._bytes = folder, most_bytes
        self._pixels = min(most_pixels, MOST_PIXELS)
        self._gate = asyncio.Semaphore(AT_ONCE)
        self._made = 0

    async def of(self, source: Path, key: str, size: int) -> Path:
        """A WebP picture of a picture, at most `size` (see `SIZES`) wide and high.

        Args:
            key: stands for the content of `source`; letters and digits.

        Raises:
            ApiError: 415 `no_thumbnail`: it is no picture, or has too many pixels.
        """
        wanted = next((known for known in SIZES if known >= size), SIZES[-1])
        path = self._folder / key[:2] / f"{key}-{wanted}.webp"
        if not await asyncio.to_thread(path.is_file):
            async with self._gate:
                await asyncio.to_thread(self._make, source, path, wanted)
        return path

    def _make(self, source: Path, path: Path, size: int) -> None:
        if path.is_file():
            return
        from nodegraph.server.shrinking import small  # Pillow: not at the start

        data = small(source, size, self._pixels)
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f".{secrets.token_hex(8)}.tmp")
        try:
            temporary.write_bytes(data)
            os.replace(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)
        self._made += 1
        if self._made % _LOOK_EVERY == 1:
            self.trim()

    def trim(self) -> None:
        """Delete the oldest until the rest is within the bound."""
        found = []
        for path in self._folder.glob("??/*.webp"):
            with suppress(OSError):
                stat = path.stat()
                found.append((stat.st_mtime, stat.st_size, path))
        total = sum(size for _, size, _ in found)
        for _, size, path in sorted(found, key=lambda one: one[0]):
            if total <= self._bytes:
                return
            with suppress(OSError):
                path.unlink()
                total -= size
