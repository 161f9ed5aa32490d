"""Values written into the graph, choosing between them, showing them."""

import dataclasses
import json
from typing import Annotated, TypeVar

from torch import Tensor

from nodegraph import Context, Lazy, Multiline, Range, Seed, node

__all__ = ["LARGEST", "NODES", "SMALLEST", "Integer", "describe"]

T = TypeVar("T")

SMALLEST, LARGEST = -(2**63), 2**64 - 1
Integer = Annotated[int, Range(SMALLEST, LARGEST)]


@node(name="Int", category="primitive", aliases=("PrimitiveInt",), outputs=("int",))
def integer(value: Integer = 0) -> int:
    """A whole number."""
    return value


@node(name="Float", category="primitive", aliases=("PrimitiveFloat",), outputs=("float",))
def number(value: float = 0.0) -> float:
    """A number."""
    return float(value)


@node(
    name="String",
    category="primitive",
    aliases=("PrimitiveString", "PrimitiveStringMultiline"),
    outputs=("string",),
)
def string(value: Annotated[str, Multiline()] = "") -> str:
    """A text."""
    return value


@node(name="Boolean", category="primitive", aliases=("PrimitiveBoolean",), outputs=("boolean",))
def boolean(value: bool = False) -> bool:
    """True or false."""
    return value


@node(name="Seed", category="primitive", outputs=("seed",))
def seed_value(seed: Annotated[int, Seed()] = 0) -> int:
    """A seed for several nodes at once."""
    return seed


@node(name="Switch", category="logic", aliases=("ComfySwitchNode",), outputs=("output",))
async def choose(switch: bool, on_false: Lazy[T], on_true: Lazy[T]) -> T:
    """One of two values; what only the other one needs is not run.

    Args:
        switch: which of the two.
    """
    return await (on_true if switch else on_false)


@node(category="text", effect=True, aliases=("PreviewAny",), outputs=("string",))
def preview_text(source: object, *, ctx: Context) -> str:
    """Show a value as text: texts as they are, lists line by line, tensors by shape and range."""
    text = describe(source)
    ctx.files.show(text)
    return text


def describe(value: object) -> str:
    """A value in words: texts as they are, numbers as JSON, a list line by line."""
    if isinstance(value, str):
        return value
    if value is None or isinstance(value, int | float):
        return json.dumps(value)
    if isinstance(value, list):
        return "\n".join(describe(item) for item in value)
    if isinstance(value, Tensor):
        return _tensor(value)
    if dataclasses.is_dataclass(value) and not hasattr(value, "__opaque__"):
        parts = ((field.name, getattr(value, field.name)) for field in dataclasses.fields(value))
        shown = ", ".join(f"{name} {describe(part)}" for name, part in parts if part is not None)
        return f"{type(value).__name__}: {shown}"
    if isinstance(value, tuple):
        return f"({', '.join(describe(item) for item in value)})"
    return type(value).__name__


def _tensor(values: Tensor) -> str:
    if values.numel() == 0:
        return str(list(values.shape))
    return f"{list(values.shape)} {values.min():.4g}..{values.max():.4g}"


NODES = (integer, number, string, boolean, seed_value, choose, preview_text)
