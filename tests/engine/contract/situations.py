"""The contract: small graphs, each with what every executor must make of it.

A situation says what is asked for, the values that must come out, and what must become of every
node; of nodes whose status is `either` another node's work may be taken.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from nodegraph import Workflow
from tests.graph.shapes import at, flow, use

__all__ = ["SITUATIONS", "Situation"]


@dataclass(frozen=True)
class Situation:
    """One graph.

    Attributes:
        values: the first outputs of nodes, by id; these nodes are asked for.
        wanted: ids of further nodes that are asked for.
        statuses: what becomes of nodes that do not run.
        errors: what the messages of failed nodes contain.
        files: what is in the files that are made, in order.
        again: the nodes that run in an unchanged second run.
    """

    name: str
    workflow: Workflow
    values: Mapping[str, Any] = field(default_factory=dict)
    wanted: tuple[str, ...] = ()
    statuses: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    files: tuple[bytes, ...] = ()
    again: frozenset[str] = frozenset()

    @property
    def asked(self) -> tuple[str, ...]:
        """The nodes that are asked for."""
        return (*self.values, *self.wanted)

    @property
    def expected(self) -> dict[str, str]:
        """What must become of every node of the workflow."""
        return dict.fromkeys(self.workflow.nodes, "ran") | dict(self.statuses)


def _chain(length: int) -> Workflow:
    nodes = {"n0": use("Number", value=0)}
    nodes |= {f"n{i}": use("Add", a=at(f"n{i - 1}")) for i in range(1, length)}
    return flow(**nodes)


def _fan(width: int) -> Workflow:
    nodes = {"source": use("Number", value=1)}
    nodes |= {f"leaf{i}": use("Add", a=at("source"), b=i) for i in range(width)}
    return flow(**nodes)


PLAIN = (
    Situation("one node", flow(a=use("Number", value=3)), {"a": 3}),
    Situation("a default", flow(a=use("Number")), {"a": 0}),
    Situation(
        "a diamond",
        flow(
            top=use("Number", value=1),
            left=use("Add", a=at("top"), b=10),
            right=use("Add", a=at("top"), b=20),
            end=use("Add", a=at("left"), b=at("right")),
        ),
        {"end": 32},
    ),
    Situation(
        "two links to one node",
        flow(a=use("Number", value=4), twice=use("Add", a=at("a"), b=at("a"))),
        {"twice": 8},
    ),
    Situation("a long chain", _chain(2000), {"n1999": 1999}),
    Situation("a wide fan", _fan(500), {f"leaf{i}": 1 + i for i in range(500)}),
    Situation(
        "several outputs",
        flow(
            seven=use("Number", value=7),
            parts=use("Divide", a=at("seven"), b=3),
            whole=use("Add", a=at("parts.whole"), b=0),
            rest=use("Add", a=at("parts.rest"), b=100),
        ),
        {"whole": 2, "rest": 101},
    ),
    Situation(
        "optional inputs",
        flow(n=use("Number"), none=use("Maybe"), one=use("Maybe", b=at("n"))),
        {"none": 0, "one": 1},
    ),
    Situation(
        "nothing that is not needed",
        flow(a=use("Number"), b=use("Add", a=at("a")), c=use("Crash", a=at("b"))),
        {"b": 1},
        statuses={"c": "skipped"},
    ),
    Situation(
        "equal nodes run once",
        flow(a=use("Number", value=1), b=use("Number", value=1), c=use("Add", a=at("b"))),
        {"a": 1, "b": 1, "c": 2},
        statuses={"a": "either", "b": "either"},
    ),
)

LISTS = (
    Situation(
        "a list",
        flow(list=use("CountUp", count=4), sum=use("Total", values=at("list"))),
        {"list": [0, 1, 2, 3], "sum": 6},
    ),
    Situation(
        "once for each element",
        flow(
            list=use("CountUp", count=3),
            more=use("Add", a=at("list"), b=10),
            sum=use("Total", values=at("more")),
        ),
        {"more": [10, 11, 12], "sum": 33},
    ),
    Situation(
        "no elements",
        flow(list=use("CountUp", count=0), more=use("Add", a=at("list"))),
        {"more": []},
    ),
)

KINDS = (
    Situation(
        "one of two branches",
        flow(
            a=use("Number", value=1),
            b=use("Crash", a=at("a")),
            pick=use("Either", first=True, a=at("a"), b=at("b")),
        ),
        {"pick": 1},
        statuses={"b": "skipped"},
    ),
    Situation(
        "nodes that wait",
        flow(
            io=use("Fetch", value=1),
            later=use("Later", value=2),
            sum=use("Add", a=at("io"), b=at("later")),
            on=use("Later", value=at("sum")),
        ),
        {"on": 3},
    ),
    Situation(
        "volatile nodes",
        flow(dice=use("Roll"), more=use("Add", a=at("dice"))),
        {"more": 5},
        again=frozenset({"dice"}),
    ),
    Situation(
        "opaque values",
        flow(token=use("MakeToken", value=5), read=use("ReadToken", token=at("token"))),
        {"read": 5},
    ),
    Situation(
        "files",
        flow(
            n=use("Number", value=7),
            more=use("Add", a=at("n")),
            first=use("Write", value=at("n"), name="a"),
            second=use("Write", value=at("more"), name="b"),
        ),
        wanted=("first", "second"),
        files=(b"7", b"8"),
    ),
    Situation(
        "a graph that grows",
        flow(a=use("Number", value=10), tower=use("Tower", height=5, a=at("a"))),
        {"tower": 15},
    ),
)

FAILURES = (
    Situation(
        "a node that refuses",
        flow(
            a=use("Number", value=1),
            bad=use("Refuse", a=at("a")),
            after=use("Add", a=at("bad")),
            last=use("Add", a=at("after")),
            apart=use("Add", a=at("a")),
        ),
        wanted=("last", "apart"),
        statuses={"bad": "failed", "after": "skipped", "last": "skipped"},
        errors={"bad": "1 is not acceptable"},
        again=frozenset({"bad"}),
    ),
    Situation(
        "two nodes with bugs",
        flow(
            a=use("Number"),
            crash=use("Crash", a=at("a")),
            lie=use("Lie", a=at("a")),
            both=use("Add", a=at("crash"), b=at("lie")),
        ),
        wanted=("both",),
        statuses={"crash": "failed", "lie": "failed", "both": "skipped"},
        errors={"crash": "ZeroDivisionError: by accident", "lie": "must be int"},
        again=frozenset({"crash", "lie"}),
    ),
)

SITUATIONS = (*PLAIN, *LISTS, *KINDS, *FAILURES)
