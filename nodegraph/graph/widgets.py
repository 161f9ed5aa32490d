"""Marks for `Annotated[...]`: what a literal input may be and how an editor should ask for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

__all__ = ["Choice", "InputFile", "ModelFile", "Multiline", "Names", "Range", "Secret", "Seed"]


class Names(Protocol):
    """Where the names of models and input files come from when a workflow is checked."""

    def models(self, kind: str) -> Sequence[str]: ...

    def has_input(self, name: str) -> bool: ...


@dataclass(frozen=True, slots=True)
class Range:
    """A number between `min` and `max`, both included; `step` is the editor's increment."""

    min: float | None = None
    max: float | None = None
    step: float | None = None


@dataclass(frozen=True, slots=True, init=False)
class Choice:
    """One of some values, given as they are or as a function that lists them when asked."""

    values: tuple[object, ...]
    source: Callable[[], Sequence[object]] | None

    def __init__(self, *values: object) -> None:
        source = values[0] if len(values) == 1 and callable(values[0]) else None
        object.__setattr__(self, "source", source)
        object.__setattr__(self, "values", () if source else values)

    def options(self) -> tuple[object, ...]:
        """The values to choose from, at this moment."""
        return tuple(self.source()) if self.source else self.values


@dataclass(frozen=True, slots=True)
class ModelFile:
    """The name of a model of one kind (`checkpoints`, `vae`, `loras`, ...)."""

    kind: str


@dataclass(frozen=True, slots=True)
class InputFile:
    """The name of a file in the input folder, or a path; `kind` tells the editor what to offer."""

    kind: str = "image"


@dataclass(frozen=True, slots=True)
class Multiline:
    """A text of several lines."""

    prompt: bool = False


@dataclass(frozen=True, slots=True)
class Seed:
    """A seed, 0 to 2**64 - 1; a workflow may say "random", which is drawn before the run."""

    max: int = 2**64 - 1


@dataclass(frozen=True, slots=True)
class Secret:
    """A text that is never written into results, logs or events."""
