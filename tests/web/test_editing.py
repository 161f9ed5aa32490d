"""Editing: history, clipboard, frames, notes, modes, looks, order."""

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.web.conftest import OpenEditor
from tests.web.editing import PAINTING, box, choose, copied, head, held, layout, nodes, pick
from tests.web.editor import Editor
from tests.web.hands import beside, drag, expect_link, expect_no_link, spot


@pytest.fixture
def page(editor: Editor) -> Editor:
    editor.open(PAINTING)
    return editor


def test_what_is_selected_is_deleted_and_comes_back(page: Editor) -> None:
    before = held(page)
    pick(page, "colour", "invert")
    page.press("Delete")
    expect(page.nodes).to_have_count(2)
    expect_no_link(page, "save", "images")

    page.page.get_by_role("menuitem", name="Edit").click()
    page.page.get_by_role("menuitem", name="Undo: delete").click()

    expect(page.nodes).to_have_count(4)
    assert held(page) == before
    page.press("Control+y")
    expect(page.nodes).to_have_count(2)
    page.press("Control+z")
    expect(page.nodes).to_have_count(4)


def test_deleting_can_reconnect_what_was_linked(page: Editor) -> None:
    pick(page, "invert")
    page.press("Control+Delete")

    expect_link(page, "save", "images", "colour")
    expect(page.node("invert")).to_have_count(0)


def test_copies_are_pasted_at_the_pointer_with_the_links_between_them(page: Editor) -> None:
    pick(page, "colour", "invert")
    page.press("Control+c")
    clip = copied(page)
    assert set(clip["nodes"]) == {"colour", "invert"}
    assert clip["clip"] is True

    at = spot(page.page.locator(".react-flow__pane"), 0.3, 0.8)
    page.page.mouse.move(*at)
    page.press("Control+v")

    expect_link(page, "invert-2", "image", "colour-2")
    expect_no_link(page, "colour-2", "mask")
    found = page.node("colour-2").bounding_box()
    assert found is not None
    assert abs(found["x"] - at[0]) < 3
    assert abs(found["y"] - at[1]) < 3
    expect(page.page.locator(".node-selected")).to_have_count(2)


def test_copies_may_keep_their_links_to_what_was_not_copied(page: Editor) -> None:
    pick(page, "colour")
    page.press("Control+Shift+d")
    expect_link(page, "colour-2", "mask", "mask")
    pick(page, "invert")
    page.press("Control+c")
    page.press("Control+Shift+v")
    expect_link(page, "invert-2", "image", "colour")
    pick(page, "mask")
    page.press("Control+d")
    expect(page.node("mask-2")).to_be_visible()


def test_what_is_cut_can_be_pasted_into_another_tab_and_browser(
    page: Editor, open_editor: OpenEditor
) -> None:
    pick(page, "mask", "colour")
    page.press("Control+x")
    expect(page.nodes).to_have_count(2)
    page.press("Alt+n")
    expect(page.nodes).to_have_count(0)
    page.press("Control+v")
    expect_link(page, "colour", "mask", "mask")

    other = open_editor()
    text = page.page.evaluate("localStorage.getItem('nodegraph.clip')")
    paste(other, text)
    expect_link(other, "colour", "mask", "mask")


def paste(editor: Editor, text: str) -> None:
    """As if it came from another program."""
    editor.page.evaluate(
        """(text) => {
          const clipboardData = new DataTransfer();
          clipboardData.setData("text/plain", text);
          document.body.dispatchEvent(
            new ClipboardEvent("paste", {clipboardData, bubbles: true, cancelable: true}));
        }""",
        text,
    )


def test_a_whole_workflow_is_asked_about(page: Editor) -> None:
    page.press("Control+Shift+A")
    page.press("Control+Alt+C")
    page.page.wait_for_function("localStorage.getItem('nodegraph.clip') !== null")
    text = page.page.evaluate("localStorage.getItem('nodegraph.clip')")

    paste(page, text)
    page.button("Insert here").click()
    expect(page.nodes).to_have_count(8)

    paste(page, text)
    page.button("Open in a tab").click()
    expect(page.nodes).to_have_count(4)


def test_text_that_holds_no_nodes_changes_nothing(page: Editor) -> None:
    paste(page, "a red circle")
    paste(page, "{broken")
    assert nodes(page) == PAINTING["nodes"]


def test_a_frame_takes_along_what_is_inside(page: Editor) -> None:
    pick(page, "mask", "colour")
    page.press("Control+g")
    page.page.keyboard.type("Light")
    page.press("Enter")
    frame = box(page, "frame-1")
    expect(frame).to_contain_text("Light")
    before = layout(page)

    drag(page, spot(frame.locator(".frame-head")), (300, 700))

    after = layout(page)
    by = after["$groups"][0]["x"] - before["$groups"][0]["x"]
    assert by != 0
    for name in ("mask", "colour"):
        assert after[name]["x"] - before[name]["x"] == by
    assert after["invert"] == before["invert"]


def test_a_frame_is_resized_fitted_and_deleted_with_or_without_its_contents(page: Editor) -> None:
    pick(page, "mask", "colour")
    page.press("Control+g")
    page.press("Escape")
    fit = layout(page)["$groups"][0]
    frame = box(page, "frame-1")
    frame.locator(".frame-head").click()
    corner = spot(frame.locator(".editing-grip"))
    drag(page, corner, beside(corner, 20, 60))
    assert layout(page)["$groups"][0]["height"] > fit["height"]

    choose(page, frame.locator(".frame-head"), "Fit frame to contents")
    choose(page, frame.locator(".frame-head"), "Colour", "Green")
    again = layout(page)["$groups"][0]
    assert again == {**fit, "color": "#4fa65b"}

    frame.locator(".frame-head").click()
    page.press("Delete")
    expect(frame).to_have_count(0)
    expect(page.nodes).to_have_count(4)
    page.press("Control+z")
    choose(page, frame.locator(".frame-head"), "Delete frame and contents")
    expect(page.nodes).to_have_count(2)


def test_notes_are_markdown_without_tags_or_scripts(page: Editor) -> None:
    choose(
        page,
        page.page.locator(".react-flow__pane"),
        "Add a note",
        position={"x": 200, "y": 600},
    )
    text = (
        "# Light\n\nIt is **white**. <img src=x onerror=alert(1)>\n\n"
        "- [more](https://example.org)\n- [bad](javascript:alert(1))\n\n![p](http://a.b/c.png)"
    )
    page.page.keyboard.insert_text(text)
    page.press("Control+Enter")

    note = box(page, "note-1")
    expect(note.locator("h3")).to_have_text("Light")
    expect(note.locator("strong")).to_have_text("white")
    expect(note.locator("img")).to_have_count(0)
    expect(note).to_contain_text("<img src=x onerror=alert(1)>")
    expect(note.locator("a")).to_have_count(2)
    link = note.get_by_role("link", name="more")
    expect(link).to_have_attribute("rel", "noopener noreferrer")
    expect(link).to_have_attribute("target", "_blank")
    note.locator("strong").dblclick()
    expect(note.get_by_role("textbox")).to_have_value(text)
    page.press("Escape")
    assert layout(page)["$notes"][0]["text"] == text
    page.press("Control+z")
    expect(note).to_contain_text("Double-click to write")


def test_muted_and_bypassed_nodes_say_so_and_run_so(page: Editor) -> None:
    pick(page, "invert")
    page.press("Control+b")
    expect(page.node("invert").get_by_label("Bypassed")).to_be_visible()
    assert nodes(page)["invert"]["mode"] == "bypassed"
    pick(page, "invert")
    page.press("Control+b")
    page.press("Control+m")
    assert nodes(page)["invert"]["mode"] == "muted"
    pick(page, "invert")
    page.press("Control+m")
    assert nodes(page) == PAINTING["nodes"]


def test_nodes_are_renamed_coloured_collapsed_and_resized(page: Editor) -> None:
    pick(page, "mask")
    page.press("F2")
    page.page.keyboard.type("Night")
    page.press("Enter")
    expect(head(page, "mask")).to_contain_text("Night")
    page.press("Alt+c")
    page.press("Shift+k")
    page.button("Purple").click()
    page.button("Close").last.click()
    pick(page, "mask")
    page.press("Alt+.")
    made = layout(page)["mask"]
    assert made["title"] == "Night"
    assert made["collapsed"] is True
    assert made["color"] == "#8f68cf"
    assert made["width"] == 280
    for _ in range(4):
        page.press("Control+z")
    assert layout(page)["mask"] == PAINTING["layout"]["mask"]


def test_things_are_aligned_distributed_and_arranged(page: Editor) -> None:
    pick(page, "mask", "colour", "save")
    page.press("Alt+Shift+ArrowUp")
    assert {layout(page)[name]["y"] for name in ("mask", "colour", "save")} == {0}
    page.press("Control+a")
    page.press("Alt+l")
    expect(page.page.locator(".announcer")).to_contain_text("Arrange")
    made = layout(page)
    order = [made[name]["x"] for name in ("mask", "colour", "invert", "save")]
    assert order == sorted(order)
    assert len(set(order)) == 4


def test_selecting_follows_links(page: Editor) -> None:
    selected = page.page.locator(".node-selected")
    pick(page, "invert")
    page.press("Shift+u")
    expect(selected).to_have_count(3)
    pick(page, "invert")
    page.press("Shift+d")
    expect(selected).to_have_count(2)
    page.press("Shift+l")
    expect(selected).to_have_count(4)
    page.press("Control+Shift+A")
    expect(selected).to_have_count(0)


def test_undo_leaves_results_alone(page: Editor) -> None:
    page.run()
    picture = page.node("save").locator("img")
    expect(picture).to_be_visible()
    pick(page, "save")
    page.press("F2")
    page.page.keyboard.type("Kept")
    page.press("Enter")
    page.press("Control+z")
    expect(head(page, "save")).not_to_contain_text("Kept")
    expect(picture).to_be_visible()
    page.expect_done("save")


def test_a_long_press_is_a_right_click(open_editor: OpenEditor) -> None:
    editor = open_editor(width=390, height=844, has_touch=True, is_mobile=True)
    editor.open(PAINTING)
    editor.press("f")
    x, y = spot(editor.node("mask"))
    session: Any = editor.page.context.new_cdp_session(editor.page)
    touch = {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]}
    session.send("Input.dispatchTouchEvent", touch)
    menu = editor.page.get_by_role("menu", name="Edit")
    expect(menu).to_be_visible()
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    editor.page.wait_for_timeout(300)
    expect(menu).to_be_visible()
    editor.page.get_by_role("menuitem", name="Duplicate").first.tap()
    expect(editor.nodes).to_have_count(5)
