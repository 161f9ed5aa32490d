"""What goes on during a run, on stderr: bars on a terminal, lines elsewhere."""

from __future__ import annotations

import threading
import time
from contextlib import AbstractContextManager, suppress
from typing import Protocol

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)
from rich.progress import TimeRemainingColumn as Remaining
from rich.text import Text

from nodegraph.cli.shell import printable
from nodegraph.engine.events import Event, NodeDone, NodeProgress, NodeStarted, RunStarted

__all__ = ["BarReporter", "LineReporter", "Reporter", "reporter_on"]

_SECONDS_BETWEEN_LINES = 2.0


class Reporter(AbstractContextManager["Reporter"], Protocol):
    """Shows a run's events, which come from several threads."""

    def __call__(self, event: Event) -> None: ...


def reporter_on(console: Console) -> Reporter:
    """The reporter that suits where the console writes to."""
    return BarReporter(console) if console.is_terminal else LineReporter(console)


class _Steps(ProgressColumn):
    """`5/20`, or nothing while it is not known how many there are."""

    def render(self, task: Task) -> Text:
        return Text(f"{task.completed:.0f}/{task.total:.0f}" if task.total is not None else "")


class BarReporter(Reporter):
    """A bar for all nodes, and one for each node that is running.

    It is there before the first event: loading the node packs takes seconds.
    """

    def __init__(self, console: Console) -> None:
        self._progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=30),
            _Steps(),
            TimeElapsedColumn(),
            Remaining(compact=True),
            console=console,
            transient=True,
        )
        self._all = self._progress.add_task("loading the nodes", total=None)
        self._pending: set[str] = set()
        self._running: dict[str, TaskID] = {}
        self._lock = threading.Lock()

    def __enter__(self) -> BarReporter:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def __call__(self, event: Event) -> None:
        with self._lock, suppress(OSError):
            self._show(event)

    def _show(self, event: Event) -> None:
        progress = self._progress
        match event:
            case RunStarted():
                self._pending = set(event.nodes)
                progress.update(self._all, description="nodes", total=len(event.nodes))
            case NodeStarted():
                label = printable(f"{event.node} ({event.type})")
                if (old := self._running.pop(event.node, None)) is not None:
                    progress.remove_task(old)
                self._running[event.node] = progress.add_task(label, total=None)
            case NodeProgress() if event.node in self._running:
                task = self._running[event.node]
                progress.update(task, completed=event.value, total=event.total)
            case NodeDone():
                if (task_id := self._running.pop(event.node, None)) is not None:
                    progress.remove_task(task_id)
                if event.node in self._pending:
                    self._pending.discard(event.node)
                    progress.advance(self._all)


class LineReporter(Reporter):
    """A line when a node begins, and every two seconds while it counts steps."""

    def __init__(self, console: Console, every: float = _SECONDS_BETWEEN_LINES) -> None:
        self._console, self._every = console, every
        self._spoke: dict[str, float] = {}
        self._lock = threading.Lock()

    def __exit__(self, *_: object) -> None:
        return None

    def __call__(self, event: Event) -> None:
        with self._lock, suppress(OSError):
            self._show(event)

    def _show(self, event: Event) -> None:
        match event:
            case NodeStarted():
                self._spoke[event.node] = time.monotonic()
                self._say(f"{event.node} ({event.type}): {event.reason}")
            case NodeProgress() if event.node in self._spoke:
                if time.monotonic() - self._spoke[event.node] >= self._every:
                    self._spoke[event.node] = time.monotonic()
                    self._say(f"    {event.node}: {event.value}/{event.total}")
            case NodeDone():
                self._spoke.pop(event.node, None)

    def _say(self, text: str) -> None:
        self._console.print(Text(printable(text)), soft_wrap=True)
