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

import secrets
import time
from collections.abc import Callable
from typing import Any

from nodegraph.engine.cache import MemoryCache
from nodegraph.engine.call import call, call_async
from nodegraph.engine.context import CancelToken
from nodegraph.engine.disk import worth_keeping
from nodegraph.engine.environment import Environment
from nodegraph.engine.events import Emit, NodeDone, NodeStarted, Output, RunDone, RunStarted
from nodegraph.engine.expand import expand, gathered
from nodegraph.engine.failing import fail
from nodegraph.engine.forward import reuse, walk_forward
from nodegraph.engine.keys import digest_value, opaque_digest
from nodegraph.engine.pools import Message, Pools
from nodegraph.engine.pressure import is_out_of_memory, out_of_memory, try_again
from nodegraph.engine.reasons import why
from nodegraph.engine.records import Record
from nodegraph.engine.report import RunReport, RunStatus
from nodegraph.engine.sizes import storages
from nodegraph.engine.state import RunState
from nodegraph.engine.task import Phase, Task
from nodegraph.errors import NodeError, NodegraphError
from nodegraph.graph.collector import collector_paused
from nodegraph.graph.fragments import Extras
from nodegraph.graph.planned import Plan
from nodegraph.graph.workflow import Workflow

__all__ = ["execute"]


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
        io_threads: how many `io` nodes may run at once.
    """
    pools = Pools(io_threads)
    with collector_paused():
        state = RunState(plan, cache, emit, environment, cancel or CancelToken(), pools)
    state.cancel.on_cancel(lambda: pools.post(lambda: None))
    try:
        return _run(state, keep)
    finally:
        pools.close()


def _run(state: RunState, keep: tuple[str, ...]) -> RunReport:
    started = time.perf_counter()
    state.emit(RunStarted(tuple(node.id for node in state.plan.nodes)))
    kept = [state.plan.by_id[name] for name in keep if name in state.plan.by_id]
    for index in kept:
        state.tasks[index].uses += 1
    with collector_paused():
        walk_forward(state)
        for target in reversed(state.plan.targets):
            state.want(target)
    _loop(state)
    for index in kept:
        if state.tasks[index].digests is not None:
            state.ask_value(index)
    _loop(state)
    state.cache.flush()
    return _report(state, time.perf_counter() - started, kept)


def _loop(state: RunState) -> None:
    pools = state.pools
    while True:
        while pools.pending():
            _deliver(pools.wait())
        if state.cancel.cancelled:
            state.ready.clear()
            pools.cancel_async()
        if state.ready and not pools.crowded:
            _step(state, state.ready.pop())
        elif pools.busy:
            _deliver(pools.wait())
        else:
            return


def _deliver(message: Message | None) -> None:
    if message is not None:
        message()


def _step(state: RunState, index: int) -> None:
    phase = state.tasks[index].phase
    if phase is Phase.DECIDE:
        _decide(state, index)
    elif phase is Phase.RUN and state.have_values(index):
        _start(state, index)
    elif phase is Phase.GATHER and (values := gathered(state, index)) is not None:
        _finish(state, index, values, state.tasks[index].seconds)


def _decide(state: RunState, index: int) -> None:
    """All strict inputs are known: find the key, and reuse the node or make it run."""
    task = state.tasks[index]
    node_type = task.node.type
    if not task.base or state.changed:
        if node_type.fingerprint is not None and not state.have_values(index):
            return
        try:
            state.keyring.base_key(task, state.tasks)
        except Exception as error:
            fail(state, index, error)
            return
    trace: tuple[str, ...] | None = ()
    if node_type.lazy_names:
        trace = None if task.distrust else state.cache.trace(task.base)
        if trace and not _know_all(state, index, trace):
            return
        trace = None if task.distrust else trace
    task.key = state.keyring.full_key(task, state.tasks, trace or ())
    found = None if trace is None else state.cache.lookup(task.key)
    gone = found is not None and not state.environment.outputs_present(found[0].outputs)
    if found is not None and not gone:
        known_as = task.digests
        reuse(state, index, *found)
        state.keyring.note(task)
        state.became_known(index)
        _serve(state, index, known_as)
    elif task.key in state.same_key and state.inside_itself(index):
        fail(state, index, NodeError("it expands into itself, which would never end"))
    elif task.key in state.same_key:
        state.same_key[task.key] = (*state.same_key[task.key], index)
    else:
        if trace is not None:  # else the key is not whole yet: equal ones may await each other
            state.same_key[task.key] = ()
        assert task.seen is not None
        before = state.keyring.before(task)
        task.reason = "it did not finish last time"
        if state.keyring.finished(task):
            task.reason = why(node_type, before, task.seen, outputs_gone=gone)
        task.phase = Phase.RUN
        if state.have_values(index):
            _start(state, index)


def _know_all(state: RunState, index: int, lazy: tuple[str, ...]) -> bool:
    """Ask for the lazy inputs that the node asked for last time; whether to go on."""
    task = state.tasks[index]
    for name in lazy:
        source = task.node.links[name].source
        if state.tasks[source].failed:
            task.distrust = True
        elif state.tasks[source].digests is None:
            state.wait_until_known(index, source)
            state.want(source)
    return not task.waiting


def _start(state: RunState, index: int) -> None:
    task = state.tasks[index]
    task.phase = Phase.RUNNING
    task.outputs, task.demanded = (), ()
    inputs = _inputs(state, index)
    node_type = task.node.type
    state.emit(NodeStarted(task.node.id, node_type.name, task.reason))
    if node_type.is_async:
        state.pools.run_async(lambda: _call_async(state, index, inputs))
    elif node_type.io:
        state.pools.run_io(lambda: _call(state, index, inputs))
    else:
        _call(state, index, inputs)()


def _inputs(state: RunState, index: int) -> dict[str, Any]:
    task = state.tasks[index]
    node = task.node
    inputs = node.literals | node.constants
    lazy = node.type.lazy_names
    for name, link in node.links.items():
        if name not in lazy:
            values = state.tasks[link.source].values
            assert values is not None
            inputs[name] = values[link.output]
    if lazy:
        inputs.update(state.demands.inputs(state, index))
    if node.type.extras is not None:
        inputs[node.type.extras] = Extras({name: inputs.pop(name) for name in node.extras})
    if node.type.context is not None:
        made: list[Output] = []
        task.outputs = made
        inputs[node.type.context] = state.environment.context(
            node.id, state.emit, state.cancel, made
        )
    return inputs


def _call(state: RunState, index: int, inputs: dict[str, Any]) -> Message:
    started = time.perf_counter()
    try:
        values = call(state.tasks[index].node, inputs, state.cancel.check)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        return _failure(state, index, error)
    seconds = time.perf_counter() - started
    return lambda: _finish(state, index, values, seconds)


async def _call_async(state: RunState, index: int, inputs: dict[str, Any]) -> Message:
    started = time.perf_counter()
    try:
        values = await call_async(state.tasks[index].node, inputs, state.cancel.check)
    except BaseException as error:
        return _failure(state, index, error)
    seconds = time.perf_counter() - started
    return lambda: _finish(state, index, values, seconds)


def _failure(state: RunState, index: int, error: BaseException) -> Callable[[], None]:
    def tell() -> None:
        if not is_out_of_memory(error):
            fail(state, index, error)
        elif not try_again(state, index, error):
            fail(state, index, out_of_memory(state, error))

    return tell


def _finish(state: RunState, index: int, values: tuple[Any, ...], seconds: float) -> None:
    """A node ran: note what it made, and let go on what waits for it."""
    task = state.tasks[index]
    grows = task.node.type.expands and task.phase is Phase.RUNNING
    if grows and values and isinstance(values[0], Workflow):
        try:
            expand(state, index, values[0], seconds)
        except NodegraphError as error:
            fail(state, index, error)
        return
    known_as = task.digests
    held = task.key
    try:
        in_spite = bool(task.node.type.lazy_names) and _complete_key(state, task)
        task.digests = tuple(
            [digest_value(value) or opaque_digest(task.key, i) for i, value in enumerate(values)]
        )
        nbytes = 0 if in_spite else _remember(state, task, values, seconds)
    except Exception as error:  # an odd value costs its node, not the run
        task.key, task.digests = held, None
        fail(state, index, error)
        return
    waiting = state.same_key.pop(held, ())
    if task.uses > 0:
        task.values = values
    state.settle(index, "ran", task.reason, seconds, nbytes)
    if known_as is None:
        state.became_known(index)
    else:
        state.release_inputs(index)
    _serve(state, index, known_as)
    for other in waiting:
        state.resume(other)


def _serve(state: RunState, index: int, known_as: tuple[bytes, ...] | None) -> None:
    """Let those go on that wait for a task's values; `known_as` are the digests they know of.

    What ran before, and had to run again because its values were evicted, may give others now.
    Then the keys of those that wait are of values they will not get: they are decided again.
    """
    task = state.tasks[index]
    waiting, task.valued_to = task.valued_to, ()
    if known_as is not None and known_as != task.digests:
        state.changed = True
        for other in waiting:
            state.decide_again(other)
    for other in waiting:
        state.resume(other)
    state.demands.serve(state, index)


def _complete_key(state: RunState, task: Task) -> bool:
    """Add the lazy inputs that were asked for; whether the node did without one of them."""
    demanded = tuple(dict.fromkeys(task.demanded))
    sources = [state.tasks[task.node.links[name].source] for name in demanded]
    if any(source.failed or source.digests is None for source in sources):
        task.key = secrets.token_bytes(32)
        return True
    state.cache.note_trace(task.base, demanded)
    task.key = state.keyring.full_key(task, state.tasks, demanded)
    return False


def _remember(state: RunState, task: Task, values: tuple[Any, ...], seconds: float) -> int:
    if task.node.type.volatile:
        return 0
    assert task.digests is not None
    if not state.keyring.still_true(task, state.tasks):
        return 0
    state.keyring.note(task)
    nbytes = 0
    if task.parent is None or worth_keeping(sum(storages(values).values()), seconds):
        nbytes = state.cache.store(task.key, values, seconds)
    state.cache.remember(task.key, Record(task.digests, seconds, tuple(task.outputs)))
    return nbytes


def _report(state: RunState, seconds: float, kept: list[int]) -> RunReport:
    for index, task in enumerate(state.tasks):
        if task.done is None:
            if task.phase is Phase.IDLE:
                state.settle(index, "skipped", "not needed")
            elif state.cancel.cancelled:
                state.settle(index, "canceled", "cancelled before it ran")
            else:
                fail(state, index, NodeError("it was wanted and never ran: a bug in nodegraph"))
    nodes = {task.node.id: task.done for task in state.tasks if task.done is not None}
    not_run = dict.fromkeys(state.plan.not_needed, "not needed") | state.plan.left_out
    for name, reason in not_run.items():
        nodes[name] = NodeDone(name, "skipped", reason)
        state.emit(nodes[name])
    canceled = any(done.status == "canceled" for done in nodes.values())
    status: RunStatus = "canceled" if canceled else "failed" if state.errors else "succeeded"
    state.emit(RunDone(status, seconds))
    outputs = [output for task in state.tasks for output in task.outputs]
    values = {
        state.tasks[index].node.id: found
        for index in kept
        if (found := state.tasks[index].values) is not None
    }
    return RunReport(status, seconds, nodes, outputs, state.errors, values)
