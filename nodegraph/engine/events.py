"""One frozen class for each thing that can happen during a run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

__all__ = [
    "Emit",
    "Event",
    "NodeDone",
    "NodePreview",
    "NodeProgress",
    "NodeStarted",
    "Output",
    "OutputMade",
    "RunDone",
    "RunStarted",
    "Status",
]

Status = Literal["ran", "reused", "skipped", "failed", "canceled"]


@dataclass(frozen=True, slots=True)
class Output:
    """A file (or a text) that an effect node made; `root` is the output folder it was made for."""

    node: str
    name: str
    type: str
    path: str | None = None
    text: str | None = None
    temporary: bool = False
    root: str | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class RunStarted:
    """A run begins: the ids of the nodes it will look at, in order."""

    nodes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NodeStarted:
    """A node begins to run, and why it has to."""

    node: str
    type: str
    reason: str


@dataclass(frozen=True, slots=True)
class NodeProgress:
    """`value` of `total` steps of a node are done."""

    node: str
    value: int
    total: int


@dataclass(frozen=True, slots=True)
class NodePreview:
    """A picture of what a node has so far."""

    node: str
    image: Any


@dataclass(frozen=True, slots=True)
class OutputMade:
    """An effect node made something (or made it in an earlier run, if reused)."""

    output: Output


@dataclass(frozen=True, slots=True)
class NodeDone:
    """A node is settled: ran, reused, skipped, failed or canceled, and why."""

    node: str
    status: Status
    reason: str
    seconds: float = 0.0
    nbytes: int = 0
    key: str = ""
    error: str | None = None


@dataclass(frozen=True, slots=True)
class RunDone:
    """The run is over."""

    status: Literal["succeeded", "failed", "canceled"]
    seconds: float


Event = RunStarted | NodeStarted | NodeProgress | NodePreview | OutputMade | NodeDone | RunDone
Emit = Callable[[Event], None]
