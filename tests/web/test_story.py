"""The whole way: a template, another prompt, a run, another seed, a save, and the same again."""

import io
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.server.processes import Server
from tests.web.editor import Editor, quoted

pytestmark = pytest.mark.slow

PROMPT = "a large green triangle on a white background"
GREEN, WHITE, RED = (20, 140, 40), (245, 250, 250), (230, 30, 30)


def share(picture: Image.Image, colour: tuple[int, int, int]) -> float:
    """How much of a picture has nearly this colour, 0 to 1."""
    pixels = np.asarray(picture.convert("RGB"), dtype=float)
    near = np.abs(pixels - np.array(colour)).max(axis=-1) < 70
    return float(near.mean())


def shown(editor: Editor, node: str) -> Image.Image:
    """The picture that a node shows."""
    picture = editor.node(node).locator(".node-result img").first
    source = picture.get_attribute("src") or ""
    assert not source.startswith("data:"), "still a preview"
    url = picture.evaluate("(image) => image.src")
    return Image.open(io.BytesIO(editor.page.request.get(url).body()))


def test_from_a_template_to_the_same_picture_after_a_reload(editor: Editor, server: Server) -> None:
    begin(editor)
    first = make_another(editor)
    second = change_the_seed_alone(editor)
    assert first.tobytes() != second.tobytes()
    saved = save(editor, server)

    editor.page.reload()

    expect(editor.node("save")).to_be_visible()
    expect(editor.field("positive", "text")).to_have_value(PROMPT)
    expect(editor.field("sample", "seed")).to_have_value("7")
    assert shown(editor, "save").tobytes() == second.tobytes()
    editor.finished(editor.press_run())
    assert {editor.status(name) for name in saved["nodes"]} == {"reused"}
    assert shown(editor, "save").tobytes() == second.tobytes()
    assert save(editor, server) == saved


def begin(editor: Editor) -> None:
    """A fresh page offers templates; one of them opens, ready to run."""
    editor.page.get_by_role("button", name="Text to image").click()

    expect(editor.nodes).to_have_count(7)
    assert "red circle" in editor.field("positive", "text").input_value()


def make_another(editor: Editor) -> Image.Image:
    """Another prompt gives another picture; how far it is can be seen all the while."""
    editor.set("positive", "text", PROMPT)
    editor.set("sample", "steps", "30")
    watch = editor.watch()

    editor.finished(editor.press_run())

    seen = watch.seen()
    assert "running" in seen["sample"]
    assert {"ran"} <= set(seen["sample"]) & set(seen["save"])
    assert len(seen["progress of sample"]) >= 3
    assert any(title.endswith("Text to image") and "%" in title for title in seen["title"])
    assert seen["previews of sample"], "no preview was shown"
    picture = shown(editor, "save")
    assert share(picture, GREEN) > 0.1
    assert share(picture, WHITE) > 0.3
    assert share(picture, RED) < 0.02
    return picture


def change_the_seed_alone(editor: Editor) -> Image.Image:
    """Only what follows the seed runs again; the rest says that it was reused, and why."""
    editor.set("sample", "seed", "7")

    editor.finished(editor.press_run())

    states = {name: editor.status(name) for name in ("model", "positive", "negative", "latent")}
    assert set(states.values()) == {"reused"}, states
    states = {name: editor.status(name) for name in ("sample", "decode", "save")}
    assert set(states.values()) == {"ran"}, states
    assert "memory" in editor.reason("positive")
    assert "seed" in editor.reason("sample")
    picture = shown(editor, "save")
    assert share(picture, GREEN) > 0.1
    return picture


def save(editor: Editor, server: Server) -> Mapping[str, Any]:
    """What the server keeps under the name."""
    editor.press("Control+s")
    dialog = editor.page.get_by_role("dialog")
    if not server.ask("api/editor/workflows")[1]["workflows"]:
        dialog.get_by_role("textbox").fill("stories/green")
        dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_have_count(0)
    expect(editor.page.locator(".tabs-unsaved")).to_have_count(0)
    path = f"api/editor/workflows/{quoted('stories/green')}"
    server.until(lambda: server.ask(path)[0] == 200)
    document: Mapping[str, Any] = server.ask(path)[1]["document"]
    assert document["nodes"]["positive"]["inputs"]["text"] == PROMPT
    return document
