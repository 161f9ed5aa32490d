"""`nodegraph models`: what model files there are, and where."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from nodegraph.cli.explain import plain_table, size
from nodegraph.cli.places import Places
from nodegraph.cli.shell import Shell, shown
from nodegraph.engine.files import Files

__all__ = ["found_models", "list_models", "nbytes"]


def list_models(shell: Shell, places: Places) -> int:
    """Every model by kind, with its size and place."""
    with shell.reserved():
        models = found_models(places.open(shell).files())
    if shell.json:
        shell.document({"models": models})
        return 0
    if models:
        rows = [(m["kind"], m["name"], size(m["bytes"]), shown(m["path"])) for m in models]
        shell.print(plain_table(("kind", "name", "size", "path"), rows, {2}))
    else:
        shell.print("there are no models")
    folders = [shell.data / "models", *places.models]
    shell.say(f"looked in {_listed(folders)}; each holds a folder for each kind (checkpoints, ...)")
    return 0


def found_models(files: Files) -> list[dict[str, Any]]:
    """Kind, name, path and size in bytes of each model."""
    return [
        {"kind": kind, "name": name, "path": str(path), "bytes": nbytes(path)}
        for kind in files.model_kinds()
        for name in files.models(kind)
        for path in [files.model(kind, name)]
    ]


def nbytes(path: Path) -> int:
    """The size of a file, or of all files in a folder; 0 if there is nothing."""
    files = [path] if path.is_file() else [p for p in path.rglob("*") if p.is_file()]
    return sum(file.stat().st_size for file in files)


def _listed(folders: Sequence[Path]) -> str:
    return ", ".join(str(folder) for folder in folders)
