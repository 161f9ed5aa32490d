"""What a `Service` is made of: the stores of a data directory, its threads, small helpers."""

from __future__ import annotations

import asyncio
import re
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from nodegraph.errors import NodegraphError
from nodegraph.jobs.assets import AssetStore
from nodegraph.jobs.database import Database
from nodegraph.jobs.errors import StoreError
from nodegraph.jobs.hub import Hub
from nodegraph.jobs.lock import DirectoryLock
from nodegraph.jobs.queue import Queue
from nodegraph.jobs.runner import Stores
from nodegraph.jobs.store import JobStore
from nodegraph.jobs.workflows import WorkflowStore

__all__ = ["OWNER", "Parts", "Places", "is_name"]

T = TypeVar("T")
OWNER = "local"
"""The owner of everything where there is only one."""
_PLACES_SECONDS = 0.2
_NAMES = re.compile(r"[\w@+:-][\w.@+:-]{0,99}", re.ASCII)


@dataclass(frozen=True)
class Parts:
    """The stores of one data directory, held by this process.

    Attributes:
        name: of this data directory, recorded with the jobs that run here.
        paused: whether the queue was left paused.
    """

    data: Path
    name: str
    lock: DirectoryLock
    database: Database
    stores: Stores
    assets: AssetStore
    workflows: WorkflowStore
    paused: bool
    readers: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(4, thread_name_prefix="read")
    )

    @classmethod
    async def open(
        cls, data: Path, *, database: str | None, queue_limit: int, retry: bool = False
    ) -> Parts:
        """Take the directory, open its stores, settle what a crash left running."""
        return await asyncio.to_thread(cls._open, data.resolve(), database, queue_limit, retry)

    @classmethod
    def _open(cls, data: Path, where: str | None, queue_limit: int, retry: bool) -> Parts:
        lock = DirectoryLock(data)
        try:
            database = Database(where or data / "nodegraph.db")
        except StoreError:
            lock.release()
            raise
        try:
            jobs = JobStore(database, limit=queue_limit)
            assets = AssetStore(database, data / "assets")
            name = _own_name(data)
            jobs.recover(name, retry)
        except OSError as error:
            database.close()
            lock.release()
            text = f"the data directory '{data}' cannot be written: {error.strerror}"
            raise StoreError(text) from error
        stores = Stores(jobs, Queue(jobs), assets)
        paused = stores.queue.counts().paused
        return cls(data, name, lock, database, stores, assets, WorkflowStore(database), paused)

    async def read(self, function: Callable[..., T], /, *args: Any, **kwargs: Any) -> T:
        """Call something that blocks, in one of a few threads."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self.readers, partial(function, *args, **kwargs))

    def home(self, owner: str) -> Path:
        """The folder of an owner's files."""
        if owner == OWNER:
            return self.data
        if not is_name(owner):
            raise ValueError(f"'{owner}' cannot be the name of an owner")
        return self.data / "users" / owner

    def work_folders(self) -> list[Path]:
        """Where a killed process may have left half-written files."""
        names = ("outputs", "users", "cache", "input", "assets", "front")
        return [self.data / name for name in names]

    async def close(self) -> None:
        """Finish what is being written, then let go of everything."""
        await asyncio.to_thread(self.stores.writer.shutdown)
        await asyncio.to_thread(self.readers.shutdown)
        self.database.close()
        self.lock.release()


def _own_name(data: Path) -> str:
    path = data / "server.id"
    if path.is_file() and (known := path.read_text().strip()):
        return known
    made = str(uuid.uuid4())
    path.write_text(made)
    return made


class Places:
    """Tells those who wait for a job how far it has come in the queue."""

    def __init__(self, hub: Hub, parts: Parts) -> None:
        self._hub, self._parts = hub, parts
        self._told: dict[str, int] = {}
        self._task: asyncio.Task[None] | None = None

    def changed(self) -> None:
        """The queue moved."""
        if self._task is None and any(self._hub.find(name) is None for name in self._hub.watched):
            self._task = asyncio.get_running_loop().create_task(self._tell())

    async def _tell(self) -> None:
        await asyncio.sleep(_PLACES_SECONDS)
        self._task = None
        try:
            order = await self._parts.read(self._parts.stores.queue.order)
            watched = set(self._hub.watched)
            told = {name: place for place, name in enumerate(order) if name in watched}
            news = [name for name, place in told.items() if self._told.get(name) != place]
            for job in await self._parts.read(self._parts.stores.jobs.some, news) if news else ():
                if job.status == "queued" and self._hub.find(job.id) is None:
                    self._hub.publish("status", job, position=told[job.id])
            self._told = told
        except NodegraphError:
            return  # the next change tells it

    def stop(self) -> None:
        """Tell nothing more."""
        if self._task is not None:
            self._task.cancel()


def is_name(text: str) -> bool:
    """Whether a text can be an id or the name of an owner, and of a folder."""
    return _NAMES.fullmatch(text) is not None
