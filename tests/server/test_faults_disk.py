"""Disks that are full or may not be written, and a database that somebody holds."""

import os
import sqlite3
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.jobs.making import link, saying, through, workflow
from tests.server.processes import refused, serving

SIZE = 8 * 2**20


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own, of 8 MiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(folder)]
    done = subprocess.run(mount, capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"no file system can be mounted here: {done.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(folder: Path) -> Path:
    """Leave no room; returns the file that takes it."""
    path = folder / "filler"
    with path.open("wb", buffering=0) as stream:
        for size in (2**16, 2**12, 1):
            try:
                while stream.write(bytes(size)) == size:
                    pass
            except OSError:
                continue
    return path


def doubled(length: int, times: int) -> dict[str, Any]:
    """A small workflow that saves a long text."""
    nodes: dict[str, dict[str, Any]] = {"n0": {"type": "Echo", "value": "x" * length}}
    for number in range(times):
        whole = link(f"n{number}")
        nodes[f"n{number + 1}"] = {"type": "Join", "first": whole, "second": whole}
    nodes["save"] = {"type": "SaveText", "text": link(f"n{times}")}
    return workflow(**nodes)


def test_a_full_disk_loses_nothing_and_is_survived(disk: Path) -> None:
    with serving(disk / "data") as server:
        server.worker_ready()
        before = server.submit(saying("before"))
        assert server.finished(before)["status"] == "succeeded"
        filler = fill(disk)

        answers = [server.ask("api/v2/jobs", {"workflow": saying(f"{i}")}) for i in range(20)]
        refusals = [body for status, body in answers if status != 201]
        assert refusals
        assert {status for status, _ in answers} <= {201, 503}
        assert {body["error"]["code"] for body in refusals} == {"store_unavailable"}
        assert server.ask("api/v2/health")[0] == 200
        assert server.job(before)["status"] == "succeeded"

        filler.unlink()
        for status, body in answers:
            if status == 201:
                assert server.finished(body["id"])["status"] in ("succeeded", "failed")
        assert server.finished(server.submit(saying("after")))["status"] == "succeeded"
        assert server.stop() == 0
    assert "Traceback" not in server.said


def test_a_result_that_does_not_fit_fails_its_job_alone(disk: Path) -> None:
    with serving(disk / "data") as server:
        server.worker_ready()
        large = server.finished(server.submit(doubled(1024, 13)))
        small = server.finished(server.submit(saying("small")))

    assert large["status"] == "failed"
    assert "space" in large["error"]["message"]
    assert small["status"] == "succeeded"


def test_a_disk_that_is_full_at_the_start_is_said(disk: Path) -> None:
    fill(disk)

    code, said = refused(disk / "data", "--port", "0")

    assert code == 2
    assert len(said.splitlines()) == 1
    assert "Traceback" not in said


def test_a_disk_that_may_only_be_read(disk: Path) -> None:
    with serving(disk / "data") as server:
        server.worker_ready()
        job = server.submit(saying("before"))
        assert server.finished(job)["status"] == "succeeded"
        server.stop()
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)

    code, said = refused(disk / "data", "--port", "0")

    assert code == 2
    assert "cannot be written: Read-only file system" in said
    assert len(said.splitlines()) == 1


@pytest.mark.parametrize("name", ["nodegraph.db", "outputs", "assets", "cache", "server.lock", ""])
def test_something_else_in_the_place_of_a_part(tmp_path: Path, name: str) -> None:
    data = tmp_path / "data"
    if name in ("nodegraph.db", "server.lock"):
        (data / name).mkdir(parents=True)
    else:
        data.mkdir(exist_ok=True)
        if not name:
            data.rmdir()
        (data / name).write_text("a file where a folder should be")

    if name in ("outputs", "cache"):  # that is found out by the jobs, one by one
        with serving(data) as server:
            server.worker_ready()
            found = server.finished(server.submit(saying()))
            assert found["status"] == ("failed" if name == "outputs" else "succeeded")
            assert server.ask("api/v2/health")[0] == 200
        return
    code, said = refused(data, "--port", "0")

    assert code == 2
    assert len(said.splitlines()) == 1
    assert "Traceback" not in said


def test_a_database_that_somebody_holds_is_waited_for(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        server.worker_ready()
        job = server.start_slow(steps=50)
        with sqlite3.connect(tmp_path / "nodegraph.db", isolation_level=None) as other:
            other.execute("BEGIN IMMEDIATE")
            begun = time.monotonic()
            answers: list[tuple[int, object]] = []
            asking = threading.Thread(
                target=lambda: answers.append(
                    server.ask("api/v2/jobs", {"workflow": through("Echo")})
                )
            )
            asking.start()
            while asking.is_alive():
                before = time.perf_counter()
                assert server.ask("api/v2/health")[0] == 200
                assert time.perf_counter() - before < 1
                time.sleep(0.2)
            seconds = time.monotonic() - begun
            other.execute("ROLLBACK")
        other.close()

        assert 4 < seconds < 20
        ((status, body),) = answers
        assert status == 503, body
        assert server.finished(job)["status"] == "succeeded"
        assert server.finished(server.submit(saying("after")))["status"] == "succeeded"


def test_a_server_does_not_start_on_a_database_that_is_held(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "nodegraph.db", isolation_level=None) as other:
        other.execute("PRAGMA locking_mode=EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        code, said = refused(tmp_path, "--port", "0")
    other.close()

    assert code == 2
    assert "locked" in said
    assert len(said.splitlines()) == 1


def test_no_files_of_another_user_are_made(tmp_path: Path) -> None:
    with serving(tmp_path / "data") as server:
        server.worker_ready()
        server.finished(server.submit(saying()))
        server.stop()

    made = [path for path in (tmp_path / "data").rglob("*") if path.lstat().st_uid != os.getuid()]
    assert made == []
