"""What a fingerprint function needs of the engine's folders."""

from pathlib import Path
from typing import Protocol

__all__ = ["Files"]


class Files(Protocol):
    """Input files by name, and digests of their contents."""

    def input(self, name: str) -> Path:
        """Where an input file is."""

    def digest(self, path: Path) -> str:
        """The digest of a file's content."""
