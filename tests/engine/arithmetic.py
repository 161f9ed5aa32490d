"""Nodes over whole numbers that log every call."""

from collections.abc import Callable
from typing import Any, NamedTuple

from nodegraph import Lazy, node


class Parts(NamedTuple):
    """Two outputs."""

    tens: int
    ones: int


class Log(list[str]):
    """The calls of node functions, in order."""

    def taken(self) -> list[str]:
        """What was logged since it was last asked."""
        calls = list(self)
        self.clear()
        return calls


def arithmetic(log: Log) -> list[Callable[..., Any]]:
    """Node functions that write their names and inputs into `log`."""

    @node()
    def number(value: int = 0) -> int:
        log.append(f"number {value}")
        return value

    @node()
    def add(a: int, b: int = 0) -> int:
        log.append(f"add {a} {b}")
        return a + b

    @node()
    def clamp(value: int, high: int = 10) -> int:
        log.append(f"clamp {value} {high}")
        return min(value, high)

    @node()
    def digits(value: int) -> Parts:
        log.append(f"digits {value}")
        return Parts(value // 10, value % 10)

    @node()
    def numbers(count: int = 3) -> list[int]:
        log.append(f"numbers {count}")
        return list(range(count))

    @node()
    def total(values: list[int]) -> int:
        log.append(f"total {values}")
        return sum(values)

    @node()
    async def pick(which: bool, yes: Lazy[int], no: Lazy[int]) -> int:
        log.append(f"pick {which}")
        return await yes if which else await no

    @node(effect=True)
    def show(value: object) -> None:
        log.append(f"show {value}")

    return [number, add, clamp, digits, numbers, total, pick, show]
