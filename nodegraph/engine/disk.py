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
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psutil

from nodegraph.engine.codec import NotKnown, NotStorable, decode, encode
from nodegraph.engine.events import Output
from nodegraph.engine.index import Index
from nodegraph.engine.keys import digest_value
from nodegraph.engine.records import Record, Seen

__all__ = ["DiskCache", "DiskFigures", "worth_keeping"]

MAX_RECORDS = 1_000_000
MAX_DIGESTS = 10_000
READ_BYTES_PER_SECOND = 100e6
MIN_SECONDS = 0.005
SCOPES = 16
"""Of how many workflows it is held in memory what was seen."""
STALE_SECONDS = 3600.0
"""Age at which a file that no process accounts for is taken for left behind by a crash."""


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
        self._index = Index(folder / "index.sqlite")
        self._level: float | None = None
        self._swept = False
        self._seen: dict[str, dict[str, str]] = {}

    # -- reading -------------------------------------------------------------------------

    def record(self, key: bytes) -> Record | None:
        """The record under a key, if there is one."""
        row = self._index.one("SELECT body FROM records WHERE key = ?", (key,))
        return _record_of(row[0]) if row is not None else None

    def trace(self, base: bytes) -> tuple[str, ...] | None:
        """The lazy inputs that a node asked for last time."""
        row = self._index.one("SELECT names FROM traces WHERE base = ?", (base,))
        return _names_of(row[0]) if row is not None else None

    def seen(self, scope: str, node: str) -> Seen | None:
        """What a node's inputs were when it was last looked at, in whichever process."""
        body = self._bodies(scope).get(node)
        return _seen_of(body) if body is not None else None

    def values(self, key: bytes, digests: Sequence[bytes]) -> tuple[Any, ...] | None:
        """The stored outputs, or None if there are none or they are not what they should be.

        Args:
            digests: what the outputs digest to; a file that was damaged does not.
        """
        row = self._index.one("SELECT bytes, seconds FROM files WHERE key = ?", (key,))
        if row is None:
            return None
        try:
            found = decode(str(self._path(key)))
        except NotKnown:
            return None
        if found is None or [digest_value(value) for value in found] != [*digests]:
            self._forget_file(key)
            return None
        self._index.queue(
            "UPDATE files SET priority = ? WHERE key = ?", (self._priority(row[0], row[1]), key)
        )
        return found

    def digest(self, path: str, stamp: str) -> str | None:
        """What a file held when it had this stamp, if that was noted."""
        query = "SELECT digest FROM digests WHERE path = ? AND stamp = ?"
        row = self._index.one(query, (path, stamp))
        return row[0] if row is not None and _is_digest(row[0]) else None

    # -- writing -------------------------------------------------------------------------

    def note_digest(self, path: str, stamp: str, digest: str) -> None:
        """Keep what a file holds, and forget those noted longest ago where there are too many."""
        row = (path, stamp, digest, time.time())
        self._index.write("INSERT OR REPLACE INTO digests VALUES (?, ?, ?, ?)", row)
        self._index.write(
            "DELETE FROM digests WHERE path IN "
            "(SELECT path FROM digests ORDER BY noted DESC LIMIT -1 OFFSET ?)",
            (MAX_DIGESTS,),
        )

    def remember(self, key: bytes, record: Record) -> None:
        """Keep a record (written in batches, at the latest half a second later)."""
        body = json.dumps(
            {
                "digests": [digest.hex() for digest in record.digests],
                "seconds": record.seconds,
                "outputs": [asdict(output) for output in record.outputs],
            }
        )
        self._index.queue(
            "INSERT OR REPLACE INTO records VALUES (?, ?, ?)", (key, body, time.time())
        )

    def note_trace(self, base: bytes, names: tuple[str, ...]) -> None:
        """Keep which lazy inputs a node asked for."""
        self._index.queue("INSERT OR REPLACE INTO traces VALUES (?, ?)", (base, json.dumps(names)))

    def note_seen(self, scope: str, node: str, seen: Seen) -> None:
        """Keep what a node's inputs were, if they are not what is kept already."""
        bodies, key = self._bodies(scope), seen.key.hex()
        if key in bodies.get(node, ""):
            return
        body = json.dumps(
            {
                "key": key,
                "type": seen.type,
                "literals": seen.literals,
                "digests": {name: digest.hex() for name, digest in seen.digests.items()},
                "fingerprint": seen.fingerprint,
            },
            default=repr,
        )
        bodies[node] = body
        self._index.queue("INSERT OR REPLACE INTO seen VALUES (?, ?, ?)", (scope, node, body))

    def store(self, key: bytes, values: tuple[Any, ...], nbytes: int, seconds: float) -> bool:
        """Keep a node's outputs if that is worth it and they can be stored."""
        if not worth_keeping(nbytes, seconds) or nbytes > self.cap or not self._index.usable:
            return False
        try:
            data = encode(values)
        except (NotStorable, MemoryError):
            return False
        self._sweep_once()
        if not self._write(self._path(key), data):
            return False
        size = len(data)
        row = (key, size, seconds, self._priority(size, seconds))
        self._index.write("INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?)", row)
        self._shrink()
        return True

    def flush(self) -> None:
        """Write what is waiting."""
        self._index.flush()

    def figures(self) -> DiskFigures:
        """How much is kept; nothing is made where there was nothing."""
        if not self._index.path.is_file():
            return DiskFigures(str(self.folder), 0, 0, 0, self.cap)
        self.flush()
        records = self._index.one("SELECT count(*) FROM records") or (0,)
        files = self._index.one("SELECT count(*), total(bytes) FROM files") or (0, 0)
        return DiskFigures(str(self.folder), records[0], files[0], int(files[1]), self.cap)

    @property
    def newer(self) -> bool:
        """Whether the folder belongs to a later nodegraph; it is neither used nor changed."""
        return self._index.path.is_file() and not self._index.usable and self._index.newer

    def clear(self) -> None:
        """Forget everything."""
        if not self._index.path.is_file() or self.newer:
            return
        self._index.forget_waiting()
        self._seen.clear()
        for table in ("records", "traces", "seen", "files", "digests"):
            self._index.write(f"DELETE FROM {table}")
        for path in self.folder.glob("values/*/*"):
            with suppress(OSError):
                path.unlink()

    def close(self) -> None:
        """Write what is waiting and let go of the index."""
        self._index.close()

    # -- inside --------------------------------------------------------------------------

    def _bodies(self, scope: str) -> dict[str, str]:
        """What is kept of the nodes of one workflow, read at once."""
        found = self._seen.get(scope)
        if found is None:
            if len(self._seen) >= SCOPES:
                self._seen.clear()
            rows = self._index.all("SELECT node, body FROM seen WHERE scope = ?", (scope,))
            found = self._seen[scope] = {str(node): str(body) for node, body in rows}
        return found

    def _path(self, key: bytes) -> Path:
        name = key.hex()
        return self.folder / "values" / name[:2] / f"{name}.safetensors"

    def _priority(self, nbytes: int, seconds: float) -> float:
        if self._level is None:
            row = self._index.one("SELECT min(priority) FROM files")
            self._level = row[0] if row is not None and row[0] is not None else 0.0
        return self._level + seconds / max(nbytes, 1)

    def _write(self, path: Path, data: bytes) -> bool:
        """Write a file under a temporary name and give it its own; a crash leaves no half one.

        Nothing waits for the disk: a file that a power cut damaged is told by its digest.
        """
        name = f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}.tmp"
        temporary = path.with_name(name)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            temporary.write_bytes(data)
            os.replace(temporary, path)
        except OSError:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)
            return False
        return True

    def _forget_file(self, key: bytes) -> None:
        with suppress(OSError):
            self._path(key).unlink(missing_ok=True)
        self._index.write("DELETE FROM files WHERE key = ?", (key,))

    def _shrink(self) -> None:
        """Evict by recompute time per byte until the values fit the cap."""
        total = self._index.one("SELECT total(bytes) FROM files")
        excess = (total[0] if total else 0) - self.cap
        while excess > 0:
            row = self._index.one("SELECT key, bytes, priority FROM files ORDER BY priority")
            if row is None:
                return
            self._level = row[2]
            excess -= row[1]
            self._forget_file(row[0])

    def _sweep_once(self) -> None:
        """Before the first file is written: remove what crashes left, and the oldest records."""
        if self._swept:
            return
        self._swept = True
        known = {row[0] for row in self._index.all("SELECT key FROM files")}
        for path in self.folder.glob("values/*/*"):
            if _is_left_behind(path, known):
                with suppress(OSError):
                    path.unlink()
        count = self._index.one("SELECT count(*) FROM records")
        if count is not None and count[0] > MAX_RECORDS:
            oldest = "SELECT key FROM records ORDER BY used LIMIT ?"
            self._index.write(
                f"DELETE FROM records WHERE key IN ({oldest})", (count[0] - MAX_RECORDS,)
            )
            self._index.write("DELETE FROM seen")
        traces = self._index.one("SELECT count(*) FROM traces")
        if traces is not None and traces[0] > MAX_RECORDS:  # what they save is one look ahead
            self._index.write("DELETE FROM traces")


def _is_left_behind(path: Path, known: set[bytes]) -> bool:
    """Whether a file is one of ours that no index and no living process accounts for."""
    name, *rest = path.name.split(".")
    try:
        key = bytes.fromhex(name)
        if rest == ["safetensors"]:
            writing = False
            if key in known:
                return False
        elif rest[:1] == ["safetensors"] and rest[-1] == "tmp":
            writing = psutil.pid_exists(int(rest[1]))
        else:
            return False
        age = time.time() - path.stat().st_mtime
    except (ValueError, IndexError, OverflowError, OSError):
        return False
    return age > STALE_SECONDS or (rest[-1] == "tmp" and not writing)


def _record_of(body: str) -> Record | None:
    try:
        raw = json.loads(body)
        digests = tuple(bytes.fromhex(digest) for digest in raw["digests"])
        outputs = tuple(Output(**output) for output in raw["outputs"])
        return Record(digests, float(raw["seconds"]), outputs)
    except (ValueError, KeyError, TypeError):
        return None


def _names_of(body: str) -> tuple[str, ...] | None:
    try:
        names = json.loads(body)
    except (ValueError, TypeError):
        return None
    return tuple(map(str, names)) if isinstance(names, list) else None


def _seen_of(body: str) -> Seen | None:
    try:
        raw = json.loads(body)
        digests = {name: bytes.fromhex(digest) for name, digest in raw["digests"].items()}
        key = bytes.fromhex(raw["key"])
        return Seen(key, raw["type"], raw["literals"], digests, raw["fingerprint"])
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _is_digest(text: object) -> bool:
    return isinstance(text, str) and len(text) == 64
