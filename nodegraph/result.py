"""How a run went, for people and programs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from PIL import Image

from nodegraph.engine.events import NodeDone, Output
from nodegraph.engine.report import RunReport
from nodegraph.errors import NodeFailed, nearest
from nodegraph.graph.workflow import Workflow

__all__ = ["Result"]


@dataclass(frozen=True)
class Result:
    """What a run made.

    Attributes:
        status: `succeeded`, `failed` or `canceled`.
        workflow: the workflow as it ran: inputs set, seeds resolved.
        outputs: the files and texts that effect nodes made, in the order of the nodes.
        nodes: what became of each node, and why.
        errors: the nodes that failed.
    """

    status: str
    seconds: float
    workflow: Workflow
    outputs: tuple[Output, ...]
    nodes: dict[str, NodeDone]
    errors: tuple[NodeFailed, ...] = ()
    values: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, workflow: Workflow, report: RunReport, values: dict[str, Any]) -> Result:
        """Make it of an executor's report."""
        return cls(
            report.status,
            report.seconds,
            workflow,
            tuple(report.outputs),
            report.nodes,
            tuple(report.errors),
            values,
        )

    @property
    def images(self) -> list[Image.Image]:
        """The pictures that were saved, read; no file stays open."""
        pictures: list[Image.Image] = []
        for output in self.outputs:
            if output.type == "image" and output.path is not None:
                with Image.open(output.path) as picture:
                    picture.load()
                    pictures.append(picture)
        return pictures

    def __getitem__(self, name: str) -> Any:
        """A declared output's value, or what an effect node made, by its id.

        Raises:
            KeyError: naming what there is.
        """
        if name in self.values:
            return self.values[name]
        if name in self.workflow.outputs:
            name = self.workflow.outputs[name].node
        made = [output for output in self.outputs if output.node == name]
        if made:
            return made
        known = [*self.workflow.outputs, *dict.fromkeys(o.node for o in self.outputs)]
        close = nearest(name, known)
        hint = f"; did you mean '{close}'?" if close else ""
        raise KeyError(f"the run made no '{name}'; it made: {', '.join(known) or 'nothing'}{hint}")

    def raise_for_errors(self) -> Result:
        """Itself, if every node succeeded.

        Raises:
            NodeFailed: the first failure.
        """
        if self.errors:
            raise self.errors[0]
        return self

    def to_dict(self) -> dict[str, Any]:
        """The document that `nodegraph run --json` prints."""
        return {
            "status": self.status,
            "seconds": round(self.seconds, 3),
            "outputs": [_output(output) for output in self.outputs],
            "nodes": {name: _node(done) for name, done in self.nodes.items()},
            "errors": [error.as_dict() for error in self.errors],
        }


def _output(output: Output) -> dict[str, Any]:
    made: dict[str, Any] = {"node": output.node, "name": output.name, "type": output.type}
    if output.path is not None:
        made["path"] = output.path
    if output.text is not None:
        made["text"] = output.text
    if output.temporary:
        made["temporary"] = True
    return made


def _node(done: NodeDone) -> dict[str, Any]:
    made: dict[str, Any] = {
        "status": done.status,
        "reason": done.reason,
        "seconds": round(done.seconds, 3),
    }
    if done.error is not None:
        made["error"] = done.error
    return made
