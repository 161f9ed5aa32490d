"""What every executor must do. Another one is added to `EXECUTORS`."""

from collections.abc import Callable
from pathlib import Path

import pytest

from nodegraph import CancelToken, node_type_of
from nodegraph.engine.events import (
    Event,
    NodeDone,
    NodeStarted,
    RunDone,
    RunStarted,
)
from nodegraph.engine.report import RunReport
from tests.engine.contract.nodes import NODES
from tests.engine.contract.situations import SITUATIONS, Situation
from tests.engine.lab import Lab

Executor = Callable[..., RunReport]
"""Called with a situation, a sink for events and maybe a `cancel` token; what it made before it
may reuse."""


def in_this_process(folder: Path) -> Executor:
    """The executor that runs everything in the process that calls it."""
    lab = Lab(folder, NODES)

    def run(
        situation: Situation, events: list[Event], cancel: CancelToken | None = None
    ) -> RunReport:
        report = lab.run(
            situation.workflow, *situation.asked, keep=tuple(situation.values), cancel=cancel
        )
        events.extend(lab.events)
        return report

    return run


EXECUTORS: dict[str, Callable[[Path], Executor]] = {"in this process": in_this_process}


@pytest.fixture(params=EXECUTORS)
def executor(request: pytest.FixtureRequest, tmp_path: Path) -> Executor:
    return EXECUTORS[request.param](tmp_path)


@pytest.fixture(params=SITUATIONS, ids=lambda situation: situation.name)
def situation(request: pytest.FixtureRequest) -> Situation:
    found = request.param
    assert isinstance(found, Situation)
    return found


def outside_fragments(report: RunReport) -> dict[str, NodeDone]:
    """What became of the nodes that stand in the file."""
    return {name: done for name, done in report.nodes.items() if "/" not in name}


def assert_as_expected(situation: Situation, report: RunReport) -> None:
    assert {name: values[0] for name, values in report.values.items()} == dict(situation.values)
    assert {error.node for error in report.errors} == set(situation.errors)
    for error in report.errors:
        assert situation.errors[error.node] in error.message
    assert report.status == ("failed" if situation.errors else "succeeded")
    made = [Path(output.path).read_bytes() for output in report.outputs if output.path]
    assert tuple(made) == situation.files


def test_the_first_run(executor: Executor, situation: Situation) -> None:
    report = executor(situation, [])

    assert_as_expected(situation, report)
    found = outside_fragments(report)
    assert set(found) == set(situation.expected)
    for name, status in situation.expected.items():
        allowed = {"ran", "reused"} if status == "either" else {status}
        assert found[name].status in allowed, name


def test_an_unchanged_run(executor: Executor, situation: Situation) -> None:
    first = executor(situation, [])

    events: list[Event] = []
    report = executor(situation, events)

    assert {e.node for e in events if isinstance(e, NodeStarted)} == set(situation.again)
    assert_as_expected(situation, report)
    assert report.outputs == first.outputs


def test_the_events(executor: Executor, situation: Situation) -> None:
    events: list[Event] = []

    report = executor(situation, events)

    assert isinstance(events[0], RunStarted)
    assert events[-1] == RunDone(report.status, report.seconds)
    settled = [e.node for e in events if isinstance(e, NodeDone)]
    assert len(settled) == len(set(settled)) == len(report.nodes)
    assert {e.node: e for e in events if isinstance(e, NodeDone)} == report.nodes
    for place, event in enumerate(events):
        if isinstance(event, NodeStarted):
            done = events.index(report.nodes[event.node])
            assert place < done
            assert event.reason


def test_a_run_that_is_cancelled_before_it_begins(executor: Executor, situation: Situation) -> None:
    token = CancelToken()
    token.cancel()

    events: list[Event] = []
    report = executor(situation, events, token)

    assert report.status == "canceled"
    assert not [e for e in events if isinstance(e, NodeStarted)]
    assert_as_expected(situation, executor(situation, []))


def test_every_node_is_met(executor: Executor) -> None:
    types = {entry.type for one in SITUATIONS for entry in one.workflow.nodes.values()}

    assert types == {node_type_of(function).name for function in NODES}
