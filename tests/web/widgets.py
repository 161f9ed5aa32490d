"""What the tests of widgets share: a workflow with one node of each type of their pack."""

import io
import json
from typing import Any

from PIL import Image
from playwright.sync_api import Locator

from tests.web.editor import Editor

KINDS = ("Figures", "Words", "Many", "Files", "Inside")
DOCUMENT: dict[str, Any] = {
    "nodegraph": 1,
    "outputs": {name.lower(): {"node": name.lower()} for name in KINDS[:3]},
    "nodes": {name.lower(): {"type": name} for name in KINDS},
    "layout": {name.lower(): {"x": 300 * at, "y": 0} for at, name in enumerate(KINDS)},
}


def held(editor: Editor) -> dict[str, dict[str, Any]]:
    """The inputs of each node, as they are submitted."""
    with editor.page.expect_request(lambda one: one.url.endswith("/api/v2/jobs")) as sent:
        editor.button("Run").first.click()
    body = json.loads(sent.value.post_data or "")
    return {name: node.get("inputs", {}) for name, node in body["workflow"]["nodes"].items()}


def fix(editor: Editor, node: str, name: str, words: str) -> None:
    """Take the way out that the mark of a fault offers."""
    editor.widget(node, name).locator(".widget-fault").click()
    editor.button(words).click()


def picture(color: str = "red", size: tuple[int, int] = (64, 48)) -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", size, color).save(stream, "PNG")
    return stream.getvalue()


def drag(editor: Editor, field: Locator, by: int) -> None:
    box = field.bounding_box()
    assert box is not None
    x, y = box["x"] + 20, box["y"] + box["height"] / 2
    editor.page.mouse.move(x, y)
    editor.page.mouse.down()
    editor.page.mouse.move(x + by, y, steps=4)
    editor.page.mouse.up()
