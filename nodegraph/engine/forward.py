"""The first pass of a run: walk forward through what is known already.

Every wanted node whose inputs' digests are known gets its key; if a record of it is there, its
own digests are known too. Nodes that are left have to run, or follow one that has to.
"""

from __future__ import annotations

from dataclasses import replace

from nodegraph.engine.cache import IN_MEMORY
from nodegraph.engine.events import NodeDone, OutputMade
from nodegraph.engine.keying import Memo
from nodegraph.engine.records import Record
from nodegraph.engine.state import RunState
from nodegraph.engine.task import Phase, Task

__all__ = ["reuse", "walk_forward"]


def walk_forward(state: RunState) -> None:
    """Reuse all that can be reused without running anything."""
    tasks = state.tasks
    wanted = _strictly_wanted(state)
    for index, task in enumerate(tasks):
        if not wanted[index]:
            continue
        node_type = task.node.type
        if node_type.lazy_names or node_type.volatile:
            continue
        digests = []
        for link in task.node.links.values():
            known = tasks[link.source].digests
            if known is None:
                break
            digests.append(known[link.output])
        else:
            _try(state, index, task, tuple(digests))


def _strictly_wanted(state: RunState) -> bytearray:
    wanted = bytearray(len(state.tasks))
    for target in state.plan.targets:
        wanted[target] = 1
    for index in range(len(wanted) - 1, -1, -1):
        if wanted[index]:
            node = state.tasks[index].node
            lazy = node.type.lazy_names
            for name, link in node.links.items():
                if name not in lazy:
                    wanted[link.source] = 1
    return wanted


def _try(state: RunState, index: int, task: Task, digests: tuple[bytes, ...]) -> None:
    fingerprint = task.node.type.fingerprint_names
    if fingerprint and any(name in task.node.links for name in fingerprint):
        return
    if fingerprint or not state.keyring.remembered_key(task, digests):
        try:
            state.keyring.base_key(task, state.tasks)
        except Exception:
            return  # the scheduler meets the same error where it can be reported
    found = state.cache.lookup(task.base)
    if found is not None and state.environment.outputs_present(found[0].outputs):
        task.key = task.base
        state.keyring.note(task)
        reuse(state, index, *found)


def reuse(state: RunState, index: int, record: Record, where: str) -> None:
    """Settle a task with what an earlier run made, found in memory or on disk."""
    task = state.tasks[index]
    if record.outputs:
        task.outputs = [replace(output, node=task.node.id) for output in record.outputs]
        for output in task.outputs:
            state.emit(OutputMade(output))
    task.digests = record.digests
    task.phase = Phase.SETTLED
    memo = task.node.memo
    if isinstance(memo, Memo) and memo.base == task.key and where == IN_MEMORY:
        if memo.done is None:
            memo.done = NodeDone(task.node.id, "reused", where, key=task.key.hex()[:12])
        task.done = memo.done
    else:
        task.done = NodeDone(task.node.id, "reused", where, key=task.key.hex()[:12])
    state.emit(task.done)
