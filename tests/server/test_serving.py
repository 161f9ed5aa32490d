"""`nodegraph serve` as a process: its start, its end, and what keeps it from starting."""

import signal
import socket
import sqlite3
from pathlib import Path

import pytest

from checks.loads import loaded_by
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


def test_a_server_answers_within_a_second_of_its_start(tmp_path: Path) -> None:
    seconds = []
    for name in ("first", "second", "third"):
        with serving(tmp_path / name) as server:
            assert server.ask("api/v2/health")[0] == 200
        seconds.append(server.seconds)

    assert min(seconds) < 1.0


@pytest.mark.parametrize("module", ["alembic", "networkx", "numpy", "torch"])
def test_starting_loads_nothing_that_can_wait(module: str) -> None:
    assert loaded_by("nodegraph.cli.serve", {module}) == []
