"""The SQLite file behind the disk cache. It never raises: what cannot be read is not there.

Writes are gathered and go to the file together, at the latest half a second after the first.
A damaged file is moved aside; one of a newer version is left as it is and not used.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

__all__ = ["VERSION", "Index"]

VERSION = 1
_SCHEMA = """
CREATE TABLE IF NOT EXISTS records (key BLOB PRIMARY KEY, body TEXT, used REAL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS traces (base BLOB PRIMARY KEY, names TEXT) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS seen (scope TEXT, node TEXT, body TEXT, PRIMARY KEY (scope, node))
    WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS files (key BLOB PRIMARY KEY, bytes INTEGER, seconds REAL,
    priority REAL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS digests (path TEXT PRIMARY KEY, stamp TEXT, digest TEXT, noted REAL)
    WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS by_priority ON files (priority);
"""
_BATCH = 500
_BATCH_SECONDS = 0.5
_PATIENCE = 5.0
"""Seconds to wait for another process that is writing."""
_RETRY_SECONDS = 30.0
"""Seconds after which a file that could not be opened is tried once more."""
_DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)

Row = tuple[Any, ...]


class Index:
    """Rows by query. Safe to use from several threads.

    Attributes:
        newer: whether the file there is of a version that a later nodegraph made.
    """

    def __init__(self, path: Path) -> None:
        self.path, self.newer = path, False
        self._db: sqlite3.Connection | None = None
        self._broken = False
        self._retry_at = 0.0
        self._batch: list[tuple[str, Row]] = []
        self._flushed = time.monotonic()
        self._lock = threading.RLock()

    @property
    def usable(self) -> bool:
        """Whether what is written will be found again."""
        with self._lock, self._open() as db:
            return db is not None
        return False

    def one(self, query: str, row: Row = ()) -> Row | None:
        """The first row that is found."""
        with self._lock, self._open() as db:
            if db is not None:
                found: Row | None = db.execute(query, row).fetchone()
                return found
        return None

    def all(self, query: str, row: Row = ()) -> list[Row]:
        """Every row that is found."""
        with self._lock, self._open() as db:
            if db is not None:
                return db.execute(query, row).fetchall()
        return []

    def queue(self, statement: str, row: Row) -> None:
        """Write, with others that are waiting."""
        with self._lock:
            self._batch.append((statement, row))
            late = time.monotonic() - self._flushed > _BATCH_SECONDS
            if late or len(self._batch) >= _BATCH:
                self.flush()

    def write(self, statement: str, row: Row = ()) -> None:
        """Write, and all that is waiting with it, now."""
        with self._lock:
            self._batch.append((statement, row))
            self.flush()

    def flush(self) -> None:
        """Write what is waiting; what cannot be written is forgotten."""
        with self._lock:
            batch, self._batch = self._batch, []
            self._flushed = time.monotonic()
            if not batch:
                return
            with self._open() as db:
                if db is not None:
                    with db:
                        for statement, row in batch:
                            db.execute(statement, row)

    def forget_waiting(self) -> None:
        """Drop what is waiting to be written."""
        with self._lock:
            self._batch.clear()

    def close(self) -> None:
        """Write what is waiting and let go of the file."""
        self.flush()
        with self._lock:
            if self._db is not None:
                self._db.close()
                self._db = None

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection | None]:
        """The connection, or None; the body stops silently at the first error."""
        if self._db is None and not self._broken and time.monotonic() >= self._retry_at:
            self._db = self._connect()
        try:
            yield self._db
        except sqlite3.Error as error:
            if _is_damage(error):
                self._set_aside()
        except (ValueError, OverflowError):
            return  # a value that SQLite cannot hold

    def _connect(self) -> sqlite3.Connection | None:
        for _ in range(2):
            try:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                return self._prepared(
                    sqlite3.connect(self.path, timeout=_PATIENCE, check_same_thread=False)
                )
            except OSError:
                break
            except sqlite3.Error as error:
                if not _is_damage(error):
                    break
                self._set_aside()
        self._retry_at = time.monotonic() + _RETRY_SECONDS
        return None

    def _prepared(self, db: sqlite3.Connection) -> sqlite3.Connection | None:
        try:
            version = db.execute("PRAGMA user_version").fetchone()[0]
            if version > VERSION:
                self.newer = self._broken = True
                db.close()
                return None
            db.execute("PRAGMA journal_mode=WAL")
            db.execute("PRAGMA synchronous=NORMAL")
            db.executescript(_SCHEMA)
            db.execute(f"PRAGMA user_version={VERSION}")
        except sqlite3.Error:
            db.close()
            raise
        return db

    def _set_aside(self) -> None:
        """Move a damaged file away, so that a new one can take its place."""
        with suppress(sqlite3.Error):
            if self._db is not None:
                self._db.close()
        self._db = None
        for suffix in ("", "-wal", "-shm"):
            path = self.path.with_name(f"{self.path.name}{suffix}")
            with suppress(OSError):
                path.replace(path.with_name(f"damaged-{path.name}"))


def _is_damage(error: sqlite3.Error) -> bool:
    """Whether the file is no sound database; one that is locked, or a full disk, will pass."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in _DAMAGE
