"""Wire types: what a socket carries, and what may be connected to what."""

from __future__ import annotations

import types
import typing
from dataclasses import dataclass
from typing import Any, Literal, TypeVar, Union, get_args, get_origin

from nodegraph.errors import DeclarationError

__all__ = ["Wire", "class_name", "is_fragment_class", "wire_of", "wire_of_value"]

PLAIN = (bool, int, float, str)


@dataclass(frozen=True, slots=True)
class Wire:
    """What one socket carries: any of `types`, or a list of them.

    `var` is set while the type is still open: whatever is connected first fixes it for the
    node's other sockets of the same variable.
    """

    types: tuple[type, ...]
    is_list: bool = False
    optional: bool = False
    var: TypeVar | None = None

    @property
    def given_name(self) -> str:
        """How the type of a value is written that an output gives: `Image`, or `Image or none`."""
        return f"{self.name} or none" if self.optional and self.types else self.name

    @property
    def name(self) -> str:
        """How the type is written for people: `Image`, `Image | Mask`, `list[str]`, `any`."""
        inner = " | ".join("any" if t is object else class_name(t) for t in self.types)
        return f"list[{inner}]" if self.is_list else inner

    @property
    def is_any(self) -> bool:
        return object in self.types

    def accepts(self, source: Wire) -> bool:
        """Whether a value of `source` may flow in here as it is (without mapping)."""
        if self.var is not None or self == source:
            return True
        if self.is_any and not self.is_list:
            return True
        if source.optional and not self.optional:
            return False
        if self.is_list != source.is_list:
            return source.is_any and not source.is_list
        return all(any(_fits(s, t) for t in self.types) for s in source.types)

    def accepts_mapped(self, source: Wire) -> bool:
        """Whether a list may flow in here by running the node once for each element."""
        whole = source.is_list and not source.optional
        return whole and not self.is_list and self.accepts(source.element())

    def joined(self, other: Wire) -> Wire | None:
        """The wider of two types, or None if neither holds the other's values."""
        if other.accepts(self) and not self.is_any:
            return other
        return self if self.accepts(other) else None

    def element(self) -> Wire:
        """The type of one element of this list."""
        return Wire(self.types)

    def listed(self) -> Wire:
        """A list of this type."""
        return Wire(self.types, is_list=True)

    def holds(self, value: object) -> bool:
        """Whether a run-time value is of this type."""
        if type(value) in self.types and not self.is_list:
            return True
        if value is None:
            return self.optional or self.is_any
        if self.var is not None or (self.is_any and not self.is_list):
            return True
        if self.is_list:
            return isinstance(value, list) and all(self.element().holds(v) for v in value)
        return any(_fits(type(value), t) for t in self.types)


def class_name(cls: type) -> str:
    """The name of a wire type."""
    return str(getattr(cls, "__wire_name__", cls.__name__))


def _fits(source: type, target: type) -> bool:
    if source is target or target is object or source is object:
        return True
    if target is float:
        return source is int
    if target is int:
        return False
    return issubclass(source, target)


def is_fragment_class(cls: object) -> bool:
    """Whether a class is `Workflow`, told without importing it."""
    return bool(getattr(cls, "__node_fragment__", False))


def wire_of(annotation: Any, where: str) -> Wire:
    """The wire type that an annotation means.

    Raises:
        DeclarationError: for an annotation that is no wire type; `where` begins the message.
    """
    if annotation is Any or annotation is object:
        return Wire((object,))
    if annotation is None or annotation is type(None):
        return Wire((), optional=True)
    if isinstance(annotation, TypeVar):
        return Wire((object,), var=annotation)
    origin = get_origin(annotation)
    if origin is typing.Annotated:
        return wire_of(get_args(annotation)[0], where)
    if origin is Literal:
        return Wire(tuple(dict.fromkeys(type(v) for v in get_args(annotation))))
    if origin in (Union, types.UnionType):
        return _union(get_args(annotation), where)
    if origin is list:
        inner = wire_of(get_args(annotation)[0], where)
        if inner.is_list:
            raise DeclarationError(f"{where}: a list of lists is no wire type; use a class")
        return Wire(inner.types, is_list=True)
    if isinstance(annotation, type) and annotation not in (list, dict, tuple, set):
        return Wire((annotation,))
    raise DeclarationError(
        f"{where}: {annotation!r} is no wire type; use bool, int, float, str, Literal[...], "
        "list[...], a class of your own, or a union of those"
    )


def wire_of_value(value: object) -> Wire:
    """The type of a literal, as far as it is known."""
    if isinstance(value, list):
        return Wire(tuple(dict.fromkeys(map(type, value))) or (object,), is_list=True)
    return Wire((type(value) if type(value) in PLAIN else object,))


def _union(members: tuple[Any, ...], where: str) -> Wire:
    wires = [wire_of(member, where) for member in members]
    if any(w.var for w in wires) or len({w.is_list for w in wires if w.types}) > 1:
        raise DeclarationError(f"{where}: a union joins plain classes, not lists or variables")
    return Wire(
        tuple(dict.fromkeys(t for w in wires for t in w.types)),
        is_list=any(w.is_list for w in wires),
        optional=any(w.optional for w in wires),
    )
