"""Reporters, fed with events."""

import io

from rich.console import Console

from nodegraph.cli.progress import BarReporter, LineReporter, reporter_on
from nodegraph.engine.events import Event, NodeDone, NodeProgress, NodeStarted, RunStarted


def console(terminal: bool) -> tuple[Console, io.StringIO]:
    """A console, and what is written to it."""
    file = io.StringIO()
    return Console(file=file, force_terminal=terminal, width=80), file


EVENTS: tuple[Event, ...] = (
    RunStarted(("a", "b")),
    NodeStarted("a", "Load[bold]", "first run"),
    NodeDone("a", "ran", "first run"),
    NodeStarted("b", "Sample", "input 'seed' changed 7 -> 8"),
    NodeProgress("b", 1, 3),
    NodeProgress("b", 2, 3),
    NodeProgress("gone", 2, 3),
    NodeDone("b", "ran", "input 'seed' changed 7 -> 8"),
    NodeDone("idle", "skipped", "not needed"),
)


def test_lines_tell_of_starts_with_reasons() -> None:
    screen, file = console(terminal=False)

    with LineReporter(screen) as reporter:
        for event in EVENTS:
            reporter(event)

    assert file.getvalue().splitlines() == [
        "a (Load[bold]): first run",
        "b (Sample): input 'seed' changed 7 -> 8",
    ]


def test_lines_tell_of_steps_when_time_has_passed() -> None:
    screen, file = console(terminal=False)

    with LineReporter(screen, every=0.0) as reporter:
        for event in EVENTS:
            reporter(event)

    assert file.getvalue().splitlines()[2:] == ["    b: 1/3", "    b: 2/3"]


def test_bars_tell_of_nodes_and_steps() -> None:
    screen, file = console(terminal=True)

    with BarReporter(screen) as reporter:
        for event in EVENTS[:6]:
            reporter(event)

    assert "nodes" in file.getvalue()
    assert "1/2" in file.getvalue()
    assert "b (Sample)" in file.getvalue()
    assert "2/3" in file.getvalue()


def test_bars_count_each_node_once() -> None:
    screen, file = console(terminal=True)

    with BarReporter(screen) as reporter:
        for event in (*EVENTS, *EVENTS[3:]):
            reporter(event)

    assert "2/2" in file.getvalue()
    assert "3/2" not in file.getvalue()


def test_the_console_decides_which_reporter() -> None:
    assert isinstance(reporter_on(console(terminal=True)[0]), BarReporter)
    assert isinstance(reporter_on(console(terminal=False)[0]), LineReporter)
