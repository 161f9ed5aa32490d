"""Nodes that give another value when they run again: nobody gets the wrong one."""

from pathlib import Path
from typing import Any

import pytest

from nodegraph import Workflow, node
from tests.engine.arithmetic import Log
from tests.engine.lab import Lab, ran, statuses
from tests.graph.shapes import at, flow, use

ROLLED: list[int] = []
LOG = Log()


@node()
def roll(faces: int = 6) -> int:
    """Another number each time, though it does not say so."""
    ROLLED.append(len(ROLLED) + 1)
    return ROLLED[-1]


@node()
def number(value: int = 0) -> int:
    return value


@node()
def scale(a: int, b: int = 1) -> int:
    LOG.append(f"{a} * {b}")
    return a * b


@node()
def join(first: int, second: int) -> str:
    return f"{first} {second}"


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    ROLLED.clear()
    LOG.clear()
    return Lab(tmp_path, [roll, number, scale, join])


def rolled(factor: int, **more: Any) -> Workflow:
    return flow(die=use("Roll"), end=use("Scale", a=at("die"), b=factor), **more)


def evict(lab: Lab, *keys: str) -> None:
    """Let go of the values under keys that begin so; what is known of them stays."""
    for key in [key for key in lab.cache.records if key.hex().startswith(keys)]:
        lab.cache.discard(key)


def key_of(lab: Lab, workflow: Workflow, name: str) -> str:
    return lab.run(workflow, "end").nodes[name].key


def test_what_follows_is_kept_under_the_key_of_the_new_value(lab: Lab) -> None:
    evict(lab, key_of(lab, rolled(10), "die"))

    assert lab.value(rolled(100), "end") == 200
    again = lab.run(rolled(100), "end")
    constant = flow(die=use("Number", value=1), end=use("Scale", a=at("die"), b=100))

    assert statuses(again) == {"die": "reused", "end": "reused"}
    assert lab.value(constant, "end") == 100


def test_equal_nodes_that_wait_for_each_other(lab: Lab) -> None:
    evict(lab, key_of(lab, rolled(10), "die"))
    twin = use("Scale", a=at("die"), b=100)
    both = rolled(100, twin=twin, sum=use("Join", first=at("end"), second=at("twin")))

    assert lab.value(both, "sum") == "200 200"
    assert LOG.taken() == ["1 * 10", "2 * 100"]


def test_several_evicted_ones_in_a_row(lab: Lab) -> None:
    def long(factor: int) -> Workflow:
        return flow(
            die=use("Roll"),
            one=use("Scale", a=at("die"), b=10),
            two=use("Scale", a=at("one"), b=10),
            end=use("Scale", a=at("two"), b=factor),
        )

    first = lab.run(long(1), "end")
    evict(lab, *(first.nodes[name].key for name in ("die", "one", "two")))

    assert lab.value(long(2), "end") == 400
    assert ran(lab.run(long(2), "end")) == set()


def test_what_is_known_of_the_new_value_is_used(lab: Lab) -> None:
    lab.value(flow(die=use("Number", value=2), end=use("Scale", a=at("die"), b=100)), "end")
    evict(lab, key_of(lab, rolled(10), "die"))
    LOG.clear()

    report = lab.run(rolled(100), "end", keep=["end"])

    assert report.values["end"] == (200,)
    assert LOG == []
    assert statuses(report) == {"die": "ran", "end": "reused"}
