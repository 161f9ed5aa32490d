"""What the server knows of the node types: from the worker, or from what it said last time."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from nodegraph.graph.portable import registry_from
from nodegraph.jobs.checking import Checker
from nodegraph.jobs.protocol import Frame
from nodegraph.jobs.schemas import load_schemas, packs_key, save_schemas
from nodegraph.jobs.supervisor import WorkerOptions

__all__ = ["KnownNodes"]


class KnownNodes:
    """The newest description of the node types; keeps the checker at it.

    Attributes:
        models: the models that come with node packs: kind -> name -> path.
        packs: the installed packs: {"name", "module", "version", "error"}.
        versions: of the engine, Python, torch, ...
        devices: as the worker saw them when it was ready.
    """

    def __init__(self, options: WorkerOptions, checker: Checker) -> None:
        self._cache, self._checker = options.data / "cache", checker
        self._key = packs_key(options.packs)
        self.description: dict[str, Any] | None = None
        self.models: dict[str, dict[str, Path]] = {}
        self.packs: list[dict[str, Any]] = []
        self.versions: dict[str, Any] = {}
        self.devices: list[dict[str, Any]] = []
        known = load_schemas(self._cache, self._key)
        if known is not None:
            self._use(known)

    @property
    def known(self) -> bool:
        """Whether workflows can be checked."""
        return self.description is not None

    def learn(self, frame: Frame) -> bool:
        """Take up what the worker said when it was ready; whether there is anything new."""
        made: dict[str, Any] = {**frame.header, "description": json.loads(frame.payload)}
        fresh = bool(made["description"] != self.description)
        if fresh:
            save_schemas(self._cache, self._key, made)
        self._use(made, fresh)
        return fresh

    def _use(self, said: dict[str, Any], fresh: bool = True) -> None:
        if fresh:
            self.description = said["description"]
            self._checker.use(registry_from(said["description"]))
        self.versions, self.devices, self.packs = said["versions"], said["devices"], said["packs"]
        self.models = {
            kind: {name: Path(path) for name, path in models.items()}
            for kind, models in said["models"].items()
        }
