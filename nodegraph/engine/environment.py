"""What a run is given besides its plan: folders, device, what to embed, where to log."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from nodegraph.engine.context import CancelToken, Context
from nodegraph.engine.events import Emit, NodePreview, NodeProgress, Output, OutputMade
from nodegraph.engine.files import Files, NodeFiles
from nodegraph.engine.logs import log_folder, log_traceback
from nodegraph.engine.naming import NameContext
from nodegraph.errors import NodeFailed, NodegraphError
from nodegraph.graph.planned import PlannedNode
from nodegraph.graph.registry import Registry

__all__ = ["Environment"]


@dataclass(frozen=True)
class Environment:
    """The surroundings of one run.

    Attributes:
        metadata: texts that results embed, so that they can be run again.
        names: what file name patterns may refer to.
        pack_codes: version and code digest of each node pack, part of every key.
        previews: whether anybody looks at previews.
        registry: the node types that fragments may use.
        scope: what is remembered of nodes, to say later what changed, belongs to this; by
            default to the workflow's name.
        on_pressure: called when a node found no memory; lets go of what is idle.
    """

    files: Files
    device: str = "cpu"
    dtype: str = "auto"
    metadata: Mapping[str, str] = field(default_factory=dict)
    names: NameContext = field(default_factory=NameContext)
    pack_codes: Mapping[str, str] = field(default_factory=dict)
    previews: bool = True
    registry: Registry | None = None
    on_pressure: Callable[[], None] | None = None
    scope: str | None = None

    def context(self, node: str, emit: Emit, cancel: CancelToken, outputs: list[Output]) -> Context:
        """The context of one node; what it makes is added to `outputs`."""

        def made(output: Output) -> None:
            outputs.append(output)
            emit(OutputMade(output))

        files = NodeFiles(
            self.files, node, metadata=self.metadata, names=self.names, on_output=made
        )
        return Context(
            node,
            files,
            cancel=cancel,
            on_progress=lambda value, total: emit(NodeProgress(node, value, total)),
            on_preview=(lambda image: emit(NodePreview(node, image))) if self.previews else None,
            device=self.device,
            dtype=self.dtype,
        )

    def outputs_present(self, outputs: tuple[Output, ...]) -> bool:
        """Whether files made earlier are still there, and were made for this output folder."""
        if not outputs:
            return True
        root = str(self.files.output_dir.resolve())
        made = [output for output in outputs if output.path is not None]
        return all(output.root == root and Path(str(output.path)).is_file() for output in made)

    def describe_failure(self, node: PlannedNode, error: BaseException) -> NodeFailed:
        """The error for the user; the traceback of anything unexpected goes to a log file."""
        if isinstance(error, NodegraphError):
            return NodeFailed(node.id, node.type.name, str(error))
        message = str(error) or "no message"
        heading = f"node '{node.id}' ({node.type.name})"
        log = log_traceback(log_folder(self.files.data), heading, error)
        if isinstance(error, ValueError):  # what a node says of its inputs; the log is for authors
            return NodeFailed(node.id, node.type.name, message)
        message = f"{type(error).__name__}: {message}"
        return NodeFailed(node.id, node.type.name, message, str(log) if log else None)
