"""Saying why a node ran: what differs from the last time it was looked at."""

from __future__ import annotations

from collections.abc import Sequence

from nodegraph.engine.records import Seen
from nodegraph.graph.literals import show
from nodegraph.graph.node import NodeType

__all__ = ["why"]


def why(node_type: NodeType, before: Seen | None, now: Seen, *, outputs_gone: bool) -> str:
    """The reason a node has to run, in words.

    Args:
        before: what the node's inputs were when it was last looked at, if ever.
        now: what they are.
        outputs_gone: the files it made before are gone, or belong in another folder.
    """
    if node_type.volatile:
        return "volatile: never reused"
    if outputs_gone:
        return "the files it made are gone or belong elsewhere"
    if before is None or before.type != now.type:
        return "first run"
    changes = [*_literal_changes(before, now), *_link_changes(before, now)]
    if before.fingerprint != now.fingerprint:
        changes.append("a file it reads changed")
    if changes:
        return "; ".join(changes)
    if before.key == now.key:
        return "evicted"
    if node_type.secret_names:
        return "a secret input, its code, its package or the device changed"
    return "its code, its package or the device changed"


def _literal_changes(before: Seen, now: Seen) -> Sequence[str]:
    found = []
    for name, value in now.literals.items():
        if name not in before.literals:
            found.append(f"input '{name}' changed from a link to {show(value)}")
        elif before.literals[name] != value:
            old = show(before.literals[name])
            found.append(f"input '{name}' changed {old} -> {show(value)}")
    return found


def _link_changes(before: Seen, now: Seen) -> Sequence[str]:
    found = []
    for name, digest in now.digests.items():
        if name in before.literals:
            found.append(f"input '{name}' changed to a link")
        elif before.digests.get(name) != digest:
            found.append(f"input '{name}' changed")
    return found
