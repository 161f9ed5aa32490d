"""What a bypassed node hands on: each output is what is linked to its input of the same type.

The input at the same place comes first, if it fits. A subgraph is seen through by its own ports,
whatever its nodes are.
"""

from __future__ import annotations

from typing import Any

from nodegraph.errors import InvalidWorkflow, WorkflowFileError
from nodegraph.graph.fragments import BodyOutputs
from nodegraph.graph.registry import Registry
from nodegraph.graph.wire import Wire
from nodegraph.graph.workflow import NodeEntry, OutputRef, Workflow, is_link

__all__ = ["DEEPEST", "SUBGRAPH", "body_of", "handed_on"]

SUBGRAPH = "Subgraph"
"""The name of the node type."""

DEEPEST = 64
"""How many subgraphs may lie in each other."""

_BODY = "body"
_ANY = Wire((object,))
_Ports = dict[str, Wire]


def handed_on(entry: NodeEntry, output: str | None, registry: Registry) -> Any:
    """The link that stands for an output of a bypassed node; None where there is none.

    Args:
        output: its name; None means the only one.
    """
    inputs, outputs = _ports_of(entry, registry)
    names, fields = [*outputs], [*inputs]
    name = names[0] if output is None and len(names) == 1 else output
    if name not in outputs:
        return None
    like = [field for field in fields if _passes(inputs[field], outputs[name])]
    like.sort(key=lambda field: fields.index(field) != names.index(name))
    given = (entry.inputs[field] for field in like if field in entry.inputs)
    return next((value for value in given if is_link(value)), None)


def body_of(entry: NodeEntry, field: str = _BODY) -> Workflow:
    """The workflow that is an input.

    Raises:
        InvalidWorkflow, WorkflowFileError: it is none.
    """
    value = entry.inputs.get(field)
    return value if isinstance(value, Workflow) else Workflow.from_dict(value, "the body")


def _passes(taken: Wire, given: Wire) -> bool:
    same = taken.types == given.types and taken.is_list == given.is_list
    return same and _variable(taken) == _variable(given)


def _variable(wire: Wire) -> str | None:
    return wire.var.__name__ if wire.var is not None else None


def _ports_of(entry: NodeEntry, registry: Registry, depth: int = 1) -> tuple[_Ports, _Ports]:
    """The inputs and outputs of a node with their types, those of a body it holds after its own."""
    kind = registry.get(entry.type)
    inputs = {s.name: s.wire for s in kind.inputs if not s.check.is_body} if kind else {}
    outputs = {s.name: s.wire for s in kind.outputs} if kind else {}
    rule = kind.outputs_of if kind else None
    if depth > DEEPEST or (entry.type != SUBGRAPH and not isinstance(rule, BodyOutputs)):
        return inputs, outputs
    field = rule.field if isinstance(rule, BodyOutputs) else _BODY
    try:
        body = body_of(entry, field)
    except (InvalidWorkflow, WorkflowFileError):
        return inputs, outputs
    for label, taken in body.inputs.items():
        inner = body.nodes.get(taken.node)
        known = _ports_of(inner, registry, depth + 1)[0] if inner is not None else {}
        inputs.setdefault(label, known.get(taken.input, _ANY))
    listed = isinstance(rule, BodyOutputs) and rule.listed
    for label, ref in body.outputs.items():
        if (wire := _output_of(body, ref, registry, depth + 1)) is not None:
            outputs.setdefault(label, Wire(wire.types, True) if listed else wire)
    return inputs, outputs


def _output_of(body: Workflow, ref: OutputRef, registry: Registry, depth: int) -> Wire | None:
    """The type of what a body gives; None for saved files, which flow nowhere."""
    entry = body.nodes.get(ref.node)
    if entry is None:
        return _ANY
    outputs = _ports_of(entry, registry, depth)[1]
    if ref.output is not None:
        return outputs.get(ref.output, _ANY)
    if len(outputs) == 1:
        return next(iter(outputs.values()))
    kind = registry.get(entry.type)
    return None if kind is not None and not kind.outputs else _ANY
