"""`nodegraph models`: what model files there are, and where."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from nodegraph.cli.explain import plain_table, size
from nodegraph.cli.places import Places
from nodegraph.cli.shell import Shell, shown
from nodegraph.engine.files import Files
from nodegraph.plugins.loader import Pack

__all__ = ["found_models", "list_models", "nbytes"]


def list_models(shell: Shell, places: Places) -> int:
    """Every model by kind, with what it holds, its size and its place."""
    with shell.reserved():
        session = places.open(shell)
        models = found_models(session.files())
        _describe(models, session.packs)
    if shell.json:
        shell.document({"models": models})
        return 0
    if models:
        heads = ("kind", "name", "holds", "size", "path")
        shell.print(plain_table(heads, list(map(_row, models)), {3}))
    else:
        shell.print("there are no models")
    for model in models:
        if (problem := model["problem"]) is not None:
            name = f"{model['kind']}/{model['name']}"
            shell.print(f"{name}: {problem.removeprefix(name).strip()}")
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


def _describe(models: list[dict[str, Any]], packs: Sequence[Pack]) -> None:
    """Add to each model what it holds by the first node pack that knows, or what is wrong."""
    for model in models:
        model |= {"holds": None, "problem": None}
        for describe in (pack.describe for pack in packs if pack.describe is not None):
            try:
                model["holds"] = describe(Path(model["path"]))
                break
            except ValueError as error:
                model["problem"] = str(error)


def _row(model: dict[str, Any]) -> tuple[str, ...]:
    holds = model["holds"] or ("damaged" if model["problem"] else "-")
    return model["kind"], model["name"], holds, size(model["bytes"]), shown(model["path"])


def nbytes(path: Path) -> int:
    """The size of a file, or of all files in a folder; 0 if there is nothing."""
    files = [path] if path.is_file() else [p for p in path.rglob("*") if p.is_file()]
    return sum(file.stat().st_size for file in files)


def _listed(folders: Sequence[Path]) -> str:
    return ", ".join(str(folder) for folder in folders)
