"""A PostgreSQL server of its own for the tests: Debian's programs, a temporary folder, a socket."""

import os
import shutil
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, text

from nodegraph.jobs.database import Database
from nodegraph.jobs.tables import metadata

for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin")):
    os.environ["PATH"] += f":{folder}"  # Debian keeps them out of everybody's way


def _as_user() -> dict[str, Any]:
    # PostgreSQL refuses to run as root; its package brings a user.
    return {"user": "postgres", "group": "postgres"} if os.getuid() == 0 else {}


@contextmanager
def server() -> Iterator[str]:
    """Start one; gives its URL, without a database."""
    home = Path(tempfile.mkdtemp(prefix="pg"))  # short: a socket's path has at most 107 bytes
    if who := _as_user():
        shutil.chown(home, **who)
    quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, **who}
    place = ["-D", str(home / "data")]
    try:
        make = ["initdb", *place, "-U", "postgres", "-A", "trust", "-N", "-E", "UTF8"]
        subprocess.run([*make, "--locale=C"], check=True, cwd=home, **quiet)
        only_here = ["-c", "listen_addresses=", "-c", f"unix_socket_directories={home}"]
        options = [*only_here, "-c", "fsync=off", "-c", "shared_buffers=16MB"]
        running = subprocess.Popen(["postgres", *place, *options], cwd=home, **quiet)
        try:
            url = f"postgresql+psycopg://postgres@/DATABASE?host={home}"
            _await(url.replace("DATABASE", "postgres"))
            yield url
        finally:
            running.terminate()
            running.wait()
    finally:
        shutil.rmtree(home, ignore_errors=True)


def new_database(url: str) -> str:
    """The URL of a new database that has our tables."""
    name = f"d{uuid.uuid4().hex}"
    engine = create_engine(url.replace("DATABASE", "postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as db:
        db.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    made = url.replace("DATABASE", name)
    Database(made).close()
    return made


def empty(url: str) -> None:
    """Take everything out of a database that has our tables."""
    engine = create_engine(url)
    with engine.begin() as db:
        names = ", ".join(table.name for table in metadata.sorted_tables)
        db.execute(text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))
    engine.dispose()


def _await(url: str) -> None:
    engine = create_engine(url)
    for _ in range(600):
        try:
            with engine.connect():
                break
        except Exception:
            time.sleep(0.05)
    engine.dispose()
