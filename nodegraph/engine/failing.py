"""When a node does not succeed: its dependents are skipped, everything else goes on."""

from __future__ import annotations

from asyncio import CancelledError

from nodegraph.engine.lazies import InputFailed
from nodegraph.engine.state import RunState
from nodegraph.errors import Cancelled

__all__ = ["fail"]


def fail(state: RunState, index: int, error: BaseException) -> None:
    """Settle a task that raised, and all that wait for it."""
    task = state.tasks[index]
    if isinstance(error, InputFailed):
        state.settle(index, "skipped", f"needs '{error.source}', which did not succeed")
    elif isinstance(error, Cancelled | CancelledError) and state.cancel.cancelled:
        state.keyring.note_unfinished(task)
        state.settle(index, "canceled", "cancelled")
    else:
        state.keyring.note_unfinished(task)
        failure = state.environment.describe_failure(task.node, error)
        state.errors.append(failure)
        state.settle(index, "failed", failure.message, error=failure.message)
    for other in state.same_key.pop(task.key, ()):
        state.resume(other)
    state.abandon(index)
