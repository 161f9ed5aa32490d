"""When a node does not succeed: its dependents are skipped, everything else goes on."""

from __future__ import annotations

from asyncio import CancelledError

from nodegraph.engine.lazies import InputFailed
from nodegraph.engine.state import RunState
from nodegraph.engine.task import Phase
from nodegraph.errors import Cancelled

__all__ = ["fail"]


def fail(state: RunState, index: int, error: BaseException) -> None:
    """Settle a task that raised, and all that wait for it."""
    task = state.tasks[index]
    if isinstance(error, InputFailed):
        state.settle(index, "skipped", f"needs '{error.source}', which did not succeed")
    elif isinstance(error, Cancelled | CancelledError) and state.cancel.cancelled:
        state.settle(index, "canceled", "cancelled")
    else:
        failure = state.environment.describe_failure(task.node, error)
        state.errors.append(failure)
        state.settle(index, "failed", failure.message, error=failure.message)
    for other in state.same_key.pop(task.key, []):
        state.resume(other)
    _skip_dependents(state, index)


def _skip_dependents(state: RunState, failed: int) -> None:
    stack = [failed]
    while stack:
        source = stack.pop()
        task = state.tasks[source]
        for other in {*task.known_to, *task.valued_to}:
            if state.tasks[other].phase is not Phase.SETTLED:
                text = f"'{task.node.id}' did not succeed"
                if state.tasks[other].phase is Phase.GATHER:
                    state.settle(other, "failed", text, error=text)
                else:
                    state.settle(other, "skipped", f"needs {text.replace(' did', ', which did')}")
                stack.append(other)
        task.known_to.clear()
        task.valued_to.clear()
        state.release_inputs(source)
        state.demands.serve(state, source)
