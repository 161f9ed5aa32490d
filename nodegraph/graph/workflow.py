"""The workflow file: values and links by name. What we do not know in it is kept."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ModelWrapValidatorHandler,
    PrivateAttr,
    SerializerFunctionWrapHandler,
    ValidationError,
    model_serializer,
    model_validator,
)

from nodegraph.errors import InvalidWorkflow, Problem, WorkflowFileError, nearest
from nodegraph.graph.builder import NodeRef, OutputHandle, as_input, unique_id
from nodegraph.graph.fragments import include
from nodegraph.graph.json_text import read_file, read_json, write_text
from nodegraph.graph.node import node_type_of

__all__ = ["FORMAT", "InputRef", "NodeEntry", "OutputRef", "Workflow", "is_link"]

FORMAT = 1


class _Open(BaseModel):
    """Keeps the fields it does not know, and the order of all of them."""

    model_config = ConfigDict(extra="allow", strict=True, ser_json_inf_nan="constants")
    _order: tuple[str, ...] = PrivateAttr(())

    @model_validator(mode="wrap")
    @classmethod
    def _note_order(cls, data: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        made = handler(data)
        if isinstance(data, dict):
            made._order = tuple(data)
        return made

    @model_serializer(mode="wrap")
    def _in_order(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        fields: dict[str, Any] = handler(self)
        return {key: fields[key] for key in self._order if key in fields} | fields

    def __eq__(self, other: object) -> bool:
        return (
            type(self) is type(other)
            and self.__dict__ == other.__dict__
            and (self.__pydantic_extra__ == other.__pydantic_extra__)
        )


class NodeEntry(_Open):
    """One node of the file: a type, its version, and its inputs (literals and links).

    Attributes:
        mode: `muted` never runs, `bypassed` hands on what is linked to it (see `modes`).
    """

    type: str
    version: int = 1
    inputs: dict[str, Any] = Field(default_factory=dict)
    mode: Literal["muted", "bypassed"] | None = None


class InputRef(_Open):
    """A declared input of the workflow: a field of a node."""

    node: str
    input: str


class OutputRef(_Open):
    """A declared output of the workflow: an output of a node, or what an effect node made."""

    node: str
    output: str | None = None


def is_link(value: object) -> bool:
    """Whether an input's value points to another node's output."""
    return isinstance(value, dict) and "node" in value


class Workflow(_Open):
    """A graph of typed nodes, as it stands in a file.

    Loading and saving keep unknown fields and their order; nothing is checked against node
    types before the workflow is planned.
    """

    __node_fragment__: ClassVar[bool] = True

    nodegraph: int = FORMAT
    name: str = ""
    inputs: dict[str, InputRef] = Field(default_factory=dict)
    outputs: dict[str, OutputRef] = Field(default_factory=dict)
    nodes: dict[str, NodeEntry] = Field(default_factory=dict)
    layout: dict[str, Any] = Field(default_factory=dict)
    requires: dict[str, Any] = Field(default_factory=dict)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Workflow:
        """Read a workflow file.

        Raises:
            WorkflowFileError: no such file, not JSON, not a workflow, another format version.
        """
        file = Path(path)
        return cls.parse(read_file(file), str(file))

    @classmethod
    def parse(cls, data: bytes | str, source: str = "the workflow") -> Workflow:
        """Read a workflow from JSON text; `source` names it in errors."""
        return cls.from_dict(read_json(data, source), source)

    @classmethod
    def from_dict(cls, raw: object, source: str = "the workflow") -> Workflow:
        """Make a workflow of parsed JSON."""
        if not isinstance(raw, dict):
            kind = type(raw).__name__
            raise WorkflowFileError(f"{source} is not a workflow: expected an object, got {kind}")
        if "nodegraph" not in raw:
            raise WorkflowFileError(f"{source} is not a workflow: {_missing_marker(raw)}")
        version = raw["nodegraph"]
        if type(version) is not int or version < 1:
            raise WorkflowFileError(f"{source}: 'nodegraph' must be {FORMAT}, got {version!r}")
        if version > FORMAT:
            raise WorkflowFileError(
                f"{source} has format version {version}; this nodegraph reads up to {FORMAT}: "
                "update it with pip install --upgrade nodegraph"
            )
        try:
            return cls.model_validate(raw)
        except ValidationError as error:
            raise InvalidWorkflow(_structure_problems(error)) from None

    def to_dict(self) -> dict[str, Any]:
        """The JSON form; what was not set is left out, except the format version."""
        made = self.model_dump(mode="json", exclude_unset=True)
        return made if "nodegraph" in made else {"nodegraph": self.nodegraph, **made}

    def to_json(self) -> str:
        """The text of the file.

        Raises:
            ValueError: something in it, set by code, is nothing that JSON can hold.
        """
        return json.dumps(self.to_dict(), indent=1, ensure_ascii=False, allow_nan=False) + "\n"

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the file: to a temporary name first, so that a crash leaves the old one whole."""
        write_text(Path(path), self.to_json())

    def add(self, function: Any, /, *, id: str | None = None, **inputs: Any) -> NodeRef:
        """Add a node by its function; links are given as other nodes or their outputs.

        Returns:
            A reference whose attributes are the node's outputs: `model.clip`.
        """
        made = node_type_of(function)
        name = id if id is not None else unique_id(made.name, self.nodes)
        if name in self.nodes:
            raise InvalidWorkflow([Problem("duplicate_node", "the id is taken", node=name)])
        unknown = [given for given in inputs if given not in made.by_name]
        if unknown and made.extras is None:
            raise InvalidWorkflow([_unknown_input(name, made.name, unknown[0], [*made.by_name])])
        links = {key: as_input(value, name, key) for key, value in inputs.items()}
        self.nodes[name] = NodeEntry(type=made.name, version=made.version, inputs=links)
        self.nodes = self.nodes
        return NodeRef(name, made.outputs_for(inputs))

    def include(
        self, body: Workflow, prefix: str, inputs: Mapping[str, Any]
    ) -> dict[str, OutputHandle]:
        """Copy a body's nodes under `prefix/`; returns its declared outputs (see `fragments`)."""
        return include(self, body, prefix, inputs)

    def declare_output(self, label: str, value: NodeRef | OutputHandle) -> None:
        """Declare what the workflow gives, as a function of its inputs."""
        link = as_input(value, "(output)", label)
        self.outputs[label] = OutputRef(node=link["node"], output=link.get("output"))
        self.outputs = self.outputs

    def set_inputs(self, values: Mapping[str, Any]) -> Workflow:
        """A copy with some inputs set, by declared name (`prompt`) or by node (`sample.steps`).

        Raises:
            InvalidWorkflow: for names that are neither; all of them at once.
        """
        changed = {name: entry.inputs for name, entry in self.nodes.items()}
        problems = []
        for name, value in values.items():
            node, field = self.address(name)
            if node not in changed:
                problems.append(self._unknown_name(name))
                continue
            changed[node] = {**changed[node], field: value}
        if problems:
            raise InvalidWorkflow(problems)
        return self.with_node_inputs(changed)

    def with_node_inputs(self, inputs: Mapping[str, dict[str, Any]]) -> Workflow:
        """A copy in which each named node has these inputs."""
        nodes = {
            name: entry.model_copy(update={"inputs": inputs[name]}) if name in inputs else entry
            for name, entry in self.nodes.items()
        }
        return self.model_copy(update={"nodes": nodes})

    def address(self, name: str) -> tuple[str, str]:
        """The node and field that `prompt` (if declared) or `sample.steps` stands for."""
        if name in self.inputs:
            return self.inputs[name].node, self.inputs[name].input
        node, _, field = name.rpartition(".")
        return node, field

    def _unknown_name(self, name: str) -> Problem:
        if name in self.inputs:
            gone = self.inputs[name].node
            text = f"the declared input '{name}' names node '{gone}', which is not there"
            close = nearest(gone, [*self.nodes])
            return Problem("missing_node", text, field=name, got=gone, nearest=close)
        known = [*self.inputs, *(f"{n}.{i}" for n, e in self.nodes.items() for i in e.inputs)]
        listed = ", ".join(self.inputs) or "(none declared)"
        return Problem(
            "unknown_workflow_input",
            f"there is no input '{name}'; declared inputs: {listed}; "
            "any field can be set as NODE.FIELD",
            field=name,
            expected=listed,
            got=name,
            nearest=nearest(name, known),
        )


def _unknown_input(node: str, type_name: str, field: str, known: list[str]) -> Problem:
    return Problem(
        "unknown_input",
        f"{type_name} has no input '{field}'; it has: {', '.join(known) or '(none)'}",
        node=node,
        field=field,
        expected=", ".join(known),
        got=field,
        nearest=nearest(field, known),
    )


def _missing_marker(raw: dict[str, Any]) -> str:
    return f'it has no "nodegraph": {FORMAT}; its keys are: {", ".join(list(raw)[:8]) or "(none)"}'


def _structure_problems(error: ValidationError) -> list[Problem]:
    problems = []
    for item in error.errors():
        place = [str(part) for part in item["loc"]]
        node = place[1] if place[0] == "nodes" and len(place) > 1 else None
        field = ".".join(place[2:] if node is not None else place) or None
        got = repr(item["input"])[:60]
        message = f"{item['msg'][0].lower()}{item['msg'][1:]}, got {got}"
        problems.append(Problem("malformed", message, node=node, field=field, got=got))
    return problems
