"""What an executor reports when a run is over."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from nodegraph.engine.events import NodeDone, Output
from nodegraph.errors import NodeFailed

__all__ = ["RunReport", "RunStatus"]

RunStatus = Literal["succeeded", "failed", "canceled"]


@dataclass
class RunReport:
    """How a run went: what became of every node, what was made, what went wrong.

    `values` holds the outputs of the nodes that were asked to be kept, by node id.
    """

    status: RunStatus
    seconds: float
    nodes: dict[str, NodeDone]
    outputs: list[Output] = field(default_factory=list)
    errors: list[NodeFailed] = field(default_factory=list)
    values: dict[str, tuple[Any, ...]] = field(default_factory=dict)
