"""What hands do on the canvas: point, drag, draw lines; and where things are for them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Locator, expect

from tests.web.editor import Document, Editor

Spot = tuple[float, float]


def spot(place: Locator, across: float = 0.5, down: float = 0.5) -> Spot:
    """A point of something on the page, as parts of its width and height."""
    box = place.bounding_box()
    assert box is not None
    return box["x"] + box["width"] * across, box["y"] + box["height"] * down


def beside(place: Spot, right: float, down: float) -> Spot:
    return place[0] + right, place[1] + down


@contextmanager
def held(editor: Editor, start: Spot, *to: Spot, button: Any = "left") -> Iterator[None]:
    """Press, move through some points, and hold; let go at the end."""
    mouse = editor.page.mouse
    mouse.move(*start)
    mouse.down(button=button)
    mouse.move(*beside(start, 6, 6))
    for point in to:
        mouse.move(*point, steps=4)
    yield
    mouse.up(button=button)


def drag(editor: Editor, start: Spot, *to: Spot, button: Any = "left") -> None:
    with held(editor, start, *to, button=button):
        pass


def open_nodes(editor: Editor, **nodes: Any) -> None:
    """Open a workflow of these nodes: each a type, inputs and where it stands."""
    made = {name: {"type": kind, "inputs": inputs} for name, (kind, inputs, _) in nodes.items()}
    layout = {name: {"x": place[0], "y": place[1]} for name, (_, _, place) in nodes.items()}
    editor.open({"nodegraph": 1, "nodes": made, "layout": layout})


def link(node: str, output: str) -> Document:
    return {"node": node, "output": output}


def expect_link(editor: Editor, target: str, name: str, source: str) -> None:
    """A link to an input is there, and comes from a node."""
    label = editor.link(target, name)
    expect(label).to_have_attribute("aria-label", f"{source} → {target} {name}")


def expect_no_link(editor: Editor, target: str, name: str) -> None:
    expect(editor.link(target, name)).to_have_count(0)


def palette(editor: Editor) -> Locator:
    return editor.page.locator(".palette")


def items(editor: Editor) -> Locator:
    return palette(editor).get_by_role("option")


def marked(editor: Editor) -> Locator:
    """The item that Enter takes."""
    return palette(editor).locator('[role="option"][aria-selected="true"]')
