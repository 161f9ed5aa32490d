"""Requests that come again under the key of an earlier one."""

from __future__ import annotations

from sqlalchemy import Connection, select

from nodegraph.jobs.database import Database
from nodegraph.jobs.errors import IdempotencyMismatch
from nodegraph.jobs.tables import jobs

__all__ = ["repeated", "repeated_in"]


def repeated(database: Database, owner: str, key: str, digest: str) -> str | None:
    """The id of the job that an earlier request with a key made; blocks for a moment.

    Raises:
        IdempotencyMismatch: it was another request.
    """
    with database.read() as db:
        return repeated_in(db, owner, key, digest)


def repeated_in(db: Connection, owner: str, key: str, digest: str) -> str | None:
    """The same, within a transaction."""
    mine = (jobs.c.owner == owner, jobs.c.idempotency_key == key)
    row = db.execute(select(jobs.c.id, jobs.c.body_digest).where(*mine)).one_or_none()
    if row is None:
        return None
    if row.body_digest != digest:
        raise IdempotencyMismatch(f"the idempotency key '{key}' was used for another request")
    return str(row.id)
