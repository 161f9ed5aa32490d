"""The editor without a pointer: going about, linking, editing, running, other keys."""

import re

import pytest
from playwright.sync_api import expect

from tests.web.conftest import OpenEditor
from tests.web.editor import Editor
from tests.web.hands import expect_link, expect_no_link, items, link, marked, open_nodes, palette


@pytest.fixture
def chain(editor: Editor) -> Editor:
    """Three nodes in a row, one below that feeds nothing."""
    open_nodes(
        editor,
        grey=("SolidMask", {"value": 0.5}, (0, 0)),
        picture=("MaskToImage", {"mask": link("grey", "mask")}, (400, 0)),
        save=("SaveImage", {"images": link("picture", "image")}, (800, 0)),
        other=("SolidMask", {"value": 1.0}, (0, 300)),
    )
    return editor


def focused(editor: Editor) -> str | None:
    """The node whose frame has the focus."""
    found = editor.page.evaluate(
        "document.activeElement.querySelector?.(':scope > [data-node]')?.dataset.node ?? null"
    )
    return None if found is None else str(found)


def expect_focus(editor: Editor, node: str) -> None:
    frame = editor.page.locator(".react-flow__node").filter(has=editor.node(node))
    expect(frame).to_be_focused()
    expect(editor.node(node)).to_have_class(re.compile(r"\bnode-selected\b"))


def selected(editor: Editor) -> set[str | None]:
    found = editor.page.locator(".node-selected").all()
    return {one.get_attribute("data-node") for one in found}


def choose(editor: Editor, words: str) -> None:
    """Type into the open list and take what is found first."""
    expect(palette(editor).get_by_role("combobox")).to_be_focused()
    editor.page.keyboard.type(words)
    expect(marked(editor)).to_be_visible()
    editor.press("Enter")


def test_arrows_go_along_links_and_by_place(chain: Editor) -> None:
    chain.node("grey").locator(".node-head").click()

    chain.press("ArrowRight")
    expect_focus(chain, "picture")
    chain.press("ArrowRight")
    expect_focus(chain, "save")
    chain.press("ArrowLeft")
    chain.press("ArrowLeft")
    expect_focus(chain, "grey")
    chain.press("ArrowDown")
    expect_focus(chain, "other")
    assert selected(chain) == {"other"}


def test_shift_and_arrows_select_more(chain: Editor) -> None:
    chain.node("grey").locator(".node-head").click()
    chain.press("Shift+ArrowRight")
    chain.press("Shift+ArrowRight")

    expect_focus(chain, "save")
    assert selected(chain) == {"grey", "picture", "save"}


def test_tab_goes_through_the_nodes_and_leaves_the_canvas_behind_the_last(chain: Editor) -> None:
    chain.node("grey").locator(".node-head").click()
    chain.press("ArrowDown")
    chain.press("ArrowUp")
    expect_focus(chain, "grey")
    for node in ("other", "picture", "save"):
        chain.press("Tab")
        expect_focus(chain, node)
    chain.press("Shift+Tab")
    expect_focus(chain, "picture")
    chain.press("Tab")
    expect_focus(chain, "save")
    chain.press("Tab")
    assert focused(chain) is None
    assert chain.page.evaluate("document.activeElement.closest('.react-flow__node')") is None
    chain.press("Shift+Tab")
    assert chain.page.evaluate("document.activeElement.closest('.react-flow__node') !== null")


def test_enter_goes_into_the_fields_and_escape_back_out(chain: Editor) -> None:
    chain.node("grey").locator(".node-head").click()
    chain.press("ArrowDown")
    chain.press("ArrowUp")
    chain.press("Enter")
    expect(chain.field("grey", "value")).to_be_focused()
    chain.press("Control+a")
    chain.page.keyboard.type("0.25")
    chain.press("Escape")

    expect_focus(chain, "grey")
    chain.press("Escape")
    assert selected(chain) == set()


def test_a_node_out_of_sight_is_brought_into_sight(editor: Editor) -> None:
    open_nodes(
        editor,
        near=("SolidMask", {}, (0, 0)),
        far=("MaskToImage", {"mask": link("near", "mask")}, (9000, 4000)),
    )
    editor.press("f")
    for _ in range(4):
        editor.press("Control+=")
    editor.page.wait_for_timeout(400)
    editor.press("ArrowLeft")
    editor.press("ArrowLeft")
    expect_focus(editor, "near")
    editor.press("ArrowRight")

    expect_focus(editor, "far")
    expect(editor.node("far")).to_be_in_viewport()


def test_enter_comes_near_to_a_node_that_is_drawn_as_a_box(editor: Editor) -> None:
    open_nodes(
        editor,
        near=("SolidMask", {}, (0, 0)),
        far=("MaskToImage", {"mask": link("near", "mask")}, (9000, 4000)),
    )
    editor.press("f")
    expect(editor.node("near").locator(".node-far-title")).to_have_count(1)
    editor.press("ArrowLeft")
    editor.press("ArrowLeft")
    expect_focus(editor, "near")
    editor.press("Enter")

    expect(editor.field("near", "value")).to_be_focused()


def test_selected_nodes_move_by_steps_that_are_one_undo(chain: Editor) -> None:
    chain.node("grey").locator(".node-head").click()
    before = chain.node("grey").bounding_box()
    for _ in range(3):
        chain.press("Control+ArrowDown")
    after = chain.node("grey").bounding_box()
    assert before is not None
    assert after is not None
    assert after["y"] - before["y"] > 15

    chain.press("Control+z")
    assert chain.node("grey").bounding_box() == before


def test_two_nodes_are_linked_with_keys(chain: Editor) -> None:
    chain.node("other").locator(".node-head").click()
    chain.press("c")
    expect(items(chain).first).to_contain_text("mask")
    choose(chain, "mask")
    expect(items(chain).first).to_contain_text("Mask To Image")
    expect(items(chain).first).to_contain_text("instead of Solid Mask")
    choose(chain, "mask to image")

    expect_link(chain, "picture", "mask", "other")
    expect(chain.page.locator(".announcer")).to_contain_text("Linked mask to mask")
    expect_focus(chain, "other")


def test_an_input_is_disconnected_with_keys(chain: Editor) -> None:
    chain.node("save").locator(".node-head").click()
    chain.press("c")
    choose(chain, "images")
    choose(chain, "disconnect")

    expect_no_link(chain, "save", "images")


def test_a_new_node_is_linked_with_keys(chain: Editor) -> None:
    chain.node("other").locator(".node-head").click()
    chain.press("c")
    choose(chain, "mask")
    choose(chain, "a new node")
    choose(chain, "invert mask")

    expect_link(chain, "invert-mask", "mask", "other")


def test_all_links_of_a_node_are_cut_with_keys(chain: Editor) -> None:
    chain.node("picture").locator(".node-head").click()
    chain.press("Shift+C")

    expect_no_link(chain, "picture", "mask")
    expect_no_link(chain, "save", "images")
    expect(chain.page.locator(".announcer")).to_contain_text("Links cut: 2")


def test_keys_of_commands_are_letters_in_fields(chain: Editor) -> None:
    field = chain.field("save", "filename_prefix")
    field.click()
    field.fill("")
    chain.page.keyboard.type("cif ")

    expect(field).to_have_value("cif ")
    expect(palette(chain)).to_have_count(0)


def test_nothing_is_done_behind_an_open_list(chain: Editor) -> None:
    chain.node("grey").locator(".node-head").click()
    chain.press("Space")
    expect(palette(chain)).to_be_visible()
    chain.press("Control+z")
    chain.press("Delete")
    chain.press("Escape")

    expect(chain.nodes).to_have_count(4)


def test_other_keys_are_chosen_kept_and_shown(chain: Editor) -> None:
    chain.press("Control+/")
    row = chain.page.locator('[data-command="graph.add"]')
    row.locator(".shortcuts-keys").click()
    chain.press("F")
    expect(row).to_contain_text("Show everything")  # whose key it is
    row.locator(".shortcuts-keys").click()
    chain.press("Control+Shift+L")
    chain.press("Escape")
    chain.page.reload()
    expect(chain.node("grey")).to_be_visible()

    chain.press("Space")
    expect(palette(chain)).to_have_count(0)
    chain.press("Control+Shift+L")
    expect(palette(chain)).to_be_visible()
    chain.press("Escape")
    chain.press("Control+k")
    chain.page.keyboard.type("add a node")
    expect(marked(chain)).to_contain_text("Ctrl+Shift+L")


def test_a_picture_is_made_without_a_pointer(open_editor: OpenEditor) -> None:
    editor = open_editor()
    editor.press("Alt+n")
    expect(editor.nodes).to_have_count(0)
    editor.press("Space")
    choose(editor, "solid mask")
    expect_focus(editor, "solid-mask")
    editor.press("c")
    choose(editor, "mask")
    choose(editor, "new node")
    choose(editor, "mask to image")
    expect_link(editor, "mask-to-image", "mask", "solid-mask")
    editor.press("c")
    choose(editor, "image")
    choose(editor, "new node")
    choose(editor, "save image")
    expect_link(editor, "save-image", "images", "mask-to-image")
    editor.press("ArrowLeft")
    editor.press("ArrowLeft")
    expect_focus(editor, "solid-mask")
    editor.press("Enter")
    editor.press("Control+a")
    editor.page.keyboard.type("0.5")
    editor.press("Control+Enter")

    expect(editor.node("save-image").locator('[data-status="ran"]').first).to_be_attached(
        timeout=60_000
    )
