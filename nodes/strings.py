"""Texts: joining, replacing, filling in."""

import re
from string import Formatter
from typing import Annotated, Literal

from nodegraph import Multiline, NodeError, Range, node

__all__ = ["NODES"]

Text = Annotated[str, Multiline()]
Position = Annotated[int, Range(-(2**31), 2**31)]


@node(category="text", outputs=("string",))
def string_concatenate(string_a: Text = "", string_b: Text = "", delimiter: str = "") -> str:
    """One text after the other.

    Args:
        delimiter: what stands between them.
    """
    return f"{string_a}{delimiter}{string_b}"


@node(category="text", outputs=("string",))
def string_replace(string: Text = "", find: str = "", replace: str = "") -> str:
    """The text with every `find` replaced; an empty `find` changes nothing."""
    return string.replace(find, replace) if find else string


@node(category="text", outputs=("string",))
def string_trim(string: Text = "", mode: Literal["Both", "Left", "Right"] = "Both") -> str:
    """The text without white space at its ends."""
    match mode:
        case "Both":
            return string.strip()
        case "Left":
            return string.lstrip()
        case "Right":
            return string.rstrip()


@node(category="text", outputs=("string",))
def string_substring(string: Text = "", start: Position = 0, end: Position = 0) -> str:
    """The characters from `start` up to, without, `end`; negative ones count from the end."""
    return string[start:end]


@node(category="text", outputs=("int",))
def string_length(string: Text = "") -> int:
    """The number of characters."""
    return len(string)


@node(category="text", outputs=("boolean",))
def string_contains(string: Text = "", substring: str = "", case_sensitive: bool = True) -> bool:
    """Whether the text holds another."""
    if case_sensitive:
        return substring in string
    return substring.casefold() in string.casefold()


@node(category="text", outputs=("string",))
def string_format(
    template: Text = "",
    a: str | int | float | bool | None = None,
    b: str | int | float | bool | None = None,
    c: str | int | float | bool | None = None,
    d: str | int | float | bool | None = None,
) -> str:
    """Fill values into a text: `a {a} circle`, `{b:.2f}`.

    Args:
        template: the text; {a} to {d} stand for the values, {{ and }} for braces. Numbers
            may have a format after a colon, as in Python.

    Raises:
        NodeError: for a brace without a partner, an unknown name, a value that is not given,
            or a format that does not fit its value.
    """
    values = {"a": a, "b": b, "c": c, "d": d}
    try:
        parts = list(Formatter().parse(template))
    except ValueError as error:
        raise NodeError(f"the template is not valid: {error}; write {{{{ for a brace") from error
    return "".join(
        literal + ("" if name is None else _filled(name, spec or "", conversion, values))
        for literal, name, spec, conversion in parts
    )


def _filled(
    name: str, spec: str, conversion: str | None, values: dict[str, str | int | float | bool | None]
) -> str:
    if name not in values or conversion:
        raise NodeError(f"the template has {{{name}}}; it may have {{a}}, {{b}}, {{c}} and {{d}}")
    value = values[name]
    if value is None:
        raise NodeError(f"the template has {{{name}}}, and the input '{name}' is not given")
    if isinstance(value, bool):
        value = "true" if value else "false"
    # Long numbers in a format ask for that many characters.
    if "{" in spec or re.search(r"\d{4}", spec):
        raise NodeError(f"the format '{spec}' of {{{name}}} is not allowed; say something shorter")
    try:
        return format(value, spec)
    except ValueError as error:
        raise NodeError(f"the format '{spec}' does not fit {name} = {value!r}: {error}") from error


NODES = (
    string_concatenate,
    string_replace,
    string_trim,
    string_substring,
    string_length,
    string_contains,
    string_format,
)
