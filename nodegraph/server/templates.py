"""The example workflows that come with the package, to begin from: names, words, pictures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nodegraph.graph.workflow import Workflow
from nodegraph.server.errors import ApiError
from nodegraph.server.files import inside

__all__ = ["Template", "folder", "read_templates"]


@dataclass(frozen=True)
class Template:
    """An example workflow.

    Attributes:
        name: of its file, without the suffix.
        description: what it is good for, in a sentence.
        thumbnail: a small picture of what it makes, if there is one.
        pictures: the files that its nodes read, by the values that name them.
    """

    name: str
    title: str
    description: str
    workflow: Workflow
    thumbnail: Path | None
    pictures: dict[str, Path]


def folder() -> Path | None:
    """Where they are: inside the package, or at the top of a checkout."""
    here = Path(__file__).resolve()
    for found in (here.parent / "workflows", here.parents[2] / "workflows"):
        if found.is_dir():
            return found
    return None


def read_templates(where: Path | None) -> dict[str, Template]:
    """All examples in a folder, the simplest first: of few nodes, and soon explained."""
    files = sorted(where.glob("*.json")) if where is not None else []
    found = sorted((_read(file) for file in files), key=_size)
    return {one.name: one for one in found}


def _size(template: Template) -> tuple[int, int]:
    return len(template.workflow.nodes), len(template.description)


def _read(file: Path) -> Template:
    workflow = Workflow.load(file)
    picture = file.parent / "thumbnails" / f"{file.stem}.webp"
    return Template(
        name=file.stem,
        title=workflow.name or file.stem,
        description=str((workflow.model_extra or {}).get("description", "")),
        workflow=workflow,
        thumbnail=picture if picture.is_file() else None,
        pictures={value: path for value, path in _files_beside(workflow, file.parent)},
    )


def _files_beside(workflow: Workflow, where: Path) -> Iterator[tuple[str, Path]]:
    """The values of a workflow that name files in its own folder."""
    values: list[Any] = [v for entry in workflow.nodes.values() for v in entry.inputs.values()]
    for value in values:
        if isinstance(value, str) and "/" in value:
            try:
                path = inside(where, value)
            except ApiError:
                continue
            if path.is_file():
                yield value, path
