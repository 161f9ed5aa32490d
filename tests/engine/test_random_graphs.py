"""Random graphs against the plainest evaluator there is."""

import asyncio
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from threading import Event
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from nodegraph import Lazy, Registry, Workflow, node
from nodegraph.engine.events import NodeStarted
from tests.engine.arithmetic import Log, arithmetic
from tests.engine.lab import Lab, ran, statuses
from tests.graph.shapes import flow

FEW = settings(max_examples=60, derandomize=True, deadline=None)


@dataclass(frozen=True)
class Call:
    """One node of a random graph: inputs are literals or numbers of earlier nodes."""

    type: str
    literals: Mapping[str, Any]
    links: Mapping[str, int]


Graph = tuple[Call, ...]
ARGUMENTS = {
    "Number": ("value",),
    "Add": ("a", "b"),
    "Clamp": ("value", "high"),
    "Pick": ("yes", "no"),
}


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    """Up to twelve nodes, each linked to earlier ones; values are few, so that many are equal."""
    made: list[Call] = []
    for index in range(draw(st.integers(2, 12))):
        type = draw(st.sampled_from(sorted(ARGUMENTS))) if index else "Number"
        literals: dict[str, Any] = {}
        links: dict[str, int] = {}
        for name in ARGUMENTS[type]:
            if type != "Number" and draw(st.booleans()):
                links[name] = draw(st.integers(0, index - 1))
            else:
                literals[name] = draw(st.integers(0, 3))
        if type == "Pick":
            literals["which"] = draw(st.booleans())
        made.append(Call(type, literals, links))
    return tuple(made)


def changed(graph: Graph, at: int) -> Graph:
    """The graph with one literal of one of its nodes changed, if it has any."""
    indexes = [i for i, call in enumerate(graph) if call.literals]
    index = indexes[at % len(indexes)]
    name, value = sorted(graph[index].literals.items())[at % len(graph[index].literals)]
    other = not value if isinstance(value, bool) else (value + 1) % 4
    literals = {**graph[index].literals, name: other}
    return (*graph[:index], replace(graph[index], literals=literals), *graph[index + 1 :])


def workflow(graph: Graph) -> Workflow:
    entries: dict[str, Any] = {}
    for index, call in enumerate(graph):
        links = {name: {"node": f"n{source}"} for name, source in call.links.items()}
        entries[f"n{index}"] = {"type": call.type, "inputs": {**call.literals, **links}}
    return flow(**entries)


class Oracle:
    """Values by definition, and which nodes a run of the last one needs."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.values: dict[int, int] = {}
        self.inputs: dict[int, tuple[Any, ...]] = {}
        self.value(len(graph) - 1)

    def value(self, index: int) -> int:
        if index not in self.values:
            self.values[index] = self._compute(index)
        return self.values[index]

    def _compute(self, index: int) -> int:
        call = self.graph[index]

        def get(name: str) -> int:
            return self.value(call.links[name]) if name in call.links else int(call.literals[name])

        if call.type == "Pick":
            which = call.literals["which"]
            awaited = "yes" if which else "no"
            result = get(awaited)
            other = call.literals.get("no" if which else "yes", "(a link)")
            self.inputs[index] = ("Pick", which, result, awaited in call.links, other)
            return result
        given = [get(name) for name in ARGUMENTS[call.type]]
        kinds = ["link" if name in call.links else "literal" for name in ARGUMENTS[call.type]]
        self.inputs[index] = (call.type, *given, *kinds)
        return min(given) if call.type == "Clamp" else sum(given)


def hurried(log: Log, seed: int) -> list[Callable[..., Any]]:
    """The same nodes, each ready after a time of its own: some in threads, some on the loop."""
    moments = Random(seed)

    @node(io=True)
    def number(value: int) -> int:
        Event().wait(moments.random() / 500)
        log.append(f"number {value}")
        return value

    @node()
    async def add(a: int, b: int = 0) -> int:
        await asyncio.sleep(moments.random() / 500)
        log.append(f"add {a} {b}")
        return a + b

    @node(io=True)
    def clamp(value: int, high: int = 10) -> int:
        Event().wait(moments.random() / 500)
        log.append(f"clamp {value} {high}")
        return min(value, high)

    @node()
    async def pick(which: bool, yes: Lazy[int], no: Lazy[int]) -> int:
        log.append(f"pick {which}")
        return await yes if which else await no

    return [number, add, clamp, pick]


@contextmanager
def fresh_lab(budget: int | None = None) -> Iterator[tuple[Lab, Log]]:
    folder, log = Path(tempfile.mkdtemp()), Log()
    try:
        lab = Lab(folder, arithmetic(log))
        if budget is not None:
            lab.cache.budget = budget
        yield lab, log
    finally:
        shutil.rmtree(folder)


def last_value(lab: Lab, graph: Graph) -> tuple[int, set[int], list[str]]:
    """The value of the last node, the numbers of those that ran, and every status."""
    name = f"n{len(graph) - 1}"
    report = lab.run(workflow(graph), name, keep=[name])
    assert report.status == "succeeded", report.errors
    (value,) = report.values[name]
    return value, {int(one[1:]) for one in ran(report)}, [*statuses(report).values()]


@FEW
@given(graphs())
def test_values_are_right_and_nothing_runs_twice(graph: Graph) -> None:
    expected = Oracle(graph)
    with fresh_lab() as (lab, log):
        value, runs, _ = last_value(lab, graph)

        assert value == expected.value(len(graph) - 1)
        assert runs <= expected.values.keys()
        assert len(log) == len(runs)
        distinct = len(set(expected.inputs.values()))
        assert len(runs) <= distinct


@FEW
@given(graphs())
def test_an_unchanged_graph_runs_nothing(graph: Graph) -> None:
    with fresh_lab() as (lab, log):
        value, _, _ = last_value(lab, graph)
        log.clear()

        again, runs, found = last_value(lab, graph)

        assert (again, runs, log) == (value, set(), [])
        assert set(found) <= {"reused", "skipped"}


@FEW
@given(graphs(), st.integers(0, 1000))
def test_a_node_runs_exactly_when_what_it_is_given_is_new(graph: Graph, at: int) -> None:
    other = changed(graph, at)
    before, after = Oracle(graph), Oracle(other)
    with fresh_lab() as (lab, log):
        last_value(lab, graph)
        log.clear()

        value, runs, _ = last_value(lab, other)

        assert value == after.value(len(other) - 1)
        known = set(before.inputs.values())
        new = {inputs for inputs in after.inputs.values() if inputs not in known}
        assert {after.inputs[index] for index in runs} == new
        assert len(runs) == len(new)
        assert len(log) == len(new)


@FEW
@given(graphs(), st.integers(0, 1000), st.lists(st.integers(0, 80), min_size=3, max_size=3))
def test_no_budget_changes_a_result(graph: Graph, at: int, budgets: list[int]) -> None:
    other = changed(graph, at)
    with fresh_lab() as (lab, _):
        for budget, one in zip(budgets, (graph, other, graph), strict=True):
            lab.cache.budget = budget - 1

            value, _, _ = last_value(lab, one)

            assert value == Oracle(one).value(len(one) - 1)


@FEW
@given(graphs(), st.integers(0, 1000), st.integers(0, 1000))
def test_no_timing_changes_a_result(graph: Graph, at: int, seed: int) -> None:
    other = changed(graph, at)
    with fresh_lab() as (lab, log):
        lab.registry = Registry(hurried(log, seed))
        for one in (graph, other, graph):
            log.clear()

            value, runs, _ = last_value(lab, one)

            expected = Oracle(one)
            assert value == expected.value(len(one) - 1)
            assert len(log) == len(runs) <= len(set(expected.inputs.values()))


@FEW
@given(graphs(), st.integers(0, 1000))
def test_with_no_memory_at_all_a_node_starts_at_most_once_a_run(graph: Graph, at: int) -> None:
    with fresh_lab(budget=-1) as (lab, _):
        for one in (graph, changed(graph, at), graph):
            last_value(lab, one)

            started = Counter(e.node for e in lab.events if isinstance(e, NodeStarted))
            assert set(started.values()) <= {1}
