"""Arithmetic, comparisons and logic."""

import math
import operator
from collections.abc import Callable
from typing import Any, Literal

from nodegraph import NodeError, node
from nodes.primitives import LARGEST, SMALLEST, Integer

__all__ = ["NODES"]

Operation = Literal["add", "subtract", "multiply", "divide", "modulo", "power", "min", "max"]
Comparison = Literal["==", "!=", "<", "<=", ">", ">="]

_BINARY: dict[str, Callable[[Any, Any], Any]] = {
    "add": operator.add,
    "subtract": operator.sub,
    "multiply": operator.mul,
    "modulo": operator.mod,
    "min": min,
    "max": max,
}
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@node(category="math", outputs=("int",))
def int_math(a: Integer = 0, b: Integer = 0, operation: Operation = "add") -> int:
    """Arithmetic on whole numbers.

    Args:
        operation: divide rounds down; modulo has the sign of b.

    Raises:
        NodeError: for a division by 0, a negative power, a result beyond 64 bits.
    """
    if operation in ("divide", "modulo") and b == 0:
        raise NodeError(f"{a} {operation} 0 has no result; b must not be 0")
    if operation == "power":
        result = _int_power(a, b)
    elif operation == "divide":
        result = a // b
    else:
        result = int(_BINARY[operation](a, b))
    if not SMALLEST <= result <= LARGEST:
        raise _beyond(a, operation, b)
    return result


def _int_power(a: int, b: int) -> int:
    if b < 0:
        raise NodeError(f"{a} power {b} is no whole number; use FloatMath, or b from 0 on")
    if abs(a) > 1 and b > 64:
        raise _beyond(a, "power", b)
    return int(a**b)


def _beyond(a: int, operation: str, b: int) -> NodeError:
    return NodeError(f"{a} {operation} {b} is beyond 64 bits ({SMALLEST} to {LARGEST})")


@node(category="math", outputs=("float",))
def float_math(a: float = 0.0, b: float = 0.0, operation: Operation = "add") -> float:
    """Arithmetic on numbers.

    Args:
        operation: modulo has the sign of b.

    Raises:
        NodeError: for a division by 0, or where there is no finite result.
    """
    try:
        result = _float_result(float(a), float(b), operation)
    except (ZeroDivisionError, OverflowError, ValueError):
        result = math.nan
    if not math.isfinite(result):
        raise NodeError(f"{a} {operation} {b} has no finite result")
    return result


def _float_result(a: float, b: float, operation: Operation) -> float:
    if operation == "power":
        return math.pow(a, b)
    if operation == "divide":
        return a / b
    return float(_BINARY[operation](a, b))


@node(category="math", outputs=("int",))
def float_to_int(value: float = 0.0, rounding: Literal["nearest", "down", "up"] = "nearest") -> int:
    """A number as a whole number.

    Args:
        rounding: nearest takes the even one of two that are as near.
    """
    match rounding:
        case "nearest":
            return round(value)
        case "down":
            return math.floor(value)
        case "up":
            return math.ceil(value)


@node(category="logic", outputs=("boolean",))
def compare(a: float = 0.0, b: float = 0.0, operation: Comparison = "==") -> bool:
    """Compare two numbers."""
    return _COMPARE[operation](a, b)


@node(category="logic", outputs=("boolean",))
def boolean_math(
    a: bool = False, b: bool = False, operation: Literal["and", "or", "xor"] = "and"
) -> bool:
    """Join two truths."""
    match operation:
        case "and":
            return a and b
        case "or":
            return a or b
        case "xor":
            return a != b


@node(name="Not", category="logic", outputs=("boolean",))
def negate(value: bool = False) -> bool:
    """True for false, false for true."""
    return not value


NODES = (int_math, float_math, float_to_int, compare, boolean_math, negate)
