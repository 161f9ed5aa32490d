"""Loading node packs named by installed packages (entry points `nodegraph.plugins`)."""

from __future__ import annotations

import importlib.metadata
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from blake3 import blake3

from nodegraph.errors import DeclarationError
from nodegraph.graph.registry import Registry

__all__ = ["GROUP", "Pack", "load_packs", "registry_of"]

GROUP = "nodegraph.plugins"


@dataclass(frozen=True)
class Pack:
    """One node pack: what it brings, or why it could not be loaded.

    Attributes:
        module: the package that holds it; node types name it as their pack.
        seconds: how long its import took.
        code: a digest of the package's source files, part of every key of its nodes, so that
            results of changed code are not reused even where the version stayed the same.
        release: the module's `release_memory`, if it has one: called when a node found no
            memory, to let go of what is idle.
        describe: the module's `describe_model`, if it has one: what a model file or folder
            holds, in a few words; ValueError where it is damaged.
        error: why it is disabled, if it is.
    """

    name: str
    module: str
    version: str
    nodes: tuple[Any, ...] = ()
    models: Mapping[str, Mapping[str, Path]] = field(default_factory=dict)
    seconds: float = 0.0
    code: str = ""
    release: Callable[[], None] | None = None
    describe: Callable[[Path], str] | None = None
    error: str | None = None


def load_packs() -> list[Pack]:
    """Import every installed pack; one that fails is disabled alone."""
    points = importlib.metadata.entry_points(group=GROUP)
    unique = {point.name: point for point in points}
    return [_load(point) for _, point in sorted(unique.items())]


def _load(point: importlib.metadata.EntryPoint) -> Pack:
    started = time.perf_counter()
    version = point.dist.version if point.dist is not None else ""
    try:
        module = point.load()
        nodes = tuple(module.NODES)
        Registry(nodes)  # what is wrong with a pack alone disables it alone
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            raise
        text = f"{type(error).__name__}: {error}"
        return Pack(point.name, point.module, version, error=text)
    models = getattr(module, "MODELS", {})
    seconds = time.perf_counter() - started
    return Pack(
        point.name,
        point.module,
        version,
        nodes,
        models,
        seconds,
        _code_digest(module),
        release=getattr(module, "release_memory", None),
        describe=getattr(module, "describe_model", None),
    )


def _code_digest(module: ModuleType) -> str:
    hasher = blake3()
    for folder in getattr(module, "__path__", ()):
        for path in sorted(Path(folder).rglob("*.py")):
            hasher.update(path.relative_to(folder).as_posix().encode() + path.read_bytes())
    return hasher.hexdigest()


def registry_of(packs: list[Pack]) -> Registry:
    """The node types of all packs that loaded.

    Raises:
        DeclarationError: when two packs declare one name; both are named.
    """
    registry = Registry()
    for pack in packs:
        try:
            registry.add(pack.nodes)
        except DeclarationError as error:
            raise DeclarationError(f"pack '{pack.name}': {error}") from error
        package = pack.module.partition(".")[0]
        registry.pack_versions[package] = pack.version
        registry.pack_codes[package] = f"{pack.version} {pack.code}"
    return registry
