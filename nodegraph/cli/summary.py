"""How a run went, in a few lines: what was made, what ran, what was reused and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from nodegraph.cli.shell import shown
from nodegraph.engine.events import NodeDone
from nodegraph.graph.workflow import Workflow
from nodegraph.result import Result

__all__ = ["drawn_seeds", "summary"]

_NAMES_SHOWN = 8


def drawn_seeds(before: Workflow, texts: Mapping[str, str], after: Workflow) -> dict[str, Any]:
    """The seeds that were left to chance, by `node.field`."""
    return {
        f"{node}.{field}": after.nodes[node].inputs[field]
        for node, entry in before.set_inputs(texts).nodes.items()
        for field, value in entry.inputs.items()
        if value == "random" and after.nodes[node].inputs[field] != "random"
    }


def summary(result: Result, seeds: Mapping[str, Any]) -> Iterator[str]:
    """The lines to show."""
    for output in result.outputs:
        if output.path is not None:
            word = "preview" if output.temporary else "saved"
            yield f"{word} {shown(output.path)}"
        if output.text is not None:
            yield f"{output.node}: {output.text}"
    for name, seed in seeds.items():
        yield f"drawn {name} = {seed}"
    yield _headline(result)
    for (status, reason), nodes in _groups(result.nodes).items():
        yield f"  {status}{reason and f', {reason}'}: {_names(nodes)}"


def _headline(result: Result) -> str:
    counts: dict[str, int] = {}
    for done in result.nodes.values():
        counts[done.status] = counts.get(done.status, 0) + 1
    listed = ", ".join(f"{count} {status}" for status, count in counts.items())
    return f"{result.status} in {result.seconds:.1f} s: {listed or 'nothing to do'}"


def _groups(nodes: Mapping[str, NodeDone]) -> dict[tuple[str, str], list[NodeDone]]:
    """Nodes of one status and reason together."""
    found: dict[tuple[str, str], list[NodeDone]] = {}
    for done in nodes.values():
        found.setdefault((done.status, _reason(done)), []).append(done)
    return found


def _reason(done: NodeDone) -> str:
    """The reason, but for what the failures and their error messages say already."""
    match done.status:
        case "failed" | "canceled":
            return ""
        case "skipped" if done.reason != "not needed":
            return "needing what did not succeed"
        case _:
            return done.reason


def _names(nodes: list[NodeDone]) -> str:
    shown = [
        f"{done.node} {done.seconds:.1f} s" if done.seconds >= 0.05 else done.node
        for done in nodes[:_NAMES_SHOWN]
    ]
    more = len(nodes) - len(shown)
    return ", ".join(shown) + (f" and {more} more (--explain lists all)" if more else "")
