import math
import operator
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodegraph import NodeError
from nodes.arithmetic import boolean_math, compare, float_math, float_to_int, int_math, negate

SMALL = st.integers(-(2**31), 2**31)
FLOATS = st.floats(-1e6, 1e6)


@given(SMALL, SMALL)
def test_whole_numbers(a: int, b: int) -> None:
    assert int_math(a, b, "add") == a + b
    assert int_math(a, b, "subtract") == a - b
    assert int_math(a, b, "multiply") == a * b
    assert int_math(a, b, "min") == min(a, b)
    assert int_math(a, b, "max") == max(a, b)
    if b:
        assert int_math(a, b, "divide") * b + int_math(a, b, "modulo") == a


def test_whole_powers() -> None:
    assert int_math(2, 63, "power") == 2**63
    assert int_math(-1, 10**9 + 1, "power") == -1
    assert int_math(0, 0, "power") == 1


@pytest.mark.parametrize(
    ("a", "b", "operation", "said"),
    [
        (7, 0, "divide", "7 divide 0 has no result; b must not be 0"),
        (7, 0, "modulo", "7 modulo 0 has no result"),
        (2, -1, "power", "no whole number; use FloatMath"),
        (2, 64, "power", "beyond 64 bits"),
        (10, 10**9, "power", "beyond 64 bits"),
        (2**63, 2, "multiply", "beyond 64 bits"),
        (-(2**63), 1, "subtract", "beyond 64 bits"),
    ],
)
def test_whole_numbers_that_have_no_result(a: int, b: int, operation: str, said: str) -> None:
    with pytest.raises(NodeError, match=said):
        int_math(a, b, operation)  # type: ignore[arg-type]


@given(FLOATS, FLOATS)
def test_numbers(a: float, b: float) -> None:
    assert float_math(a, b, "add") == a + b
    assert float_math(a, b, "subtract") == a - b
    assert float_math(a, b, "multiply") == a * b
    if abs(b) > 1e-3:
        assert float_math(a, b, "divide") == a / b
        assert math.isclose(float_math(a, b, "modulo"), a % b)


@pytest.mark.parametrize(
    ("a", "b", "operation"),
    [(1.0, 0.0, "divide"), (1.0, 0.0, "modulo"), (-1.0, 0.5, "power"), (10.0, 400.0, "power")],
)
def test_numbers_that_have_no_finite_result(a: float, b: float, operation: str) -> None:
    with pytest.raises(NodeError, match=rf"{a} {operation} {b} has no finite result"):
        float_math(a, b, operation)  # type: ignore[arg-type]


def test_whole_numbers_are_numbers_too() -> None:
    assert isinstance(float_math(2, 3, "multiply"), float)
    assert float_math(2, 0.5, "power") == math.sqrt(2)


@given(FLOATS)
def test_rounding(value: float) -> None:
    down, up = float_to_int(value, "down"), float_to_int(value, "up")
    assert down <= value <= up
    assert up - down <= 1
    assert float_to_int(value) in (down, up)
    assert abs(float_to_int(value) - value) <= 0.5


OPERATIONS: list[tuple[str, Callable[[float, float], bool]]] = [
    ("==", operator.eq),
    ("!=", operator.ne),
    ("<", operator.lt),
    ("<=", operator.le),
    (">", operator.gt),
    (">=", operator.ge),
]


@pytest.mark.parametrize(("operation", "means"), OPERATIONS)
def test_comparing(operation: str, means: Callable[[float, float], bool]) -> None:
    for a, b in ((1.0, 2.0), (2.0, 1.0), (1.0, 1.0)):
        assert compare(a, b, operation) is means(a, b)  # type: ignore[arg-type]


def test_logic() -> None:
    table = [(a, b) for a in (False, True) for b in (False, True)]
    assert [boolean_math(a, b, "and") for a, b in table] == [False, False, False, True]
    assert [boolean_math(a, b, "or") for a, b in table] == [False, True, True, True]
    assert [boolean_math(a, b, "xor") for a, b in table] == [False, True, True, False]
    assert negate(True) is False
    assert negate(False) is True
