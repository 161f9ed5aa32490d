"""Lazy inputs of running nodes: awaiting one asks the scheduler to make it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator
from functools import partial
from typing import TYPE_CHECKING, Any

from nodegraph.engine.pools import Pools
from nodegraph.graph.lazy import Lazy, Ready

if TYPE_CHECKING:
    from nodegraph.engine.state import RunState

__all__ = ["Demand", "Demands", "InputFailed"]


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


class Demands:
    """Which lazy inputs are awaited, by the task that is to make them."""

    def __init__(self, pools: Pools) -> None:
        self._pools = pools
        self._waiting: dict[int, list[tuple[Demand, int]]] = {}

    def inputs(self, state: RunState, index: int) -> dict[str, Lazy[Any]]:
        """The lazy inputs to call a node with."""
        node = state.tasks[index].node
        made: dict[str, Lazy[Any]] = {}
        for name in node.type.lazy_names:
            if name in node.literals:
                made[name] = Ready(node.literals[name])
            else:
                made[name] = self._demand(state, index, name)
        return made

    def _demand(self, state: RunState, index: int, name: str) -> Demand:
        def start() -> None:
            self._start(state, index, name, demand)

        demand = Demand(partial(self._pools.post, start))
        return demand

    def _start(self, state: RunState, index: int, name: str, demand: Demand) -> None:
        task = state.tasks[index]
        link = task.node.links[name]
        task.demanded = (*task.demanded, name)
        self._waiting.setdefault(link.source, []).append((demand, link.output))
        state.want(link.source)
        self.serve(state, link.source)

    def serve(self, state: RunState, source: int) -> None:
        """Give a task's values to those that await them, or make it run again if they are gone."""
        if not self._waiting or source not in self._waiting:
            return
        task = state.tasks[source]
        if task.failed:
            for demand, _ in self._waiting.pop(source):
                demand.fail(InputFailed(task.node.id))
        elif task.digests is not None and state.ask_value(source):
            assert task.values is not None
            for demand, output in self._waiting.pop(source):
                demand.give(task.values[output])
