"""Version 1's way to name a file: folder type, subfolder, file name."""

from __future__ import annotations

import re
from pathlib import Path

from nodegraph.jobs.service import Service
from nodegraph.server.errors import ApiError
from nodegraph.server.files import inside

__all__ = ["folder_of", "path_of", "split_annotation"]

_TYPES = ("input", "output", "temp")
_ANNOTATED = re.compile(r"(.+) \[(input|output|temp)\]")


def folder_of(service: Service, owner: str, kind: str) -> Path:
    """The folder of a type.

    Raises:
        ApiError: 400: there is no such type.
    """
    if kind == "input":
        return service.input_dir(owner)
    if kind in _TYPES:
        results = service.output_dir(owner)
        return results / "temp" if kind == "temp" else results
    text = f"the type is one of {', '.join(_TYPES)}, got {kind[:50]!a}"
    raise ApiError(400, "invalid_type", text)


def split_annotation(name: str) -> tuple[str, str | None]:
    """A name as nodes hold it, `x.png [output]`: the name, and the type if there is one."""
    found = _ANNOTATED.fullmatch(name)
    return (found[1], found[2]) if found else (name, None)


def path_of(service: Service, owner: str, name: str, subfolder: str, kind: str) -> Path:
    """Where a file is, which there need not be.

    Raises:
        ApiError: 400: there is no such type, or the names are none of files; 403: they lead
            out of the folder.
    """
    name, annotated = split_annotation(name)
    folder = folder_of(service, owner, annotated or kind)
    return inside(folder, f"{subfolder.strip('/')}/{name}" if subfolder.strip("/") else name)
