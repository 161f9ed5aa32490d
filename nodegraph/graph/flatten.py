"""Subgraphs: a node of the type `Subgraph` stands for the workflow that is its input `body`.

Planning puts the body's nodes in its place, under `id/`, so that what is inside is checked,
cached, reported and saved as if it had been drawn outside.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from nodegraph.errors import InvalidWorkflow, Problem, WorkflowFileError, nearest
from nodegraph.graph.passing import DEEPEST, SUBGRAPH, body_of
from nodegraph.graph.workflow import NodeEntry, OutputRef, Workflow, is_link

__all__ = ["Flattened", "flatten"]

_BODY = "body"


@dataclass
class Flattened:
    """A workflow without subgraphs, but for those that are bypassed.

    Attributes:
        inside: id of a subgraph -> the ids of the nodes that came out of it, or would have come
            out of a bypassed one; whole depth.
        opened: id of a subgraph that was taken apart -> where its outputs are now.
    """

    workflow: Workflow
    inside: dict[str, list[str]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    opened: dict[str, _Open] = field(default_factory=dict)

    def given_by(self, name: str) -> list[OutputRef]:
        """What stands for the outputs of a subgraph; nothing for one that is bypassed."""
        here = self.opened.get(name)
        labels = here.outputs if here is not None else ()
        return [_follow(name, label, self.opened, lambda *_: None) for label in labels]


@dataclass
class _Open:
    outputs: dict[str, OutputRef]
    prefix: str


def flatten(workflow: Workflow) -> Flattened:
    """Take subgraphs apart, inner ones after those that hold them; bypassed ones stay."""
    made = Flattened(workflow)
    opened = made.opened
    nodes = dict(workflow.nodes)
    waiting = [(name, 1) for name, entry in nodes.items() if entry.type == SUBGRAPH]
    while waiting:
        name, depth = waiting.pop()
        entry = nodes.pop(name)
        made.inside[name] = []
        body = _body_of(name, entry, depth, made.problems)
        if body is None:
            continue
        if entry.mode == "bypassed":
            nodes[name] = entry
            made.inside[name] = [f"{name}/{label}" for label in _names_in(body)]
            continue
        opened[name] = _Open(body.outputs, f"{name}/")
        inner = _inner_nodes(name, entry, body, made.problems)
        for label in inner.keys() & nodes.keys():
            text = f"the subgraph '{name}' holds a node '{label}', and another has that id"
            made.problems.append(Problem("duplicate_node", text, node=label))
        nodes |= inner
        made.inside[name] = [*inner]
        waiting += [(label, depth + 1) for label, e in inner.items() if e.type == SUBGRAPH]
    if not made.inside:
        return made
    _spread(made.inside)
    changed = workflow.model_copy()
    changed.nodes = {n: _relinked(n, e, opened, made.problems) for n, e in nodes.items()}
    changed.outputs = {
        label: _output(label, ref, opened, made.problems) for label, ref in workflow.outputs.items()
    }
    made.workflow = changed
    return made


def _body_of(name: str, entry: NodeEntry, depth: int, problems: list[Problem]) -> Workflow | None:
    if depth > DEEPEST:
        text = f"subgraphs are nested more than {DEEPEST} deep"
    else:
        try:
            return body_of(entry)
        except (InvalidWorkflow, WorkflowFileError) as error:
            text = f"the body is no workflow: {error}"
    problems.append(Problem("invalid_body", text, node=name, field=_BODY))
    return None


def _inner_nodes(
    name: str, entry: NodeEntry, body: Workflow, problems: list[Problem]
) -> dict[str, NodeEntry]:
    """The nodes of a body under their new ids, with the inputs that the subgraph is given."""
    inner = {f"{name}/{inner_id}": _moved(e, f"{name}/") for inner_id, e in body.nodes.items()}
    if entry.mode == "muted":
        inner = {label: one.model_copy(update={"mode": "muted"}) for label, one in inner.items()}
    for label, value in entry.inputs.items():
        if label == _BODY:
            continue
        ref = body.inputs.get(label)
        if ref is None:
            text = f"the subgraph has no input '{label}'"
            close = nearest(label, [*body.inputs])
            listed = ", ".join(body.inputs) or "(none)"
            problems.append(Problem("unknown_input", text, name, label, listed, label, close))
        elif (target := inner.get(f"{name}/{ref.node}")) is None:
            text = f"the subgraph's input '{label}' names node '{ref.node}', which it lacks"
            problems.append(Problem("missing_node", text, name, label, got=ref.node))
        else:
            inputs = {**target.inputs, ref.input: value}
            inner[f"{name}/{ref.node}"] = target.model_copy(update={"inputs": inputs})
    return inner


def _names_in(body: Workflow, depth: int = 1) -> Iterator[str]:
    """The ids of all nodes of a body, whole depth."""
    for name, entry in body.nodes.items():
        if entry.type != SUBGRAPH or depth > DEEPEST:
            yield name
            continue
        with suppress(InvalidWorkflow, WorkflowFileError):
            yield from (f"{name}/{inner}" for inner in _names_in(body_of(entry), depth + 1))


def _moved(entry: NodeEntry, prefix: str) -> NodeEntry:
    def moved(value: Any) -> Any:
        known = is_link(value) and isinstance(value["node"], str)
        return {**value, "node": prefix + value["node"]} if known else value

    return entry.model_copy(update={"inputs": {k: moved(v) for k, v in entry.inputs.items()}})


def _relinked(
    name: str, entry: NodeEntry, opened: dict[str, _Open], problems: list[Problem]
) -> NodeEntry:
    changed: dict[str, Any] = {}
    for field_name, value in entry.inputs.items():
        if not is_link(value) or value["node"] not in opened:
            continue

        def complain(text: str, got: str, known: list[str], at: str = field_name) -> None:
            close = nearest(got, known)
            problems.append(Problem("missing_output", text, name, at, None, got, close))

        ref = _follow(value["node"], value.get("output"), opened, complain)
        changed[field_name] = {"node": ref.node} | ({"output": ref.output} if ref.output else {})
    return entry.model_copy(update={"inputs": {**entry.inputs, **changed}}) if changed else entry


def _output(
    label: str, ref: OutputRef, opened: dict[str, _Open], problems: list[Problem]
) -> OutputRef:
    if ref.node not in opened:
        return ref

    def complain(text: str, got: str, known: list[str]) -> None:
        text = f"the declared output '{label}': {text}"
        problems.append(Problem("missing_output", text, got=got, nearest=nearest(got, known)))

    return _follow(ref.node, ref.output, opened, complain)


def _follow(
    node: str,
    output: str | None,
    opened: dict[str, _Open],
    complain: Callable[[str, str, list[str]], None],
) -> OutputRef:
    """Where an output of a subgraph comes from, however deep."""
    while (here := opened.get(node)) is not None:
        known = [*here.outputs]
        if output is None and len(known) == 1:
            output = known[0]
        if output is None or output not in here.outputs:
            which = f"has no output '{output}'" if output else "has not just one output"
            listed = ", ".join(known) or "(none)"
            complain(f"the subgraph '{node}' {which}; it has: {listed}", output or "", known)
            return OutputRef(node=node, output=output)
        ref = here.outputs[output]
        node, output = here.prefix + ref.node, ref.output
    return OutputRef(node=node, output=output)


def _spread(inside: dict[str, list[str]]) -> None:
    """Let each subgraph list what came out of the subgraphs in it, too."""
    for name in sorted(inside, key=lambda n: n.count("/"), reverse=True):
        inside[name] = [label for one in inside[name] for label in inside.get(one, [one])]
