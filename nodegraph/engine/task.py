"""The state of one node during a run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from nodegraph.engine.events import NodeDone, Output
from nodegraph.engine.records import Seen
from nodegraph.graph.planned import PlannedNode

__all__ = ["Phase", "Task"]


class Phase(Enum):
    """What is to happen when nothing more is waited for."""

    IDLE = auto()
    DECIDE = auto()
    RUN = auto()
    RUNNING = auto()
    GATHER = auto()
    SETTLED = auto()


@dataclass(slots=True)
class Task:
    """A node's progress from wanted to settled. Lists are made only where there is something
    to hold: a run has a task for every node.

    Attributes:
        waiting: how many other tasks it waits for before `phase` can go on.
        known_to: tasks that wait until this one's digests are known.
        valued_to: tasks that wait until this one's values are at hand.
        uses: how many tasks may still read its values; at zero they are let go.
        digests: one for each output, once known.
        values: the outputs, while they are held.
        parent: the task whose fragment this one belongs to.
        inside: for an expanded task, where in its fragment each output comes from.
        effects: for an expanded task, the effect nodes of its fragment.
        members: for an expanded task, all tasks of its fragment.
        seconds: for an expanded task, what making the fragment took.
        released: whether its inputs' values were let go.
        distrust: whether what was asked for last time failed now, so that it has to run to see.
        relieved: whether it found no memory and was tried once more.
        demanded: the lazy inputs it has asked for, in order.
    """

    node: PlannedNode
    phase: Phase = Phase.IDLE
    waiting: int = 0
    known_to: Sequence[int] = ()
    valued_to: Sequence[int] = ()
    uses: int = 0
    base: bytes = b""
    key: bytes = b""
    seen: Seen | None = None
    reason: str = ""
    digests: tuple[bytes, ...] | None = None
    values: tuple[Any, ...] | None = None
    parent: int | None = None
    inside: Sequence[tuple[int, int]] = ()
    effects: Sequence[int] = ()
    members: range = range(0)
    seconds: float = 0.0
    released: bool = False
    distrust: bool = False
    relieved: bool = False
    demanded: tuple[str, ...] = ()
    outputs: Sequence[Output] = ()
    done: NodeDone | None = None

    def when_known(self, index: int) -> None:
        """Let a task wait for this one's digests."""
        if isinstance(self.known_to, list):
            self.known_to.append(index)
        else:
            self.known_to = [index]

    def when_valued(self, index: int) -> None:
        """Let a task wait for this one's values."""
        if isinstance(self.valued_to, list):
            self.valued_to.append(index)
        else:
            self.valued_to = [index]

    @property
    def failed(self) -> bool:
        """Whether it settled without a result."""
        return self.done is not None and self.done.status not in ("ran", "reused")

    @property
    def succeeded(self) -> bool:
        """Whether it settled with a result."""
        return self.done is not None and self.done.status in ("ran", "reused")
