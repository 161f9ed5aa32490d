"""`@node`: a typed function becomes a node type. Everything is said once, in its signature."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin, get_type_hints

from nodegraph.errors import DeclarationError, nearest
from nodegraph.graph.lazy import Lazy
from nodegraph.graph.literals import LiteralCheck
from nodegraph.graph.widgets import Choice, InputFile, ModelFile, Secret
from nodegraph.graph.wire import Wire, wire_of

__all__ = ["InputSpec", "NodeType", "OutputSpec", "node", "node_type_of"]

F = TypeVar("F", bound=Callable[..., Any])
Migration = Callable[[dict[str, Any], int], dict[str, Any]]


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
    context: str | None = None
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

    @cached_property
    def output_index(self) -> dict[str, int]:
        return {output.name: i for i, output in enumerate(self.outputs)}

    @cached_property
    def lazy_names(self) -> frozenset[str]:
        """The inputs that are made only when the node awaits them."""
        return frozenset(spec.name for spec in self.inputs if spec.lazy)

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

    Raises:
        DeclarationError: for an untyped parameter, an impossible type, a bad default.
    """

    def declare(function: F) -> F:
        made = _declare(function, name, outputs)
        options = dict(
            category=category,
            version=version,
            migrate=migrate,
            effect=effect,
            volatile=volatile,
            fingerprint=fingerprint,
            io=io,
            deprecated=deprecated,
            aliases=tuple(aliases),
        )
        made = made | options
        made["display_name"] = display_name or _spaced(made["name"])
        node_type = NodeType(**made)
        _check_fingerprint(node_type)
        function.__node_type__ = node_type  # type: ignore[attr-defined]
        return function

    return declare


def node_type_of(function: object) -> NodeType:
    """The node type of a function declared with `@node`."""
    found = getattr(function, "__node_type__", None)
    if not isinstance(found, NodeType):
        raise DeclarationError(f"{function!r} is not declared with @node")
    return found


def _declare(
    function: Callable[..., Any], name: str | None, outputs: tuple[str, ...] | None
) -> dict[str, Any]:
    type_name = name or "".join(p[:1].upper() + p[1:] for p in function.__name__.split("_"))
    where = f"node {type_name}"
    try:
        hints = get_type_hints(function, include_extras=True)
    except NameError as error:
        raise DeclarationError(
            f"{where}: {error}; declare it where its types are known, at module level"
        ) from error
    summary, helps = _read_docstring(inspect.getdoc(function) or "")
    specs, context = _inputs(function, hints, helps, where)
    is_async = inspect.iscoroutinefunction(function)
    lazy = [spec.name for spec in specs if spec.lazy]
    if lazy and not is_async:
        raise DeclarationError(f"{where}: '{lazy[0]}' is Lazy, so the function must be async def")
    if "return" not in hints:
        raise DeclarationError(f"{where}: the return type is missing; write -> None for none")
    return dict(
        name=type_name,
        function=function,
        inputs=tuple(specs),
        outputs=tuple(_outputs(hints["return"], outputs, where)),
        description=summary,
        context=context,
        pack=(function.__module__ or "").partition(".")[0],
        is_async=is_async,
        by_name={spec.name: spec for spec in specs},
    )


def _inputs(
    function: Callable[..., Any], hints: dict[str, Any], helps: dict[str, str], where: str
) -> tuple[list[InputSpec], str | None]:
    specs: list[InputSpec] = []
    context: str | None = None
    for parameter in inspect.signature(function).parameters.values():
        place = f"{where}, parameter '{parameter.name}'"
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            raise DeclarationError(f"{place}: inputs have names; replace * and ** by parameters")
        if parameter.kind is parameter.POSITIONAL_ONLY:
            raise DeclarationError(f"{place}: inputs are given by name; remove the /")
        if parameter.name not in hints:
            raise DeclarationError(f"{place}: the type is missing; write {parameter.name}: T")
        annotation = hints[parameter.name]
        if getattr(annotation, "__node_context__", False):
            context = parameter.name
            continue
        specs.append(_input(parameter, annotation, helps.get(parameter.name, ""), place))
    return specs, context


def _input(parameter: inspect.Parameter, annotation: Any, help: str, place: str) -> InputSpec:
    bare, marks, lazy = _peel(annotation)
    wire = wire_of(bare, place)
    check = LiteralCheck(bare, wire, marks)
    default = REQUIRED if parameter.default is parameter.empty else parameter.default
    if default is not REQUIRED and default is not None:
        default, problem = _static(check)(default, None) if check.allowed else (default, None)
        if problem is not None:
            raise DeclarationError(f"{place}: the default is not valid: {problem.message}")
    if default is None and not wire.optional and not wire.is_any:
        raise DeclarationError(f"{place}: the default is None; write {wire.name} | None")
    return InputSpec(parameter.name, wire, check, default, lazy, help)


def _peel(annotation: Any) -> tuple[Any, tuple[object, ...], bool]:
    """The bare type, the marks on it or on what it joins or lists, and whether it is lazy."""
    origin, args = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        bare, marks, lazy = _peel(args[0])
        return bare, (*marks, *args[1:]), lazy
    if origin is Lazy:
        bare, marks, _ = _peel(args[0])
        return bare, marks, True
    if origin in (Union, UnionType, list):
        return annotation, tuple(mark for one in args for mark in _peel(one)[1]), False
    return annotation, (), False


def _static(check: LiteralCheck) -> LiteralCheck:
    """The check without what is only known when a workflow is planned."""
    marks = (m for m in check.marks if not (isinstance(m, Choice) and m.source is not None))
    return replace(check, marks=tuple(marks))


def _check_fingerprint(made: NodeType) -> None:
    where = f"node {made.name}: its fingerprint asks for"
    for name in made.fingerprint_names:
        if name in made.lazy_names:
            raise DeclarationError(f"{where} '{name}', which is lazy")
        if name != "files" and name not in made.by_name:
            close = nearest(name, [*made.by_name, "files"])
            hint = f"; did you mean '{close}'?" if close else ""
            raise DeclarationError(f"{where} '{name}', which is no input{hint}")


def _outputs(returned: Any, names: tuple[str, ...] | None, where: str) -> Iterator[OutputSpec]:
    if returned is None or returned is type(None):
        return
    if isinstance(returned, type) and issubclass(returned, tuple):
        fields = get_type_hints(returned, include_extras=True)
        field_names: tuple[str, ...] | None = getattr(returned, "_fields", None)
        if field_names is None:
            raise DeclarationError(f"{where}: return a NamedTuple; its fields name the outputs")
        for field_name in field_names:
            yield OutputSpec(field_name, wire_of(fields[field_name], f"{where}, output"))
        return
    wire = wire_of(returned, f"{where}, output")
    if names is not None and len(names) != 1:
        raise DeclarationError(f"{where}: outputs names {len(names)} outputs, it returns one")
    yield OutputSpec(names[0] if names else _output_name(wire), wire)


def _output_name(wire: Wire) -> str:
    if wire.var is not None or wire.is_any:
        return "value"
    return wire.types[0].__name__.lower()


def _spaced(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", name)


def _read_docstring(doc: str) -> tuple[str, dict[str, str]]:
    """The text before `Args:`, and the help of each input named under it (Google style)."""
    head, _, tail = doc.partition("\nArgs:\n")
    helps: dict[str, str] = {}
    current = ""
    for line in tail.split("\n"):
        if line and not line.startswith(" "):
            break
        if found := re.match(r"    (\w+)(?: \([^)]*\))?: (.*)", line):
            current = found[1]
            helps[current] = found[2].strip()
        elif current and line.strip():
            helps[current] += " " + line.strip()
    return re.split(r"\n(?:Raises|Returns):\n", head)[0].strip(), helps
