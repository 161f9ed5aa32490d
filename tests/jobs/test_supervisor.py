"""How a worker is kept: what it prints, what it leaves, what keeps it from being started."""

import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from nodegraph.jobs.supervisor import Supervisor, WorkerOptions
from tests.jobs.making import saying, through
from tests.jobs.serving import run, serving


@pytest.fixture
def printed(tmp_path: Path) -> Iterator[Any]:
    """What a worker printed: more than is ever read at once."""
    path = tmp_path / "printed"
    path.write_bytes(b"\n" * 2**20)
    with path.open("rb") as stream:
        yield SimpleNamespace(stdout=stream)


def test_who_prints_without_end_is_read_piece_by_piece(tmp_path: Path, printed: Any) -> None:
    lines: list[str] = []
    supervisor = Supervisor(WorkerOptions(tmp_path), on_log=lines.append)
    supervisor._child = printed

    supervisor._read_output()

    assert 0 < len(lines) <= 2**16  # as much as a pipe holds


@pytest.mark.asyncio
async def test_a_worker_that_cannot_be_started_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    start, tries = subprocess.Popen, []

    def popen(*args: Any, **kwargs: Any) -> Any:
        tries.append(args)
        if len(tries) == 1:
            raise BlockingIOError("no more processes")
        return start(*args, **kwargs)

    monkeypatch.setattr("nodegraph.jobs.supervisor.subprocess.Popen", popen)

    async with serving(tmp_path) as service:
        assert (await run(service, saying("late"))).status == "succeeded"

    assert len(tries) == 2


@pytest.mark.asyncio
async def test_a_death_takes_nothing_that_users_are_sending(tmp_path: Path) -> None:
    sent = tmp_path / "users" / "ann" / "input" / ".upload.0123abcd.tmp"
    made = tmp_path / "users" / "ann" / "outputs" / ".text_00001.txt.0123abcd.tmp"

    async with serving(tmp_path) as service:
        for path in (sent, made):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("half")
        await run(service, through("Crash", number=int(signal.SIGKILL)))
        left = [path.exists() for path in (sent, made)]

    assert left == [True, False]
