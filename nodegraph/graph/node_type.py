"""A declared node: what the planner, the executor and the editor know of it."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from nodegraph.graph.literals import LiteralCheck
from nodegraph.graph.widgets import Choice, InputFile, ModelFile, Secret
from nodegraph.graph.wire import Wire, wire_of

__all__ = ["REQUIRED", "InputSpec", "Migration", "NodeType", "OutputSpec", "OutputsOf"]

Migration = Callable[[dict[str, Any], int], dict[str, Any]]
OutputsOf = Callable[[dict[str, Any]], dict[str, Any]]


class _Required:
    def __repr__(self) -> str:
        return "(required)"


REQUIRED = _Required()


@dataclass(frozen=True)
class InputSpec:
    """One input: its wire type, its default (or `REQUIRED`), and how a literal is checked."""

    name: str
    wire: Wire
    check: LiteralCheck
    default: object = REQUIRED
    lazy: bool = False
    help: str = ""

    @property
    def required(self) -> bool:
        return self.default is REQUIRED


@dataclass(frozen=True)
class OutputSpec:
    """One output: its name and wire type."""

    name: str
    wire: Wire


@dataclass(frozen=True)
class NodeType:
    """A declared node: what the planner, the executor and the editor know of it."""

    name: str
    function: Callable[..., Any]
    inputs: tuple[InputSpec, ...]
    outputs: tuple[OutputSpec, ...]
    description: str = ""
    display_name: str = ""
    category: str = ""
    version: int = 1
    migrate: Migration | None = None
    effect: bool = False
    volatile: bool = False
    fingerprint: Callable[..., str | None] | None = None
    io: bool = False
    deprecated: str | bool | None = None
    aliases: tuple[str, ...] = ()
    tail: bool = False
    outputs_of: OutputsOf | None = None
    context: str | None = None
    extras: str | None = None
    expands: bool = False
    pack: str = ""
    is_async: bool = False
    by_name: dict[str, InputSpec] = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def code(self) -> str:
        """The source text of the function: a node whose code changed is another node."""
        try:
            return inspect.getsource(self.function)
        except (OSError, TypeError):
            return ""

    def outputs_for(self, literals: dict[str, Any]) -> tuple[OutputSpec, ...]:
        """The outputs, which may depend on literal inputs (as a loop's on its body)."""
        if self.outputs_of is None:
            return self.outputs
        named = self.outputs_of(literals)
        return tuple(OutputSpec(k, wire_of(v, f"node {self.name}")) for k, v in named.items())

    @cached_property
    def lazy_names(self) -> frozenset[str]:
        """The inputs that are made only when the node awaits them."""
        return frozenset(spec.name for spec in self.inputs if spec.lazy)

    @cached_property
    def body_names(self) -> tuple[str, ...]:
        """The inputs that are workflows, written into the file in place."""
        return tuple(spec.name for spec in self.inputs if spec.check.is_body)

    @cached_property
    def secret_names(self) -> frozenset[str]:
        """The inputs that are never written anywhere."""
        marked = (s for s in self.inputs if any(isinstance(m, Secret) for m in s.check.marks))
        return frozenset(spec.name for spec in marked)

    @cached_property
    def looks_up(self) -> bool:
        """Whether what its literals may be depends on files or on functions."""
        marks = [mark for spec in self.inputs for mark in spec.check.marks]
        return any(
            isinstance(mark, ModelFile | InputFile)
            or (isinstance(mark, Choice) and mark.source is not None)
            for mark in marks
        )

    @cached_property
    def fingerprint_names(self) -> tuple[str, ...]:
        """The parameters the fingerprint function asks for."""
        return tuple(inspect.signature(self.fingerprint).parameters) if self.fingerprint else ()
