"""A registry made of schemas checks workflows as the real one does."""

import json
from typing import Annotated, Any, Literal, TypeVar

import pytest

from nodegraph import (
    BodyOutputs,
    Choice,
    Extras,
    InvalidWorkflow,
    Lazy,
    Range,
    Registry,
    Seed,
    Workflow,
    node,
)
from nodegraph.graph.plan import check, plan
from nodegraph.graph.portable import registry_from
from nodegraph.graph.schema import describe

T = TypeVar("T")


class Animal:
    pass


class Dog(Animal):
    pass


@node()
def animal() -> Animal:
    """Any animal."""
    return Animal()


@node()
def dog(age: Annotated[int, Range(0, 30)] = 1, coat: Literal["short", "long"] = "short") -> Dog:
    """A dog."""
    return Dog()


@node(effect=True)
def feed(who: Animal, food: Annotated[str, Choice("meat", "bread")] = "meat") -> None:
    """Feed it."""


@node(effect=True)
def walk(who: Dog, seed: Annotated[int, Seed()] = 0, far: float | None = None) -> None:
    """Walk it."""


@node()
async def pick(first: bool, a: Lazy[T], b: Lazy[T]) -> T:
    """One of two."""
    return await (a if first else b)


@node(outputs_of=BodyOutputs(listed=True))
def each(items: list[object], body: Workflow, extras: Extras) -> Workflow:
    """A body for each item."""
    return body


REAL = Registry([animal, dog, feed, walk, pick, each])
PORTABLE = registry_from(json.loads(json.dumps(describe(REAL))))


def workflow(**nodes: Any) -> Workflow:
    return Workflow.from_dict({"nodegraph": 1, "nodes": nodes})


def link(node: str, output: str | None = None) -> dict[str, Any]:
    return {"node": node} | ({"output": output} if output else {})


def test_describing_it_again_gives_the_same() -> None:
    assert describe(PORTABLE) == json.loads(json.dumps(describe(REAL)))


BODY = {"nodegraph": 1, "outputs": {"pet": {"node": "d"}}, "nodes": {"d": {"type": "Dog"}}}

CASES = {
    "subclass fits": workflow(d={"type": "Dog"}, f={"type": "Feed", "inputs": {"who": link("d")}}),
    "base class does not": workflow(
        a={"type": "Animal"}, w={"type": "Walk", "inputs": {"who": link("a")}}
    ),
    "literals": workflow(
        d={"type": "Dog", "inputs": {"age": 31, "coat": "shrt"}},
        w={"type": "Walk", "inputs": {"who": link("d"), "seed": "random", "far": "x"}},
        f={"type": "Feed", "inputs": {"who": link("d"), "food": "bred"}},
    ),
    "variables": workflow(
        d={"type": "Dog"},
        a={"type": "Animal"},
        p={"type": "Pick", "inputs": {"first": True, "a": link("a"), "b": link("d")}},
        w={"type": "Walk", "inputs": {"who": link("p")}},
    ),
    "loops": workflow(
        e={"type": "Each", "inputs": {"items": link("d"), "body": BODY, "more": 3}},
        d={"type": "Dog"},
        f={"type": "Feed", "inputs": {"who": link("e", "pet")}},
        g={"type": "Feed", "inputs": {"who": link("e", "pat")}},
    ),
    "unknown type": workflow(d={"type": "Dgo"}, f={"type": "Feed", "inputs": {"who": link("d")}}),
}


@pytest.mark.parametrize("name", CASES)
def test_it_finds_the_same_problems(name: str) -> None:
    case = CASES[name]

    assert check(case, PORTABLE) == check(case, REAL)
    assert bool(check(case, REAL)) == (name != "subclass fits")


def test_it_cannot_run() -> None:
    planned = plan(CASES["subclass fits"], PORTABLE)

    with pytest.raises(RuntimeError, match="schema only"):
        planned.nodes[0].type.function()


def test_it_refuses_what_is_wrong() -> None:
    with pytest.raises(InvalidWorkflow, match="did you mean 'Dog'"):
        plan(CASES["unknown type"], PORTABLE)
