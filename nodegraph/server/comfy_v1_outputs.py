"""What nodes made, as version 1 clients expect it in `executed` messages and in the history."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from nodegraph.jobs.model import JobOutput

__all__ = ["entry_of", "ui_of", "ui_outputs"]


def ui_outputs(outputs: Iterable[JobOutput], folder: Path) -> dict[str, dict[str, list[Any]]]:
    """Node id -> what it made (see `ui_of`); `folder` is the owner's output folder."""
    by_node: dict[str, list[JobOutput]] = {}
    for output in outputs:
        by_node.setdefault(output.node, []).append(output)
    return {node: ui_of(made, folder) for node, made in by_node.items()}


def ui_of(outputs: Iterable[JobOutput], folder: Path) -> dict[str, list[Any]]:
    """What one node made: `images`, `text` and so on, each a list."""
    made: dict[str, list[Any]] = {}
    for output in outputs:
        key = "images" if output.type == "image" else output.name
        entry = output.text if output.path is None else entry_of(output, folder)
        made.setdefault(key, []).append(entry)
    return made


def entry_of(output: JobOutput, folder: Path) -> dict[str, str]:
    """The three words by which `/view` finds a file: filename, subfolder, type."""
    kind = "temp" if output.temporary else "output"
    root = folder / "temp" if output.temporary else folder
    path = Path(output.path or "")
    inside = path.parent.relative_to(root) if path.is_relative_to(root) else Path()
    subfolder = "" if inside == Path() else inside.as_posix()
    return {"filename": path.name, "subfolder": subfolder, "type": kind}
