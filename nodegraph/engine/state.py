"""The state of one run, and the moves between its states. Only the scheduler's thread uses it.

A task goes IDLE -> DECIDE (wanted; waits until what it is linked to is known) -> RUN (has to
run; waits until those values are at hand) -> RUNNING -> SETTLED. One that returned a fragment
goes from RUNNING to GATHER and waits for the fragment's outputs. One that was reused, and
whose evicted values turn out to be needed, goes from SETTLED back to RUN.
"""

from __future__ import annotations

from nodegraph.engine.cache import MemoryCache
from nodegraph.engine.context import CancelToken
from nodegraph.engine.environment import Environment
from nodegraph.engine.events import Emit, NodeDone, Status
from nodegraph.engine.keying import Keyring
from nodegraph.engine.lazies import Demands
from nodegraph.engine.pools import Pools
from nodegraph.engine.task import Phase, Task
from nodegraph.errors import NodeFailed
from nodegraph.graph.planned import Plan

__all__ = ["RunState"]

_WAITING = (Phase.DECIDE, Phase.RUN, Phase.GATHER)


class RunState:
    """The tasks of a run and the queue of those that can go on.

    Attributes:
        ready: indexes of tasks that can go on; the last is taken first, so that chains are
            finished before others are begun and few values are held.
        same_key: tasks that wait for a running one with the same key.
        changed: whether a node that had to run again gave another value than before, so that
            keys made earlier in this run may be of values that are gone.
    """

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
        scope = environment.scope if environment.scope is not None else plan.workflow.name
        self.keyring = Keyring(environment, cache, scope)
        self.demands = Demands(pools)
        self.ready: list[int] = []
        self.same_key: dict[bytes, tuple[int, ...]] = {}
        self.errors: list[NodeFailed] = []
        self.changed = False

    def want(self, index: int) -> None:
        """Take a node, and all that it strictly needs, into the run."""
        stack = [index]
        doomed: list[tuple[int, str]] = []
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
                if name in lazy:
                    continue
                if source.digests is not None:
                    if source.values is None:  # or what runs before it might push them out
                        source.values = self.cache.held(source.key)
                    continue
                if source.failed:
                    doomed.append((current, source.node.id))
                self.wait_until_known(current, link.source)
                stack.append(link.source)
            if not task.waiting:
                self.ready.append(current)
        for current, failed in doomed:
            self.give_up(current, failed)

    def wait_until_known(self, index: int, source: int) -> None:
        """Let a task wait for another's digests."""
        self.tasks[index].waiting += 1
        self.tasks[source].when_known(index)

    def give_up(self, index: int, failed: str) -> None:
        """Settle a task that will never have an input, and all that wait for it."""
        if self._settle_without(index, failed):
            self.abandon(index)

    def abandon(self, failed: int) -> None:
        """Give up everything that waits for a task which will never have a value."""
        stack = [failed]
        while stack:
            source = stack.pop()
            task = self.tasks[source]
            waiting = (*task.known_to, *task.valued_to)
            task.known_to = task.valued_to = ()
            for other in waiting:
                if self._only_lazily(other, source):
                    self.tasks[other].distrust = True
                    self.resume(other)
                elif self._settle_without(other, task.node.id):
                    stack.append(other)
            self.release_inputs(source)
            self.demands.serve(self, source)

    def _only_lazily(self, index: int, source: int) -> bool:
        """Whether a task that is yet to be decided looks at another by lazy inputs alone."""
        task = self.tasks[index]
        lazy = task.node.type.lazy_names
        names = [name for name, link in task.node.links.items() if link.source == source]
        return task.phase is Phase.DECIDE and bool(lazy) and lazy.issuperset(names)

    def _settle_without(self, index: int, failed: str) -> bool:
        """Settle a task for want of an input; whether it was not settled before."""
        task = self.tasks[index]
        phase = task.phase
        if phase is Phase.SETTLED:
            return False
        if phase in (Phase.RUN, Phase.GATHER) and not task.node.type.lazy_names:
            for other in self.same_key.pop(task.key, ()):
                self.resume(other)
        if phase is Phase.GATHER:
            text = f"'{failed}' did not succeed"
            self.settle(index, "failed", text, error=text)
        else:
            self.settle(index, "skipped", f"needs '{failed}', which did not succeed")
        return True

    def inside_itself(self, index: int) -> bool:
        """Whether a task belongs to the fragment of one with the same key."""
        task = self.tasks[index]
        parent = task.parent
        while parent is not None:
            if self.tasks[parent].key == task.key:
                return True
            parent = self.tasks[parent].parent
        return False

    def have_values(self, index: int) -> bool:
        """Whether the values of all strict inputs are at hand; if not, they are asked for."""
        task = self.tasks[index]
        lazy = task.node.type.lazy_names
        for name, link in task.node.links.items():
            source = self.tasks[link.source]
            if source.values is None and name not in lazy and not self.ask_value(link.source):
                task.waiting += 1
                source.when_valued(index)
        return not task.waiting

    def ask_value(self, index: int) -> bool:
        """Whether a known task's values are at hand; if not, it is made to run again."""
        task = self.tasks[index]
        if task.values is None:
            task.values = self.cache.values(task.key)
        if task.values is not None:
            return True
        if task.phase is Phase.SETTLED and task.succeeded:
            task.phase = Phase.RUN
            earlier = self.cache.is_of_earlier(task.key)
            task.reason = "needed again: not kept on disk" if earlier else "evicted"
            task.released = False
            for link in task.node.links.values():
                self.tasks[link.source].uses += 1
            self.ready.append(index)
        return False

    def decide_again(self, index: int) -> None:
        """Let a task that was about to run get a key anew, and those that wait for the same."""
        task = self.tasks[index]
        if task.phase is not Phase.RUN:
            return
        equal = self.same_key.pop(task.key, ())
        task.phase = Phase.DECIDE
        for one in equal:
            self.resume(one)

    def release_inputs(self, index: int) -> None:
        """Say that a task will not read its inputs' values any more."""
        task = self.tasks[index]
        if task.released:
            return
        task.released = True
        for link in task.node.links.values():
            source = self.tasks[link.source]
            source.uses -= 1
            if source.uses <= 0:
                source.values = None

    def became_known(self, index: int) -> None:
        """Let those go on that waited for a task's digests."""
        task = self.tasks[index]
        waiting, task.known_to = task.known_to, ()
        for other in waiting:
            self.resume(other)
        self.release_inputs(index)

    def resume(self, index: int) -> None:
        """Count down what a task waits for; it goes on at zero."""
        task = self.tasks[index]
        if task.waiting:
            task.waiting -= 1
        if not task.waiting and task.phase in _WAITING:
            self.ready.append(index)

    def settle(
        self,
        index: int,
        status: Status,
        reason: str,
        seconds: float = 0.0,
        nbytes: int = 0,
        error: str | None = None,
    ) -> None:
        """Say what became of a task."""
        task = self.tasks[index]
        task.phase = Phase.SETTLED
        key = task.key.hex()[:12]
        task.done = NodeDone(task.node.id, status, reason, seconds, nbytes, key, error)
        self.emit(task.done)
