"""A place to run small graphs in: node types, a folder, one cache, and a log of every call."""

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import pytest

from nodegraph import CancelToken, Registry, Workflow
from nodegraph.engine.cache import MemoryCache
from nodegraph.engine.environment import Environment
from nodegraph.engine.events import Event, NodeStarted
from nodegraph.engine.execute import execute
from nodegraph.engine.files import Files
from nodegraph.engine.naming import NameContext
from nodegraph.engine.report import RunReport
from nodegraph.graph.plan import plan

T = TypeVar("T")
PATIENCE = 20.0
"""Seconds after which something hangs; never reached by a run that works."""


def within_patience(act: Callable[[], T]) -> T:
    """The result of `act`; a test that would hang fails."""
    made: list[T] = []
    raised: list[BaseException] = []

    def work() -> None:
        try:
            made.append(act())
        except BaseException as error:
            raised.append(error)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(PATIENCE)
    if raised:
        raise raised[0]
    if not made:
        pytest.fail("the run hangs")
    return made[0]


class Lab:
    """What several runs share."""

    def __init__(self, folder: Path, functions: Sequence[Callable[..., Any]]) -> None:
        self.folder = folder
        self.registry = Registry(functions)
        self.cache = MemoryCache(1 << 24)
        self.events: list[Event] = []
        self.pack_codes: dict[str, str] = {}
        self.on_pressure: Callable[[], None] | None = None

    def run(
        self,
        workflow: Workflow,
        *wanted: str,
        keep: Sequence[str] = (),
        cancel: CancelToken | None = None,
        output_dir: str = "out",
        io_threads: int = 4,
        device: str = "cpu",
    ) -> RunReport:
        """Run a workflow, or only what some of its nodes need; `events` holds what happened."""
        files = Files(self.folder, self.folder / output_dir, [self.folder / "in"])
        made = plan(workflow, self.registry, names=files, only=wanted or None)
        inputs = {name: entry.inputs for name, entry in workflow.nodes.items()}
        environment = Environment(
            files,
            device,
            names=NameContext(inputs),
            pack_codes=self.pack_codes,
            registry=self.registry,
            on_pressure=self.on_pressure,
        )
        self.events = []
        return within_patience(
            lambda: execute(
                made,
                self.cache,
                self.events.append,
                environment,
                cancel=cancel,
                keep=tuple(keep),
                io_threads=io_threads,
            )
        )

    def value(self, workflow: Workflow, name: str) -> Any:
        """The first output of one node."""
        report = self.run(workflow, name, keep=[name])
        assert report.status == "succeeded", report.errors
        return report.values[name][0]

    def started(self) -> dict[str, str]:
        """The nodes that began to run in the last run, and why."""
        return {e.node: e.reason for e in self.events if isinstance(e, NodeStarted)}


def statuses(report: RunReport) -> dict[str, str]:
    """What became of every node."""
    return {name: done.status for name, done in report.nodes.items()}


def reasons(report: RunReport) -> dict[str, str]:
    """Why, for every node."""
    return {name: done.reason for name, done in report.nodes.items()}


def ran(report: RunReport) -> set[str]:
    """The nodes that ran."""
    return {name for name, done in report.nodes.items() if done.status == "ran"}
