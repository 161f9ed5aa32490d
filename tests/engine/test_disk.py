"""The disk tier: what was made survives the process; damage and foreign files are misses."""

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import numpy as np
import pytest

from nodegraph import Context, Secret, Workflow, node
from nodegraph.engine.cache import FROM_DISK, TieredCache
from nodegraph.engine.disk import DiskCache, worth_keeping
from nodegraph.engine.events import Output
from nodegraph.engine.records import Record, Seen
from tests.engine.arithmetic import Log, arithmetic
from tests.engine.lab import Lab, ran, reasons, statuses
from tests.graph.shapes import at, flow, use

MEGABYTE = 1 << 20
KEY = b"k" * 32
ROOT = Path(__file__).resolve().parents[2]


def key(number: int) -> bytes:
    return number.to_bytes(32, "little")


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[DiskCache]:
    made = DiskCache(tmp_path / "cache", 10 * MEGABYTE)
    yield made
    made.close()


def reopened(disk: DiskCache) -> DiskCache:
    """The same folder as another process would see it."""
    disk.flush()
    return DiskCache(disk.folder, disk.cap)


def block(size: int = 1000, value: int = 1) -> tuple[object, ...]:
    return (np.full(size, value, np.uint8),)


class TestDiskCache:
    """The folder by itself."""

    def test_a_record_survives(self, disk: DiskCache) -> None:
        output = Output("save", "images", "image", "/out/a.png")
        record = Record((b"a" * 32, b"b" * 32), 1.5, (output,))
        disk.remember(KEY, record)

        assert reopened(disk).record(KEY) == record
        assert reopened(disk).record(key(1)) is None

    def test_values_survive(self, disk: DiskCache) -> None:
        assert disk.store(KEY, (np.arange(6), "text", None), 100, seconds=2.0)

        found = reopened(disk).values(KEY)

        assert found is not None
        assert found[0].tolist() == [0, 1, 2, 3, 4, 5]
        assert found[1:] == ("text", None)

    def test_traces_and_inputs_survive(self, disk: DiskCache) -> None:
        seen = Seen(KEY, "Add", {"a": 1, "b": "x"}, {"c": b"c" * 32}, "print")
        disk.note_trace(KEY, ("yes", "no"))
        disk.note_seen("flow", "sum", seen)

        again = reopened(disk)
        assert again.trace(KEY) == ("yes", "no")
        assert again.trace(key(1)) is None
        assert again.seen("flow", "sum") == seen
        assert again.seen("other", "sum") is None

    def test_only_what_is_worth_it_is_kept(self, disk: DiskCache) -> None:
        assert not disk.store(KEY, block(), 1000, seconds=0.0)
        assert not disk.store(KEY, block(), 100 * MEGABYTE, seconds=60.0)
        assert not disk.store(KEY, (object(),), 10, seconds=60.0)

        assert disk.values(KEY) is None
        assert disk.figures().values == 0

    @pytest.mark.parametrize(
        ("nbytes", "seconds", "worth"),
        [(0, 0.0, False), (0, 1.0, True), (10**9, 1.0, False), (10**6, 1.0, True)],
    )
    def test_what_is_worth_it(self, nbytes: int, seconds: float, worth: bool) -> None:
        assert worth_keeping(nbytes, seconds) is worth

    def test_the_cap_is_kept_and_the_cheapest_goes(self, tmp_path: Path) -> None:
        disk = DiskCache(tmp_path / "cache", 50_000)
        for number in range(20):
            disk.store(key(number), block(10_000), 10_000, seconds=1.0 + number)

        figures = disk.figures()

        assert figures.bytes <= 50_000
        assert 3 <= figures.values <= 4
        assert disk.values(key(19)) is not None
        assert disk.values(key(0)) is None
        held = sum(p.stat().st_size for p in disk.folder.glob("values/*/*"))
        assert held == figures.bytes
        disk.close()

    def test_clearing_leaves_nothing(self, disk: DiskCache) -> None:
        disk.remember(KEY, Record((), 1.0))
        disk.store(KEY, block(), 1000, seconds=5.0)

        disk.clear()

        assert disk.record(KEY) is None
        assert disk.values(KEY) is None
        assert (disk.figures().records, disk.figures().bytes) == (0, 0)
        assert not [*disk.folder.glob("values/*/*")]

    @pytest.mark.parametrize("damage", ["empty", "half", "flipped", "foreign", "gone"])
    def test_a_damaged_value_is_a_miss(self, disk: DiskCache, damage: str) -> None:
        disk.store(KEY, block(), 1000, seconds=5.0)
        (path,) = disk.folder.glob("values/*/*")
        data = path.read_bytes()
        if damage == "gone":
            path.unlink()
        else:
            path.write_bytes(
                {
                    "empty": b"",
                    "half": data[: len(data) // 2],
                    "flipped": b"\xff" * 16 + data[16:],
                    "foreign": b"hello",
                }[damage]
            )

        assert disk.values(KEY) is None
        assert disk.figures().values == 0
        disk.store(KEY, block(), 1000, seconds=5.0)
        assert disk.values(KEY) is not None

    @pytest.mark.parametrize("content", [b"", b"hello" * 1000, b"SQLite format 3\0" + b"x" * 9000])
    def test_a_damaged_index_is_set_aside(self, tmp_path: Path, content: bytes) -> None:
        folder = tmp_path / "cache"
        folder.mkdir()
        (folder / "index.sqlite").write_bytes(content)
        disk = DiskCache(folder, MEGABYTE)

        disk.remember(KEY, Record((), 1.0))
        disk.flush()
        disk.remember(KEY, Record((), 1.0))

        assert reopened(disk).record(KEY) == Record((), 1.0)
        disk.close()

    def test_an_index_of_a_later_version_is_left_alone(self, tmp_path: Path) -> None:
        folder = tmp_path / "cache"
        folder.mkdir()
        with sqlite3.connect(folder / "index.sqlite") as db:
            db.execute("PRAGMA user_version=99")
        db.close()
        disk = DiskCache(folder, MEGABYTE)

        disk.remember(KEY, Record((), 1.0))
        disk.flush()

        assert disk.record(KEY) is None
        with sqlite3.connect(folder / "index.sqlite") as db:
            assert db.execute("PRAGMA user_version").fetchone() == (99,)
        db.close()

    def test_a_folder_that_cannot_be_made_is_no_hindrance(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        disk = DiskCache(tmp_path / "file" / "cache", MEGABYTE)

        disk.remember(KEY, Record((), 1.0))
        assert not disk.store(KEY, block(), 1000, seconds=5.0)
        disk.flush()

        assert disk.record(KEY) is None
        assert disk.values(KEY) is None
        disk.close()

    def test_threads_share_it(self, disk: DiskCache) -> None:
        def work(start: int) -> None:
            for number in range(start, start + 50):
                disk.remember(key(number), Record((key(number),), 1.0))
                disk.store(key(number), block(10, number % 256), 10, seconds=1.0)

        threads = [threading.Thread(target=work, args=(100 * i,)) for i in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        again = reopened(disk)
        for number in (0, 49, 100, 349):
            assert again.record(key(number)) == Record((key(number),), 1.0)
            found = again.values(key(number))
            assert found is not None
            assert found[0].tolist() == [number % 256] * 10


WRITER = """
import sys
from pathlib import Path
import numpy as np
from nodegraph.engine.disk import DiskCache
from nodegraph.engine.records import Record
disk = DiskCache(Path(sys.argv[1]), 1 << 28)
start, count = int(sys.argv[2]), int(sys.argv[3])
print("begun", flush=True)
for i in range(start, start + count):
    key = i.to_bytes(32, "little")
    disk.remember(key, Record((key,), 1.0))
    disk.store(key, (np.full(50_000, i % 256, np.uint8),), 50_000, 5.0)
disk.close()
"""


def writer(folder: Path, start: int, count: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(folder), str(start), str(count)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )


def whole(folder: Path, numbers: range) -> set[int]:
    """Which of the values are there; each of them must be whole."""
    disk = DiskCache(folder, 1 << 28)
    found = set()
    for number in numbers:
        values = disk.values(key(number))
        if values is not None:
            assert np.array_equal(values[0], np.full(50_000, number % 256, np.uint8))
            found.add(number)
    disk.close()
    return found


@pytest.mark.slow
def test_two_processes_write_at_once(tmp_path: Path) -> None:
    with writer(tmp_path, 0, 60) as one, writer(tmp_path, 30, 60) as other:
        assert one.wait(120) == other.wait(120) == 0

    assert whole(tmp_path, range(90)) == set(range(90))


@pytest.mark.slow
def test_a_killed_process_leaves_only_whole_values(tmp_path: Path) -> None:
    for attempt in range(3):
        with writer(tmp_path, 1000 * attempt, 1000) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "begun\n"
            with pytest.raises(subprocess.TimeoutExpired):
                process.wait(0.05 + 0.03 * attempt)
            process.send_signal(signal.SIGKILL)

        whole(tmp_path, range(1000 * attempt, 1000 * attempt + 1000))

    with writer(tmp_path, 9000, 3) as process:
        assert process.wait(120) == 0
    assert whole(tmp_path, range(9000, 9003)) == {9000, 9001, 9002}


@node()
def slow(value: int, log: str) -> int:
    """Takes as long as is worth keeping."""
    threading.Event().wait(0.06)
    with Path(log).open("a") as stream:
        stream.write(f"slow {value}\n")
    return value * 10


@node(effect=True)
def save(value: int, ctx: Context) -> None:
    ctx.files.save("note", ".txt", lambda stream: stream.write(b"x"), type="text")


@node()
def ask(question: str, password: Annotated[str, Secret()] = "") -> str:
    return question


@node()
def inside(body: Workflow) -> Workflow:
    return body


def restarted(folder: Path) -> Lab:
    """A lab as after a restart: an empty memory over the same folder."""
    lab = Lab(folder, [slow, save, ask, inside, *arithmetic(Log())])
    lab.cache = TieredCache(MEGABYTE, disk=DiskCache(folder / "cache", 10 * MEGABYTE))
    return lab


class TestAfterARestart:
    """What a new process knows of the runs before."""

    def test_an_unchanged_workflow_runs_nothing(self, tmp_path: Path) -> None:
        log = tmp_path / "log"
        made = flow(
            n=use("Number", value=2), s=use("Slow", value=at("n"), log=str(log)),
            w=use("Save", value=at("s")),
        )  # fmt: skip
        first = restarted(tmp_path).run(made)

        again = restarted(tmp_path).run(made)

        assert set(reasons(again).values()) == {FROM_DISK}
        assert set(statuses(again).values()) == {"reused"}
        assert again.outputs == first.outputs
        assert log.read_text() == "slow 2\n"

    def test_costly_values_are_read_and_cheap_ones_made_again(self, tmp_path: Path) -> None:
        log = tmp_path / "log"

        def made(high: int) -> Workflow:
            return flow(
                n=use("Number", value=2),
                s=use("Slow", value=at("n"), log=str(log)),
                a=use("Add", a=at("n"), b=at("s")),
                c=use("Clamp", value=at("a"), high=high),
            )

        restarted(tmp_path).run(made(10), "c")

        report = restarted(tmp_path).run(made(15), "c", keep=["c"])

        assert report.values["c"] == (15,)
        assert ran(report) == {"n", "a", "c"}
        assert reasons(report)["c"] == "input 'high' changed 10 -> 15"
        assert reasons(report)["n"] == "needed again: not kept on disk"
        assert log.read_text() == "slow 2\n"

    def test_a_switch_remembers_what_it_asked_for(self, tmp_path: Path) -> None:
        made = flow(
            y=use("Number", value=1),
            n=use("Number", value=2),
            p=use("Pick", which=True, yes=at("y"), no=at("n")),
        )
        restarted(tmp_path).run(made, "p")

        report = restarted(tmp_path).run(made, "p")

        assert statuses(report) == {"y": "reused", "n": "skipped", "p": "reused"}

    def test_a_damaged_cache_changes_no_result(self, tmp_path: Path) -> None:
        log = tmp_path / "log"
        made = flow(
            s=use("Slow", value=2, log=str(log)), a=use("Add", a=at("s"), b=1),
            b=use("Add", a=at("a"), b=1),
        )  # fmt: skip
        assert restarted(tmp_path).value(made, "a") == 21
        for path in (tmp_path / "cache").glob("values/*/*"):
            path.write_bytes(b"damaged")

        assert restarted(tmp_path).value(made, "b") == 22

    def test_no_secret_is_written(self, tmp_path: Path) -> None:
        body = {"nodegraph": 1, "nodes": {"a": use("Ask", question="who?", password="swordfish")}}
        body["outputs"] = {"str": {"node": "a"}}
        lab = restarted(tmp_path)
        lab.run(flow(a=use("Ask", question="who?", password="tiger")), "a")
        lab.run(flow(i=use("Inside", body=body)), "i")
        lab.cache.flush()

        written = b"".join(p.read_bytes() for p in tmp_path.rglob("*") if p.is_file())

        assert b"who?" in written
        assert b"tiger" not in written
        assert b"swordfish" not in written
