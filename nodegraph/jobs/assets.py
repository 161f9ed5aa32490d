"""Files by content: each stored once under its BLAKE3, with records of who has it by which name."""

from __future__ import annotations

import errno
import os
import secrets
import shutil
import threading
import time
import uuid
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from blake3 import blake3
from sqlalchemy import Connection, delete, func, insert, select

from nodegraph.jobs.database import Database
from nodegraph.jobs.errors import NotFound, TooLarge
from nodegraph.jobs.tables import assets
from nodegraph.jobs.texts import storable

__all__ = ["Asset", "AssetStore", "AssetWriter"]


@dataclass(frozen=True)
class Asset:
    """A record of a stored file. `hash` is the BLAKE3 in hex, `created_new` whether the content
    was not here before, `job_id` the job that made it (None for uploads)."""

    id: str
    owner: str
    hash: str
    size: int
    content_type: str
    name: str
    created_at: float
    job_id: str | None = None
    created_new: bool = False

    def row(self) -> dict[str, Any]:
        """The record as it is stored."""
        values = dict(vars(self))
        del values["created_new"]
        return values


class AssetStore:
    """The assets of one data directory. Every method blocks; safe to use from threads.

    Attributes:
        lock: held while content is put in place and recorded, or deleted with its last record,
            so that none of it can lose the other. One server has the directory, so this is all.
    """

    def __init__(
        self, database: Database, folder: Path, *, clock: Callable[[], float] = time.time
    ) -> None:
        self._database, self.folder, self._clock = database, folder, clock
        self._lent = folder.with_name("lent")
        self.lock = threading.Lock()
        folder.mkdir(parents=True, exist_ok=True)
        for left in folder.glob("*.tmp"):  # of what a crash cut off
            with suppress(OSError):
                left.unlink()

    def path(self, digest: str) -> Path:
        """Where the content with a hash is kept."""
        return self.folder / digest[:2] / digest

    def lent(self, owner: str) -> Path:
        """The folder of what an owner's workflows name. Content is stored once for all owners,
        so whoever knows a hash must not find it by that alone."""
        return self._lent / owner

    def lend(self, asset: Asset) -> str:
        """Let its owner's jobs find an asset; returns its name in the owner's folder.

        Raises:
            NotFound: the content has been deleted.
        """
        name = f"{asset.hash[:2]}/{asset.hash}"
        target = self.lent(asset.owner) / name
        with self.lock:
            if not target.is_file():
                try:
                    self._place(self.path(asset.hash), target)
                except FileNotFoundError:
                    raise NotFound(f"there is no asset '{asset.id}'") from None
        return name

    def writer(self, max_bytes: int) -> AssetWriter:
        """For content that comes in pieces."""
        return AssetWriter(self, max_bytes)

    def put(
        self,
        pieces: Iterable[bytes],
        owner: str,
        name: str,
        content_type: str,
        *,
        job_id: str | None = None,
    ) -> Asset:
        """Store content and record it."""
        with self.writer(2**63) as writer:
            for piece in pieces:
                writer.write(piece)
            return writer.commit(owner, name, content_type, job_id=job_id)

    def place_file(self, path: Path, digest: str) -> None:
        """Give a file's content its place here too; the file stays where it is.

        Call it with `lock` held, and record the content before letting go.

        Raises:
            OSError: the file is gone, or the disk is full.
        """
        target = self.path(digest)
        if not target.is_file():
            self._place(path, target)

    def _place(self, path: Path, target: Path) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(path, target)
        except FileExistsError:
            return
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise
            self._copy(path, target)

    def _copy(self, path: Path, target: Path) -> None:
        temporary = self.folder / f"{secrets.token_hex(8)}.tmp"
        try:
            with path.open("rb") as source, temporary.open("xb") as stream:
                shutil.copyfileobj(source, stream, 1 << 20)
                stream.flush()
                os.fsync(stream.fileno())
            os.replace(temporary, target)
        finally:
            temporary.unlink(missing_ok=True)

    def place_bytes(self, data: bytes) -> str:
        """Put a small content in place (see `place_file`); returns its hash."""
        digest = blake3(data).hexdigest()
        target = self.path(digest)
        if not target.is_file():
            with AssetWriter(self, len(data)) as writer:
                writer.write(data)
                writer.place()
        return digest

    def new(
        self,
        digest: str,
        size: int,
        owner: str,
        name: str,
        content_type: str,
        *,
        job_id: str | None = None,
        created_new: bool = False,
    ) -> Asset:
        """A record that is not stored yet."""
        made = str(uuid.uuid4())
        name, content_type = storable(name)[:255] or "file", storable(content_type)[:100]
        now = self._clock()
        return Asset(made, owner, digest, size, content_type, name, now, job_id, created_new)

    def record(self, asset: Asset) -> Asset:
        """Store a record over content that is here."""
        with self._database.write() as db:
            db.execute(insert(assets).values(**asset.row()))
        return asset

    def share(self, digest: str, owner: str, name: str, content_type: str = "") -> Asset:
        """A new record over content that the owner has.

        Raises:
            NotFound: the owner has none with this hash.
        """
        with self.lock:
            known = self.by_hash(digest, owner)
            kind = content_type or known.content_type
            return self.record(self.new(digest, known.size, owner, name, kind))

    def get(self, asset_id: str, owner: str | None = None) -> Asset:
        """A record.

        Raises:
            NotFound: there is none, or it is another owner's.
        """
        return self._one(assets.c.id == asset_id, owner, f"there is no asset '{asset_id}'")

    def find(self, asset_id: str, owner: str) -> Asset | None:
        """A record; None if there is none, or it is another owner's."""
        with suppress(NotFound):
            return self.get(asset_id, owner)
        return None

    def by_hash(self, digest: str, owner: str | None = None) -> Asset:
        """The newest record of content with a hash that the owner has.

        Raises:
            NotFound: the owner has none.
        """
        return self._one(assets.c.hash == digest, owner, "there is no such content here")

    def _one(self, condition: Any, owner: str | None, missing: str) -> Asset:
        query = select(assets).where(condition)
        if owner is not None:
            query = query.where(assets.c.owner == owner)
        with self._database.read() as db:
            row = db.execute(query.order_by(assets.c.created_at.desc()).limit(1)).one_or_none()
        if row is None or not self.path(row.hash).is_file():
            raise NotFound(missing)
        return Asset(**row._mapping)

    def delete(self, asset_id: str, owner: str | None = None) -> None:
        """Forget a record, and the content with its last record.

        Raises:
            NotFound: there is none, or it is another owner's.
        """
        asset = self.get(asset_id, owner)
        with self.lock:
            with self._database.write() as db:
                db.execute(delete(assets).where(assets.c.id == asset_id))
                unused = _unused(db, {asset.hash})
                mine = (assets.c.hash == asset.hash, assets.c.owner == asset.owner)
                last = not db.scalar(select(func.count()).select_from(assets).where(*mine))
            if last:
                with suppress(OSError):
                    (self.lent(asset.owner) / asset.hash[:2] / asset.hash).unlink()
            self._unlink(unused)

    def forget_job(self, job_id: str) -> None:
        """Forget what a job made, and content that nobody else has."""
        with self.lock:
            with self._database.write() as db:
                mine = assets.c.job_id == job_id
                digests = set(db.scalars(select(assets.c.hash).where(mine)))
                db.execute(delete(assets).where(mine))
                unused = _unused(db, digests)
            self._unlink(unused)

    def sweep(self) -> int:
        """Delete content without a record, which a crash can leave; returns how many files."""
        with self.lock:
            places = (*self.folder.glob("??/*"), *self._lent.glob("*/??/*"))
            found = {path.name for path in places}
            with self._database.read() as db:
                unused = found - set(db.scalars(select(assets.c.hash).distinct()))
            self._unlink(unused)
        return len(unused)

    def _unlink(self, digests: Iterable[str]) -> None:
        for digest in digests:
            for path in (self.path(digest), *self._lent.glob(f"*/{digest[:2]}/{digest}")):
                with suppress(OSError):
                    path.unlink()


class AssetWriter:
    """Content on its way in: nothing is visible before `commit`, nothing is left without it."""

    def __init__(self, store: AssetStore, max_bytes: int) -> None:
        self._store, self._max = store, max_bytes
        self._path = store.folder / f"{secrets.token_hex(8)}.tmp"
        self._stream = self._path.open("xb")
        self._hasher = blake3()
        self.size = 0

    def __enter__(self) -> AssetWriter:
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            self._stream.close()
        with suppress(OSError):
            self._path.unlink(missing_ok=True)

    def write(self, piece: bytes) -> None:
        """Add a piece.

        Raises:
            TooLarge: it is more than the asset may have.
        """
        self.size += len(piece)
        if self.size > self._max:
            raise TooLarge(f"the file is larger than {self._max} bytes, the most that is taken")
        self._hasher.update(piece)
        self._stream.write(piece)

    @property
    def path(self) -> Path:
        """Where the content is that was written so far."""
        self._stream.flush()
        return self._path

    @property
    def digest(self) -> str:
        """The BLAKE3 of what was written so far, in hex."""
        return self._hasher.hexdigest()

    def commit(
        self,
        owner: str,
        name: str,
        content_type: str,
        *,
        job_id: str | None = None,
        asset_id: str | None = None,
    ) -> Asset:
        """Keep the content and record it.

        Args:
            asset_id: of the record; if the owner has it, it stays as it is and is returned.
        """
        store = self._store
        self._stream.flush()
        os.fsync(self._stream.fileno())
        digest = self.digest
        with store.lock:
            if asset_id is not None and (known := store.find(asset_id, owner)) is not None:
                return known
            new = self.place()
            made = store.new(
                digest, self.size, owner, name, content_type, job_id=job_id, created_new=new
            )
            return store.record(replace(made, id=asset_id or made.id))

    def place(self) -> bool:
        """Put the content in place (see `AssetStore.place_file`); whether it was not here."""
        self._stream.flush()
        os.fsync(self._stream.fileno())
        target = self._store.path(self.digest)
        if target.is_file():
            return False
        target.parent.mkdir(parents=True, exist_ok=True)
        os.replace(self._path, target)
        return True


_NO_LINKS = (
    errno.EXDEV,
    errno.EPERM,
    errno.EMLINK,
    errno.ENOTSUP,
    errno.EOPNOTSUPP,
    errno.ENOSYS,
    errno.EACCES,
)


def _unused(db: Connection, digests: set[str]) -> set[str]:
    """Those of some hashes that no record names any more."""
    query = select(assets.c.hash, func.count()).where(assets.c.hash.in_(digests))
    used = {row[0] for row in db.execute(query.group_by(assets.c.hash))}
    return digests - used
