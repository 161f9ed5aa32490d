"""The node types that one engine knows: an object, so that two engines can know different ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from nodegraph.errors import DeclarationError, nearest
from nodegraph.graph.node import NodeType, node_type_of

__all__ = ["Registry"]


class Registry:
    """Node types by name and by alias.

    `pack_versions` is for people (results record it), `pack_codes` for keys: both by package.
    """

    def __init__(self, functions: Iterable[Any] = ()) -> None:
        self._types: dict[str, NodeType] = {}
        self._aliases: dict[str, str] = {}
        self.pack_versions: dict[str, str] = {}
        self.pack_codes: dict[str, str] = {}
        self.add(functions)

    def add(self, functions: Iterable[Any]) -> None:
        """Add functions declared with `@node`.

        Raises:
            DeclarationError: when a name or an alias is taken; it names both owners.
        """
        for function in functions:
            self.add_type(node_type_of(function))

    def add_type(self, made: NodeType) -> None:
        """Add one node type (see `add`)."""
        for name in (made.name, *made.aliases):
            if (known := self.get(name)) is not None:
                owners = f"by {_owner(known)} and by {_owner(made)}"
                raise DeclarationError(f"node name '{name}' is declared twice: {owners}")
        self._types[made.name] = made
        self._aliases.update(dict.fromkeys(made.aliases, made.name))

    def get(self, name: str) -> NodeType | None:
        """The type of that name or alias, or None."""
        return self._types.get(name) or self._types.get(self._aliases.get(name, ""))

    def nearest(self, name: str) -> str | None:
        """The known name closest to `name`."""
        return nearest(name, [*self._types, *self._aliases])

    def __contains__(self, name: str) -> bool:
        return self.get(name) is not None

    def __iter__(self) -> Iterator[NodeType]:
        return iter(sorted(self._types.values(), key=lambda t: t.name))

    def __len__(self) -> int:
        return len(self._types)


def _owner(made: NodeType) -> str:
    return f"{made.function.__module__}.{made.function.__qualname__}"
