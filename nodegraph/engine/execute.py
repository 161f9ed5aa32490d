"""The scheduler: run what has to run, reuse the rest, say why.

A node becomes *known* when the digests of its outputs are known (it ran, or a record of an
earlier run with the same key was found) and *valued* while its outputs are at hand. A node's
key needs only that what it is linked to is known; running it needs values. So an unchanged
workflow is walked over without touching a value, and one whose values were evicted is made
again only where something that runs needs it.

Device nodes run in the calling thread, one at a time; `io` and async nodes beside it. All
state is touched by the calling thread alone (see `pools`).
"""

from __future__ import annotations

import time
from asyncio import CancelledError
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal

from nodegraph.engine import call
from nodegraph.engine.cache import MemoryCache, Record
from nodegraph.engine.context import CancelToken
from nodegraph.engine.environment import Environment
from nodegraph.engine.events import (
    Emit,
    NodeDone,
    NodeStarted,
    Output,
    OutputMade,
    RunDone,
    RunStarted,
    Status,
)
from nodegraph.engine.keying import Keyring
from nodegraph.engine.keys import digest_value, opaque_digest
from nodegraph.engine.lazies import Demand, InputFailed
from nodegraph.engine.pools import Message, Pools
from nodegraph.engine.reasons import why
from nodegraph.engine.task import Phase, Task
from nodegraph.errors import Cancelled, NodeFailed
from nodegraph.graph.lazy import Lazy, Ready
from nodegraph.graph.planned import Plan

__all__ = ["RunReport", "execute"]


@dataclass
class RunReport:
    """How a run went: what became of every node, what was made, what went wrong."""

    status: Literal["succeeded", "failed", "canceled"]
    seconds: float
    nodes: dict[str, NodeDone]
    outputs: list[Output] = field(default_factory=list)
    errors: list[NodeFailed] = field(default_factory=list)
    values: dict[str, tuple[Any, ...]] = field(default_factory=dict)


def execute(
    plan: Plan,
    cache: MemoryCache,
    emit: Emit,
    environment: Environment,
    *,
    cancel: CancelToken | None = None,
    keep: tuple[str, ...] = (),
    io_threads: int = 4,
) -> RunReport:
    """Run a plan.

    Args:
        cache: what earlier runs made; this run adds to it.
        emit: called with every event, from several threads.
        environment: folders, device, and what to embed into results.
        cancel: lets another thread or a signal handler stop the run.
        keep: ids of nodes whose values the report should hold.
    """
    pools = Pools(io_threads)
    run = _Run(plan, cache, emit, environment, cancel or CancelToken(), pools)
    try:
        return run.run(keep)
    finally:
        pools.close()


class _Run:
    def __init__(
        self,
        plan: Plan,
        cache: MemoryCache,
        emit: Emit,
        environment: Environment,
        cancel: CancelToken,
        pools: Pools,
    ) -> None:
        self.plan, self.cache, self.emit = plan, cache, emit
        self.environment, self.cancel, self.pools = environment, cancel, pools
        self.tasks = [Task(node) for node in plan.nodes]
        self.keyring = Keyring(environment, cache, plan.workflow.name)
        self.ready: list[int] = []
        self.same_key: dict[bytes, list[int]] = {}
        self.lazies: dict[int, dict[str, Demand]] = {}
        self.demands: dict[int, list[tuple[int, str]]] = {}
        self.errors: list[NodeFailed] = []
        cancel.on_cancel(lambda: pools.post(lambda: None))

    # -- the loop ------------------------------------------------------------------------

    def run(self, keep: tuple[str, ...]) -> RunReport:
        started = time.perf_counter()
        self.emit(RunStarted(tuple(node.id for node in self.plan.nodes)))
        for name in keep:
            if name in self.plan.by_id:
                task = self.tasks[self.plan.by_id[name]]
                task.keep = True
                task.uses += 1
        for target in reversed(self.plan.targets):
            self._want(target)
        self._loop()
        self._collect_kept()
        return self._report(time.perf_counter() - started)

    def _loop(self) -> None:
        while True:
            while self.pools.pending():
                self._deliver(self.pools.wait())
            if self.cancel.cancelled:
                self._stop()
            if self.ready:
                self._step(self.ready.pop())
            elif self.pools.busy:
                self._deliver(self.pools.wait())
            else:
                return

    def _stop(self) -> None:
        self.ready.clear()
        self.pools.cancel_async()

    def _deliver(self, message: Message | None) -> None:
        if message is not None:
            message()

    def _step(self, index: int) -> None:
        task = self.tasks[index]
        if task.phase is Phase.DECIDE:
            self._decide(index, task)
        elif task.phase is Phase.RUN:
            self._run(index, task)

    def _collect_kept(self) -> None:
        for index, task in enumerate(self.tasks):
            if task.keep and task.values is None and task.digests is not None:
                self._ask_value(index)
        self._loop()

    # -- wanting and deciding ------------------------------------------------------------

    def _want(self, index: int) -> None:
        """Take a node, and all that it strictly needs, into the run."""
        stack = [index]
        while stack:
            current = stack.pop()
            task = self.tasks[current]
            if task.phase is not Phase.IDLE:
                continue
            task.phase = Phase.DECIDE
            lazy = task.node.type.lazy_names
            for name, link in task.node.links.items():
                source = self.tasks[link.source]
                source.uses += 1
                if name not in lazy and source.digests is None:
                    task.waiting += 1
                    source.known_to.append(current)
                    stack.append(link.source)
            if not task.waiting:
                self.ready.append(current)

    def _decide(self, index: int, task: Task) -> None:
        """All strict inputs are known: find the key, and reuse the node or prepare to run it."""
        if not task.base:
            if task.node.type.fingerprint is not None and not self._have_values(index, task):
                return
            try:
                self.keyring.base_key(task, self.tasks)
            except Exception as error:
                self._fail(index, task, error)
                return
        trace = self.cache.traces.get(task.base) if task.node.type.lazy_names else ()
        if trace and not self._trace_known(index, task, trace):
            return
        task.key = self.keyring.full_key(task, self.tasks, trace or ())
        record = self._usable_record(task, known=trace is not None)
        if record is not None:
            self._reuse(index, task, record)
            return
        if task.key in self.same_key:
            self.same_key[task.key].append(index)
            return
        if not task.node.type.volatile:
            self.same_key[task.key] = []
        task.phase = Phase.RUN
        self.ready.append(index)

    def _trace_known(self, index: int, task: Task, trace: tuple[str, ...]) -> bool:
        """Ask for the lazy inputs that the node asked for last time; whether all are known."""
        for name in trace:
            link = task.node.links.get(name)
            if link is not None and self.tasks[link.source].digests is None:
                task.waiting += 1
                self.tasks[link.source].known_to.append(index)
                self._want(link.source)
        return not task.waiting

    def _usable_record(self, task: Task, known: bool) -> Record | None:
        node_type = task.node.type
        before = self.keyring.note(task)
        record = None if node_type.volatile or not known else self.cache.records.get(task.key)
        gone = record is not None and not self.environment.outputs_present(record.outputs)
        if record is not None and not gone:
            return record
        assert task.seen is not None
        task.reason = why(node_type, before, task.seen, outputs_gone=gone, recorded=False)
        return None

    def _reuse(self, index: int, task: Task, record: Record) -> None:
        task.outputs = [
            Output(task.node.id, o.name, o.type, o.path, o.text, o.temporary)
            for o in record.outputs
        ]
        for output in task.outputs:
            self.emit(OutputMade(output))
        task.digests = record.digests
        self._settle(task, "reused", "memory")
        self._known(index, task)

    # -- values --------------------------------------------------------------------------

    def _have_values(self, index: int, task: Task) -> bool:
        """Whether the values of all strict inputs are at hand; if not, they are asked for."""
        lazy = task.node.type.lazy_names
        for name, link in task.node.links.items():
            if name not in lazy and not self._ask_value(link.source):
                task.waiting += 1
                self.tasks[link.source].valued_to.append(index)
        return not task.waiting

    def _ask_value(self, index: int) -> bool:
        """Whether a known node's values are at hand; if not, it is made to run again."""
        task = self.tasks[index]
        if task.values is not None:
            return True
        task.values = self.cache.values(task.key)
        if task.values is not None:
            return True
        if task.phase is Phase.SETTLED and task.done and task.done.status in ("ran", "reused"):
            task.phase = Phase.RUN
            task.reason = "evicted"
            for link in task.node.links.values():
                self.tasks[link.source].uses += 1
            self.ready.append(index)
        return False

    def _release_inputs(self, task: Task) -> None:
        for link in task.node.links.values():
            source = self.tasks[link.source]
            source.uses -= 1
            if source.uses <= 0:
                source.values = None

    # -- running -------------------------------------------------------------------------

    def _run(self, index: int, task: Task) -> None:
        if not self._have_values(index, task):
            return
        task.phase = Phase.RUNNING
        node = task.node
        inputs = self._inputs(index, task)
        self.emit(NodeStarted(node.id, node.type.name, task.reason))
        if node.type.is_async:
            self.pools.run_async(lambda: self._call_async(index, task, inputs))
        elif node.type.io:
            self.pools.run_io(lambda: self._call(index, task, inputs, beside=True))
        else:
            self._call(index, task, inputs)()

    def _inputs(self, index: int, task: Task) -> dict[str, Any]:
        node = task.node
        inputs: dict[str, Any] = dict(node.literals)
        for name, link in node.links.items():
            if name not in node.type.lazy_names:
                values = self.tasks[link.source].values
                assert values is not None
                inputs[name] = values[link.output]
        if node.type.lazy_names:
            inputs.update(self._lazy_inputs(index, task))
        if node.type.context is not None:
            inputs[node.type.context] = self.environment.context(
                node.id, self.emit, self.cancel, task.outputs
            )
        return inputs

    def _call(
        self, index: int, task: Task, inputs: dict[str, Any], beside: bool = False
    ) -> Message:
        started = time.perf_counter()
        task.outputs.clear()
        try:
            values = call.call(task.node, inputs, self.cancel.check)
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            caught = error
            return self._message(lambda: self._fail(index, task, caught), beside)
        seconds = time.perf_counter() - started
        return self._message(lambda: self._finish(index, task, values, seconds), beside)

    async def _call_async(self, index: int, task: Task, inputs: dict[str, Any]) -> Message:
        started = time.perf_counter()
        task.outputs.clear()
        try:
            values = await call.call_async(task.node, inputs, self.cancel.check)
        except BaseException as error:
            caught = error
            return self._message(lambda: self._fail(index, task, caught), True)
        seconds = time.perf_counter() - started
        return self._message(lambda: self._finish(index, task, values, seconds), True)

    def _message(self, act: Callable[[], None], beside: bool) -> Message:
        if not beside:
            return act

        def deliver() -> None:
            self.pools.busy -= 1
            act()

        return deliver

    def _finish(self, index: int, task: Task, values: tuple[Any, ...], seconds: float) -> None:
        node_type = task.node.type
        if node_type.lazy_names:
            self.cache.traces[task.base] = tuple(task.demanded)
            task.key = self.keyring.full_key(task, self.tasks, tuple(task.demanded))
        waiting = self.same_key.pop(task.key, [])
        first = task.digests is None
        task.digests = tuple(
            digest_value(value) or opaque_digest(task.key, i) for i, value in enumerate(values)
        )
        nbytes = 0
        if not node_type.volatile:
            nbytes = self.cache.store(task.key, values, seconds)
            self.cache.remember(task.key, Record(task.digests, seconds, tuple(task.outputs)))
        if task.uses > 0:
            task.values = values
        self._settle(task, "ran", task.reason, seconds, nbytes)
        if first:
            self._known(index, task)
        else:
            self._release_inputs(task)
        for other in (*task.valued_to, *waiting):
            self._resume(other)
        task.valued_to.clear()
        self._serve_demands(index)

    def _known(self, index: int, task: Task) -> None:
        for other in task.known_to:
            self._resume(other)
        task.known_to.clear()
        self._release_inputs(task)
        self._serve_demands(index)

    def _resume(self, index: int) -> None:
        task = self.tasks[index]
        task.waiting -= 1
        if task.waiting <= 0:
            task.waiting = 0
            if task.phase in (Phase.DECIDE, Phase.RUN):
                self.ready.append(index)

    # -- lazy inputs ---------------------------------------------------------------------

    def _lazy_inputs(self, index: int, task: Task) -> dict[str, Lazy[Any]]:
        demands = {
            name: Demand(partial(self.pools.post, partial(self._start_demand, index, name)))
            for name in task.node.type.lazy_names
            if name in task.node.links
        }
        self.lazies[index] = demands
        return {
            name: demands.get(name) or Ready(task.node.literals[name])
            for name in task.node.type.lazy_names
        }

    def _start_demand(self, index: int, name: str) -> None:
        task = self.tasks[index]
        link = task.node.links[name]
        if name not in task.demanded:
            task.demanded.append(name)
        self.demands.setdefault(link.source, []).append((index, name))
        self._want(link.source)
        self._serve_demands(link.source)

    def _serve_demands(self, source: int) -> None:
        """Give a source's value to the nodes that await it, or ask for it again if it is gone."""
        task = self.tasks[source]
        if source not in self.demands:
            return
        if task.done is not None and task.done.status not in ("ran", "reused"):
            for index, name in self.demands.pop(source):
                self.lazies[index][name].fail(InputFailed(task.node.id))
        elif task.digests is not None and self._ask_value(source):
            assert task.values is not None
            for index, name in self.demands.pop(source):
                output = self.tasks[index].node.links[name].output
                self.lazies[index][name].give(task.values[output])

    # -- settling ------------------------------------------------------------------------

    def _fail(self, index: int, task: Task, error: BaseException) -> None:
        task.phase = Phase.SETTLED
        if isinstance(error, InputFailed):
            self._settle(task, "skipped", f"needs '{error.source}', which did not succeed")
        elif isinstance(error, Cancelled | CancelledError) and self.cancel.cancelled:
            self._settle(task, "canceled", "cancelled")
        else:
            failure = self.environment.describe_failure(task.node, error)
            self.errors.append(failure)
            self._settle(task, "failed", failure.message, error=failure.message)
        for other in self.same_key.pop(task.key, []):
            self._resume(other)
        self._skip_dependents(index)

    def _skip_dependents(self, failed: int) -> None:
        """Settle everything that waits for a node which will never have a value."""
        stack = [failed]
        while stack:
            source = stack.pop()
            task = self.tasks[source]
            name = task.node.id
            for other in {*task.known_to, *task.valued_to}:
                dependent = self.tasks[other]
                if dependent.phase is not Phase.SETTLED:
                    dependent.phase = Phase.SETTLED
                    self._settle(dependent, "skipped", f"needs '{name}', which did not succeed")
                    stack.append(other)
            task.known_to.clear()
            task.valued_to.clear()
            self._release_inputs(task)
            self._serve_demands(source)

    def _settle(
        self,
        task: Task,
        status: Status,
        reason: str,
        seconds: float = 0.0,
        nbytes: int = 0,
        error: str | None = None,
    ) -> None:
        task.phase = Phase.SETTLED
        task.done = NodeDone(
            task.node.id, status, reason, seconds, nbytes, task.key.hex()[:12], error
        )
        self.emit(task.done)

    def _report(self, seconds: float) -> RunReport:
        cancelled = self.cancel.cancelled
        for task in self.tasks:
            if task.done is None:
                stopped = cancelled and task.phase is not Phase.IDLE
                reason = "cancelled before it ran" if stopped else "not needed"
                self._settle(task, "canceled" if stopped else "skipped", reason)
        nodes = {task.node.id: task.done for task in self.tasks if task.done is not None}
        for name in self.plan.not_needed:
            nodes[name] = NodeDone(name, "skipped", "not needed")
            self.emit(nodes[name])
        any_canceled = any(done.status == "canceled" for done in nodes.values())
        status: Literal["succeeded", "failed", "canceled"] = (
            "canceled" if any_canceled else "failed" if self.errors else "succeeded"
        )
        self.emit(RunDone(status, seconds))
        outputs = [output for task in self.tasks for output in task.outputs]
        kept = {t.node.id: t.values for t in self.tasks if t.keep and t.values is not None}
        return RunReport(status, seconds, nodes, outputs, self.errors, kept)
