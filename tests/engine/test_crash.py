"""Processes killed in the middle of writing: nothing damaged is ever read, nothing piles up."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from nodegraph.engine.disk import DiskCache
from tests.engine.kept import has, put

ROOT = Path(__file__).resolve().parents[2]
TIMES = 25
COUNT, NBYTES, CAP = 12, 1_000_000, 8_000_000

NURSERY = f"""
import os, sys
from pathlib import Path
from nodegraph.engine.disk import DiskCache
from nodegraph.engine.records import Record
from tests.engine.kept import digests, key, picture
pictures = [picture(number, {NBYTES}) for number in range({COUNT})]
for line in sys.stdin:
    if pid := os.fork():
        print(pid, flush=True)
        os.waitpid(pid, 0)
        print("gone", pid, flush=True)
        continue
    disk = DiskCache(Path(sys.argv[1]), {CAP})
    while True:
        for number, image in enumerate(pictures):
            disk.store(key(number), (image,), {NBYTES}, 10.0)
            disk.remember(key(number), Record(tuple(digests((image,))), 1.0))
            print("wrote", os.getpid(), flush=True)
"""


class Nursery:
    """A process that begets writers, one at a time; they write until they are killed."""

    def __init__(self, folder: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", NURSERY, str(folder)],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._writer = 0

    def beget(self) -> None:
        """Start a writer."""
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        (pid,) = self._line()
        self._writer = int(pid)

    def wait_for(self, count: int) -> None:
        """Wait until the writer has written so often."""
        while count:
            count -= self._line() == ["wrote", str(self._writer)]

    def kill(self) -> None:
        """End the writer as a power cut would."""
        os.kill(self._writer, signal.SIGKILL)
        while self._line() != ["gone", str(self._writer)]:
            pass

    def close(self) -> None:
        """End it all."""
        self._process.kill()
        self._process.communicate()

    def _line(self) -> list[str]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the writer died by itself"
        return line.split()


@pytest.fixture
def nursery(tmp_path: Path) -> Iterator[Nursery]:
    made = Nursery(tmp_path)
    yield made
    made.close()


def leftovers(folder: Path) -> list[Path]:
    return list(folder.glob("values/*/*.tmp"))


def whole(folder: Path) -> int:
    """How many values can be read; each must be right."""
    disk = DiskCache(folder, CAP)
    found = sum([has(disk, number, NBYTES) for number in range(COUNT)])
    disk.close()
    return found


def assert_clean(folder: Path) -> None:
    """The next process that writes finds nothing in its way and leaves nothing behind."""
    disk = DiskCache(folder, CAP)
    assert put(disk, 99)
    assert leftovers(folder) == []
    assert disk.figures().bytes <= CAP


@pytest.mark.slow
def test_killed_again_and_again(tmp_path: Path, nursery: Nursery) -> None:
    for turn in range(TIMES):
        nursery.beget()
        nursery.wait_for(1 + turn % 5)
        nursery.kill()
        assert whole(tmp_path) >= 1
        assert len(leftovers(tmp_path)) <= 1

    assert_clean(tmp_path)


@pytest.mark.slow
def test_two_writers_at_once_one_of_them_killed(tmp_path: Path, nursery: Nursery) -> None:
    other = Nursery(tmp_path)
    try:
        other.beget()
        for _ in range(5):
            nursery.beget()
            nursery.wait_for(2)
            other.wait_for(2)
            nursery.kill()
            assert whole(tmp_path) >= 1
        other.wait_for(COUNT)
        other.kill()
    finally:
        other.close()

    assert_clean(tmp_path)
