"""The disk tier alone: what is kept, what is evicted, and that nothing damaged comes back."""

import os
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nodegraph.engine import disk as disk_module
from nodegraph.engine import index as index_module
from nodegraph.engine.disk import DiskCache, worth_keeping
from nodegraph.engine.events import Output
from nodegraph.engine.records import Record, Seen
from tests.engine.kept import MEGABYTE, digests, has, key, picture, put


@dataclass(frozen=True)
class Kept:
    """A value of a class of its own."""

    name: str
    size: float


@pytest.fixture
def disk(tmp_path: Path) -> DiskCache:
    return DiskCache(tmp_path / "cache", MEGABYTE)


def again(disk: DiskCache) -> DiskCache:
    """The same folder, opened by another process."""
    disk.close()
    return DiskCache(disk.folder, disk.cap)


def files(disk: DiskCache) -> list[Path]:
    """The files of the values."""
    return sorted(path for path in disk.folder.glob("values/*/*") if path.is_file())


def test_what_was_stored_is_there_after_a_restart(disk: DiskCache) -> None:
    assert put(disk, 1)

    other = again(disk)

    assert has(other, 1)
    assert not has(other, 2)


def test_records_are_there_after_a_restart(disk: DiskCache) -> None:
    made = Output("save", "images", "image", "/somewhere/1.png", None, True)
    record = Record((b"a" * 32, b"b" * 32), 1.5, (made,))
    seen = Seen(key(1), "Blur", {"radius": 2, "name": "é"}, {"image": b"d" * 32}, "f")
    disk.remember(key(1), record)
    disk.note_seen("flow", "blur", seen)
    disk.note_trace(key(2), ("yes", "no"))

    other = again(disk)

    assert other.record(key(1)) == record
    assert other.seen("flow", "blur") == seen
    assert other.trace(key(2)) == ("yes", "no")
    assert (other.record(key(9)), other.seen("flow", "x"), other.trace(key(9))) == (None,) * 3


@pytest.mark.parametrize(
    ("nbytes", "seconds", "worth"),
    [(0, 0.001, False), (0, 0.01, True), (10**9, 1.0, False), (10**9, 60.0, True)],
)
def test_worth_is_time_saved(nbytes: int, seconds: float, worth: bool) -> None:
    assert worth_keeping(nbytes, seconds) is worth


def test_what_is_not_worth_it_is_not_written(disk: DiskCache) -> None:
    assert not put(disk, 1, seconds=0.0)
    assert not put(disk, 2, nbytes=2 * MEGABYTE, seconds=1e9)
    assert not disk.store(key(3), (object(),), 10, 1e9)
    assert files(disk) == []


def test_little_time_for_many_bytes_goes_first(disk: DiskCache) -> None:
    for number, seconds in enumerate([50.0, 1.0, 20.0, 2.0]):
        put(disk, number, nbytes=300_000, seconds=seconds)

    assert [has(disk, number, 300_000) for number in range(4)] == [True, False, True, True]
    assert disk.figures().bytes <= MEGABYTE
    assert len(files(disk)) == 3


def test_what_is_used_stays_and_what_is_not_ages(disk: DiskCache) -> None:
    put(disk, 0, nbytes=300_000, seconds=3.0)
    put(disk, 1, nbytes=300_000, seconds=3.0)
    for number in range(2, 9):
        put(disk, number, nbytes=300_000, seconds=2.0)
        assert has(disk, 0, 300_000)

    assert not has(disk, 1, 300_000)


def test_ageing_goes_on_after_a_restart(disk: DiskCache) -> None:
    put(disk, 0, nbytes=300_000, seconds=5.0)
    for number in range(1, 40):
        put(disk, number, nbytes=300_000, seconds=1.0)
        disk = again(disk)

    assert not has(disk, 0, 300_000)


def test_storing_twice_counts_once(disk: DiskCache) -> None:
    for _ in range(3):
        put(disk, 1)

    figures = disk.figures()
    assert (figures.values, len(files(disk))) == (1, 1)
    assert figures.bytes == files(disk)[0].stat().st_size


@given(place=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
@settings(max_examples=60, derandomize=True, deadline=None)
def test_any_flipped_bit_is_a_miss(
    tmp_path_factory: pytest.TempPathFactory, place: float, bit: int
) -> None:
    disk = DiskCache(tmp_path_factory.mktemp("cache"), MEGABYTE)
    put(disk, 1, nbytes=256)
    (path,) = files(disk)
    data = bytearray(path.read_bytes())
    data[int(place * len(data))] ^= 1 << bit
    path.write_bytes(data)

    has(disk, 1, 256)  # which checks that whatever comes back is right


def _truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def _replace_by_another(path: Path) -> None:
    other = DiskCache(path.parents[2] / "other", MEGABYTE)
    put(other, 2)
    path.write_bytes(files(other)[0].read_bytes())


@pytest.mark.parametrize(
    "harm",
    [
        Path.unlink,
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(b"not safetensors at all"),
        _truncate,
        _replace_by_another,
    ],
    ids=["gone", "empty", "foreign", "truncated", "another"],
)
def test_a_damaged_value_is_a_miss_and_forgotten(
    disk: DiskCache, harm: Callable[[Path], object]
) -> None:
    put(disk, 1)
    (path,) = files(disk)
    harm(path)

    assert not has(disk, 1)
    assert not path.exists()
    assert disk.figures().values == 0
    assert put(disk, 1)
    assert has(disk, 1)


@pytest.mark.parametrize("body", ["", "[]", "{", '{"digests": 3}', '{"digests": ["zz"]}', "null"])
def test_a_damaged_row_is_a_miss(disk: DiskCache, body: str) -> None:
    disk.close()
    disk = again(disk)
    disk.remember(key(1), Record((), 0.0))
    disk.close()
    with sqlite3.connect(disk.folder / "index.sqlite") as db:
        db.execute("UPDATE records SET body = ?", (body,))
        db.execute("INSERT INTO seen VALUES ('flow', 'a', ?)", (body,))
        db.execute("INSERT INTO traces VALUES (?, ?)", (key(1), body))
    db.close()

    disk = again(disk)

    assert disk.record(key(1)) is None
    assert disk.seen("flow", "a") is None
    assert disk.trace(key(1)) in (None, ())


def test_a_damaged_index_is_set_aside(disk: DiskCache) -> None:
    put(disk, 1)
    disk.close()
    (disk.folder / "index.sqlite").write_bytes(b"this is no database " * 100)

    assert not has(disk, 1)
    assert put(disk, 1)
    assert has(again(disk), 1)
    assert (disk.folder / "damaged-index.sqlite").exists()


def test_an_index_damaged_in_the_middle(disk: DiskCache) -> None:
    for number in range(200):
        disk.remember(key(number), Record((key(number),), 1.0))
    disk.close()
    path = disk.folder / "index.sqlite"
    data = bytearray(path.read_bytes())
    data[len(data) // 4 :] = os.urandom(len(data) - len(data) // 4)
    path.write_bytes(data)

    for number in range(200):
        record = disk.record(key(number))
        assert record is None or record == Record((key(number),), 1.0)
    assert put(disk, 1)
    assert has(disk, 1)


@pytest.mark.parametrize(
    ("statement", "row"),
    [
        ("INSERT INTO files VALUES (NULL, 1, 1, 1)", ()),
        ("INSERT INTO nowhere VALUES (1)", ()),
        ("INSERT INTO traces VALUES (?, ?)", (key(1),)),
        ("INSERT INTO traces VALUES (?, ?)", (key(1), object())),
    ],
)
def test_an_error_that_is_no_damage_sets_nothing_aside(
    disk: DiskCache, statement: str, row: tuple[object, ...]
) -> None:
    put(disk, 1)

    disk._index.write(statement, row)

    assert has(disk, 1)
    assert has(again(disk), 1)
    assert not (disk.folder / "damaged-index.sqlite").exists()


def test_a_locked_index_is_used_again_once_it_is_free(
    disk: DiskCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index_module, "_PATIENCE", 0.01)
    put(disk, 1)
    disk.close()
    other = sqlite3.connect(disk.folder / "index.sqlite")
    other.execute("PRAGMA journal_mode=DELETE")
    other.execute("BEGIN EXCLUSIVE")
    disk = again(disk)
    assert not has(disk, 1)
    other.close()

    assert not has(disk, 1)  # a file that cannot be opened is not tried all the time
    monkeypatch.setattr(disk._index, "_retry_at", 0.0)

    assert has(disk, 1)
    assert not (disk.folder / "damaged-index.sqlite").exists()


def test_a_value_of_a_class_that_is_not_imported_stays(
    disk: DiskCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    value = (Kept("a", 1.5),)
    assert disk.store(key(1), value, 100, 10.0)
    with monkeypatch.context() as patch:
        patch.delitem(sys.modules, __name__)

        assert disk.values(key(1), digests(value)) is None

    assert disk.values(key(1), digests(value)) == value


def test_traces_are_trimmed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk_module, "MAX_RECORDS", 10)
    disk = DiskCache(tmp_path / "cache", MEGABYTE)
    for number in range(11):
        disk.note_trace(key(number), ("yes",))
    disk.flush()

    put(disk, 1)

    assert disk.trace(key(1)) is None


def test_a_newer_index_is_neither_used_nor_changed(disk: DiskCache) -> None:
    put(disk, 1)
    disk.close()
    with sqlite3.connect(disk.folder / "index.sqlite") as db:
        db.execute("PRAGMA user_version=2")
        db.execute("ALTER TABLE records ADD COLUMN novelty TEXT")
    db.close()
    before = {path: path.read_bytes() for path in disk.folder.rglob("*") if path.is_file()}

    disk = again(disk)
    disk.remember(key(2), Record((), 0.0))

    assert not has(disk, 1)
    assert not put(disk, 2)
    disk.clear()
    assert disk.newer
    disk.close()
    assert {p: p.read_bytes() for p in disk.folder.rglob("*") if p.is_file()} == before


def test_what_crashes_left_is_swept(disk: DiskCache) -> None:
    put(disk, 1)
    (kept,) = files(disk)
    gone = subprocess.Popen([sys.executable, "-c", "pass"])
    gone.wait()
    dead = kept.with_name(f"{kept.name}.{gone.pid}.00.tmp")
    living = kept.with_name(f"{kept.name}.{os.getpid()}.00.tmp")
    fresh_orphan, old_orphan = (kept.with_name(f"{key(n).hex()}.safetensors") for n in (8, 9))
    foreign = kept.with_name("notes.txt")
    for path in (dead, living, fresh_orphan, old_orphan, foreign):
        path.write_bytes(b"x")
    os.utime(old_orphan, (0, 0))
    os.utime(foreign, (0, 0))

    put(again(disk), 2)

    assert not dead.exists()
    assert not old_orphan.exists()
    assert kept.exists()
    assert living.exists()
    assert fresh_orphan.exists()
    assert foreign.exists()


def test_an_abandoned_temporary_file_goes_in_the_end(disk: DiskCache) -> None:
    put(disk, 1)
    (kept,) = files(disk)
    reused_pid = kept.with_name(f"{kept.name}.{os.getpid()}.00.tmp")
    reused_pid.write_bytes(b"x")
    os.utime(reused_pid, (time.time() - 7200,) * 2)

    put(again(disk), 2)

    assert not reused_pid.exists()


def test_where_no_folder_can_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    disk = DiskCache(tmp_path / "file" / "cache", MEGABYTE)

    assert not put(disk, 1)
    disk.remember(key(1), Record((), 0.0))
    disk.flush()
    assert disk.record(key(1)) is None
    assert disk.figures().values == 0
    disk.clear()
    disk.close()


def test_a_text_that_no_database_holds(disk: DiskCache) -> None:
    half = "\ud800"
    disk.note_seen("flow", half, Seen(key(1), "T", {}, {}, None))
    disk.flush()

    assert put(disk, 1)
    assert again(disk).seen("flow", half) is None


def test_many_threads_at_once(disk: DiskCache) -> None:
    def work(start: int) -> None:
        for number in range(start, start + 10):
            put(disk, number)
            disk.remember(key(number), Record(tuple(digests((picture(number),))), 1.0))
            assert has(disk, number)

    threads = [threading.Thread(target=work, args=(start,)) for start in range(0, 40, 10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert all(has(disk, number) for number in range(40))
    assert disk.figures().records == 40
