"""Small wire classes and short ways to write a workflow down."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

import pytest

from nodegraph import InvalidWorkflow, Problem, Registry, Workflow, node
from nodegraph.graph.plan import plan
from nodegraph.graph.planned import Plan

T = TypeVar("T")
Function = Callable[..., Any]


class Shape:
    """The root of a little family of wire classes."""


class Circle(Shape):
    """A shape."""


@dataclass(frozen=True)
class Colour:
    """No shape."""

    name: str = "red"


class Split(NamedTuple):
    """Two outputs."""

    whole: int
    rest: int


def use(type: str, /, *, version: int | None = None, **inputs: object) -> dict[str, Any]:
    """One node of a workflow file."""
    entry: dict[str, Any] = {"type": type, "inputs": inputs}
    return entry if version is None else {**entry, "version": version}


def at(place: str) -> dict[str, str]:
    """A link: `at("a")`, or `at("a.whole")` where a node has several outputs."""
    name, _, output = place.partition(".")
    return {"node": name, "output": output} if output else {"node": name}


def flow(**nodes: dict[str, Any]) -> Workflow:
    """A workflow of these nodes."""
    return Workflow.from_dict({"nodegraph": 1, "nodes": nodes})


def ending_in(*names: str, **nodes: dict[str, Any]) -> Workflow:
    """A workflow of these nodes, some of them its declared outputs."""
    outputs = {name: {"node": name} for name in names}
    return Workflow.from_dict({"nodegraph": 1, "outputs": outputs, "nodes": nodes})


def planned(functions: Sequence[Function], only: Sequence[str], **nodes: dict[str, Any]) -> Plan:
    """A plan for some of these nodes."""
    return plan(flow(**nodes), Registry(functions), only=only)


def problems(
    functions: Sequence[Function], only: Sequence[str] | None = None, /, **nodes: dict[str, Any]
) -> list[Problem]:
    """What is wrong with these nodes; by default with all of them."""
    with pytest.raises(InvalidWorkflow) as caught:
        plan(flow(**nodes), Registry(functions), only=[*nodes] if only is None else only)
    return list(caught.value.problems)


def problem(functions: Sequence[Function], **nodes: dict[str, Any]) -> Problem:
    """The one thing that is wrong with these nodes."""
    (found,) = problems(functions, **nodes)
    return found


@node()
def number(value: int = 0) -> int:
    """A whole number."""
    return value


@node()
def real(value: float = 0.0) -> float:
    """A number."""
    return value


@node()
def truth(value: bool = True) -> bool:
    """Yes or no."""
    return value


@node()
def text(value: str = "") -> str:
    """Some text."""
    return value


@node()
def numbers(count: int = 3) -> list[int]:
    """The whole numbers below `count`."""
    return list(range(count))


@node()
def add(a: int, b: int = 0) -> int:
    """The sum."""
    return a + b


@node()
def halves(value: int) -> Split:
    """Half of it, twice."""
    return Split(value // 2, value - value // 2)


@node(effect=True)
def keep(value: object) -> None:
    """A root that takes anything."""


BASICS = (number, real, truth, text, numbers, add, halves, keep)
