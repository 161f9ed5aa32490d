"""Strict checks of the values written into a workflow file."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import ConfigDict, JsonValue, TypeAdapter, ValidationError

from nodegraph.errors import InvalidWorkflow, Problem, WorkflowFileError, nearest
from nodegraph.graph.widgets import Choice, InputFile, ModelFile, Names, Range, Seed
from nodegraph.graph.wire import PLAIN, Wire, is_fragment_class

__all__ = ["LiteralCheck", "literal_values", "show"]

_STRICT = ConfigDict(strict=True, allow_inf_nan=False)


def show(value: object) -> str:
    """A value in a message: JSON-like, and short."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


@dataclass(frozen=True)
class LiteralCheck:
    """What a literal for one input must be: its type, then its range, choices or file."""

    annotation: Any
    wire: Wire
    marks: tuple[object, ...] = field(default=())

    @cached_property
    def allowed(self) -> bool:
        """Whether the input can be written into a file at all; if not it must be linked."""
        return self.is_body or self.wire.is_any or all(t in PLAIN for t in self.wire.types)

    @cached_property
    def is_body(self) -> bool:
        """Whether the input is a workflow, written into the file in place."""
        return any(is_fragment_class(t) for t in self.wire.types)

    @cached_property
    def _adapter(self) -> TypeAdapter[Any]:
        wanted: Any = self.annotation
        if self.wire.is_any:
            wanted = list[JsonValue] if self.wire.is_list else JsonValue
        return TypeAdapter(wanted, config=_STRICT)

    def __call__(self, value: object, names: Names | None) -> tuple[object, Problem | None]:
        """The value as the node will get it, or what is wrong with it (without node and field)."""
        if type(value) is self._plain:
            return value, None
        if value is None and (self.wire.optional or self.wire.is_any):
            return None, None
        if value == "random" and self._seed is not None:
            return value, None
        if self.is_body:
            return self._body(value)
        if self._options and not _is_one_of(value, self._options):
            return value, _not_in_list(value, list(self._options))
        try:
            checked = self._adapter.validate_python(value)
            _encode(checked)
        except ValidationError as error:
            finite = all(one["type"] != "finite_number" for one in error.errors())
            return value, self._type_problem(value, "" if finite else "a finite number")
        except UnicodeEncodeError:
            return value, self._type_problem(value, "text that is Unicode")
        for mark in self.marks:
            if (problem := _check_mark(mark, checked, names)) is not None:
                return checked, problem
        return checked, None

    def _body(self, value: object) -> tuple[object, Problem | None]:
        made: Any = next(t for t in self.wire.types if is_fragment_class(t))
        if isinstance(value, made):
            return value, None
        try:
            return made.from_dict(value, "the workflow given here"), None
        except (WorkflowFileError, InvalidWorkflow) as error:
            return value, Problem("malformed", str(error), expected="a workflow", got=show(value))

    @cached_property
    def _plain(self) -> type | None:
        """The one type of literals that need no further check, if it is so simple."""
        simple = self.annotation in (bool, int) and not self.marks
        return self.annotation if simple and self.wire.types == (self.annotation,) else None

    @cached_property
    def _options(self) -> tuple[object, ...]:
        return literal_values(self.annotation)

    @cached_property
    def _seed(self) -> Seed | None:
        return next((m for m in self.marks if isinstance(m, Seed)), None)

    def _type_problem(self, value: object, wanted: str = "") -> Problem:
        expected = wanted or (self.wire.name if self.wire.name != "any" else "a JSON value")
        return Problem(
            "invalid_input_type",
            f"expected {expected}, got {show(value)} ({type(value).__name__})",
            expected=expected,
            got=show(value),
        )


def literal_values(annotation: Any) -> tuple[object, ...]:
    """The values of a `Literal`, also of one that is marked or optional; else none."""
    if get_origin(annotation) is Literal:
        return get_args(annotation)
    if get_origin(annotation) in (Annotated, Union, UnionType):
        inner = [a for a in get_args(annotation) if a is not type(None)]
        return literal_values(inner[0])
    return ()


def _is_one_of(value: object, options: tuple[object, ...]) -> bool:
    return any(type(value) is type(option) and value == option for option in options)


def _encode(value: object) -> None:
    for text in value if isinstance(value, list) else [value]:
        if isinstance(text, str) and not text.isascii():
            text.encode()


def _not_in_list(value: object, options: list[object], what: str = "one of") -> Problem:
    close = nearest(value, [str(o) for o in options])
    listed = ", ".join(map(str, options[:20])) + (", ..." if len(options) > 20 else "")
    return Problem(
        "value_not_in_list",
        f"{show(value)} is not {what}: {listed or '(there are none)'}",
        expected=listed,
        got=show(value),
        nearest=close,
    )


def _check_mark(mark: object, value: Any, names: Names | None) -> Problem | None:
    match mark:
        case Range():
            return _check_range(value, mark.min, mark.max)
        case Seed():
            return _check_range(value, 0, mark.max)
        case Choice():
            options = mark.options()
            return None if value in options else _not_in_list(value, list(options))
        case ModelFile() if names is not None:
            present = names.models(mark.kind)
            if value in present:
                return None
            problem = _not_in_list(value, list(present), f"an installed model of '{mark.kind}'")
            return Problem("missing_model", *_tail(problem))
        case InputFile() if names is not None and not names.has_input(value):
            message = f"there is no input file {show(value)}"
            return Problem("missing_input_file", message, expected="a file", got=show(value))
    return None


def _tail(problem: Problem) -> tuple[Any, ...]:
    return tuple(problem.as_dict().values())[1:]


def _check_range(value: Any, low: float | None, high: float | None) -> Problem | None:
    values = value if isinstance(value, list) else [value]
    for one in values:
        if low is not None and one < low:
            return Problem(
                "value_smaller_than_min",
                f"{one} is below the minimum of {low}",
                expected=f">= {low}",
                got=str(one),
            )
        if high is not None and one > high:
            return Problem(
                "value_bigger_than_max",
                f"{one} is above the maximum of {high}",
                expected=f"<= {high}",
                got=str(one),
            )
    return None
