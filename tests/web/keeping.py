"""What somebody does to keep their work, as the tests of keeping see it."""

import urllib.parse
from typing import Any

from playwright.sync_api import Locator, expect

from tests.server.processes import ROOT, Server
from tests.web.editor import Editor
from tests.web.running import workflow

TEMPLATE = ROOT / "workflows" / "txt2img.json"
LIGHT = workflow("Light", sample={"type": "Slow", "text": "light", "steps": 20})
"""What a server with the tests' own nodes can show: it has steps, too."""
AWAY = "ERR_|Failed to load"
"""What the browser says of a server that is not there."""
LEAVES = "() => dispatchEvent(new Event('beforeunload', {cancelable: true}))"
"""Whether the page would go without asking."""


def stored(server: Server, name: str, kind: str = "workflows") -> Any:
    """A workflow or a draft as the server has it."""
    return server.ask(f"api/editor/{kind}/{urllib.parse.quote(name, safe='')}")[1]


def drafts(server: Server) -> list[dict[str, Any]]:
    """The documents of the journal, the newest first."""
    found = server.ask("api/editor/drafts")[1]["drafts"]
    return [stored(server, one["name"], "drafts")["document"] for one in found]


def until_drafted(server: Server, steps: int) -> None:
    server.until(lambda: any(steps_of(one) == steps for one in drafts(server)))


def steps_of(document: dict[str, Any]) -> Any:
    return document["nodes"]["sample"]["inputs"]["steps"]


def tabs(editor: Editor) -> Locator:
    return editor.page.locator("[data-tab]")


def shown_tab(editor: Editor) -> Locator:
    return editor.page.locator("[data-tab][data-shown=true]")


def set_steps(editor: Editor, steps: int) -> None:
    editor.set("sample", "steps", str(steps))
    expect(shown_tab(editor)).to_have_attribute("data-unsaved", "true")


def expect_steps(editor: Editor, steps: int) -> None:
    expect(editor.field("sample", "steps")).to_have_value(str(steps))


def dialog(editor: Editor) -> Locator:
    return editor.page.get_by_role("dialog")


def save_as(editor: Editor, name: str) -> None:
    editor.press("Control+s")
    dialog(editor).get_by_label("Name").fill(name)
    dialog(editor).get_by_role("button", name="Save").click()
    expect(dialog(editor)).to_have_count(0)
    expect(shown_tab(editor)).to_have_attribute("data-unsaved", "false")


def save(editor: Editor) -> None:
    editor.press("Control+s")
    expect(shown_tab(editor)).to_have_attribute("data-unsaved", "false")


def open_saved(editor: Editor, name: str) -> None:
    editor.press("Control+o")
    dialog(editor).get_by_label("Search").fill(name)
    dialog(editor).get_by_role("button", name=name.rpartition("/")[2]).first.click()
    expect(editor.node("sample")).to_be_attached()
