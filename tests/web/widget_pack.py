"""A node pack with one node that asks for every kind of value, and one that says what it got."""

from typing import Annotated, Literal

from nodegraph import (
    Choice,
    InputFile,
    ModelFile,
    Multiline,
    Range,
    Secret,
    Seed,
    Workflow,
    node,
)


@node(category="widgets", name="Figures")
def figures(
    size: Annotated[int, Range(8, 1024, 8)] = 64,
    share: Annotated[float, Range(0, 1, 0.01)] = 0.5,
    scale: float = 1.0,
    count: int = 0,
    seed: Annotated[int, Seed()] = 0,
    ready: bool = False,
) -> str:
    """Numbers.

    Args:
        size: How wide it becomes, in pixels.
    """
    return f"{size} {share} {scale} {count} {seed} {ready}"


@node(category="widgets", name="Words")
def words(
    line: str = "one",
    prompt: Annotated[str, Multiline(prompt=True)] = "",
    color: str = "#336699",
    secret: Annotated[str, Secret()] = "",
    method: Literal["nearest", "bilinear", "bicubic"] = "nearest",
    level: Annotated[int, Choice(1, 2, 4)] = 1,
) -> str:
    """Texts and choices."""
    return f"{line} {prompt} {color} {len(secret)} {method} {level}"


@node(category="widgets", name="Many")
def many(
    numbers: list[float] = [1.0],  # noqa: B006
    names: list[str] = [],  # noqa: B006
    flags: list[bool] = [True],  # noqa: B006
) -> str:
    """Lists."""
    return f"{numbers} {names} {flags}"


@node(category="widgets", name="Files")
def files(
    picture: Annotated[str, InputFile("image")] = "",
    sound: Annotated[str, InputFile("audio")] = "",
    model: Annotated[str, ModelFile("checkpoints")] = "small.safetensors",
) -> str:
    """Names of files and models."""
    return f"{picture} {sound} {model}"


@node(category="widgets", name="Inside")
def inside(body: Workflow | None = None, condition: Workflow | None = None) -> str:
    """Holds workflows."""
    return f"{body} {condition}"


NODES = (figures, words, many, files, inside)
