"""Who wants to be told of the end of a job, kept until they were or cannot be reached."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection, delete, func, insert, or_, select, update

from nodegraph.jobs.database import Database
from nodegraph.jobs.model import FINISHED, Hook
from nodegraph.jobs.tables import hooks, jobs

__all__ = ["ATTEMPTS", "Due", "Hooks", "add_hook"]

_PAUSES = (15.0, 60.0, 300.0, 1800.0, 7200.0)
"""Seconds from one attempt to the next."""
ATTEMPTS = len(_PAUSES) + 1
_FAR = 2 * _PAUSES[-1]


@dataclass(frozen=True)
class Due:
    """Somebody is to be told now.

    Attributes:
        attempt: which one it is, from 1.
    """

    number: int
    job_id: str
    hook: Hook
    attempt: int

    @property
    def last(self) -> bool:
        """Whether there is no attempt after this one."""
        return self.attempt >= ATTEMPTS


def add_hook(db: Connection, job_id: str, hook: Hook | None) -> None:
    """Remember it, if there is one, in the transaction that makes the job."""
    if hook is None:
        return
    values = {"job_id": job_id, "url": hook.url, "secret": hook.secret, "base": hook.base}
    db.execute(insert(hooks).values(attempts=0, due=0.0, **values))


class Hooks:
    """The hooks in the database. Its methods block."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.time) -> None:
        self._database, self._clock = database, clock

    def claim(self, limit: int) -> list[Due]:
        """Those of ended jobs whose time has come. Each is due again after a while, unless it
        is `settled` before: a crash in the meantime loses nothing.

        Raises:
            StoreError: the database cannot be written.
        """
        with self._database.read() as db:  # nearly always there is nothing to claim
            if db.scalar(select(func.count()).select_from(hooks)) == 0:
                return []
        with self._database.write() as db:
            now = self._clock()
            # One that is due in the far future was put off before the clock was set back.
            come = or_(hooks.c.due <= now, hooks.c.due > now + _FAR)
            ended = hooks.c.job_id.in_(select(jobs.c.id).where(jobs.c.status.in_(FINISHED)))
            found = (
                select(hooks).where(come, ended).order_by(hooks.c.due, hooks.c.number).limit(limit)
            )
            if self._database.shared:
                found = found.with_for_update(skip_locked=True)
            claimed = []
            for row in db.execute(found).all():
                pause = _PAUSES[min(row.attempts, len(_PAUSES) - 1)]
                mine = update(hooks).where(hooks.c.number == row.number)
                db.execute(mine.values(attempts=row.attempts + 1, due=now + pause))
                hook = Hook(row.url, row.secret, row.base)
                claimed.append(Due(row.number, row.job_id, hook, row.attempts + 1))
        return claimed

    def settled(self, number: int) -> None:
        """Nobody need be told any more.

        Raises:
            StoreError: the database cannot be written.
        """
        with self._database.write() as db:
            db.execute(delete(hooks).where(hooks.c.number == number))

    def count(self) -> int:
        """How many there are, those of jobs that have not ended included."""
        with self._database.read() as db:
            return int(db.scalar(select(func.count()).select_from(hooks)) or 0)
