"""Planning again after a small change: only the nodes whose entries differ are read again."""

from __future__ import annotations

from dataclasses import replace

from nodegraph.errors import Problem
from nodegraph.graph.inputs import InputReader
from nodegraph.graph.lowering import lower
from nodegraph.graph.planned import Plan, PlannedNode, Written
from nodegraph.graph.registry import Registry
from nodegraph.graph.requirements import requirement_problems
from nodegraph.graph.widgets import Names
from nodegraph.graph.workflow import NodeEntry, Workflow, is_link

__all__ = ["replan"]


def replan(previous: Plan, workflow: Workflow, registry: Registry, names: Names) -> Plan | None:
    """The plan of a workflow that differs from a planned one in a few literals.

    Returns:
        None where only planning anew will do: other nodes, links, types or outputs, or
        something is wrong (planning anew finds out everything that is).
    """
    if requirement_problems(workflow, registry):
        return None
    lowered = lower(workflow, registry)
    workflow = lowered.workflow
    if lowered.problems or lowered.left_out != previous.left_out:
        return None
    if list(workflow.nodes) != previous.ids or Plan.outputs_of(workflow) != previous.outputs:
        return None
    for name, written in previous.not_needed.items():
        if written is None or not written.same_as(workflow.nodes[name]):
            return None
    made = replace(previous, workflow=workflow, nodes=list(previous.nodes))
    problems: list[Problem] = []
    reader = InputReader(workflow, names, problems)
    entries = workflow.nodes
    for planned in previous.nodes:
        entry = entries[planned.id]
        if (written := planned.written) is not None and written.same_as(entry):
            continue
        again = _read_again(planned, entry, registry, reader, made)
        if again is None or problems:
            return None
        made.nodes[planned.index] = again
    return made


def _read_again(
    planned: PlannedNode, entry: NodeEntry, registry: Registry, reader: InputReader, made: Plan
) -> PlannedNode | None:
    if registry.get(entry.type) is not planned.type or planned.type.body_names:
        return None  # what is inside a body has to be looked at too
    links = {name: value for name, value in entry.inputs.items() if is_link(value)}
    if links.keys() != planned.links.keys():
        return None
    again = PlannedNode(planned.index, planned.id, planned.type, {}, {})
    again.written = None if planned.type.looks_up else Written.of(entry)
    reader.read(again, entry, made)
    if again.links != planned.links or again.wires != planned.wires:
        return None
    return again
