"""Reading a node's declaration out of its function: signature, annotations, docstring."""

from __future__ import annotations

import functools
import inspect
import operator
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from nodegraph.errors import DeclarationError, nearest
from nodegraph.graph.lazy import Lazy
from nodegraph.graph.literals import LiteralCheck
from nodegraph.graph.node_type import REQUIRED, InputSpec, NodeType, OutputSpec
from nodegraph.graph.widgets import Choice
from nodegraph.graph.wire import Wire, is_fragment_class, wire_of

__all__ = ["check_fingerprint", "read_signature", "spaced"]


def read_signature(
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
    specs, context, extras = _inputs(function, hints, helps, where)
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
        extras=extras,
        expands=_expands(hints["return"]),
        pack=(function.__module__ or "").partition(".")[0],
        is_async=is_async,
        by_name={spec.name: spec for spec in specs},
    )


def _inputs(
    function: Callable[..., Any], hints: dict[str, Any], helps: dict[str, str], where: str
) -> tuple[list[InputSpec], str | None, str | None]:
    specs: list[InputSpec] = []
    context: str | None = None
    extras: str | None = None
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
        if getattr(annotation, "__node_extras__", False):
            extras = parameter.name
            continue
        specs.append(_input(parameter, annotation, helps.get(parameter.name, ""), place))
    return specs, context, extras


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


def check_fingerprint(made: NodeType) -> None:
    where = f"node {made.name}: its fingerprint asks for"
    for name in made.fingerprint_names:
        if name in made.lazy_names:
            raise DeclarationError(f"{where} '{name}', which is lazy")
        if name != "files" and name not in made.by_name:
            close = nearest(name, [*made.by_name, "files"])
            hint = f"; did you mean '{close}'?" if close else ""
            raise DeclarationError(f"{where} '{name}', which is no input{hint}")


def _expands(returned: Any) -> bool:
    return any(is_fragment_class(t) for t in (returned, *get_args(returned)))


def _without_fragment(returned: Any) -> Any:
    """The return type without `Workflow`, which says that the node may expand."""
    if is_fragment_class(returned):
        return None
    if get_origin(returned) in (Union, UnionType) and _expands(returned):
        kept = [t for t in get_args(returned) if not is_fragment_class(t)]
        return functools.reduce(operator.or_, kept)
    return returned


def _outputs(returned: Any, names: tuple[str, ...] | None, where: str) -> Iterator[OutputSpec]:
    returned = _without_fragment(returned)
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


def spaced(name: str) -> str:
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
