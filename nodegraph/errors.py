"""Every error the package raises on purpose.

NodegraphError
├── DeclarationError        a node's author declared something that cannot work
├── WorkflowFileError       a file that is no workflow: missing, not JSON, wrong version
│   └── NoWorkflow          ... a picture that nothing is embedded in
├── InvalidWorkflow         a workflow that cannot run; carries every `Problem`
│   └── MissingPart         ... only because models or node packs are not installed
├── MissingModel            a model name that no model folder holds
├── OutputError             a result that could not be written
├── NodeError               a node refuses its inputs, in words meant for the user
├── NodeFailed              a node raised; says which node and where the traceback is
├── OutOfMemory             a node found no memory, even after everything idle was unloaded
└── Cancelled               the run was cancelled
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from difflib import get_close_matches
from typing import Any

__all__ = [
    "Cancelled",
    "DeclarationError",
    "InvalidWorkflow",
    "MissingModel",
    "MissingPart",
    "NoWorkflow",
    "NodeError",
    "NodeFailed",
    "NodegraphError",
    "OutOfMemory",
    "OutputError",
    "Problem",
    "WorkflowFileError",
    "nearest",
]


_INSTALLABLE = ("missing_node_type", "missing_model", "missing_requirement")


def nearest(name: object, names: Sequence[str]) -> str | None:
    """The valid name closest to what was written, if any is close."""
    text = str(name)
    lowered = {known.lower(): known for known in names}
    found = get_close_matches(text.lower(), list(lowered), n=1, cutoff=0.6)
    if not found and len(text) > 2:
        found = sorted((name for name in lowered if name.startswith(text.lower())), key=len)
    return lowered[found[0]] if found else None


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a workflow: where it is, what was expected, what came instead."""

    code: str
    message: str
    node: str | None = None
    field: str | None = None
    expected: str | None = None
    got: str | None = None
    nearest: str | None = None

    def __str__(self) -> str:
        place = f"node '{self.node}'" if self.node is not None else "workflow"
        if self.field is not None:
            place += f", '{self.field}'"
        hint = f" - did you mean '{self.nearest}'?" if self.nearest else ""
        return f"{place}: {self.message}{hint}"

    def as_dict(self) -> dict[str, Any]:
        """The JSON form: every field, absent ones as null."""
        return asdict(self)


class NodegraphError(Exception):
    """The root: whatever else is raised is a bug of ours or of a node."""


class DeclarationError(NodegraphError):
    """A node is declared in a way that cannot work; the message holds the fix."""


class WorkflowFileError(NodegraphError):
    """A file cannot be read as a workflow."""


class NoWorkflow(WorkflowFileError):
    """A picture that can be read holds no workflow."""


class InvalidWorkflow(NodegraphError):
    """A workflow cannot run; `problems` holds all that is wrong with it."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        count = len(self.problems)
        head = "1 problem" if count == 1 else f"{count} problems"
        super().__init__("\n".join([f"the workflow has {head}:", *map(str, self.problems)]))

    @staticmethod
    def of(problems: Sequence[Problem]) -> InvalidWorkflow:
        """The error for these problems: `MissingPart` if installing something solves them all."""
        missing = all(p.code in _INSTALLABLE for p in problems)
        return (MissingPart if missing else InvalidWorkflow)(problems)


class MissingPart(InvalidWorkflow):
    """Nothing is wrong with the workflow but that models or node types are not installed."""


class MissingModel(NodegraphError):
    """A model name that no model folder holds."""


class OutputError(NodegraphError):
    """A result could not be written; nothing half-written is left."""


class NodeError(NodegraphError):
    """Raised by a node that refuses its inputs: the message is shown to the user as it is."""


class NodeFailed(NodegraphError):
    """A node raised. `node`, `type` and `message` are for the user, `log` holds the traceback."""

    def __init__(self, node: str, type: str, message: str, log: str | None = None) -> None:
        self.node, self.type, self.message, self.log = node, type, message, log
        where = f" (details: {log})" if log else ""
        super().__init__(f"node '{node}' ({type}): {message}{where}")

    def as_dict(self) -> dict[str, Any]:
        """The JSON form: that of a `Problem`, with the node's type and the log file."""
        problem = Problem("node_failed", self.message, node=self.node)
        return {**problem.as_dict(), "type": self.type, "log": self.log}


class OutOfMemory(NodegraphError):
    """A node found no memory, even after what was idle had been unloaded."""


class Cancelled(NodegraphError):
    """The run was cancelled."""
