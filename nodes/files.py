"""What a fingerprint function needs of the engine's folders."""

from pathlib import Path
from typing import Protocol

__all__ = ["Files", "Models"]


class Files(Protocol):
    """Input files by name, and digests of their contents."""

    def input(self, name: str) -> Path:
        """Where an input file is."""

    def digest(self, path: Path) -> str:
        """The digest of a file's content."""


class Models(Protocol):
    """Models by kind and name, and digests of their contents."""

    def models(self, kind: str) -> list[str]:
        """The names of the models of a kind, sorted."""

    def model(self, kind: str, name: str) -> Path:
        """Where a model is; MissingModel if there is none of that name."""

    def digest(self, path: Path) -> str:
        """The digest of a file's content."""
