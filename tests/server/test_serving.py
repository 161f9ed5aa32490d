"""`nodegraph serve` as a process: its start, its end, and what keeps it from starting."""

import json
import signal
import socket
import sqlite3
import subprocess
import time
import urllib.request
from pathlib import Path

import pytest

from checks.loads import loaded_by
from tests.jobs.making import saying, through
from tests.server.processes import refused, serving


def test_a_server_says_where_it_is_and_leaves_when_told(tmp_path: Path) -> None:
    with serving(tmp_path / "data") as server:
        status, body = server.ask("api/v2/health")
        code = server.stop()

    assert (status, body["status"]) == (200, "ok")
    assert code == 0
    assert "Traceback" not in server.said


def test_control_c_is_said_in_the_exit_code(tmp_path: Path) -> None:
    with serving(tmp_path / "data") as server:
        assert server.stop(signal.SIGINT) == 130


def test_a_taken_port_is_told_before_anything_starts(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        code, said = refused(tmp_path / "data", "--port", str(port))

    assert code == 2
    assert said.startswith(f"error: port {port} of 127.0.0.1 is taken by another program")
    assert len(said.splitlines()) == 1
    assert not (tmp_path / "data").exists()


def test_two_servers_on_one_data_directory(tmp_path: Path) -> None:
    with serving(tmp_path / "data") as server:
        code, said = refused(tmp_path / "data", "--port", "0")

        assert server.ask("api/v2/health")[0] == 200

    assert code == 2
    assert f"in use by the server with process id {server.process.pid}" in said
    assert len(said.splitlines()) == 1


def test_a_database_from_a_newer_version_is_left_untouched(tmp_path: Path) -> None:
    path = tmp_path / "nodegraph.db"
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("CREATE TABLE alembic_version (version_num VARCHAR(32))")
        db.execute("INSERT INTO alembic_version VALUES ('9999')")
    db.close()
    before = path.read_bytes()

    code, said = refused(tmp_path, "--port", "0")

    assert code == 2
    assert "from a newer nodegraph" in said
    assert "Traceback" not in said
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--database", "nonsense://x"], "is not a database we can use"),
        (["--database", "postgresql://me:secret@127.0.0.1:1/none"], "cannot use the database"),
        (["--host", "192.0.2.7", "--token", "0123456789abcdef"], "not an address of this machine"),
        (["--host", "no.such.host.invalid"], "cannot listen at 'no.such.host.invalid'"),
        (["--host", "0.0.0.0"], "needs a --token"),
        (["--models", "/no/such/folder"], "--models: there is no folder"),
        (["--token", "short"], "16 characters or more"),
        (["--token", "a/b=0123456789abcdef"], "'a/b' cannot be the name of a user"),
        (["--front-end", "/no/such/folder"], "there is no 'index.html'"),
        (["--allow-origin", "studio.example"], "takes the origin of a web page"),
        (["--max-age", "long"], "--max-age takes a time"),
        (["--max-bytes", "many"], "--max-bytes takes a number of bytes"),
        (["--device", "gpu"], "--device takes"),
        (["--port", "70000"], "65535"),
    ],
)
def test_wrong_usage_is_said_in_words(tmp_path: Path, words: list[str], expected: str) -> None:
    code, said = refused(tmp_path / "data", "--port", "0", *words)

    assert code == 2
    assert expected in said
    assert "Traceback" not in said
    assert "secret" not in said


@pytest.mark.parametrize("module", ["alembic", "networkx", "numpy", "torch"])
def test_starting_loads_nothing_that_can_wait(module: str) -> None:
    assert loaded_by("nodegraph.cli.serve", {module}) == []


@pytest.mark.parametrize("node", ["Hold", "Deaf", "Crash"])
def test_health_is_told_at_once_whatever_a_node_does(tmp_path: Path, node: str) -> None:
    with serving(tmp_path / "data") as server:
        server.worker_ready()
        job = server.submit(through(node, seconds=2) if node != "Crash" else through(node))
        waits = []
        while server.job(job)["status"] in ("queued", "running"):
            begun = time.perf_counter()
            assert server.ask("api/v2/health")[0] == 200
            waits.append(time.perf_counter() - begun)
        ended = server.job(job)
        server.worker_ready()
        again = server.finished(server.submit(saying("after")))

    assert sorted(waits)[len(waits) * 9 // 10] < 0.05
    assert ended["status"] == ("failed" if node == "Crash" else "succeeded")
    assert again["status"] == "succeeded"
    if node == "Crash":
        assert ended["error"]["code"] == "worker_crashed"
        assert ended["error"]["node_id"] == "it"
        assert "SIGSEGV" in ended["error"]["message"]


def test_a_stop_puts_the_running_job_back_and_the_next_start_runs_it(tmp_path: Path) -> None:
    with serving(tmp_path / "data") as server:
        job = server.start_slow()
        waiting = server.submit(saying("behind"))
        assert server.stop() == 0
    with serving(tmp_path / "data") as server:
        assert server.finished(job)["status"] == "succeeded"
        assert server.finished(waiting)["status"] == "succeeded"


def test_a_stop_finishes_the_running_job_if_asked_to(tmp_path: Path) -> None:
    with serving(tmp_path / "data", "--finish") as server:
        job = server.start_slow()
        assert server.stop() == 0
        assert f"job {job} succeeded" in server.said
    with serving(tmp_path / "data") as server:
        assert server.job(job)["status"] == "succeeded"


def test_a_second_signal_does_not_wait_for_the_running_job(tmp_path: Path) -> None:
    with serving(tmp_path / "data", "--finish") as server:
        job = server.start_slow(steps=10_000)
        server.process.send_signal(signal.SIGTERM)
        with pytest.raises(subprocess.TimeoutExpired):
            server.process.wait(1)
        begun = time.monotonic()
        assert server.stop() == 0
        assert time.monotonic() - begun < 10
    with serving(tmp_path / "data") as server:
        assert server.job(job)["status"] in ("queued", "running")


def test_a_stop_refuses_new_connections_and_ends_open_streams(tmp_path: Path) -> None:
    with serving(tmp_path / "data", "--finish") as server:
        job = server.start_slow(steps=200)
        with urllib.request.urlopen(f"{server.url}api/v2/jobs/{job}/events") as events:
            server.process.send_signal(signal.SIGTERM)
            server.until(lambda: not server.accepts())
            heard = events.read()
        assert server.wait() == 0

    assert b"succeeded" in heard


@pytest.mark.parametrize("retry", [False, True])
def test_what_a_killed_server_ran_is_failed_or_queued_as_asked(tmp_path: Path, retry: bool) -> None:
    with serving(tmp_path / "data") as server:
        job = server.start_slow()
        server.stop(signal.SIGKILL)
    words = ["--retry-interrupted"] if retry else []
    with serving(tmp_path / "data", *words) as server:
        found = server.finished(job)

    assert found["status"] == ("succeeded" if retry else "failed")
    assert retry or found["error"]["code"] == "interrupted"


def test_the_log_is_json_if_asked_for(tmp_path: Path) -> None:
    with serving(tmp_path / "data", "--log-format", "json", "--log-level", "debug") as server:
        server.ask("api/v2/health")
        server.stop()

    lines = [line for line in server.lines if "nodegraph is at" not in line]
    assert any(json.loads(line)["message"].startswith("GET /api/v2/health 200") for line in lines)


def test_a_device_that_is_not_there_is_said_in_the_log(tmp_path: Path) -> None:
    with serving(tmp_path / "data", "--device", "cuda:99") as server:
        server.until(lambda: "the worker is gone" in server.said)

    assert "it exited with code 2: --device cuda:99: torch" in server.said
