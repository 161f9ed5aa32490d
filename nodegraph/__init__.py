"""nodegraph: a node-graph engine for diffusion pipelines.

What authors of nodes and users of workflows need is here; it imports no torch.
"""

from nodegraph.engine.context import CancelToken, Context
from nodegraph.errors import (
    Cancelled,
    DeclarationError,
    InvalidWorkflow,
    MissingModel,
    MissingPart,
    NodeError,
    NodeFailed,
    NodegraphError,
    OutOfMemory,
    OutputError,
    Problem,
    WorkflowFileError,
)
from nodegraph.graph.fragments import BodyOutputs, Extras
from nodegraph.graph.lazy import Lazy
from nodegraph.graph.node import NodeType, node, node_type_of
from nodegraph.graph.registry import Registry
from nodegraph.graph.widgets import Choice, InputFile, ModelFile, Multiline, Range, Secret, Seed
from nodegraph.graph.workflow import Workflow
from nodegraph.result import Result
from nodegraph.session import Session, load_workflow, run

__version__ = "0.1.0"

__all__ = [
    "BodyOutputs",
    "CancelToken",
    "Cancelled",
    "Choice",
    "Context",
    "DeclarationError",
    "Extras",
    "InputFile",
    "InvalidWorkflow",
    "Lazy",
    "MissingModel",
    "MissingPart",
    "ModelFile",
    "Multiline",
    "NodeError",
    "NodeFailed",
    "NodeType",
    "NodegraphError",
    "OutOfMemory",
    "OutputError",
    "Problem",
    "Range",
    "Registry",
    "Result",
    "Secret",
    "Seed",
    "Session",
    "Workflow",
    "WorkflowFileError",
    "load_workflow",
    "node",
    "node_type_of",
    "run",
]
