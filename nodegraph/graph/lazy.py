"""Inputs a node asks for only when it needs them."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Generator
from typing import Any, Generic, TypeVar

__all__ = ["Lazy", "Ready"]

T_co = TypeVar("T_co", covariant=True)


class Lazy(Generic[T_co]):
    """An input that is made only if the node awaits it: `value = await lazy`."""

    @abstractmethod
    def __await__(self) -> Generator[Any, None, T_co]:
        """Wait for the value."""
        raise NotImplementedError


class Ready(Lazy[T_co]):
    """A lazy input whose value is there already: a literal, or one given by a test."""

    def __init__(self, value: T_co) -> None:
        self._value = value

    def __await__(self) -> Generator[Any, None, T_co]:
        return self._value
        yield
