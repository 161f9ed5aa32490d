"""Lists: a node that takes one value and gets a list is run once for each of its elements."""

from typing import Annotated

from nodegraph import Multiline, NodeError, Range, node
from nodes.primitives import LARGEST, SMALLEST, Integer

__all__ = ["NODES"]

Count = Annotated[int, Range(1, 4096)]


@node(category="list", outputs=("strings",))
def string_lines(text: Annotated[str, Multiline()] = "") -> list[str]:
    """The lines of a text, without empty ones: one prompt a line.

    Raises:
        NodeError: if there is no line.
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not lines:
        raise NodeError("'text' has no line; write one text on each line")
    return lines


@node(category="list", outputs=("ints",))
def int_range(start: Integer = 0, count: Count = 4, step: Integer = 1) -> list[int]:
    """`count` whole numbers: start, start + step, ... (seeds, for instance).

    Raises:
        NodeError: if they leave 64 bits.
    """
    last = start + step * (count - 1)
    if not SMALLEST <= last <= LARGEST:
        raise NodeError(
            f"the last number would be {last}, beyond 64 bits; begin with a smaller start"
        )
    return [start + step * i for i in range(count)]


@node(category="list", outputs=("floats",))
def float_range(start: float = 0.0, stop: float = 1.0, count: Count = 5) -> list[float]:
    """`count` numbers at even distances, the first `start` and the last `stop`."""
    if count == 1:
        return [float(start)]
    inner = [start + (stop - start) * i / (count - 1) for i in range(1, count - 1)]
    return [float(start), *inner, float(stop)]


NODES = (string_lines, int_range, float_range)
