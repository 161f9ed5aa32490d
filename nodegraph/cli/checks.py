"""What `nodegraph doctor` looks at: one function for each part, each giving lines of its own."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import psutil

import nodegraph
from nodegraph.cli.devices import choose_device, describe_device
from nodegraph.cli.explain import size
from nodegraph.cli.models import nbytes
from nodegraph.session import Session

__all__ = ["Finding", "data_folder", "device", "memory", "models", "packs", "versions"]

Level = Literal["ok", "warn", "fail"]

_LOW_DISK, _NO_DISK = 2 * 2**30, 64 * 2**20
_LOW_MEMORY = 2**30


@dataclass(frozen=True)
class Finding:
    """One line of the report: a subject, how it is, and what there is to say."""

    level: Level
    subject: str
    text: str


def versions() -> Iterator[Finding]:
    """Python, this package, and what the built-in nodes stand on."""
    yield Finding("ok", "python", f"{platform.python_version()} ({sys.executable})")
    yield Finding("ok", "nodegraph", nodegraph.__version__)
    for name in ("torch", "diffusers", "transformers"):
        try:
            yield Finding("ok", name, importlib.metadata.version(name))
        except importlib.metadata.PackageNotFoundError:
            yield Finding("warn", name, f"not installed: pip install {name}")


def packs(session: Session) -> Iterator[Finding]:
    """Every node pack: its nodes and import time, or why it is disabled."""
    for pack in session.packs:
        if pack.error is not None:
            yield Finding("fail", f"pack {pack.name}", f"disabled: {pack.error}")
            continue
        version = f"{pack.version}, " if pack.version else ""
        text = f"{version}{len(pack.nodes)} nodes, imported in {pack.seconds:.1f} s"
        yield Finding("ok", f"pack {pack.name}", text)
    if not session.packs:
        yield Finding("fail", "packs", "no node pack is installed: pip install nodegraph")


def device() -> Iterator[Finding]:
    """What `--device auto` takes."""
    yield Finding("ok", "device", describe_device(choose_device("auto")))


def data_folder(folder: Path) -> Iterator[Finding]:
    """Whether the data directory can be written, and how much fits in."""
    if not _writable(folder):
        hint = "set NODEGRAPH_DATA or use --data"
        yield Finding("fail", "data", f"{folder} cannot be written; {hint}")
        return
    yield Finding("ok", "data", str(folder) if folder.exists() else f"{folder} (not made yet)")
    free = shutil.disk_usage(_existing(folder)).free
    level: Level = "fail" if free < _NO_DISK else "warn" if free < _LOW_DISK else "ok"
    yield Finding(level, "disk", f"{size(free)} free there")


def memory() -> Iterator[Finding]:
    """The machine's memory."""
    found = psutil.virtual_memory()
    level: Level = "warn" if found.available < _LOW_MEMORY else "ok"
    yield Finding(level, "memory", f"{size(found.available)} of {size(found.total)} available")


def models(session: Session) -> Iterator[Finding]:
    """The model folders, and the models that come with node packs."""
    files = session.files()
    for folder in (session.data / "models", *session.model_dirs):
        yield Finding("ok", "models", f"{folder}{'' if folder.is_dir() else ' (not made yet)'}")
    counts = [f"{len(files.models(kind))} {kind}" for kind in files.model_kinds()]
    yield Finding("ok", "models", ", ".join(counts) or "none yet")
    builtin = [
        (name, path) for p in session.packs for k in p.models.values() for name, path in k.items()
    ]
    for name, path in builtin:
        count = nbytes(path)
        text = f"'{name}', {size(count)}" if count else f"'{name}' is gone: nothing is in {path}"
        yield Finding("ok" if count else "fail", "built-in model", text)
    if not builtin:
        yield Finding("warn", "built-in model", "no node pack brings one")


def _existing(folder: Path) -> Path:
    return next(path for path in (folder, *folder.parents) if path.exists())


def _writable(folder: Path) -> bool:
    nearest = _existing(folder.resolve())
    return nearest.is_dir() and os.access(nearest, os.W_OK)
