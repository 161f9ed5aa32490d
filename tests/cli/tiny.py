"""A small node pack without torch: what a command line can meet, one node for each."""

import errno
import os
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, BinaryIO, Literal, NamedTuple

from nodegraph import Context, InputFile, ModelFile, NodeError, Range, Seed, Session, node
from nodegraph.plugins.loader import Pack, registry_of


class Blob:
    """A value that is no text."""


class Halves(NamedTuple):
    first: str
    second: str


@node(category="tiny/text")
def text(value: str = "hello") -> str:
    """A text.

    Args:
        value: the text itself.
    """
    return value


@node(category="tiny/text", name="Split")
def split(text: str) -> Halves:
    """Both halves of a text."""
    return Halves(text[: len(text) // 2], text[len(text) // 2 :])


@node(category="tiny/number")
def number(
    value: Annotated[int, Range(0, 100)] = 1,
    factor: float = 1.0,
    upper: bool = False,
    mode: Literal["plain", "fancy"] = "plain",
    items: list[int] = [],  # noqa: B006
    seed: Annotated[int, Seed()] = 0,
    note: str | None = None,
) -> str:
    """Everything that a literal can be."""
    return repr([value, factor, upper, mode, items, seed, note])


@node(category="tiny")
def make_blob() -> Blob:
    """A blob."""
    return Blob()


@node(category="tiny")
def use_blob(blob: Blob) -> str:
    """What a blob is."""
    return type(blob).__name__


@node(category="tiny/model")
def pick_model(name: Annotated[str, ModelFile("checkpoints")]) -> str:
    """The name of a model."""
    return name


@node(category="tiny")
def read_text(file: Annotated[str, InputFile("text")], ctx: Context) -> str:
    """The content of a file."""
    return ctx.files.input(file).read_text()


@node(category="tiny", effect=True, name="SaveText")
def save_text(text: str, ctx: Context, name: str = "text") -> None:
    """Save a text."""
    ctx.files.save(name, ".txt", lambda out: out.write(text.encode()), type="text", name="texts")


@node(category="tiny", effect=True, name="ShowText")
def show_text(text: str, ctx: Context) -> None:
    """Show a text."""
    ctx.files.show(text)


@node(category="tiny/trouble", effect=True)
def full_disk(text: str, ctx: Context) -> None:
    """Save a text on a disk that has no room for the second half."""

    def write(out: BinaryIO) -> None:
        out.write(text.encode())
        raise OSError(errno.ENOSPC, "No space left on device")

    ctx.files.save("text", ".txt", write)


@node(category="tiny/trouble")
def boom(text: str) -> str:
    """Raise what nobody expects."""
    raise RuntimeError(f"the fuse of {text} blew")


@node(category="tiny/trouble")
def refuse(text: str) -> str:
    """Refuse the input, in words for the user."""
    raise NodeError(f"'{text}' is no good; try another")


@node(category="tiny/trouble")
def chatty(text: str) -> str:
    """Print in every way there is."""
    print("printed by Python")
    os.write(1, b"written to descriptor 1\n")
    subprocess.run(["echo", "printed by a child"], check=True)
    return text


@node(category="tiny/trouble")
def slow(ctx: Context, steps: int = 2, seconds: float = 0.01) -> str:
    """Take some steps, looking at each whether to stop."""
    for i in range(steps):
        ctx.check_cancelled()
        time.sleep(seconds)
        ctx.progress(i + 1, steps)
    return "done"


@node(category="tiny/trouble")
def stuck(seconds: float = 60.0) -> str:
    """Never look whether to stop."""
    time.sleep(seconds)
    return "done"


NODES = (
    text,
    split,
    number,
    make_blob,
    use_blob,
    pick_model,
    read_text,
    save_text,
    show_text,
    full_disk,
    boom,
    refuse,
    chatty,
    slow,
    stuck,
)

MODELS = {"checkpoints": {"tiny-model": Path(__file__)}}

PACK = Pack("tiny", "tests.cli.tiny", "1.0", NODES, MODELS, seconds=0.1)


def open_tiny(data: Path, models: Sequence[Path], packs: Sequence[Pack] = (PACK,)) -> Session:
    """A session that knows this pack only."""
    return Session(data, registry_of(list(packs)), packs, tuple(models))
