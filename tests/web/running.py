"""What the tests of running share: a server whose nodes are slow, print, fail or say a number."""

from collections.abc import Mapping
from typing import Any

from playwright.sync_api import Locator, expect

from tests.server.processes import Server
from tests.web.editor import Editor

Workflow = dict[str, Any]


def workflow(name: str = "", **nodes: Mapping[str, Any]) -> Workflow:
    """A workflow whose nodes stand in a row; each is its inputs, with its type under `type`."""
    entries, layout = {}, {}
    for place, (node, inputs) in enumerate(nodes.items()):
        values = dict(inputs)
        entries[node] = {"type": values.pop("type"), "inputs": values}
        layout[node] = {"x": 320 * place, "y": 40}
    return {"nodegraph": 1, "name": name, "nodes": entries, "layout": layout}


def link(node: str, output: str = "str") -> dict[str, str]:
    return {"node": node, "output": output}


def saved(name: str = "", **node: Any) -> Workflow:
    """One node, and one that saves the text it gives."""
    return workflow(name, it=node, save={"type": "SaveText", "text": link("it")})


def slow(steps: int = 200, text: str = "slow", name: str = "Slow one") -> Workflow:
    """Steps of 20 ms, each with a preview."""
    return saved(name, type="Slow", text=text, steps=steps)


def jobs(server: Server) -> list[dict[str, Any]]:
    """What has ended, newest first."""
    found: list[dict[str, Any]] = server.ask("api/editor/history?limit=100")[1]["jobs"]
    return found


def ran(server: Server, job: str) -> Workflow:
    """The workflow that a job ran."""
    found: Workflow = server.ask(f"api/editor/jobs/{job}/workflow")[1]["workflow"]
    return found


def panel(editor: Editor, name: str) -> Locator:
    """A panel, opened by its icon if it is closed."""
    found = editor.page.get_by_role("complementary", name=name)
    if found.count() == 0:
        rail = editor.page.get_by_role("navigation", name="Panels")
        rail.get_by_role("button", name=name).click()
    expect(found).to_be_visible()
    return found


def choose(editor: Editor, command: str) -> None:
    """A command of the menu beside Run."""
    editor.button("Other ways to run").click()
    editor.page.get_by_role("menuitem", name=command).click()
