"""Ctrl-C and SIGTERM, with real signals to a real process."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.command import Start, Write, link


def saving(node: dict[str, Any]) -> dict[str, Any]:
    """A workflow that saves the text of a node, and one that is there at once."""
    return {
        "now": {"type": "SaveText", "inputs": {"text": "there at once", "name": "now"}},
        "long": node,
        "later": {"type": "SaveText", "inputs": {"text": link("long"), "name": "later"}},
    }


SLOW = {"type": "Slow", "inputs": {"steps": 6000, "seconds": 0.01}}
STUCK = {"type": "Stuck", "inputs": {}}


def wait_for(process: "subprocess.Popen[str]", text: str) -> str:
    """Read stderr up to the line that holds `text`."""
    assert process.stderr is not None
    seen = ""
    for line in process.stderr:
        seen += line
        if text in line:
            return seen
    raise AssertionError(f"{text!r} was not said, but:\n{seen}")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_signal_stops_the_run_with_care(
    start: Start, write: Write, tmp_path: Path, number: signal.Signals
) -> None:
    process = start("run", write(saving(SLOW)), "--output-dir", "out", "--json")
    wait_for(process, "long (Slow)")
    process.send_signal(number)

    out, err = process.communicate(timeout=30)

    document = json.loads(out)
    assert process.returncode == 130
    assert "cancelling ... press Ctrl-C again to stop at once" in err
    assert err.splitlines()[-1] == "cancelled"
    assert document["status"] == "canceled"
    assert document["nodes"]["long"]["status"] == "canceled"
    made = [path.name for path in (tmp_path / "out").iterdir()]
    assert made == [Path(output["path"]).name for output in document["outputs"]]
    assert "later_00001.txt" not in made


def test_the_second_ctrl_c_ends_a_node_that_does_not_listen(start: Start, write: Write) -> None:
    process = start("run", write(saving(STUCK)), "--json")
    wait_for(process, "long (Stuck)")
    process.send_signal(signal.SIGINT)
    wait_for(process, "press Ctrl-C again")
    began = time.monotonic()
    process.send_signal(signal.SIGINT)

    out, _ = process.communicate(timeout=30)

    assert process.returncode == 130
    assert time.monotonic() - began < 10
    assert json.loads(out)["status"] == "canceled"


def test_a_second_sigterm_waits_like_the_first(start: Start, write: Write) -> None:
    stuck = {"type": "Stuck", "inputs": {"seconds": 1.0}}
    process = start("run", write(saving(stuck)), "--output-dir", "out")
    wait_for(process, "long (Stuck)")
    process.send_signal(signal.SIGTERM)
    wait_for(process, "cancelling")
    process.send_signal(signal.SIGTERM)

    _, err = process.communicate(timeout=30)

    assert process.returncode == 130
    assert err.splitlines()[-1] == "cancelled"


def test_ctrl_c_before_the_run_begins_ends_at_once(
    start: Start, hello: Path, tmp_path: Path
) -> None:
    code = (
        "import sys, time; from nodegraph.cli.app import main\n"
        "def opening(data, models): print('opening', flush=True); time.sleep(60)\n"
        "sys.exit(main(open_session=opening))"
    )
    process = start("run", hello, "--json", command=[sys.executable, "-c", code])
    wait_for(process, "opening")
    process.send_signal(signal.SIGINT)

    out, _ = process.communicate(timeout=30)

    assert process.returncode == 130
    assert json.loads(out)["status"] == "canceled"


def test_handlers_are_put_back_after_a_run(run: Callable[..., Any], hello: Path) -> None:
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)

    run("run", hello)

    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before
    assert signal.set_wakeup_fd(-1) == -1
