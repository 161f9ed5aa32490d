"""The node schemas as the worker told them, kept for the next start of the server.

They are kept under a key of the packs' versions and files, so that what is shown before the
worker is up is never that of another version.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from blake3 import blake3

from nodegraph.graph.json_text import write_text
from nodegraph.plugins.loader import GROUP

__all__ = ["load_schemas", "packs_key", "save_schemas"]

_NAME = "schemas.json"


def packs_key(modules: Sequence[str] = ()) -> str:
    """A digest of every pack's name, version and source files; imports no pack.

    Args:
        modules: packs given by name in place of the installed ones.
    """
    hasher = blake3(_version("nodegraph").encode())
    names = [(name, "") for name in modules]
    if not modules:
        points = sorted(importlib.metadata.entry_points(group=GROUP), key=lambda p: p.name)
        names = [(p.module, p.dist.version if p.dist is not None else "") for p in points]
    for module, version in names:
        hasher.update(f"{module} {version}\n".encode())
        for path in _sources(module):
            found = path.stat()
            hasher.update(f"{path} {found.st_size} {found.st_mtime_ns}\n".encode())
    return hasher.hexdigest()


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return ""


def _sources(module: str) -> list[Path]:
    try:
        spec = importlib.util.find_spec(module)
    except (ImportError, ValueError):
        return []
    if spec is None:
        return []
    folders = [Path(folder) for folder in spec.submodule_search_locations or ()]
    if not folders:
        return [Path(spec.origin)] if spec.origin and os.path.isfile(spec.origin) else []
    return sorted(path for folder in folders for path in folder.rglob("*.py"))


def load_schemas(cache: Path, key: str) -> dict[str, Any] | None:
    """What the worker said when it was ready, if it was of these packs: the frame's header with
    the schemas as `description`."""
    try:
        found = json.loads((cache / _NAME).read_bytes())
        if found["key"] == key and isinstance(found["ready"]["description"]["nodes"], list):
            ready: dict[str, Any] = found["ready"]
            return ready
    except (OSError, ValueError, KeyError, TypeError):
        pass
    return None


def save_schemas(cache: Path, key: str, ready: dict[str, Any]) -> None:
    """Keep them; that it fails (a full disk) costs only the next start some seconds."""
    with suppress(OSError):
        cache.mkdir(parents=True, exist_ok=True)
        write_text(cache / _NAME, json.dumps({"key": key, "ready": ready}))
