"""Version 1 clients look into the history, then into the queue: a job that ends in between must
not look lost. It stays in the next answer of the queue; after that, the history has it."""

from __future__ import annotations

import time
from collections.abc import Collection
from contextlib import suppress

from aiohttp import web

from nodegraph.jobs.errors import NotFound
from nodegraph.jobs.model import Job
from nodegraph.jobs.service import Service

__all__ = ["LOOKS", "Looks"]

_SECONDS = 5.0
_MOST = 1000


class Looks:
    """Which jobs were looked for in the history while they were not finished."""

    def __init__(self) -> None:
        self._when: dict[tuple[str, str], float] = {}

    def note(self, job: Job) -> None:
        """The history was asked for a job, and the answer was that it is not there yet."""
        self._when.pop((job.owner, job.id), None)
        self._when[job.owner, job.id] = time.monotonic()
        while len(self._when) > _MOST:
            del self._when[next(iter(self._when))]

    def forget(self, job: Job) -> None:
        """The history has shown it."""
        self._when.pop((job.owner, job.id), None)

    async def ended_since(self, service: Service, owner: str, listed: Collection[str]) -> list[Job]:
        """The jobs that were looked for, have ended since, and were in no answer after that."""
        oldest = time.monotonic() - _SECONDS
        found = []
        for key, when in [*self._when.items()]:
            if key[0] != owner or key[1] in listed:
                continue
            del self._when[key]
            if when >= oldest:
                with suppress(NotFound):
                    found.append(await service.get(key[1], owner))
        return [job for job in found if job.finished and job.started_at is not None]


LOOKS: web.AppKey[Looks] = web.AppKey("looks", Looks)
