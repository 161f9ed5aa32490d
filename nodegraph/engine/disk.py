"""The disk tier of the cache: an index in SQLite, values in safetensors files.

Records are small and all kept; values only where reading them back beats making them again.
Nothing here may fail a run: what cannot be read is a miss, what cannot be written is left out.
Two processes may use one folder: the index locks itself, files appear by renaming, and a file
that another process evicted is a miss.
"""

from __future__ import annotations

import json
import os
import secrets
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from nodegraph.engine.codec import NotStorable, decode, encode
from nodegraph.engine.events import Output
from nodegraph.engine.records import Record, Seen

__all__ = ["DiskCache", "DiskFigures", "worth_keeping"]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS records (key BLOB PRIMARY KEY, body TEXT, used REAL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS traces (base BLOB PRIMARY KEY, names TEXT) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS seen (scope TEXT, node TEXT, body TEXT, PRIMARY KEY (scope, node))
    WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS files (key BLOB PRIMARY KEY, bytes INTEGER, seconds REAL,
    priority REAL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS by_priority ON files (priority);
"""
_VERSION = 1
_BATCH = 500
_BATCH_SECONDS = 0.5
MAX_RECORDS = 1_000_000
READ_BYTES_PER_SECOND = 100e6
MIN_SECONDS = 0.005


def worth_keeping(nbytes: int, seconds: float) -> bool:
    """Whether making a value takes longer than reading it back would."""
    return seconds >= MIN_SECONDS and seconds > nbytes / READ_BYTES_PER_SECOND


@dataclass(frozen=True)
class DiskFigures:
    """What the folder holds."""

    folder: str
    records: int
    values: int
    bytes: int
    cap: int


class DiskCache:
    """Records and values that outlive the process.

    Args:
        folder: where it lives; made when first needed.
        cap: bytes that the values may take.
    """

    def __init__(self, folder: Path, cap: int) -> None:
        self.folder, self.cap = folder, cap
        self._db: sqlite3.Connection | None = None
        self._broken = False
        self._level = 0.0
        self._batch: list[tuple[str, tuple[Any, ...]]] = []
        self._flushed = time.monotonic()
        self._lock = threading.RLock()

    # -- reading -------------------------------------------------------------------------

    def record(self, key: bytes) -> Record | None:
        """The record under a key, if there is one."""
        row = self._one("SELECT body FROM records WHERE key = ?", (key,))
        return _record_of(row[0]) if row is not None else None

    def trace(self, base: bytes) -> tuple[str, ...] | None:
        """The lazy inputs that a node asked for last time."""
        row = self._one("SELECT names FROM traces WHERE base = ?", (base,))
        return tuple(json.loads(row[0])) if row is not None else None

    def seen(self, scope: str, node: str) -> Seen | None:
        """What a node's inputs were when it was last looked at, in whichever process."""
        row = self._one("SELECT body FROM seen WHERE scope = ? AND node = ?", (scope, node))
        return _seen_of(row[0]) if row is not None else None

    def values(self, key: bytes) -> tuple[Any, ...] | None:
        """The stored outputs, or None if there are none or they are damaged."""
        row = self._one("SELECT bytes, seconds FROM files WHERE key = ?", (key,))
        if row is None:
            return None
        found = decode(str(self._path(key)))
        if found is None:
            self._forget_file(key)
            return None
        self._queue(
            "UPDATE files SET priority = ? WHERE key = ?", (self._priority(row[0], row[1]), key)
        )
        return found

    # -- writing -------------------------------------------------------------------------

    def remember(self, key: bytes, record: Record) -> None:
        """Keep a record (written in batches, at the latest half a second later)."""
        body = json.dumps(
            {
                "digests": [digest.hex() for digest in record.digests],
                "seconds": record.seconds,
                "outputs": [asdict(output) for output in record.outputs],
            }
        )
        self._queue("INSERT OR REPLACE INTO records VALUES (?, ?, ?)", (key, body, time.time()))

    def note_trace(self, base: bytes, names: tuple[str, ...]) -> None:
        """Keep which lazy inputs a node asked for."""
        self._queue("INSERT OR REPLACE INTO traces VALUES (?, ?)", (base, json.dumps(names)))

    def note_seen(self, scope: str, node: str, seen: Seen) -> None:
        """Keep what a node's inputs were."""
        body = json.dumps(
            {
                "key": seen.key.hex(),
                "type": seen.type,
                "literals": seen.literals,
                "digests": {name: digest.hex() for name, digest in seen.digests.items()},
                "fingerprint": seen.fingerprint,
            },
            default=repr,
        )
        self._queue("INSERT OR REPLACE INTO seen VALUES (?, ?, ?)", (scope, node, body))

    def store(self, key: bytes, values: tuple[Any, ...], nbytes: int, seconds: float) -> bool:
        """Keep a node's outputs if that is worth it and they can be stored."""
        if not worth_keeping(nbytes, seconds) or nbytes > self.cap:
            return False
        try:
            data = encode(values)
        except NotStorable:
            return False
        path = self._path(key)
        temporary = path.with_name(f"{path.name}.{secrets.token_hex(4)}.tmp")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            temporary.write_bytes(data)
            os.replace(temporary, path)
        except OSError:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)
            return False
        size = len(data)
        row = (key, size, seconds, self._priority(size, seconds))
        self._queue("INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?)", row)
        self.flush()
        self._shrink()
        return True

    def flush(self) -> None:
        """Write what is waiting."""
        with self._lock:
            batch, self._batch = self._batch, []
            self._flushed = time.monotonic()
            with self._open() as db:
                if db is not None and batch:
                    with db:
                        for statement, row in batch:
                            db.execute(statement, row)

    def figures(self) -> DiskFigures:
        """How much is kept."""
        self.flush()
        records = self._one("SELECT count(*) FROM records", ()) or (0,)
        files = self._one("SELECT count(*), coalesce(sum(bytes), 0) FROM files", ()) or (0, 0)
        return DiskFigures(str(self.folder), records[0], files[0], files[1], self.cap)

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._batch.clear()
            with self._open() as db:
                if db is not None:
                    with db:
                        for table in ("records", "traces", "seen", "files"):
                            db.execute(f"DELETE FROM {table}")
            for path in self.folder.glob("values/*/*"):
                with suppress(OSError):
                    path.unlink()

    def close(self) -> None:
        """Write what is waiting and let go of the index."""
        self.flush()
        with self._lock:
            if self._db is not None:
                self._db.close()
                self._db = None

    # -- inside --------------------------------------------------------------------------

    def _path(self, key: bytes) -> Path:
        name = key.hex()
        return self.folder / "values" / name[:2] / f"{name}.safetensors"

    def _priority(self, nbytes: int, seconds: float) -> float:
        return self._level + seconds / max(nbytes, 1)

    def _queue(self, statement: str, row: tuple[Any, ...]) -> None:
        with self._lock:
            self._batch.append((statement, row))
            late = time.monotonic() - self._flushed > _BATCH_SECONDS
            if late or len(self._batch) >= _BATCH:
                self.flush()

    def _one(self, query: str, row: tuple[Any, ...]) -> tuple[Any, ...] | None:
        with self._lock, self._open() as db:
            if db is None:
                return None
            found: tuple[Any, ...] | None = db.execute(query, row).fetchone()
            return found

    def _forget_file(self, key: bytes) -> None:
        with suppress(OSError):
            self._path(key).unlink(missing_ok=True)
        self._queue("DELETE FROM files WHERE key = ?", (key,))

    def _shrink(self) -> None:
        """Evict by recompute time per byte until the values fit the cap."""
        total = self._one("SELECT coalesce(sum(bytes), 0) FROM files", ())
        excess = (total[0] if total else 0) - self.cap
        while excess > 0:
            row = self._one("SELECT key, bytes, priority FROM files ORDER BY priority LIMIT 1", ())
            if row is None:
                return
            self._level = row[2]
            excess -= row[1]
            self._forget_file(row[0])
            self.flush()

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection | None]:
        """The index, or None where it cannot be used; errors inside count as misses."""
        if self._db is None and not self._broken:
            self._db = self._connect()
        try:
            yield self._db
        except sqlite3.DatabaseError as error:
            if not isinstance(error, sqlite3.OperationalError):
                self._set_aside()

    def _connect(self) -> sqlite3.Connection | None:
        path = self.folder / "index.sqlite"
        for _ in range(2):
            try:
                self.folder.mkdir(parents=True, exist_ok=True)
                db = sqlite3.connect(path, timeout=5, check_same_thread=False)
                db.execute("PRAGMA journal_mode=WAL")
                db.execute("PRAGMA synchronous=NORMAL")
                version = db.execute("PRAGMA user_version").fetchone()[0]
                if version not in (0, _VERSION):
                    db.close()
                    self._broken = True
                    return None
                db.executescript(_SCHEMA)
                db.execute(f"PRAGMA user_version={_VERSION}")
                return db
            except sqlite3.OperationalError:
                break
            except sqlite3.DatabaseError:
                self._set_aside()
            except OSError:
                break
        self._broken = True
        return None

    def _set_aside(self) -> None:
        """Move a damaged index away, so that a new one can take its place."""
        with suppress(sqlite3.Error):
            if self._db is not None:
                self._db.close()
        self._db = None
        for suffix in ("", "-wal", "-shm"):
            path = self.folder / f"index.sqlite{suffix}"
            with suppress(OSError):
                path.replace(path.with_name(f"damaged-{path.name}"))


def _record_of(body: str) -> Record | None:
    try:
        raw = json.loads(body)
        digests = tuple(bytes.fromhex(digest) for digest in raw["digests"])
        outputs = tuple(Output(**output) for output in raw["outputs"])
        return Record(digests, float(raw["seconds"]), outputs)
    except (ValueError, KeyError, TypeError):
        return None


def _seen_of(body: str) -> Seen | None:
    try:
        raw = json.loads(body)
        digests = {name: bytes.fromhex(digest) for name, digest in raw["digests"].items()}
        key = bytes.fromhex(raw["key"])
        return Seen(key, raw["type"], raw["literals"], digests, raw["fingerprint"])
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
