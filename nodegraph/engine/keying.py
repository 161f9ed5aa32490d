"""The keys of a run's nodes, and what is noted of them to say later what changed."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from typing import Any

from blake3 import blake3

from nodegraph.engine.cache import MemoryCache
from nodegraph.engine.environment import Environment
from nodegraph.engine.events import NodeDone
from nodegraph.engine.keys import node_prefix
from nodegraph.engine.records import Seen
from nodegraph.engine.task import Task
from nodegraph.graph.node import NodeType
from nodegraph.graph.workflow import Workflow

__all__ = ["Keyring", "Memo"]


@dataclass(slots=True)
class Memo:
    """What a planned node keeps between runs: the key it had with certain inputs.

    `done` is what was said of it when it was last found in memory.
    """

    place: tuple[object, ...]
    digests: tuple[bytes, ...]
    base: bytes
    seen: Seen
    done: NodeDone | None = None


class Keyring:
    """Computes keys; the part that all nodes of one type share is computed once."""

    def __init__(self, environment: Environment, cache: MemoryCache, scope: str = "") -> None:
        self._environment, self._cache, self._scope = environment, cache, scope
        self._prefixes: dict[str, bytes] = {}
        versions = tuple(sorted(environment.pack_codes.items()))
        self._place = (environment.device, environment.dtype, versions)

    def base_key(self, task: Task, tasks: list[Task]) -> None:
        """Set the key without lazy inputs: type, literals, strict inputs, fingerprint."""
        node = task.node
        lazy = node.type.lazy_names
        digests: dict[str, bytes] = {}
        for name, link in node.links.items():
            if name not in lazy:
                known = tasks[link.source].digests
                assert known is not None
                digests[name] = known[link.output]
        digests |= node.constant_digests
        fingerprint = self._fingerprint(task, tasks) if node.type.fingerprint else None
        literals = node.literals
        simple = not node.extras and _SCALARS.issuperset(map(type, literals.values()))
        shape = f"{[*digests]}{node.mapped}{fingerprint}"
        text = f"{literals!r}{shape}" if simple else f"{_canonical(literals)}{shape}"
        named = self._named(task) if node.type.effect else []
        text = f"{text}{named}" if named else text
        parts = (self._prefix(node.type), text.encode(), *digests.values())
        task.base = blake3(b"".join(parts)).digest()
        shown = literals if simple else {k: _noted(v) for k, v in literals.items()}
        if node.extras:  # they may be secrets of a loop's body
            shown = shown | {k: _digested(v) for k, v in shown.items() if k in node.extras}
        if hidden := node.type.secret_names:
            shown = {name: value for name, value in shown.items() if name not in hidden}
        task.seen = Seen(task.base, node.type.name, shown, digests, fingerprint)
        if node.type.fingerprint is None and not lazy and not node.constants and not named:
            node.memo = Memo(self._place, tuple(digests.values()), task.base, task.seen)

    def remembered_key(self, task: Task, digests: tuple[bytes, ...]) -> bool:
        """Set the key from the last run of this very node, if its inputs are what they were."""
        memo = task.node.memo
        if not isinstance(memo, Memo) or memo.digests != digests or memo.place != self._place:
            return False
        task.base, task.seen = memo.base, memo.seen
        return True

    def still_true(self, task: Task, tasks: list[Task]) -> bool:
        """Whether what the node read besides its inputs is what its key says it read."""
        if task.node.type.fingerprint is None or task.seen is None:
            return True
        return self._fingerprint(task, tasks) == task.seen.fingerprint

    def full_key(self, task: Task, tasks: list[Task], demanded: tuple[str, ...]) -> bytes:
        """The key with the lazy inputs that were asked for."""
        node_type = task.node.type
        if node_type.volatile:
            return secrets.token_bytes(32)
        if not node_type.lazy_names:
            return task.base
        hasher = blake3(task.base)
        digests: dict[str, bytes] = {}
        for name in demanded:
            link = task.node.links[name]
            known = tasks[link.source].digests
            assert known is not None
            digests[name] = known[link.output]
            hasher.update(name.encode() + digests[name])
        assert task.seen is not None
        key = hasher.digest()
        task.seen = task.seen._replace(key=key, digests={**task.seen.digests, **digests})
        return key

    def before(self, task: Task) -> Seen | None:
        """What the inputs were when the node last had a result."""
        return self._cache.last_seen(self._scope, task.node.id)

    def note_unfinished(self, task: Task) -> None:
        """Note that a node with these inputs began and did not finish."""
        self._cache.note_unfinished(self._scope, task.node.id, task.base)

    def finished(self, task: Task) -> bool:
        """Whether the node, when it last began with these inputs, also finished."""
        unfinished = self._cache.unfinished
        return not unfinished or unfinished.get((self._scope, task.node.id)) != task.base

    def note(self, task: Task) -> None:
        """Note the inputs of a node that has a result."""
        assert task.seen is not None
        if self._cache.unfinished:
            self._cache.unfinished.pop((self._scope, task.node.id), None)
        self._cache.note_seen(self._scope, task.node.id, task.seen)

    def _prefix(self, node_type: NodeType) -> bytes:
        found = self._prefixes.get(node_type.name)
        if found is None:
            version = self._environment.pack_codes.get(node_type.pack, "")
            found = node_prefix(node_type, version)
            if node_type.context is not None:
                place = f"{self._environment.device} {self._environment.dtype}"
                found = blake3(found + place.encode()).digest()
            self._prefixes[node_type.name] = found
        return found

    def _named(self, task: Task) -> list[object]:
        """What the file name patterns among an effect node's inputs refer to."""
        texts = [v for v in task.node.literals.values() if isinstance(v, str) and "{" in v]
        return [value for text in texts for value in self._environment.names.values_in(text)]

    def _fingerprint(self, task: Task, tasks: list[Task]) -> str | None:
        node_type = task.node.type
        given: dict[str, Any] = {}
        for name in node_type.fingerprint_names:
            if name == "files":
                given[name] = self._environment.files
            elif name in task.node.literals:
                given[name] = task.node.literals[name]
            elif name in task.node.links:
                link = task.node.links[name]
                values = tasks[link.source].values
                assert values is not None
                given[name] = values[link.output]
        assert node_type.fingerprint is not None
        return node_type.fingerprint(**given)


_SCALARS = frozenset((type(None), bool, int, float, str))
"""Literals of these types are written by `repr` in the order of the node's inputs: their texts
differ when the values or their types do. Others take the canonical JSON form."""


def _plain(value: Any) -> Any:
    return value.to_dict() if isinstance(value, Workflow) else repr(value)


def _digested(value: Any) -> str:
    return f"value {blake3(_canonical(value).encode()).hexdigest()[:12]}"


def _noted(value: Any) -> Any:
    """A literal as it is remembered: of a workflow, which may hold secrets, only a digest."""
    if isinstance(value, Workflow):
        return f"workflow {blake3(_canonical(value).encode()).hexdigest()[:12]}"
    return value


_canonical = json.JSONEncoder(sort_keys=True, separators=(",", ":"), default=_plain).encode
