"""What nodes that grow the graph need: open inputs, and bodies copied into a fragment.

Such a node returns a `Workflow` whose declared outputs are named as the node's own. It is
planned, cached and reported under the node; loops are built on it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nodegraph.errors import NodeError, nearest
from nodegraph.graph.builder import OutputHandle, as_input

if TYPE_CHECKING:
    from nodegraph.graph.workflow import Workflow

__all__ = ["BodyOutputs", "Extras", "include"]


class Extras(dict[str, Any]):
    """A parameter of this type takes every input that is not declared, by name."""

    __node_extras__ = True


@dataclass(frozen=True)
class BodyOutputs:
    """For `@node(outputs_of=...)`: the outputs are those of the body, or lists of them."""

    field: str = "body"
    listed: bool = False

    def __call__(self, literals: dict[str, Any]) -> dict[str, Any]:
        """Names and types, from the node's literal inputs."""
        kind: Any = list[object] if self.listed else object
        return dict.fromkeys(literals[self.field].outputs, kind)


def include(
    fragment: Workflow, body: Workflow, prefix: str, inputs: Mapping[str, Any]
) -> dict[str, OutputHandle]:
    """Copy a body into a fragment, its node ids under `prefix/`.

    Args:
        inputs: values or outputs of the fragment's nodes, by the body's declared input names.

    Returns:
        The body's declared outputs, as outputs of the copies.

    Raises:
        NodeError: for a name that the body does not declare, or an output that names no node.
    """
    for name in inputs:
        if name not in body.inputs:
            close = nearest(name, [*body.inputs])
            hint = f"; did you mean '{close}'?" if close else ""
            listed = ", ".join(body.inputs) or "(none)"
            raise NodeError(f"the body declares no input '{name}'; it declares: {listed}{hint}")
    for node_id, entry in body.nodes.items():
        copied = {name: _moved(value, prefix) for name, value in entry.inputs.items()}
        fragment.nodes[f"{prefix}/{node_id}"] = entry.model_copy(update={"inputs": copied})
    for name, value in inputs.items():
        ref = body.inputs[name]
        target = f"{prefix}/{ref.node}"
        if target not in fragment.nodes:
            raise NodeError(f"the body's input '{name}' names node '{ref.node}', which it lacks")
        fragment.nodes[target].inputs[ref.input] = as_input(value, target, ref.input)
    fragment.nodes = fragment.nodes
    return {
        label: OutputHandle(f"{prefix}/{ref.node}", ref.output or "")
        for label, ref in body.outputs.items()
    }


def _moved(value: Any, prefix: str) -> Any:
    if isinstance(value, dict) and isinstance(value.get("node"), str):
        return {**value, "node": f"{prefix}/{value['node']}"}
    return value
