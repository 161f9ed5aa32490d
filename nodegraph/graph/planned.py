"""What planning makes: nodes with everything resolved, in topological order."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from nodegraph.graph.node import NodeType, OutputSpec
from nodegraph.graph.wire import Wire
from nodegraph.graph.workflow import NodeEntry, Workflow

__all__ = ["Link", "Plan", "PlannedNode", "Written"]


@dataclass(slots=True)
class Link:
    """Where an input comes from: a node of the plan and the number of its output."""

    source: int
    output: int


@dataclass(slots=True)
class Written:
    """A node's entry in the file as it was when it was planned."""

    node_type: str
    version: int
    inputs: dict[str, Any]
    kinds: tuple[type, ...]

    @classmethod
    def of(cls, entry: NodeEntry) -> Written | None:
        """A copy of an entry, or None if it holds nested values other than links."""
        inputs = entry.inputs.copy()
        for name, value in inputs.items():
            if isinstance(value, dict):
                for one in value.values():
                    if not isinstance(one, str):
                        return None
                inputs[name] = value.copy()
            elif isinstance(value, list):
                return None
        return cls(entry.type, entry.version, inputs, tuple(map(type, inputs.values())))

    def same_as(self, entry: NodeEntry) -> bool:
        """Whether the entry still says the same; 1, 1.0 and true are not the same."""
        return (
            entry.inputs == self.inputs
            and tuple(map(type, entry.inputs.values())) == self.kinds
            and entry.type == self.node_type
            and entry.version == self.version
        )


@dataclass(slots=True)
class PlannedNode:
    """One node that will be asked for, with everything resolved.

    `literals` are checked and hold defaults; `links` are the linked inputs; `mapped` names
    the linked inputs that carry lists the node is run over; `wires` are its outputs' types as
    they are here (variables resolved, lists where it is mapped); `outputs` their names;
    `extras` the inputs that go to the node's open parameter; `constants` the values that a
    fragment holds which are no literals.

    `written` is a copy of the file's entry, to see later whether it changed (None: look again
    every time). `memo` belongs to the executor, which keeps there what it found out last time.
    """

    index: int
    id: str
    type: NodeType
    literals: dict[str, Any]
    links: dict[str, Link]
    mapped: tuple[str, ...] = ()
    wires: tuple[Wire, ...] = ()
    outputs: tuple[OutputSpec, ...] = ()
    extras: tuple[str, ...] = ()
    constants: dict[str, Any] = field(default_factory=dict)
    constant_digests: dict[str, bytes] = field(default_factory=dict)
    written: Written | None = None
    memo: object = None

    def output_number(self, name: str) -> int | None:
        """The number of the output of that name."""
        return next((i for i, output in enumerate(self.outputs) if output.name == name), None)


@dataclass
class Plan:
    """Nodes in topological order, and which of them are wanted for their own sake.

    Attributes:
        not_needed: the nodes that nothing wanted depends on.
        ids: all nodes of the workflow, in the file's order.
        outputs: the declared outputs as they were: label -> node and output.
        left_out: nodes that are muted, bypassed or cannot run because of that -> why.
    """

    workflow: Workflow
    nodes: list[PlannedNode] = field(default_factory=list)
    targets: tuple[int, ...] = ()
    by_id: dict[str, int] = field(default_factory=dict)
    not_needed: dict[str, Written | None] = field(default_factory=dict)
    ids: list[str] = field(default_factory=list)
    outputs: dict[str, tuple[str, str | None]] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)

    @staticmethod
    def outputs_of(workflow: Workflow) -> dict[str, tuple[str, str | None]]:
        """A copy of the declared outputs, which may be changed in place afterwards."""
        return {label: (ref.node, ref.output) for label, ref in workflow.outputs.items()}
