"""`@node`: a typed function becomes a node type. Everything is said once, in its signature."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from nodegraph.errors import DeclarationError
from nodegraph.graph.declare import check_fingerprint, read_signature, spaced
from nodegraph.graph.node_type import (
    REQUIRED,
    InputSpec,
    Migration,
    NodeType,
    OutputsOf,
    OutputSpec,
)

__all__ = ["REQUIRED", "InputSpec", "NodeType", "OutputSpec", "node", "node_type_of"]

F = TypeVar("F", bound=Callable[..., Any])


def node(
    *,
    name: str | None = None,
    category: str = "",
    version: int = 1,
    migrate: Migration | None = None,
    effect: bool = False,
    volatile: bool = False,
    fingerprint: Callable[..., str | None] | None = None,
    io: bool = False,
    deprecated: str | bool | None = None,
    aliases: tuple[str, ...] = (),
    display_name: str | None = None,
    outputs: tuple[str, ...] | None = None,
    outputs_of: OutputsOf | None = None,
    tail: bool = False,
) -> Callable[[F], F]:
    """Declare a node. The function stays as it is and can be called as before.

    Args:
        name: the type's name in workflow files; by default the function's, in CamelCase.
        category: where the editor lists it, levels divided by `/`.
        version: raised when inputs change meaning; `migrate(inputs, version)` turns the
            inputs of an older version into this one's.
        effect: it does something in the world (saves, shows); such nodes are a run's roots.
        volatile: never reused.
        fingerprint: a function of some inputs (and `files`) whose text is part of the key.
        io: it waits rather than computes, so it may overlap with device work.
        deprecated: true, or what to use instead.
        aliases: other names that workflow files may use for it.
        outputs: names of the outputs, where those derived from the return type do not fit.
        outputs_of: for outputs that depend on literal inputs: from these, names and types.
        tail: what it returns is named beside it, not inside it (the steps of a loop).

    Raises:
        DeclarationError: for an untyped parameter, an impossible type, a bad default.
    """

    def declare(function: F) -> F:
        made = read_signature(function, name, outputs)
        node_type = NodeType(
            **made,
            display_name=display_name or spaced(made["name"]),
            category=category,
            version=version,
            migrate=migrate,
            effect=effect,
            volatile=volatile,
            fingerprint=fingerprint,
            io=io,
            deprecated=deprecated,
            aliases=tuple(aliases),
            outputs_of=outputs_of,
            tail=tail,
        )
        check_fingerprint(node_type)
        function.__node_type__ = node_type  # type: ignore[attr-defined]
        return function

    return declare


def node_type_of(function: object) -> NodeType:
    """The node type of a function declared with `@node`."""
    found = getattr(function, "__node_type__", None)
    if not isinstance(found, NodeType):
        raise DeclarationError(f"{function!r} is not declared with @node")
    return found
