"""Nodes for the contract. They lie in a module, so that any process can import them."""

import asyncio
from typing import Annotated, NamedTuple

from nodegraph import Context, Lazy, NodeError, Range, Workflow, node


class Parts(NamedTuple):
    """Two outputs."""

    whole: int
    rest: int


class Token:
    """A value without content that can be hashed or stored."""

    __opaque__ = True

    def __init__(self, number: int) -> None:
        self.number = number


@node()
def number(value: int = 0) -> int:
    """A whole number."""
    return value


@node()
def add(a: int, b: Annotated[int, Range(-(10**9), 10**9)] = 1) -> int:
    """The sum."""
    return a + b


@node()
def divide(a: int, b: int) -> Parts:
    """Quotient and remainder."""
    return Parts(*divmod(a, b))


@node()
def count_up(count: int) -> list[int]:
    """The numbers below `count`."""
    return list(range(count))


@node()
def total(values: list[int]) -> int:
    """The sum of a list."""
    return sum(values)


@node()
def maybe(a: int | None = None, b: int | None = None) -> int:
    """How many of its inputs there are."""
    return (a is not None) + (b is not None)


@node()
async def either(first: bool, a: Lazy[int], b: Lazy[int]) -> int:
    """One of two inputs; the other is not made."""
    return await a if first else await b


@node(io=True)
def fetch(value: int) -> int:
    """A node that waits for something outside."""
    return value


@node()
async def later(value: int) -> int:
    """A node that lets others go first."""
    await asyncio.sleep(0)
    return value


@node(volatile=True)
def roll() -> int:
    """A node that is never reused."""
    return 4


@node()
def make_token(value: int) -> Token:
    """An opaque value."""
    return Token(value)


@node()
def read_token(token: Token) -> int:
    """What is in it."""
    return token.number


@node()
def refuse(a: int) -> int:
    """A node that refuses its input."""
    raise NodeError(f"{a} is not acceptable")


@node()
def crash(a: int) -> int:
    """A node with a bug."""
    raise ZeroDivisionError("by accident")


@node()
def lie(a: int) -> int:
    """A node that returns something else than it says."""
    return str(a)  # type: ignore[return-value]


@node(effect=True)
def write(value: int, ctx: Context, name: str = "number") -> None:
    """Write a number to a file."""
    ctx.files.save(name, ".txt", lambda out: out.write(b"%d" % value), type="text", name="texts")


@node()
def tower(height: int, a: int = 0) -> int | Workflow:
    """Add one, `height` times, by a graph that grows."""
    if height == 0:
        return a
    made = Workflow()
    step = made.add(add, id="step", a=a)
    made.declare_output("int", made.add(tower, id="rest", height=height - 1, a=step))
    return made


NODES = (
    number,
    add,
    divide,
    count_up,
    total,
    maybe,
    either,
    fetch,
    later,
    roll,
    make_token,
    read_token,
    refuse,
    crash,
    lie,
    write,
    tower,
)
