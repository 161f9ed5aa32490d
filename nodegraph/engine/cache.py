"""What earlier runs made, under one byte budget.

A `Record` (what a node's outputs digest to, what it cost, which files it made) is small and is
kept longer than the values themselves: as long as it is there, what follows an unchanged node
is known to be unchanged too, even if the node's own values were evicted.

Eviction is GreedyDual-Size (Cao and Irani 1997, "Cost-Aware WWW Proxy Caching Algorithms"):
the entry with the least recompute time per byte goes first, and every eviction raises the
level that entries touched later start from, so that what is never used again ages out.
"""

from __future__ import annotations

import heapq
import threading
from collections.abc import Container
from dataclasses import dataclass, field
from typing import Any

from nodegraph.engine.disk import DiskCache
from nodegraph.engine.records import Record, Seen
from nodegraph.engine.sizes import storages

__all__ = ["FROM_DISK", "IN_MEMORY", "MemoryCache", "TieredCache"]

Values = tuple[Any, ...]

IN_MEMORY = "memory"
FROM_DISK = "disk (earlier process)"


@dataclass(slots=True)
class _Entry:
    values: Values
    pieces: dict[int, int]
    nbytes: int
    seconds: float
    priority: float = 0.0


@dataclass
class MemoryCache:
    """Values and records by key. Safe to use from several threads.

    Attributes:
        budget: bytes that cached values may hold; storages shared by several count once.
        used: bytes they hold now.
    """

    budget: int
    max_records: int = 1_000_000
    used: int = 0
    records: dict[bytes, Record] = field(default_factory=dict)
    traces: dict[bytes, tuple[str, ...]] = field(default_factory=dict)
    seen: dict[tuple[str, str], Seen] = field(default_factory=dict)
    unfinished: dict[tuple[str, str], bytes] = field(default_factory=dict)
    _entries: dict[bytes, _Entry] = field(default_factory=dict)
    _weightless: dict[bytes, Values] = field(default_factory=dict)
    _shares: dict[int, int] = field(default_factory=dict)
    _heap: list[tuple[float, bytes]] = field(default_factory=list)
    _level: float = 0.0
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def values(self, key: bytes) -> Values | None:
        """The outputs stored under a key, or None if they were never stored or were evicted."""
        entry = self._entries.get(key)
        if entry is None:
            return self._weightless.get(key)
        with self._lock:
            entry.priority = self._level + entry.seconds / max(entry.nbytes, 1)
        return entry.values

    def held(self, key: bytes) -> Values | None:
        """The outputs that are in memory under a key, looked at without being used."""
        entry = self._entries.get(key)
        return entry.values if entry is not None else self._weightless.get(key)

    def lookup(self, key: bytes) -> tuple[Record, str] | None:
        """The record under a key, and where it was found."""
        record = self.records.get(key)
        return (record, IN_MEMORY) if record is not None else None

    def is_of_earlier(self, key: bytes) -> bool:
        """Whether a record is of an earlier process, and its values have not been here since."""
        return False

    def trace(self, base: bytes) -> tuple[str, ...] | None:
        """The lazy inputs that a node with this key asked for when it last ran."""
        return self.traces.get(base)

    def note_trace(self, base: bytes, names: tuple[str, ...]) -> None:
        """Keep which lazy inputs a node asked for."""
        self.traces.pop(base, None)
        self.traces[base] = names
        self._forget_oldest(self.traces)

    def last_seen(self, scope: str, node: str) -> Seen | None:
        """What a node's inputs were when it was last looked at."""
        return self.seen.get((scope, node))

    def note_seen(self, scope: str, node: str, seen: Seen) -> None:
        """Keep what a node's inputs are now."""
        self.seen[scope, node] = seen
        self._forget_oldest(self.seen)

    def note_unfinished(self, scope: str, node: str, base: bytes) -> None:
        """Keep that a node began with certain inputs and did not finish."""
        self.unfinished[scope, node] = base
        self._forget_oldest(self.unfinished)

    def flush(self) -> None:
        """Write what is to outlive the process."""

    def remember(self, key: bytes, record: Record) -> None:
        """Keep a record; the oldest ones go when there are too many."""
        self.records.pop(key, None)
        self.records[key] = record
        self._forget_oldest(self.records)

    def store(self, key: bytes, values: Values, seconds: float) -> int:
        """Keep the outputs of a node if they fit the budget; returns their size in bytes."""
        pieces = storages(values)
        if not pieces:
            self._weightless[key] = values
            self._forget_oldest(self._weightless)
            return 0
        nbytes = sum(pieces.values())
        with self._lock:
            self.discard(key)
            if nbytes > self.budget:
                return nbytes
            entry = _Entry(values, pieces, nbytes, seconds)
            entry.priority = self._level + seconds / max(nbytes, 1)
            self._entries[key] = entry
            for piece, size in pieces.items():
                count = self._shares.get(piece, 0)
                self._shares[piece] = count + 1
                self.used += 0 if count else size
            heapq.heappush(self._heap, (entry.priority, key))
            if len(self._heap) > 2 * len(self._entries) + 16:  # mostly of what was replaced
                self._heap = [(one.priority, name) for name, one in self._entries.items()]
                heapq.heapify(self._heap)
            self._shrink()
        return nbytes

    def _forget_oldest(self, kept: dict[Any, Any]) -> None:
        while len(kept) > self.max_records:
            with self._lock:
                del kept[next(iter(kept))]

    def discard(self, key: bytes) -> None:
        """Forget the values under a key; its record stays."""
        with self._lock:
            self._weightless.pop(key, None)
            entry = self._entries.pop(key, None)
            if entry is None:
                return
            for piece, size in entry.pieces.items():
                self._shares[piece] -= 1
                if not self._shares[piece]:
                    del self._shares[piece]
                    self.used -= size

    def limit(self, budget: int) -> None:
        """Set the budget; what does not fit any more is evicted."""
        with self._lock:
            self.budget = budget
            self._shrink()

    def unload(self, live: Container[bytes]) -> None:
        """Forget the values that hold memory, but for those under some keys."""
        with self._lock:
            for key in [key for key in self._entries if key not in live]:
                self.discard(key)

    def clear(self) -> None:
        """Forget all values and records."""
        with self._lock:
            for key in list(self._entries):
                self.discard(key)
            self._weightless.clear()
            self.records.clear()
            self.traces.clear()
            self._heap.clear()

    def __len__(self) -> int:
        return len(self._entries) + len(self._weightless)

    def _shrink(self) -> None:
        while self.used > self.budget and self._heap:
            priority, key = heapq.heappop(self._heap)
            entry = self._entries.get(key)
            if entry is None:
                continue
            if entry.priority > priority:
                heapq.heappush(self._heap, (entry.priority, key))
                continue
            self._level = priority
            self.discard(key)


@dataclass
class TieredCache(MemoryCache):
    """Memory before disk: what is found on disk is taken into memory."""

    disk: DiskCache | None = None
    _earlier: set[bytes] = field(default_factory=set)

    def is_of_earlier(self, key: bytes) -> bool:
        """Whether a record is of an earlier process, and its values have not been here since."""
        return key in self._earlier

    def lookup(self, key: bytes) -> tuple[Record, str] | None:
        """The record under a key, and where it was found."""
        found = super().lookup(key)
        if found is not None or self.disk is None:
            return found
        record = self.disk.record(key)
        if record is None:
            return None
        super().remember(key, record)
        if len(self._earlier) >= self.max_records:
            self._earlier.clear()
        self._earlier.add(key)
        return record, FROM_DISK

    def values(self, key: bytes) -> Values | None:
        """The outputs stored under a key in memory or on disk."""
        found = super().values(key)
        if found is not None or self.disk is None:
            return found
        known = self.lookup(key)
        if known is None:
            return None
        found = self.disk.values(key, known[0].digests)
        if found is not None:
            super().store(key, found, known[0].seconds)
            self._earlier.discard(key)
        return found

    def remember(self, key: bytes, record: Record) -> None:
        """Keep a record in both tiers."""
        super().remember(key, record)
        self._earlier.discard(key)
        if self.disk is not None:
            self.disk.remember(key, record)

    def store(self, key: bytes, values: Values, seconds: float) -> int:
        """Keep outputs in memory, and on disk where that is worth it."""
        nbytes = super().store(key, values, seconds)
        if self.disk is not None:
            self.disk.store(key, values, nbytes, seconds)
        return nbytes

    def trace(self, base: bytes) -> tuple[str, ...] | None:
        """The lazy inputs asked for last time, in this process or an earlier one."""
        found = super().trace(base)
        if found is None and self.disk is not None:
            found = self.disk.trace(base)
        return found

    def note_trace(self, base: bytes, names: tuple[str, ...]) -> None:
        """Keep which lazy inputs a node asked for, in both tiers."""
        super().note_trace(base, names)
        if self.disk is not None:
            self.disk.note_trace(base, names)

    def last_seen(self, scope: str, node: str) -> Seen | None:
        """What a node's inputs were, in this process or an earlier one."""
        found = super().last_seen(scope, node)
        if found is None and self.disk is not None:
            found = self.disk.seen(scope, node)
        return found

    def note_seen(self, scope: str, node: str, seen: Seen) -> None:
        """Keep what a node's inputs are, in both tiers."""
        super().note_seen(scope, node, seen)
        if self.disk is not None:
            self.disk.note_seen(scope, node, seen)

    def flush(self) -> None:
        """Write what is waiting."""
        if self.disk is not None:
            self.disk.flush()
