"""Reading one node's inputs while a workflow is planned: literals, defaults, links, mapping."""

from __future__ import annotations

from typing import Any, TypeVar

from nodegraph.errors import Problem, nearest
from nodegraph.graph.literals import LiteralCheck, show
from nodegraph.graph.node import REQUIRED, InputSpec, OutputSpec
from nodegraph.graph.planned import Link, Plan, PlannedNode
from nodegraph.graph.widgets import Names
from nodegraph.graph.wire import Wire, wire_of_value
from nodegraph.graph.workflow import NodeEntry, Workflow, is_link

__all__ = ["InputReader"]


_ANY = Wire((object,))
_ANY_CHECK = LiteralCheck(object, _ANY)


def _is_constant(spec: InputSpec, value: Any) -> bool:
    """Whether a value in a fragment is one of a wire type, not a literal of the file format."""
    if isinstance(value, bool | int | float | str | None):
        return False
    return spec.wire.holds(value) and not spec.check.is_body


class InputReader:
    """Turns the inputs written in a file into a planned node's literals and links."""

    def __init__(
        self,
        workflow: Workflow,
        names: Names | None,
        problems: list[Problem],
        constants: bool = False,
    ) -> None:
        self._workflow = workflow
        self._constants = constants
        self.names = names
        self._problems = problems

    def read(self, planned: PlannedNode, entry: NodeEntry, made: Plan) -> None:
        """Fill `planned` from `entry`; links point to nodes that are in `made` already."""
        bound: dict[TypeVar, Wire] = {}
        if (written := self._migrated(planned, entry)) is not None:
            self._fill(planned, written, made, bound)
        planned.outputs = self._outputs(planned)
        mapped = bool(planned.mapped)
        planned.wires = tuple([self._output_wire(o.wire, bound, mapped) for o in planned.outputs])

    def _fill(
        self, planned: PlannedNode, written: dict[str, Any], made: Plan, bound: dict[TypeVar, Wire]
    ) -> None:
        by_name = planned.type.by_name
        for name in written:
            if name not in by_name:
                if planned.type.extras is None:
                    self._unknown(planned, name)
                else:
                    self._extra(planned, name, written[name], made)
        for spec in planned.type.inputs:
            value = written.get(spec.name, spec.default)
            if value is REQUIRED:
                text = f"the input '{spec.name}' ({spec.wire.name}) is required"
                self._say(planned, spec, "required_input_missing", text, expected=spec.wire.name)
            elif is_link(value):
                self._link(planned, spec, value, made, bound)
            else:
                self._literal(planned, spec, value, bound)

    def _outputs(self, planned: PlannedNode) -> tuple[OutputSpec, ...]:
        if planned.type.outputs_of is None:
            return planned.type.outputs
        try:
            return planned.type.outputs_for(planned.literals)
        except (KeyError, AttributeError, TypeError):
            return ()  # a literal it needs is wrong, which is reported there

    def _extra(self, planned: PlannedNode, name: str, value: Any, made: Plan) -> None:
        planned.extras = (*planned.extras, name)
        if is_link(value):
            self._link(planned, InputSpec(name, _ANY, _ANY_CHECK), value, made, {})
        elif self._constants:
            planned.constants[name] = value
        else:
            self._literal(planned, InputSpec(name, _ANY, _ANY_CHECK), value, {})

    def _migrated(self, planned: PlannedNode, entry: NodeEntry) -> dict[str, Any] | None:
        node_type = planned.type
        if entry.version > node_type.version:
            text = (
                f"the file uses version {entry.version} of {node_type.name}, "
                f"version {node_type.version} is installed; update '{node_type.pack}'"
            )
            self._problems.append(
                Problem(
                    "newer_node_version",
                    text,
                    node=planned.id,
                    expected=f"<= {node_type.version}",
                    got=str(entry.version),
                )
            )
        elif entry.version < node_type.version and node_type.migrate is not None:
            try:
                return node_type.migrate(dict(entry.inputs), entry.version)
            except Exception as error:
                text = (
                    f"its inputs cannot be brought from version {entry.version} of "
                    f"{node_type.name} to version {node_type.version}: "
                    f"{type(error).__name__}: {error}"
                )
                self._problems.append(Problem("migration_failed", text, node=planned.id))
                return None
        return entry.inputs

    def _unknown(self, planned: PlannedNode, name: str) -> None:
        known = [*planned.type.by_name]
        self._problems.append(
            Problem(
                "unknown_input",
                f"{planned.type.name} has no input '{name}'; "
                f"it has: {', '.join(known) or '(none)'}",
                node=planned.id,
                field=name,
                expected=", ".join(known),
                got=name,
                nearest=nearest(name, known),
            )
        )

    def _literal(
        self, planned: PlannedNode, spec: InputSpec, value: Any, bound: dict[TypeVar, Wire]
    ) -> None:
        if self._constants and _is_constant(spec, value):
            planned.constants[spec.name] = value
            if spec.wire.var is not None and value is not None:
                bound.setdefault(spec.wire.var, Wire((type(value),)))
            return
        if isinstance(value, dict) and "value" in value and len(value) == 1:
            value = value["value"]
        if not spec.check.allowed and not (value is None and spec.wire.optional):
            text = f"expected a link to a {spec.wire.name}, got the value {show(value)}"
            self._say(planned, spec, "bad_linked_input", text, spec.wire.name, show(value))
            return
        checked, problem = spec.check(value, self.names)
        if problem is not None:
            self._problems.append(
                Problem(
                    problem.code,
                    problem.message,
                    planned.id,
                    spec.name,
                    problem.expected,
                    problem.got,
                    problem.nearest,
                )
            )
        if spec.wire.var is not None and value is not None:
            self._bind(planned, spec, wire_of_value(value), show(value), bound)
        planned.literals[spec.name] = checked

    def _link(
        self,
        planned: PlannedNode,
        spec: InputSpec,
        value: dict[str, Any],
        made: Plan,
        bound: dict[TypeVar, Wire],
    ) -> None:
        source = value["node"]
        if not isinstance(source, str) or source not in self._workflow.nodes:
            text = f"linked to node {source!r}, which is not there"
            close = nearest(source, [*self._workflow.nodes])
            self._say(planned, spec, "link_to_missing_node", text, None, str(source), close)
            return
        if source not in made.by_id:
            return  # the source has a problem of its own, which is reported there
        origin = made.nodes[made.by_id[source]]
        output = self._output(planned, spec, origin, value.get("output"))
        if output is None:
            return
        wire = origin.wires[output]
        planned.links[spec.name] = Link(origin.index, output)
        if not spec.wire.accepts(wire) or spec.wire.var is not None:
            self._connect(planned, spec, wire, f"{source}.{origin.outputs[output].name}", bound)

    def _output(
        self, planned: PlannedNode, spec: InputSpec, source: PlannedNode, name: object
    ) -> int | None:
        if name is None and len(source.outputs) == 1:
            return 0
        if isinstance(name, str) and (number := source.output_number(name)) is not None:
            return number
        names = [output.name for output in source.outputs]
        listed = ", ".join(names) or "(none)"
        what = "says no output" if name is None else f"has no output {name!r}"
        origin = f"'{source.id}' ({source.type.name})"
        text = f"linked to {origin}, which {what}; its outputs are: {listed}"
        if name is None:
            text = f"linked to {origin} without naming one of: {listed}"
        close = nearest(name, names) if name is not None else None
        self._say(planned, spec, "link_to_missing_output", text, listed, str(name), close)
        return None

    def _connect(
        self,
        planned: PlannedNode,
        spec: InputSpec,
        wire: Wire,
        origin: str,
        bound: dict[TypeVar, Wire],
    ) -> None:
        """Fix a type variable, map the node over a list, or report that the types do not fit."""
        wanted = spec.wire
        if wanted.var is not None:
            self._bind(planned, spec, wire, f"'{origin}'", bound)
        elif wanted.accepts_mapped(wire):
            if any(s.lazy for s in planned.type.inputs):
                text = f"'{origin}' is a list; {planned.type.name} has lazy inputs and takes one"
                self._say(planned, spec, "type_mismatch", text, wanted.name, wire.name)
            planned.mapped = (*planned.mapped, spec.name)
        else:
            text = f"expected {wanted.name}, but '{origin}' gives {wire.given_name}"
            self._say(planned, spec, "type_mismatch", text, wanted.name, wire.given_name)

    def _bind(
        self,
        planned: PlannedNode,
        spec: InputSpec,
        wire: Wire,
        origin: str,
        bound: dict[TypeVar, Wire],
    ) -> None:
        """Fix a type variable by what is connected first; a wider type widens it."""
        assert spec.wire.var is not None
        first = bound.get(spec.wire.var, wire)
        joined = first.joined(wire)
        if joined is None:
            text = f"expected {first.name}, as at its other inputs; {origin} is {wire.name}"
            self._say(planned, spec, "type_mismatch", text, first.name, wire.name)
        bound[spec.wire.var] = joined or first

    def _say(
        self,
        planned: PlannedNode,
        spec: InputSpec,
        code: str,
        message: str,
        expected: str | None = None,
        got: str | None = None,
        close: str | None = None,
    ) -> None:
        self._problems.append(Problem(code, message, planned.id, spec.name, expected, got, close))

    def _output_wire(self, wire: Wire, bound: dict[TypeVar, Wire], mapped: bool) -> Wire:
        if wire.var is not None:
            wire = bound.get(wire.var, Wire((object,)))
        return wire.listed() if mapped and not wire.is_list else wire
