"""What a result remembers of its making: the workflow as it ran, and with which versions."""

from __future__ import annotations

import importlib.metadata
import json
import secrets
from typing import Any

from nodegraph.graph.registry import Registry
from nodegraph.graph.widgets import Secret, Seed
from nodegraph.graph.workflow import Workflow

__all__ = ["made_with", "metadata_of", "resolve_seeds"]

_LARGEST_DRAWN_SEED = 2**53 - 1  # what a JSON number holds exactly in every language


def resolve_seeds(workflow: Workflow, registry: Registry) -> Workflow:
    """A copy in which every seed that says "random" is a number."""
    changed: dict[str, dict[str, Any]] = {}
    for name, entry in workflow.nodes.items():
        for field in _marked(registry, entry.type, Seed):
            if entry.inputs.get(field) in ("random", {"value": "random"}):
                inputs = changed.setdefault(name, dict(entry.inputs))
                inputs[field] = secrets.randbelow(_LARGEST_DRAWN_SEED)
    return workflow.with_node_inputs(changed) if changed else workflow


def made_with(registry: Registry, device: str) -> dict[str, Any]:
    """The versions of everything that has a part in a result, and the device."""
    versions = {name: _version(name) for name in ("nodegraph", "torch", "diffusers")}
    return {**versions, "packs": dict(registry.pack_versions), "device": device}


def metadata_of(workflow: Workflow, registry: Registry, device: str) -> dict[str, str]:
    """The texts to embed into results; secrets are left out."""
    document = workflow.to_dict()
    for name, entry in workflow.nodes.items():
        for field in _marked(registry, entry.type, Secret):
            document["nodes"][name].get("inputs", {}).pop(field, None)
    document["made_with"] = made_with(registry, device)
    return {"nodegraph": json.dumps(document, ensure_ascii=False)}


def _marked(registry: Registry, type_name: str, mark: type) -> list[str]:
    node_type = registry.get(type_name)
    if node_type is None:
        return []
    return [
        spec.name for spec in node_type.inputs if any(isinstance(m, mark) for m in spec.check.marks)
    ]


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None
