"""A session as a server wants it: files only from the folders it was told, nowhere else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from nodegraph.engine.files import Files
from nodegraph.session import Session

__all__ = ["ServedSession"]


@dataclass
class ServedSession(Session):
    """A session whose runs read input files from `input_dirs` and by no path of the machine."""

    input_dirs: Sequence[Path] = ()

    def files(self, output_dir: Path | None = None, beside: Path | None = None) -> Files:
        """The folders of a run."""
        made = super().files(output_dir, beside)
        return replace(made, input_dirs=[*self.input_dirs], any_path=False)

    def builtin_models(self) -> dict[str, dict[str, str]]:
        """The models that come with node packs: kind -> name -> path."""
        found = self.files().builtin
        return {
            kind: {name: str(path) for name, path in models.items()}
            for kind, models in found.items()
        }
