"""Building a graph in code: references to nodes and their outputs that become links."""

from __future__ import annotations

import re
from collections.abc import Container, Sequence
from dataclasses import dataclass
from typing import Any

from nodegraph.errors import InvalidWorkflow, Problem, nearest
from nodegraph.graph.node_type import OutputSpec

__all__ = ["NodeRef", "OutputHandle", "as_input", "unique_id"]


@dataclass(frozen=True)
class OutputHandle:
    """One output of a node that was added to a workflow."""

    node: str
    output: str


class NodeRef:
    """A node that was added to a workflow; its attributes are its outputs."""

    def __init__(self, id: str, outputs: Sequence[OutputSpec]) -> None:
        self.id = id
        self._outputs = [output.name for output in outputs]

    def __getattr__(self, name: str) -> OutputHandle:
        if name.startswith("__"):
            raise AttributeError(name)
        if name not in self._outputs:
            close = nearest(name, self._outputs)
            hint = f"; did you mean '{close}'?" if close else ""
            raise AttributeError(f"node '{self.id}' has outputs {self._outputs}, no '{name}'{hint}")
        return OutputHandle(self.id, name)

    def only(self, node: str, field: str) -> OutputHandle:
        """The single output, for a link that names none."""
        if len(self._outputs) == 1:
            return OutputHandle(self.id, self._outputs[0])
        raise InvalidWorkflow(
            [
                Problem(
                    "bad_link",
                    f"'{self.id}' has {len(self._outputs)} outputs; say which: "
                    + ", ".join(f"{self.id}.{o}" for o in self._outputs),
                    node=node,
                    field=field,
                )
            ]
        )


def as_input(value: Any, node: str, field: str) -> Any:
    """An input as the file holds it: a link for a reference, else the value itself."""
    if isinstance(value, NodeRef):
        value = value.only(node, field)
    if isinstance(value, OutputHandle):
        return (
            {"node": value.node, "output": value.output} if value.output else {"node": value.node}
        )
    return value


def unique_id(type_name: str, taken: Container[str]) -> str:
    """A readable id for a new node: `save_image`, `save_image_2`, ..."""
    base = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", type_name).lower()
    name, count = base, 1
    while name in taken:
        count += 1
        name = f"{base}_{count}"
    return name
