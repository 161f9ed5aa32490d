"""Nodes and a workflow for the tests of sessions."""

from typing import Annotated, Any

from PIL import Image

from nodegraph import (
    Context,
    InputFile,
    NodeError,
    Secret,
    Seed,
    Session,
    Workflow,
    node,
)
from tests.graph.shapes import at, use


@node()
def sample(prompt: str, seed: Annotated[int, Seed()] = 0, steps: int = 2) -> str:
    return f"{prompt} {seed} {steps}"


@node(effect=True)
def write(text: str, ctx: Context, name: str = "note") -> None:
    ctx.files.save(name, ".txt", lambda stream: stream.write(text.encode()), type="text")


@node(effect=True)
def tell(text: str, ctx: Context) -> None:
    ctx.files.show(text)


@node(effect=True)
def paint(ctx: Context, size: int = 4) -> None:
    picture = Image.new("RGB", (size, size), "red")
    ctx.preview(picture)
    ctx.files.save("picture", ".png", lambda stream: picture.save(stream, "PNG"))


@node()
def read(name: Annotated[str, InputFile("text")], ctx: Context) -> str:
    return ctx.files.input(name).read_text()


@node()
def embedded(ctx: Context) -> str:
    return ctx.files.metadata["nodegraph"]


@node()
def ask(question: str, password: Annotated[str, Secret()] = "") -> str:
    return question


@node()
def inside(body: Workflow) -> Workflow | str:
    return body


@node()
def refuse(value: int = 0) -> int:
    raise NodeError("the value is too small")


def txt2txt(**changes: Any) -> Workflow:
    return Workflow.from_dict(
        {
            "nodegraph": 1,
            "name": "Text to text",
            "inputs": {
                "prompt": {"node": "sample", "input": "prompt"},
                "seed": {"node": "sample", "input": "seed"},
            },
            "outputs": {"text": {"node": "sample", "output": "str"}, "file": {"node": "save"}},
            "nodes": {
                "sample": use("Sample", prompt="a circle", seed=7),
                "save": use("Write", text=at("sample")),
            },
            **changes,
        }
    )


def session_total(session: Session) -> Any:
    """The lab's node that adds up a list."""
    found = session.registry.get("Total")
    assert found is not None
    return found.function
