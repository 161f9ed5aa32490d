"""Lazy inputs of running nodes: awaiting one asks the scheduler to make it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator
from typing import Any

from nodegraph.graph.lazy import Lazy

__all__ = ["Demand", "InputFailed"]


class InputFailed(Exception):
    """Raised inside a node that awaits an input whose source did not succeed."""

    def __init__(self, source: str) -> None:
        super().__init__(f"'{source}' did not succeed")
        self.source = source


class Demand(Lazy[Any]):
    """One lazy input of one running node. `give` and `fail` are called by the scheduler."""

    def __init__(self, ask: Callable[[], None]) -> None:
        self._ask = ask
        self._loop: asyncio.AbstractEventLoop | None = None
        self._future: asyncio.Future[Any] | None = None

    def __await__(self) -> Generator[Any, None, Any]:
        if self._future is None:
            self._loop = asyncio.get_running_loop()
            self._future = self._loop.create_future()
            self._ask()
        return (yield from self._future.__await__())

    def give(self, value: Any) -> None:
        """Let the node go on with this value."""
        self._resolve(lambda future: future.set_result(value))

    def fail(self, error: InputFailed) -> None:
        """Let the node's await raise."""
        self._resolve(lambda future: future.set_exception(error))

    def _resolve(self, act: Callable[[asyncio.Future[Any]], None]) -> None:
        future, loop = self._future, self._loop
        assert future is not None
        assert loop is not None
        loop.call_soon_threadsafe(lambda: None if future.done() else act(future))
