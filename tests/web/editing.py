"""What the tests of editing share: a workflow to edit, and what it is after each step."""

import json
from typing import Any

from playwright.sync_api import Locator

from tests.web.editor import Editor

PAINTING: dict[str, Any] = {
    "nodegraph": 1,
    "nodes": {
        "mask": {"type": "SolidMask", "inputs": {"width": 8, "height": 8, "value": 0.0}},
        "colour": {"type": "MaskToImage", "inputs": {"mask": {"node": "mask"}}},
        "invert": {"type": "ImageInvert", "inputs": {"image": {"node": "colour"}}},
        "save": {"type": "SaveImage", "inputs": {"images": {"node": "invert"}}},
    },
    "layout": {name: {"x": 320 * n, "y": 0} for n, name in enumerate(["mask", "colour", "invert"])}
    | {"save": {"x": 640, "y": 240}},
}
"""A black mask, made a picture, made white, saved."""


def copied(editor: Editor) -> dict[str, Any]:
    """What was copied last."""
    text = editor.page.evaluate("localStorage.getItem('nodegraph.clip')")
    found: dict[str, Any] = json.loads(text)
    return found


def held(editor: Editor) -> dict[str, Any]:
    """The whole workflow as it is now; nothing is selected afterwards."""
    editor.press("Control+Shift+A")
    editor.page.evaluate("localStorage.removeItem('nodegraph.clip')")
    editor.press("Control+Alt+C")
    editor.page.wait_for_function("localStorage.getItem('nodegraph.clip') !== null")
    return copied(editor)


def nodes(editor: Editor) -> dict[str, Any]:
    found: dict[str, Any] = held(editor)["nodes"]
    return found


def layout(editor: Editor) -> dict[str, Any]:
    found: dict[str, Any] = held(editor)["layout"]
    return found


def head(editor: Editor, name: str) -> Locator:
    return editor.node(name).locator(".node-head")


def pick(editor: Editor, *names: str) -> None:
    """Select nodes by clicks; others no more."""
    for place, name in enumerate(names):
        held_down = ["Shift"] if place > 0 else []
        head(editor, name).click(modifiers=held_down, position={"x": 20, "y": 10})  # type: ignore[arg-type]


def box(editor: Editor, name: str) -> Locator:
    """A frame or a note."""
    return editor.page.locator(f'[data-box="{name}"]')


def choose(editor: Editor, place: Locator, *labels: str, **at: Any) -> None:
    """Open the context menu of something, and go through it."""
    place.click(button="right", **at)
    for label in labels:
        item = editor.page.get_by_role("menuitem", name=label).or_(
            editor.page.get_by_role("menuitemcheckbox", name=label)
        )
        item.first.click()
