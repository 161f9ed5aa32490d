"""What `nodegraph doctor` finds out for a server."""

import os
import socket
import sqlite3
from pathlib import Path

import pytest

from nodegraph.cli import checks_serve
from nodegraph.cli.checks import Finding
from nodegraph.jobs.database import Database
from nodegraph.jobs.lock import DirectoryLock
from nodegraph.server.settings import Settings
from tests.cli.command import Run


def test_what_a_server_needs_is_looked_at(run: Run) -> None:
    checks = {check["subject"]: check for check in run("doctor", "--json").document["checks"]}

    assert checks["worker"]["level"] == "ok"
    assert checks["worker"]["text"].startswith("a worker starts in ")
    assert checks["server"]["text"] == "no server runs on it"
    assert checks["database"]["text"].endswith("nodegraph.db (not made yet)")


def test_looking_makes_nothing(run: Run, tmp_path: Path) -> None:
    run("doctor")

    assert not (tmp_path / "data").exists()


def test_a_taken_port_is_a_warning() -> None:
    settings = Settings()
    try:
        taken = socket.create_server((settings.host, settings.port))
    except OSError:  # somebody has it already, which is as good
        taken = socket.socket()
    with taken:
        (finding,) = checks_serve.port()

    assert finding.level == "warn"
    assert "is taken by another program" in finding.text


def test_a_free_port_is_fine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks_serve, "Settings", lambda: Settings(port=0))

    (finding,) = checks_serve.port()

    assert finding == Finding("ok", "port", "port 0 of 127.0.0.1 is free")


def test_a_server_that_has_the_directory_is_named(tmp_path: Path) -> None:
    lock = DirectoryLock(tmp_path)
    (held,) = checks_serve.server(tmp_path)
    lock.release()
    (free,) = checks_serve.server(tmp_path)

    assert f"process id {os.getpid()}" in held.text
    assert free.text == "no server runs on it"


def test_a_database_is_read_and_left_alone(tmp_path: Path) -> None:
    Database(tmp_path / "nodegraph.db").close()
    before = (tmp_path / "nodegraph.db").read_bytes()

    (finding,) = checks_serve.database(tmp_path)

    assert finding.level == "ok"
    assert finding.text.startswith("0 jobs in ")
    assert (tmp_path / "nodegraph.db").read_bytes() == before


def test_a_newer_database_fails(tmp_path: Path) -> None:
    path = tmp_path / "nodegraph.db"
    Database(path).close()
    with sqlite3.connect(path) as db:
        db.execute("UPDATE alembic_version SET version_num = '9999'")
    db.close()

    (finding,) = checks_serve.database(tmp_path)

    assert (finding.level, finding.subject) == ("fail", "database")
    assert "newer nodegraph" in finding.text


def test_a_damaged_database_fails(tmp_path: Path) -> None:
    path = tmp_path / "nodegraph.db"
    Database(path).close()
    content = bytearray(path.read_bytes())
    content[4096:] = os.urandom(len(content) - 4096)
    path.write_bytes(content)
    (damaged,) = checks_serve.database(tmp_path)
    path.write_text("no database at all, but long enough to be taken for one" * 40)
    (other,) = checks_serve.database(tmp_path)

    assert damaged.level == other.level == "fail"
    assert "cannot be read" in other.text


def test_a_worker_that_cannot_start_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nodegraph.jobs.supervisor.sys.executable", "/bin/false")

    (finding,) = checks_serve.worker()

    assert finding == Finding("fail", "worker", "it does not start: it exited with code 1")
