"""Subgraphs: grouped, opened, their ports, taken apart, kept as nodes of one's own; what runs."""

import re

import pytest
from playwright.sync_api import expect

from tests.server.processes import Server
from tests.web.editing import PAINTING, choose, copied, head, held, nodes, pick
from tests.web.editor import Editor
from tests.web.hands import expect_link, items, palette


@pytest.fixture
def page(editor: Editor) -> Editor:
    editor.open(PAINTING)
    return editor


def group(editor: Editor, *names: str, title: str = "Light") -> None:
    pick(editor, *names)
    editor.press("Control+Alt+g")
    editor.page.get_by_role("textbox", name="Title").fill(title)
    editor.press("Enter")
    expect(head(editor, "subgraph")).to_contain_text(title)


def test_a_group_means_the_same_and_runs(page: Editor, server: Server) -> None:
    group(page, "colour", "invert")
    expect_link(page, "subgraph", "mask", "mask")
    expect_link(page, "save", "images", "subgraph")

    page.run()

    expect(page.node("save").locator("img")).to_be_visible()
    page.expect_done("subgraph")
    head(page, "subgraph").dblclick()
    expect(page.node("invert")).to_be_visible()
    page.expect_done("invert")


def test_ungrouping_restores_what_was_grouped(page: Editor) -> None:
    before = held(page)
    group(page, "colour", "invert")
    pick(page, "subgraph")
    page.press("Control+Shift+g")
    expect(page.nodes).to_have_count(4)
    after = held(page)
    assert after["layout"] == before["layout"]
    for name, node in after["nodes"].items():
        assert node["type"] == before["nodes"][name]["type"]
    for _ in range(3):
        page.press("Control+z")
    assert held(page) == before


def test_one_goes_in_and_out_by_keys_and_by_breadcrumbs(page: Editor) -> None:
    group(page, "mask", "colour", "invert")
    page.press("Control+e")
    way = page.page.get_by_role("navigation", name="Way into the subgraph")
    expect(way).to_contain_text("Light")
    pick(page, "mask", "colour")
    page.press("Control+Alt+g")
    page.page.get_by_role("textbox", name="Title").fill("Night")
    page.press("Enter")
    page.press("Control+e")
    expect(page.node("mask")).to_be_visible()
    expect(page.node("invert")).to_have_count(0)

    way.get_by_role("button", name="Light").click()
    expect(page.node("invert")).to_be_visible()
    page.press("Control+Shift+e")
    expect(page.node("save")).to_be_visible()
    expect(way).to_have_count(0)
    page.press("Control+z")
    page.press("Control+z")
    body = nodes(page)["subgraph"]["inputs"]["body"]
    assert set(body["nodes"]) == {"mask", "colour", "invert"}


def test_ports_are_named_ordered_added_and_removed(page: Editor) -> None:
    group(page, "mask", "colour", "invert")
    page.press("Control+e")
    choose(page, page.socket("mask", "in:value"), "Expose value as a port")
    expect(page.socket("mask", "in:value")).to_have_class(re.compile("node-socket-port"))
    page.button("Ports").click()
    dialog = page.page.get_by_role("dialog", name="Ports")
    dialog.get_by_label("Add an input…").select_option(label="Solid Mask · width")
    dialog.get_by_label("value (").fill("Grey")
    dialog.get_by_role("button", name="Move width up").click()
    dialog.get_by_role("button", name="Close").click()
    page.press("Control+Shift+e")

    expect(page.widget("subgraph", "value")).to_contain_text("Grey")
    page.set("subgraph", "value", "0.25")
    made = nodes(page)["subgraph"]["inputs"]
    assert [*made["body"]["inputs"]] == ["width", "value"]
    assert made["body"]["inputs"]["value"]["label"] == "Grey"
    assert made["value"] == 0.25

    choose(page, head(page, "subgraph"), "Ports…")
    dialog.get_by_role("button", name="Remove value").click()
    dialog.get_by_role("button", name="Close").click()
    made = nodes(page)["subgraph"]["inputs"]
    assert "value" not in made
    assert made["body"]["nodes"]["mask"]["inputs"]["value"] == 0.25
    expect_link(page, "save", "images", "subgraph")


def test_a_subgraph_is_kept_and_found_as_a_node(page: Editor, server: Server) -> None:
    group(page, "colour", "invert", title="Lighten")
    choose(page, head(page, "subgraph"), "Save as a reusable node…")
    page.button("Save").click()
    expect(page.page.get_by_text("“Lighten” is saved as a node")).to_be_visible()
    stored = server.ask("api/editor/workflows?search=nodes/")[1]["workflows"]
    assert [one["name"] for one in stored] == ["nodes/Lighten"]

    page.press("Alt+n")
    page.press("Space")
    palette(page).get_by_role("combobox").fill("lighten")
    expect(items(page).first).to_contain_text("Lighten")
    page.press("Enter")

    expect(head(page, "lighten")).to_contain_text("Lighten")
    made = nodes(page)["lighten"]
    assert made["type"] == "Subgraph"
    assert set(made["inputs"]["body"]["nodes"]) == {"colour", "invert"}


def test_a_name_that_is_taken_is_asked_about(page: Editor, server: Server) -> None:
    group(page, "colour", "invert", title="Lighten")
    for _ in range(2):
        choose(page, head(page, "subgraph"), "Save as a reusable node…")
        page.button("Save").click()
        if page.page.get_by_text("There is one of that name already.").count():
            break
    page.faults.expect("status of 409")
    expect(page.page.get_by_text("There is one of that name already.")).to_be_visible()
    page.button("Replace it").click()
    expect(page.page.get_by_role("dialog")).to_have_count(0)
    versions = server.ask("api/editor/workflows/nodes%2FLighten/versions")[1]["versions"]
    assert len(versions) == 2


def test_a_copied_subgraph_is_whole(page: Editor) -> None:
    group(page, "colour", "invert")
    pick(page, "subgraph")
    page.press("Control+c")
    assert set(copied(page)["nodes"]["subgraph"]["inputs"]["body"]["nodes"]) == {"colour", "invert"}
    page.press("Control+v")
    expect(page.node("subgraph-2")).to_be_visible()
