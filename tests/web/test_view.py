"""What somebody looks at stays in place; what runs and what is selected look different."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.server.processes import PACK, Server
from tests.web.conftest import OpenEditor, clean
from tests.web.editor import Editor
from tests.web.hands import open_nodes, spot
from tests.web.running import panel, slow

FOR_EVER = 100_000


@pytest.fixture(scope="module")
def pack_server(built: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    made = Server(tmp_path_factory.mktemp("views"), pack=PACK)
    made.worker_ready()
    yield made
    made.close()


@pytest.fixture
def server(pack_server: Server) -> Server:
    clean(pack_server)
    return pack_server


def titled(steps: int) -> dict[str, Any]:
    """A slow workflow whose node was given a title."""
    made = slow(steps=steps)
    made["layout"]["it"]["title"] = "Fine strokes"
    return made


def test_a_panel_opens_and_closes_beside_a_graph_that_stays_in_place(editor: Editor) -> None:
    editor.open(slow())
    before = spot(editor.node("save"))

    found = panel(editor, "History")
    assert spot(editor.node("save")) == pytest.approx(before, abs=1)
    found.get_by_role("separator").focus()
    editor.press("ArrowRight")
    assert spot(editor.node("save")) == pytest.approx(before, abs=1)
    editor.press("Escape")
    expect(found).to_have_count(0)
    assert spot(editor.node("save")) == pytest.approx(before, abs=1)


def test_a_reload_without_the_panel_shows_the_same_place(editor: Editor) -> None:
    editor.open(slow())
    panel(editor, "History")
    editor.page.mouse.move(1000, 700)
    editor.page.mouse.down()
    editor.page.mouse.move(960, 660, steps=4)
    editor.page.mouse.up()
    before = spot(editor.node("save"))
    expect(editor.page.locator(".keeping-mark, .react-flow")).not_to_have_count(0)
    editor.page.wait_for_timeout(2500)  # the draft is written within 2 s

    editor.page.reload()

    expect(editor.node("save")).to_be_visible()
    assert spot(editor.node("save")) == pytest.approx(before, abs=2)


def test_a_run_is_told_with_the_title_of_its_node(editor: Editor) -> None:
    editor.open(titled(FOR_EVER))

    editor.run()

    expect(editor.page.locator(".running-words")).to_contain_text("Fine strokes")
    queue = panel(editor, "Queue")
    expect(queue.locator(".panels-quiet").first).to_contain_text("Fine strokes")
    editor.button("Stop").click()


@pytest.mark.parametrize("look", ["light", "dark", "contrast"])
def test_what_runs_and_what_is_selected_differ_by_more_than_colour(
    open_editor: OpenEditor, look: str
) -> None:
    editor = open_editor(reduced_motion="reduce")
    editor.page.evaluate("look => { document.documentElement.dataset.theme = look }", look)
    editor.open(slow(steps=FOR_EVER))
    editor.node("save").locator(".node-head").click()
    editor.run()
    expect(editor.node("it").locator(".node-state")).to_have_attribute("data-status", "running")

    style = "node => { const s = getComputedStyle(node); return [s.outlineStyle, s.outlineColor] }"
    running = editor.node("it").evaluate(style)
    selected = editor.node("save").evaluate(style)

    assert running[0] == "dashed"
    assert selected[0] == "none"
    assert running[1] != editor.node("save").evaluate("node => getComputedStyle(node).borderColor")
    motion = editor.node("it").evaluate("node => getComputedStyle(node, '::after').animationName")
    assert motion == "none"
    editor.button("Stop").click()


@pytest.mark.parametrize("how", ["cut", "delete"])
def test_a_prompt_is_back_when_its_link_is_gone(editor: Editor, how: str) -> None:
    open_nodes(
        editor,
        words=("Echo", {"value": "a star"}, (0, 0)),
        save=("SaveText", {"text": "a red circle"}, (500, 0)),
    )
    expect(editor.field("save", "text")).to_have_value("a red circle")
    start, end = editor.socket("words", "out:str"), editor.socket("save", "in:text")
    start.drag_to(end)
    expect(editor.link("save", "text")).to_have_count(1)

    editor.node("words").locator(".node-head").click()
    editor.press("Control+x" if how == "cut" else "Delete")

    expect(editor.node("words")).to_have_count(0)
    expect(editor.field("save", "text")).to_have_value("a red circle")
    editor.press("Control+z")
    expect(editor.link("save", "text")).to_have_count(1)
