"""A loop over values of 10 MB, run in a process of its own that says how much memory it took.

python -m tests.engine.large_loop FOLDER TIMES repeat|while|each
"""

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from nodegraph import Registry, Workflow, node
from nodegraph.engine.cache import MemoryCache
from nodegraph.engine.environment import Environment
from nodegraph.engine.execute import execute
from nodegraph.engine.files import Files
from nodegraph.graph.plan import plan
from nodes.loops import NODES
from tests.graph.shapes import at, use

NBYTES = 10_000_000
Array = np.ndarray[Any, np.dtype[np.uint32]]


@node()
def first(nbytes: int) -> np.ndarray:
    """An array that begins with 0."""
    return np.zeros(nbytes // 4, np.uint32)


@node()
def following(array: np.ndarray) -> np.ndarray:
    """Another array that begins with the next number."""
    return array + np.uint32(1)


@node()
def made_of(item: int, nbytes: int) -> np.ndarray:
    """An array of one number."""
    return np.full(nbytes // 4, item, np.uint32)


@node()
def count(array: np.ndarray) -> int:
    """The number an array begins with."""
    return int(array[0])


@node()
def below(array: np.ndarray, end: int) -> bool:
    """Whether it is below another."""
    return int(array[0]) < end


@node()
def numbers(end: int) -> list[int]:
    """All numbers below another."""
    return list(range(end))


NEXT = {
    "nodegraph": 1,
    "inputs": {"array": {"node": "next", "input": "array"}},
    "outputs": {"array": {"node": "next"}},
    "nodes": {"next": use("Following")},
}
EACH = {
    "nodegraph": 1,
    "inputs": {"item": {"node": "made", "input": "item"}},
    "outputs": {"count": {"node": "count"}},
    "nodes": {
        "made": use("MadeOf", item=0, nbytes=NBYTES),
        "count": use("Count", array=at("made")),
    },
}


def loop(kind: str, times: int) -> Workflow:
    """A workflow whose node `count` gives how far the loop came."""
    nodes: dict[str, Any] = {"start": use("First", nbytes=NBYTES)}
    end = "end.array"
    if kind == "repeat":
        nodes["end"] = use("Repeat", times=times, body=NEXT, array=at("start"))
    elif kind == "while":
        condition = {
            "nodegraph": 1,
            "inputs": {"array": {"node": "below", "input": "array"}},
            "outputs": {"answer": {"node": "below"}},
            "nodes": {"below": use("Below", end=times)},
        }
        nodes["end"] = use(
            "While", condition=condition, body=NEXT, array=at("start"), limit=times + 1
        )
    else:
        nodes["items"] = use("Numbers", end=times)
        nodes["count"] = use("ForEach", items=at("items"), body=EACH)
    nodes.setdefault("count", use("Count", array=at(end)))
    return Workflow.from_dict({"nodegraph": 1, "nodes": nodes})


def main(folder: str, times: str, kind: str) -> None:
    """Run it, and print the result and by how much the process grew."""
    registry = Registry([first, following, made_of, count, below, numbers, *NODES])
    files = Files(Path(folder), Path(folder))
    process = psutil.Process()
    before = peak = process.memory_info().rss

    def watch(event: object) -> None:
        nonlocal peak
        peak = max(peak, process.memory_info().rss)

    made = plan(loop(kind, int(times)), registry, names=files, only=["count"])
    environment = Environment(files, registry=registry)
    report = execute(made, MemoryCache(5 * NBYTES), watch, environment, keep=("count",))
    assert report.status == "succeeded", report.errors
    print(json.dumps({"value": report.values["count"][0], "grown": peak - before}))


if __name__ == "__main__":
    main(*sys.argv[1:])
