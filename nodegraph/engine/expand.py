"""Nodes that return a fragment: it is planned, run and reported under the node."""

from __future__ import annotations

from typing import Any

from nodegraph.engine.keys import constant_digest
from nodegraph.engine.state import RunState
from nodegraph.engine.task import Phase, Task
from nodegraph.errors import InvalidWorkflow, NodeError
from nodegraph.graph.lowering import lower
from nodegraph.graph.plan import plan
from nodegraph.graph.planned import Link, Plan, PlannedNode
from nodegraph.graph.workflow import Workflow

__all__ = ["MAX_TASKS", "expand", "gathered"]

MAX_TASKS = 1_000_000


def expand(state: RunState, index: int, fragment: Workflow, seconds: float) -> None:
    """Take a fragment into the run; the task waits for its outputs.

    Raises:
        InvalidWorkflow: the fragment cannot run.
        NodeError: it lacks one of the node's outputs, or the run would grow beyond all bounds.
    """
    task = state.tasks[index]
    registry = state.environment.registry
    assert registry is not None
    lowered = lower(fragment, registry)
    if lowered.problems:
        raise InvalidWorkflow.of(lowered.problems)
    fragment = lowered.workflow
    wanted = [ref.node for ref in fragment.outputs.values()]
    effects = [n for n, e in fragment.nodes.items() if (t := registry.get(e.type)) and t.effect]
    targets = list(dict.fromkeys((*wanted, *effects)))
    made = plan(fragment, registry, names=state.environment.files, only=targets, fragment=True)
    if len(state.tasks) + len(made.nodes) > MAX_TASKS:
        raise NodeError(f"the run would grow to more than {MAX_TASKS} nodes: a runaway loop?")
    offset = len(state.tasks)
    task.inside = _outputs(task.node, fragment, made, offset)
    task.effects = [made.by_id[name] + offset for name in effects]
    task.members = range(offset, offset + len(made.nodes))
    task.seconds = seconds
    known = _input_links(state, task)
    owner = state.tasks[task.parent] if task.node.type.tail and task.parent is not None else task
    for node in made.nodes:
        _adopt(node, owner.node.id, offset, known, task.key)
        state.tasks.append(Task(node, parent=task.parent if owner is not task else index))
    for source in {source for source, _ in task.inside}:
        state.tasks[source].uses += 1
    task.phase = Phase.GATHER
    for source in reversed([*(s for s, _ in task.inside), *task.effects]):
        state.want(source)
    state.release_inputs(index)
    state.ready.append(index)


def gathered(state: RunState, index: int) -> tuple[Any, ...] | None:
    """The values of an expanded task, once all of its fragment's outputs are at hand."""
    task = state.tasks[index]
    for source in {*(s for s, _ in task.inside), *task.effects}:
        inner = state.tasks[source]
        if inner.failed:
            state.give_up(index, inner.node.id)
            return None
        if inner.digests is None:
            state.wait_until_known(index, source)
    if task.waiting:
        return None
    for source in {s for s, _ in task.inside}:
        if not state.ask_value(source):
            task.waiting += 1
            state.tasks[source].when_valued(index)
    if task.waiting:
        return None
    values = []
    for source, output in task.inside:
        held = state.tasks[source].values
        assert held is not None
        values.append(held[output])
    _let_go(state, task)
    return tuple(values)


def _let_go(state: RunState, task: Task) -> None:
    spent = (state.tasks[member].done for member in task.members)
    task.seconds += sum(done.seconds for done in spent if done is not None)
    for source in {s for s, _ in task.inside}:
        inner = state.tasks[source]
        inner.uses -= 1
        if inner.uses <= 0:
            inner.values = None
    inside = [state.tasks[member] for member in task.members]
    task.outputs = [*task.outputs, *(output for inner in inside for output in inner.outputs)]
    for inner in inside:
        inner.outputs = []  # what was made inside is this node's from now on


def _outputs(
    node: PlannedNode, fragment: Workflow, made: Plan, offset: int
) -> list[tuple[int, int]]:
    found = []
    for output in node.outputs:
        ref = fragment.outputs.get(output.name)
        if ref is None or ref.node not in made.by_id:
            raise NodeError(f"the fragment it returned has no output '{output.name}'")
        inner = made.nodes[made.by_id[ref.node]]
        number = inner.output_number(ref.output) if ref.output else 0
        if number is None or number >= len(inner.outputs):
            raise NodeError(f"the fragment's output '{output.name}' names no output of its node")
        found.append((inner.index + offset, number))
    return found


def _input_links(state: RunState, task: Task) -> dict[int, Link]:
    """The task's input values by identity: in a fragment they are links to where they came from."""
    found: dict[int, Link] = {}
    for link in task.node.links.values():
        values = state.tasks[link.source].values
        if values is not None:
            found[id(values[link.output])] = link
    return found


def _adopt(node: PlannedNode, owner: str, offset: int, known: dict[int, Link], key: bytes) -> None:
    node.id = f"{owner}/{node.id}"
    node.written = None  # never planned again, and it may hold large values
    node.index += offset
    for link in node.links.values():
        link.source += offset
    for name, value in list(node.constants.items()):
        if (link_to := known.get(id(value))) is not None:
            node.links[name] = Link(link_to.source, link_to.output)
            del node.constants[name]
        else:
            node.constant_digests[name] = constant_digest(value, key, f"{node.id} {name}")
