"""What `nodegraph doctor` looks at for `nodegraph serve`. Nothing is changed by looking."""

from __future__ import annotations

import asyncio
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from nodegraph.cli.checks import Finding
from nodegraph.cli.explain import size
from nodegraph.jobs.database import HEAD
from nodegraph.jobs.lock import holder_of
from nodegraph.jobs.supervisor import Supervisor, WorkerOptions
from nodegraph.server.listening import CannotListen, listen
from nodegraph.server.settings import Settings

__all__ = ["database", "port", "server", "worker"]

_WORKER_SECONDS = 60.0
_SMALL = 256 * 2**20


def port() -> Iterator[Finding]:
    """Whether `nodegraph serve` could listen where it does by default."""
    settings = Settings()
    where = f"port {settings.port} of {settings.host}"
    try:
        for one in listen(settings.host, settings.port):
            one.close()
    except CannotListen as error:
        yield Finding("warn", "port", str(error))
        return
    yield Finding("ok", "port", f"{where} is free")


def server(data: Path) -> Iterator[Finding]:
    """Whether a server has the data directory."""
    holder = holder_of(data)
    text = f"the data directory is in use by {holder}" if holder else "no server runs on it"
    yield Finding("ok", "server", text)


def database(data: Path) -> Iterator[Finding]:
    """Whether the embedded database is whole, and of a version that this program knows."""
    path = data / "nodegraph.db"
    if not path.exists():
        yield Finding("ok", "database", f"{path} (not made yet)")
        return
    try:
        with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True)) as db:
            version = str(db.execute("SELECT version_num FROM alembic_version").fetchone()[0])
            jobs = int(db.execute("SELECT count(*) FROM jobs").fetchone()[0])
            whole = path.stat().st_size > _SMALL or _is_whole(db)
    except (sqlite3.Error, OSError, TypeError) as error:
        yield Finding("fail", "database", f"{path} cannot be read: {error}")
        return
    if version > HEAD:
        text = f"{path} is from a newer nodegraph: update nodegraph"
        yield Finding("fail", "database", text)
    elif not whole:
        yield Finding("fail", "database", f"{path} is damaged: put back a copy of it")
    else:
        old = "" if version == HEAD else ", to be upgraded by the next start"
        yield Finding("ok", "database", f"{jobs} jobs in {size(path.stat().st_size)}{old}")


def _is_whole(db: sqlite3.Connection) -> bool:
    found = db.execute("PRAGMA quick_check(1)").fetchone()
    return found is not None and found[0] == "ok"


def worker() -> Iterator[Finding]:
    """Whether the process starts that runs the nodes of a server."""
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="nodegraph-") as folder:
        failure = asyncio.run(_start(Path(folder)))
    if failure:
        yield Finding("fail", "worker", f"it does not start: {failure}")
    else:
        yield Finding("ok", "worker", f"a worker starts in {time.monotonic() - begun:.1f} s")


async def _start(folder: Path) -> str:
    """Why a worker does not start; empty if it does."""
    deaths: asyncio.Queue[str] = asyncio.Queue()
    made = Supervisor(
        WorkerOptions(folder, packs=("nodegraph.jobs.no_nodes",)),
        on_death=lambda death: deaths.put_nowait(death.log.strip() or death.cause),
    )
    made.start()
    ready, dead = asyncio.ensure_future(made.ready()), asyncio.ensure_future(deaths.get())
    both = {ready, dead}
    done, _ = await asyncio.wait(both, timeout=_WORKER_SECONDS, return_when=asyncio.FIRST_COMPLETED)
    await made.stop()
    for task in both - done:
        task.cancel()
    if ready in done:
        return ""
    if dead in done:
        return dead.result().rpartition("\n")[2]
    return f"it said nothing for {_WORKER_SECONDS:.0f} s"
