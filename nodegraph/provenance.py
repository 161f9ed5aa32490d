"""What a result remembers of its making: the workflow as it ran, and with which versions."""

from __future__ import annotations

import importlib.metadata
import json
import secrets
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from typing import Any

from nodegraph.engine.known_inputs import KnownInput
from nodegraph.errors import InvalidWorkflow, WorkflowFileError
from nodegraph.graph.lowering import lower
from nodegraph.graph.node import InputSpec
from nodegraph.graph.registry import Registry
from nodegraph.graph.widgets import InputFile, Secret, Seed
from nodegraph.graph.workflow import NodeEntry, Workflow, is_link

__all__ = ["input_files", "made_with", "metadata_of", "resolve_seeds", "secret_inputs"]

_LARGEST_DRAWN_SEED = 2**53 - 1  # what a JSON number holds exactly in every language


def resolve_seeds(workflow: Workflow, registry: Registry) -> Workflow:
    """A copy in which every seed that says "random" is a number, also inside bodies of loops."""
    changed: dict[str, dict[str, Any]] = {}
    for name, entry in workflow.nodes.items():
        for spec in _specs(registry, entry):
            value = entry.inputs.get(spec.name)
            if _is_marked(spec, Seed) and value in ("random", {"value": "random"}):
                drawn: Any = secrets.randbelow(_LARGEST_DRAWN_SEED)
            elif (body := _body(spec, value)) is not None:
                resolved = resolve_seeds(body, registry)
                drawn = value if resolved is body else resolved.to_dict()
            else:
                continue
            if drawn is not value:
                changed.setdefault(name, dict(entry.inputs))[spec.name] = drawn
    return workflow.with_node_inputs(changed) if changed else workflow


def made_with(registry: Registry, device: str) -> dict[str, Any]:
    """The versions of everything that has a part in a result, and the device."""
    versions = {name: _version(name) for name in ("nodegraph", "torch", "diffusers")}
    return {**versions, "packs": dict(registry.pack_versions), "device": device}


def metadata_of(
    workflow: Workflow,
    registry: Registry,
    device: str,
    inputs: Mapping[str, KnownInput] | None = None,
) -> dict[str, str]:
    """The texts to embed into results; secrets are left out.

    Args:
        inputs: what the input files hold, by the names that the workflow has for them.
    """
    document = _public(workflow, registry)
    document["made_with"] = made_with(registry, device)
    if inputs:
        held = {name: known.as_dict() for name, known in inputs.items()}
        document["made_with"]["inputs"] = held
    return {"nodegraph": json.dumps(document, ensure_ascii=False)}


def input_files(workflow: Workflow, registry: Registry) -> dict[str, tuple[str, str]]:
    """The names of input files that a workflow holds, each with a node and field it stands in."""
    found: dict[str, tuple[str, str]] = {}
    for name, entry in lower(workflow, registry).workflow.nodes.items():
        node_type = registry.get(entry.type)
        if node_type is None or not (node_type.looks_up or node_type.body_names):
            continue
        for spec in node_type.inputs:
            value = entry.inputs.get(spec.name)
            if isinstance(value, dict) and value.keys() == {"value"}:
                value = value["value"]
            if _is_marked(spec, InputFile) and isinstance(value, str):
                found.setdefault(value, (name, spec.name))
            elif (body := _body(spec, value)) is not None:
                for inner, (node, field) in input_files(body, registry).items():
                    found.setdefault(inner, (name, f"{spec.name}.{node}.{field}"))
    return found


def _public(workflow: Workflow, registry: Registry) -> dict[str, Any]:
    document = workflow.to_dict()
    for name, entry in workflow.nodes.items():
        for spec in _specs(registry, entry):
            if (body := _body(spec, entry.inputs.get(spec.name))) is not None:
                document["nodes"][name]["inputs"][spec.name] = _public(body, registry)
        for secret in secret_inputs(entry, registry):
            document["nodes"][name].get("inputs", {}).pop(secret, None)
    return document


def secret_inputs(entry: NodeEntry, registry: Registry) -> set[str]:
    """The inputs that are never written: marked ones, and those that go to one inside a body."""
    specs = _specs(registry, entry)
    found = {spec.name for spec in specs if _is_marked(spec, Secret)}
    for spec in specs:
        body = _body(spec, entry.inputs.get(spec.name))
        for label, ref in body.inputs.items() if body is not None else ():
            inner = body.nodes.get(ref.node) if body is not None else None
            if inner is not None and ref.input in secret_inputs(inner, registry):
                found.add(label)
    return found


def _specs(registry: Registry, entry: NodeEntry) -> tuple[InputSpec, ...]:
    node_type = registry.get(entry.type)
    return node_type.inputs if node_type is not None else ()


def _is_marked(spec: InputSpec, mark: type) -> bool:
    return any(isinstance(one, mark) for one in spec.check.marks)


def _body(spec: InputSpec, value: object) -> Workflow | None:
    """The workflow that is the value of an input, if it is one; what is malformed is no one."""
    if not spec.check.is_body or is_link(value):
        return None
    if isinstance(value, Workflow):
        return value
    with suppress(InvalidWorkflow, WorkflowFileError):
        return Workflow.from_dict(value)
    return None


@cache
def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None
