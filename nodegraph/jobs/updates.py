"""Documents brought to the present versions of their node types by the worker.

Only the worker has the node packs, and so their migrations; it does this at once, whatever it
runs at the moment.
"""

from __future__ import annotations

import asyncio
import itertools
import json
from typing import Any

from nodegraph.graph.registry import Registry
from nodegraph.graph.updating import Update, has_outdated
from nodegraph.jobs.errors import Starting
from nodegraph.jobs.protocol import Frame
from nodegraph.jobs.supervisor import Supervisor

__all__ = ["Updates"]

PATIENCE = 20.0
"""Seconds that the worker has to be up and to answer."""


class Updates:
    """Asks the worker, and hands its answers to those who wait for them."""

    def __init__(self, worker: Supervisor) -> None:
        self._worker = worker
        self._numbers = itertools.count()
        self._waiting: dict[int, asyncio.Future[Frame]] = {}

    async def of(
        self, document: dict[str, Any], registry: Registry
    ) -> tuple[dict[str, Any], list[Update]]:
        """A document (which may be malformed) as it is now, and what was done; itself if nothing.

        Raises:
            Starting: the worker does not answer.
        """
        if not has_outdated(document, registry):
            return document, []
        number = next(self._numbers)
        self._waiting[number] = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(PATIENCE):
                await self._worker.ready()
                self._worker.send({"do": "update", "ask": number}, json.dumps(document).encode())
                answer = await self._waiting[number]
        except TimeoutError:
            text = "the worker, which updates nodes of older versions, does not answer; try again"
            raise Starting(text) from None
        finally:
            del self._waiting[number]
        return json.loads(answer.payload), [Update(**one) for one in answer.header["updates"]]

    def take(self, frame: Frame) -> None:
        """The worker's answer."""
        waiting = self._waiting.get(frame.header["ask"])
        if waiting is not None and not waiting.done():
            waiting.set_result(frame)
