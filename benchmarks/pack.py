"""Three nodes that need no torch, and one that takes steps: what the server is measured with."""

from __future__ import annotations

import time
from typing import Any

from nodegraph import Context, node

__all__ = ["NODES", "api_form", "native_form", "stepping"]


@node(category="bench", name="BenchText")
def text(value: str = "a large red circle") -> str:
    """A text."""
    return value


@node(category="bench", name="BenchJoin")
def join(first: str, second: str = "") -> str:
    """Two texts as one."""
    return first + second


@node(category="bench", name="BenchSave", effect=True)
def save(text: str, ctx: Context) -> None:
    """A text, kept as a file."""
    data = text.encode()
    ctx.files.save("bench", ".txt", lambda stream: stream.write(data), type="text", name="texts")


@node(category="bench", name="BenchSteps", effect=True, volatile=True)
def steps(ctx: Context, count: int = 100, pause: float = 0.005) -> None:
    """Says how far it is, `count` times."""
    for step in range(count):
        time.sleep(pause)
        ctx.progress(step + 1, count)


NODES = (text, join, save, steps)


def native_form(value: str = "a large red circle") -> dict[str, Any]:
    """Three nodes in our format; a job of them is fully reused from the second time on."""
    return {
        "nodegraph": 1,
        "nodes": {
            "text": {"type": "BenchText", "inputs": {"value": value}},
            "join": {"type": "BenchJoin", "inputs": {"first": _made_by("text"), "second": "!"}},
            "save": {"type": "BenchSave", "inputs": {"text": _made_by("join")}},
        },
    }


def _made_by(node_id: str) -> dict[str, str]:
    return {"node": node_id, "output": "str"}


def api_form(value: str = "a large red circle") -> dict[str, Any]:
    """The same three nodes as scripts for ComfyUI write them."""
    return {
        "1": {"class_type": "BenchText", "inputs": {"value": value}},
        "2": {"class_type": "BenchJoin", "inputs": {"first": ["1", 0], "second": "!"}},
        "3": {"class_type": "BenchSave", "inputs": {"text": ["2", 0]}},
    }


def stepping(count: int, pause: float) -> dict[str, Any]:
    """One node that takes steps."""
    inputs = {"count": count, "pause": pause}
    return {"nodegraph": 1, "nodes": {"steps": {"type": "BenchSteps", "inputs": inputs}}}
