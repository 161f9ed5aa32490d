"""`nodegraph nodes`: what node types there are, and what one of them takes and gives."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from nodegraph.cli.failures import UsageError
from nodegraph.cli.places import Places, packs_note
from nodegraph.cli.shell import Shell
from nodegraph.graph.schema import node_schema
from nodegraph.session import Session

__all__ = ["list_nodes", "show_node"]


def list_nodes(shell: Shell, places: Places) -> int:
    """Every node type, by category."""
    with shell.reserved():
        session = places.open(shell)
        schemas = [node_schema(node_type) for node_type in session.registry]
    if shell.json:
        shell.document({"nodes": schemas})
    else:
        _print_all(shell, schemas)
    for line in packs_note(session):
        shell.say(line)
    return 0


def show_node(shell: Shell, name: str, places: Places) -> int:
    """One node type: what it does, its inputs with types, defaults and limits, its outputs."""
    with shell.reserved():
        schema = _schema(places.open(shell), name)
    if shell.json:
        shell.document(schema)
        return 0
    for line in _head(schema):
        shell.print(line)
    _print_inputs(shell, schema["inputs"])
    outputs = [f"{output['name']} ({output['type']})" for output in schema["outputs"]]
    shell.print(f"\noutputs: {', '.join(outputs) or '(none)'}")
    return 0


def _schema(session: Session, name: str) -> dict[str, Any]:
    node_type = session.registry.get(name)
    if node_type is None:
        raise UsageError(f"there is no node type '{name}'", session.registry.nearest(name))
    return node_schema(node_type)


def _print_all(shell: Shell, schemas: Sequence[Mapping[str, Any]]) -> None:
    by_category: dict[str, list[Mapping[str, Any]]] = {}
    for schema in schemas:
        by_category.setdefault(schema["category"] or "(no category)", []).append(schema)
    width = max((len(schema["name"]) for schema in schemas), default=0)
    for category, members in sorted(by_category.items()):
        shell.print(category)
        for schema in members:
            first = _first_line(schema["description"])
            shell.print(f"  {schema['name']:<{width}}  {first}".rstrip())
    shell.print(f"{len(schemas)} node types; `nodegraph nodes NAME` shows one")


def _head(schema: Mapping[str, Any]) -> Iterator[str]:
    kinds = [kind for kind in ("effect", "volatile") if schema[kind]]
    extra = "".join(f", {kind}" for kind in kinds)
    category = schema["category"] or "no category"
    yield f"{schema['name']} ({category}, version {schema['version']}{extra})"
    if schema["deprecated"]:
        use = "" if schema["deprecated"] is True else f": {schema['deprecated']}"
        yield f"deprecated{use}"
    if schema["aliases"]:
        yield f"also known as {', '.join(schema['aliases'])}"
    if schema["description"]:
        yield schema["description"]


def _print_inputs(shell: Shell, inputs: Sequence[Mapping[str, Any]]) -> None:
    shell.print("\ninputs:" if inputs else "\ninputs: (none)")
    width = max((len(item["name"]) for item in inputs), default=0)
    for item in inputs:
        limits = _limits(item)
        shell.print(f"  {item['name']:<{width}}  {_type(item)}{f'; {limits}' if limits else ''}")
        if item["help"]:
            shell.print(f"  {'':<{width}}    {item['help']}")


def _type(item: Mapping[str, Any]) -> str:
    name = f"{item['type']}{' or none' if item['optional'] else ''}"
    if item["required"]:
        return f"{name}, required"
    return name if item["default"] is None else f"{name} = {item['default']!r}"


def _limits(item: Mapping[str, Any]) -> str:
    widget = item.get("widget")
    if widget is None:
        return "linked"
    if widget["kind"] == "choice":
        return f"one of {', '.join(map(str, widget['options']))}"
    if widget["kind"] == "model":
        return f"a model of '{widget['folder']}'"
    if widget["kind"] == "file":
        return f"a file ({widget['accept']})"
    if widget["kind"] == "seed":
        return 'a seed, or "random"'
    low, high = widget.get("min"), widget.get("max")
    if low is None and high is None:
        return ""
    return (
        f"{low} to {high}"
        if None not in (low, high)
        else f">= {low}"
        if high is None
        else f"<= {high}"
    )


def _first_line(text: str) -> str:
    return text.split("\n", 1)[0]
