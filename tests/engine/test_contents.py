"""What files hold is read again only where something changed, also by the next process."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from nodegraph.engine import contents as contents_module
from nodegraph.engine import disk as disk_module
from nodegraph.engine.contents import LARGE, Contents
from nodegraph.engine.disk import DiskCache

OLD = 1_600_000_000
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[DiskCache]:
    made = DiskCache(tmp_path / "cache", 0)
    yield made
    made.close()


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The files that are read, in order."""
    seen, real = list[Path](), contents_module._read

    def read(file: Path) -> str:
        seen.append(file)
        return real(file)

    monkeypatch.setattr(contents_module, "_read", read)
    return seen


@pytest.fixture(autouse=True)
def settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """The file system's own times, which cannot be set, are of this moment."""
    monkeypatch.setattr(contents_module, "SETTLED_SECONDS", -1.0)


def large(path: Path, byte: bytes = b"x") -> Path:
    path.write_bytes(byte * LARGE)
    return path


def test_a_file_that_did_not_change_is_read_once(tmp_path: Path, reads: list[Path]) -> None:
    path, contents = large(tmp_path / "a"), Contents()
    assert contents.digest(path) == contents.digest(path)
    assert reads == [path]


def test_a_large_file_is_known_to_the_next_process(
    tmp_path: Path, disk: DiskCache, reads: list[Path]
) -> None:
    path = large(tmp_path / "a")
    before = Contents(disk).digest(path)
    disk.close()
    again = DiskCache(disk.folder, 0)
    assert Contents(again).digest(path) == before == Contents().digest(path)
    again.close()
    assert reads == [path, path]  # the second time without what was kept


def test_a_small_file_is_not_kept(tmp_path: Path, disk: DiskCache, reads: list[Path]) -> None:
    (tmp_path / "a").write_bytes(b"x" * (LARGE - 1))
    for _ in range(2):
        Contents(disk).digest(tmp_path / "a")
    assert len(reads) == 2


def test_large_files_of_a_folder_are_kept(
    tmp_path: Path, disk: DiskCache, reads: list[Path]
) -> None:
    folder = tmp_path / "model"
    folder.mkdir()
    weights = large(folder / "weights")
    (folder / "config.json").write_text("{}")
    before = Contents(disk).digest(folder)
    assert Contents(disk).digest(folder) == before
    assert reads.count(weights) == 1


@pytest.mark.parametrize("how", ["content", "time", "replaced", "size"])
def test_what_changed_is_read_again(tmp_path: Path, disk: DiskCache, how: str) -> None:
    path = large(tmp_path / "a")
    os.utime(path, (OLD, OLD))
    before = Contents(disk).digest(path)
    if how == "replaced":
        os.utime(large(tmp_path / "b", b"y"), (OLD, OLD))
        (tmp_path / "b").replace(path)
    else:
        path.write_bytes(b"y" * (LARGE + (how == "size")))
        os.utime(path, (OLD, OLD + (how == "time")))
    assert Contents(disk).digest(path) not in ("", before)
    assert Contents(disk).digest(path) == Contents().digest(path)


def test_a_file_that_was_written_a_moment_ago_is_not_kept(
    tmp_path: Path, disk: DiskCache, reads: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contents_module, "SETTLED_SECONDS", 3600.0)
    path = large(tmp_path / "a")
    for _ in range(2):
        Contents(disk).digest(path)
    assert reads == [path, path]


def test_a_file_that_changes_while_it_is_read_is_not_kept(
    tmp_path: Path, disk: DiskCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, real = large(tmp_path / "a"), contents_module._read

    def read(file: Path) -> str:
        found = real(file)
        os.utime(large(file, b"y"), (OLD, OLD))
        return found

    monkeypatch.setattr(contents_module, "_read", read)
    before = Contents(disk).digest(path)
    monkeypatch.undo()
    assert Contents(disk).digest(path) not in ("", before)


def test_no_more_are_kept_than_there_is_room_for(
    disk: DiskCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disk_module, "MAX_DIGESTS", 3)
    for number in range(6):
        disk.note_digest(f"/{number}", "stamp", f"{number:064}")
    kept = [number for number in range(6) if disk.digest(f"/{number}", "stamp")]
    assert kept == [3, 4, 5]


def test_what_is_no_digest_is_not_taken_for_one(disk: DiskCache) -> None:
    disk.note_digest("/a", "stamp", "damaged")
    assert disk.digest("/a", "stamp") is None


def test_clearing_the_cache_forgets_them(disk: DiskCache) -> None:
    disk.note_digest("/a", "stamp", "0" * 64)
    disk.clear()
    assert disk.digest("/a", "stamp") is None


def test_a_killed_process_leaves_what_it_noted(tmp_path: Path) -> None:
    """Killed right after, without closing anything."""
    path = large(tmp_path / "a")
    os.utime(path, (OLD, OLD))
    script = f"""
import os, signal
from pathlib import Path
from nodegraph.engine import contents
from nodegraph.engine.disk import DiskCache
contents.SETTLED_SECONDS = -1.0
contents.Contents(DiskCache(Path({str(tmp_path / "cache")!r}), 0)).digest(Path({str(path)!r}))
os.kill(os.getpid(), signal.SIGKILL)
"""
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=False)
    assert done.returncode == -signal.SIGKILL
    disk = DiskCache(tmp_path / "cache", 0)
    assert disk.digest(str(path), contents_module._stamp(path)) == contents_module._read(path)
    disk.close()
