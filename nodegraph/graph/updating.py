"""Documents brought to the present versions of their node types, so that an editor shows one truth.

A run migrates old inputs whenever it is planned. A program that changes single fields has to see
them under their present names, or a node would hold the old and the new at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from nodegraph.graph.node import NodeType
from nodegraph.graph.passing import DEEPEST
from nodegraph.graph.registry import Registry

__all__ = ["Update", "has_outdated", "updated"]

_Document = dict[str, Any]


@dataclass(frozen=True)
class Update:
    """What was done with one node.

    Attributes:
        node: its id, those of the subgraphs around it before: `group/inner`.
        error: why its inputs could not be brought to the present version; it is as it was.
    """

    node: str
    type: str
    before: int
    after: int
    error: str | None = None

    def __str__(self) -> str:
        if self.error is not None:
            return (
                f"its inputs cannot be brought from version {self.before} of {self.type} "
                f"to version {self.after}: {self.error}"
            )
        return f"updated from version {self.before} of {self.type} to version {self.after}"


def has_outdated(document: object, registry: Registry) -> bool:
    """Whether a document, which may be malformed, holds a node of an older version."""
    if not any(kind.migrate is not None for kind in registry):
        return False
    return any(_newer(entry, registry) for entry in _all_entries(document))


def updated(document: _Document, registry: Registry) -> tuple[_Document, list[Update]]:
    """A document whose nodes have the inputs of the present versions, and what was done for it.

    Declared inputs and what `layout` says of fields follow their fields to new names.
    """
    done: list[Update] = []
    return _updated(document, registry, "", done), done


def _updated(
    document: _Document, registry: Registry, prefix: str, done: list[Update], depth: int = 1
) -> _Document:
    entries = _entries(document)
    nodes = dict(document["nodes"]) if entries else {}
    made = document
    for name, entry in entries.items():
        inner = _with_bodies(entry, registry, f"{prefix}{name}/", done, depth)
        nodes[name] = inner
        kind = _newer(inner, registry)
        if kind is None:
            continue
        before = inner.get("version", 1)
        try:
            new = _migrated(kind, inner.get("inputs", {}), before)
            moved = _moved_fields(kind, inner.get("inputs", {}), before, _named(made, name))
        except Exception as error:
            text = f"{type(error).__name__}: {error}"
            done.append(Update(f"{prefix}{name}", kind.name, before, kind.version, text))
            continue
        nodes[name] = {**inner, "version": kind.version, "inputs": new}
        made = _with_names(made, name, moved)
        done.append(Update(f"{prefix}{name}", kind.name, before, kind.version))
    same = all(nodes[name] is entry for name, entry in entries.items())
    return made if same else {**made, "nodes": nodes}


def _with_bodies(
    entry: _Document, registry: Registry, prefix: str, done: list[Update], depth: int
) -> _Document:
    """An entry whose inputs that are workflows are up to date."""
    inputs = entry.get("inputs", {})
    bodies = {name: value for name, value in inputs.items() if _entries(value)}
    if not bodies or depth >= DEEPEST:
        return entry
    made = {n: _updated(body, registry, prefix, done, depth + 1) for n, body in bodies.items()}
    same = all(made[name] is body for name, body in bodies.items())
    return entry if same else {**entry, "inputs": {**inputs, **made}}


def _migrated(kind: NodeType, inputs: _Document, version: int) -> _Document:
    assert kind.migrate is not None
    return kind.migrate(dict(inputs), version)


def _moved_fields(
    kind: NodeType, inputs: _Document, version: int, names: set[str]
) -> dict[str, str]:
    """Old name -> new name: a mark that is put into the one field comes out at the other."""
    moved = {}
    for old in names - kind.by_name.keys():
        mark = f"the field {old}"
        try:
            found = _migrated(kind, {**inputs, old: mark}, version)
        except Exception:  # it reckons with the value: that is more than another name
            continue
        there = [name for name, value in found.items() if value == mark]
        if len(there) == 1:
            moved[old] = there[0]
    return moved


def _named(document: _Document, node: str) -> set[str]:
    """The fields of a node that are named elsewhere in the document."""
    refs = _dict_at(document, "inputs").values()
    declared = {r.get("input") for r in refs if isinstance(r, dict) and r.get("node") == node}
    layout = _dict_at(document, "layout")
    sockets = _dict_at(layout, node).get("sockets")
    start = f"{node}/"
    bent = {k.removeprefix(start) for k in _dict_at(layout, "$reroutes") if k.startswith(start)}
    shown = sockets if isinstance(sockets, list) else []
    return {name for name in (*declared, *shown, *bent) if isinstance(name, str)}


def _with_names(document: _Document, node: str, moved: dict[str, str]) -> _Document:
    """The document with the fields of a node under their new names."""
    if not moved:
        return document
    made = dict(document)
    if refs := _dict_at(document, "inputs"):
        made["inputs"] = {label: _renamed(ref, node, moved) for label, ref in refs.items()}
    layout = dict(_dict_at(document, "layout"))
    place = _dict_at(layout, node)
    if isinstance(place.get("sockets"), list):
        shown = [moved.get(s, s) if isinstance(s, str) else s for s in place["sockets"]]
        layout[node] = {**place, "sockets": shown}
    if bent := _dict_at(layout, "$reroutes"):
        keys = {f"{node}/{old}": f"{node}/{new}" for old, new in moved.items()}
        layout["$reroutes"] = {keys.get(key, key): points for key, points in bent.items()}
    return {**made, "layout": layout} if layout else made


def _renamed(ref: Any, node: str, moved: dict[str, str]) -> Any:
    if not isinstance(ref, dict) or ref.get("node") != node:
        return ref
    field = ref.get("input")
    return {**ref, "input": moved[field]} if isinstance(field, str) and field in moved else ref


def _dict_at(document: _Document, key: str) -> _Document:
    found = document.get(key)
    return found if isinstance(found, dict) else {}


def _newer(entry: _Document, registry: Registry) -> NodeType | None:
    """The type of a node, if it is of a later version than the entry and migrates."""
    kind = registry.get(entry["type"])
    if kind is None or kind.migrate is None or entry.get("version", 1) >= kind.version:
        return None
    return kind


def _all_entries(document: object, depth: int = 1) -> Iterator[_Document]:
    for entry in _entries(document).values():
        yield entry
        for value in entry.get("inputs", {}).values() if depth < DEEPEST else ():
            yield from _all_entries(value, depth + 1)


def _entries(document: object) -> dict[str, _Document]:
    """The well-formed nodes of what may be a workflow."""
    nodes = document.get("nodes") if isinstance(document, dict) else None
    if not isinstance(nodes, dict) or not isinstance(document, dict) or "nodegraph" not in document:
        return {}
    return {name: entry for name, entry in nodes.items() if _is_entry(entry)}


def _is_entry(entry: object) -> bool:
    if not isinstance(entry, dict) or not isinstance(entry.get("type"), str):
        return False
    return type(entry.get("version", 1)) is int and isinstance(entry.get("inputs", {}), dict)
