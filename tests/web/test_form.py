"""The form view: a workflow's declared inputs and outputs as a page for those who only run it."""

import io
import json
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from tests.server.processes import ROOT, Server
from tests.web.conftest import OpenEditor
from tests.web.editor import Editor
from tests.web.keeping import drafts

PHONE = {"width": 390, "height": 844, "has_touch": True, "is_mobile": True}
FIRST_RUN = 180_000
"""Milliseconds that loading the model may take where others crowd the machine."""
Document = dict[str, Any]


@pytest.fixture
def grey() -> Document:
    """A grey picture whose grey is an input, with words for people."""
    nodes = {
        "mask": {"type": "SolidMask", "inputs": {"value": 0.5, "width": 64, "height": 64}},
        "picture": {"type": "MaskToImage", "inputs": {"mask": {"node": "mask"}}},
        "save": {"type": "SaveImage", "inputs": {"images": {"node": "picture"}}},
    }
    return {
        "nodegraph": 1,
        "name": "A grey picture",
        "description": "As light as you like.",
        "inputs": {
            "value": {
                "node": "mask",
                "input": "value",
                "label": "Lightness",
                "description": "0 is black, 1 is white.",
            },
            "width": {"node": "mask", "input": "width"},
        },
        "outputs": {"image": {"node": "save"}},
        "nodes": nodes,
        "layout": {"mask": {"x": 0, "y": 0}, "picture": {"x": 300, "y": 0}, "save": {"x": 600}},
    }


@pytest.fixture
def saved(server: Server, grey: Document) -> str:
    """The name that the grey picture is saved under."""
    put(server, "demo/grey", grey)
    return "demo/grey"


def put(server: Server, name: str, document: Document) -> None:
    path = "api/editor/workflows/" + name.replace("/", "%2F")
    assert server.ask(path, {"document": document}, "PUT")[0] == 201


def go_to_form(editor: Editor, name: str) -> Page:
    """As somebody who was sent the address."""
    url = editor.page.url.partition("#")[0]
    editor.page.goto("about:blank")
    editor.page.goto(f"{url}#/form/{name.replace('/', '%2F')}")
    expect(editor.page.get_by_role("heading", level=1)).to_be_visible()
    return editor.page


def field(page: Page, name: str) -> Locator:
    return page.locator(f'[data-field="{name}"]')


def box(page: Page, title: str) -> Locator:
    return page.get_by_role("textbox", name=title, exact=True)


def open_dialog(editor: Editor) -> Locator:
    editor.page.get_by_role("menuitem", name="File").click()
    editor.page.get_by_role("menuitem", name="Inputs and outputs").click()
    return editor.page.get_by_role("dialog")


def type_into(place: Locator, text: str) -> None:
    place.fill(text)
    place.blur()


def until_kept(server: Server, part: str, wanted: list[str]) -> Document:
    """Wait until the server's journal has a document with such inputs or outputs; these."""

    def kept() -> Document | None:
        found = [one.get(part, {}) for one in drafts(server)]
        return next((one for one in found if list(one) == wanted), None)

    found: Document = server.until(kept)
    return found


def test_a_workflow_is_a_page_that_people_can_be_sent_to(
    open_editor: OpenEditor, saved: str
) -> None:
    page = go_to_form(open_editor(**PHONE), saved)

    expect(page.get_by_role("heading", level=1)).to_have_text("A grey picture")
    expect(page.get_by_text("As light as you like.")).to_be_visible()
    fields = page.locator("[data-field]").evaluate_all(
        "(all) => all.map((one) => one.dataset.field)"
    )
    assert fields == ["value", "width"]
    expect(field(page, "value")).to_contain_text("Lightness")
    expect(field(page, "value")).to_contain_text("0 is black, 1 is white.")
    expect(page.locator(".react-flow")).to_have_count(0)
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= PHONE["width"]


def test_running_shows_the_result_below_with_a_download(
    open_editor: OpenEditor, saved: str
) -> None:
    page = go_to_form(open_editor(**PHONE), saved)
    type_into(box(page, "Lightness"), "1")

    page.get_by_role("button", name="Run").click()

    results = page.get_by_role("region", name="Results")
    expect(page.get_by_role("status").filter(has_text="Done")).to_be_visible(timeout=60_000)
    picture = results.get_by_role("img")
    expect(picture).to_be_visible()
    with page.expect_download() as download:
        results.get_by_role("link", name="Download").click()
    made = Image.open(download.value.path())
    assert made.size == (64, 64)
    assert made.convert("L").getpixel((32, 32)) == 255


@pytest.mark.slow
def test_progress_and_preview_are_seen_while_it_runs(editor: Editor, server: Server) -> None:
    document = json.loads((ROOT / "workflows/txt2img.json").read_text())
    put(server, "long", document)
    page = go_to_form(editor, "long")
    type_into(box(page, "Steps"), "30")

    page.get_by_role("button", name="Run").click()

    expect(page.get_by_role("progressbar")).to_be_visible(timeout=60_000)
    expect(page.get_by_role("img", name="Preview")).to_be_visible(timeout=FIRST_RUN)
    picture = page.get_by_role("region", name="Results").get_by_role("link").get_by_role("img")
    expect(picture).to_be_visible(timeout=60_000)
    url = picture.evaluate("(image) => image.src")
    assert Image.open(io.BytesIO(page.request.get(url).body())).size == (64, 64)


def test_the_form_and_the_graph_are_the_same_document(editor: Editor, saved: str) -> None:
    page = go_to_form(editor, saved)
    type_into(box(page, "Width"), "128")

    page.get_by_role("button", name="Show the graph").click()
    expect(editor.field("mask", "width")).to_have_value("128")
    assert "#" not in page.url
    editor.press("Control+z")
    expect(editor.field("mask", "width")).to_have_value("64")
    page.go_back()

    expect(box(page, "Width")).to_have_value("64")


def test_keys_of_the_canvas_do_nothing_on_the_form(
    editor: Editor, saved: str, server: Server
) -> None:
    page = go_to_form(editor, saved)
    page.get_by_role("button", name="Show the graph").click()
    editor.press("Control+a")
    editor.press("Control+Shift+F")
    page.locator("h1").click()

    editor.press("Delete")
    editor.press("Control+Shift+F")

    expect(editor.nodes).to_have_count(3)


def test_any_field_is_declared_from_its_menu(editor: Editor, grey: Document) -> None:
    editor.open(grey)
    page = editor.page

    editor.widget("mask", "height").get_by_role("button", name="Options of height").click()
    page.get_by_role("menuitem", name="Declare as input").click()

    expect(page.get_by_text("“height” is an input now")).to_be_visible()
    editor.press("Control+Shift+F")
    expect(box(page, "Height")).to_have_value("64")
    editor.press("Control+Shift+F")
    editor.widget("mask", "height").get_by_role("button", name="Options of height").click()
    page.get_by_role("menuitem", name="No longer an input").click()
    editor.press("Control+Shift+F")
    expect(field(page, "value")).to_be_visible()
    expect(field(page, "height")).to_have_count(0)


def test_inputs_are_named_described_and_put_in_order(
    editor: Editor, saved: str, server: Server
) -> None:
    go_to_form(editor, saved).get_by_role("button", name="Show the graph").click()
    dialog = open_dialog(editor)
    row = dialog.locator('[data-declared="width"]')

    type_into(row.get_by_label("Title"), "Breadth")
    type_into(row.get_by_label("Description"), "In pixels.")
    row.get_by_role("button", name="Move “width” up").click()
    type_into(row.get_by_label("Name"), "value")
    expect(row.get_by_label("Name")).to_have_value("width")
    type_into(row.get_by_label("Name"), "breadth")
    dialog.get_by_label("Add an input").select_option(label="height")
    dialog.get_by_role("button", name="Remove “value”").click()

    assert until_kept(server, "inputs", ["breadth", "height"])["breadth"] == {
        "node": "mask",
        "input": "width",
        "label": "Breadth",
        "description": "In pixels.",
    }
    dialog.get_by_role("button", name="Done").click()
    for _ in range(6):
        editor.press("Control+z")
    expect(dialog).to_have_count(0)
    editor.press("Control+Shift+F")
    expect(field(editor.page, "value")).to_be_visible()
    expect(field(editor.page, "breadth")).to_have_count(0)


def test_outputs_are_declared_too(editor: Editor, saved: str, server: Server) -> None:
    go_to_form(editor, saved).get_by_role("button", name="Show the graph").click()
    dialog = open_dialog(editor)

    dialog.get_by_role("button", name="Remove “image”").click()
    expect(dialog.get_by_text("No outputs yet")).to_be_visible()
    dialog.get_by_label("Add an output").select_option(label="what it saves")

    assert until_kept(server, "outputs", ["result"]) == {"result": {"node": "save"}}


def test_what_the_server_refuses_is_told_where_it_was_typed(
    editor: Editor, saved: str, server: Server
) -> None:
    editor.faults.expect("status of 422")
    page = go_to_form(editor, saved)
    type_into(box(page, "Lightness"), "7")

    page.get_by_role("button", name="Run").click()

    expect(page.get_by_role("alert").filter(has_text="It cannot run yet")).to_be_visible()
    expect(box(page, "Lightness")).to_have_attribute("aria-invalid", "true")
    assert server.ask("api/editor/history")[1]["jobs"] == []


def test_a_run_that_fails_says_why(editor: Editor, server: Server, grey: Document) -> None:
    window = {"mask": {"node": "mask"}, "x": 500, "y": 0, "width": 8, "height": 8}
    grey["nodes"]["crop"] = {"type": "CropMask", "inputs": window}
    grey["nodes"]["picture"]["inputs"] = {"mask": {"node": "crop"}}
    put(server, "fails", grey)
    page = go_to_form(editor, "fails")

    page.get_by_role("button", name="Run").click()

    expect(
        page.get_by_role("alert").filter(has_text="the window begins at x=500").first
    ).to_be_visible()


def test_an_input_whose_node_is_gone_says_so(
    editor: Editor, server: Server, grey: Document
) -> None:
    grey["inputs"]["lost"] = {"node": "nowhere", "input": "x"}
    put(server, "gone", grey)

    page = go_to_form(editor, "gone")

    expect(field(page, "lost")).to_contain_text("is gone")
    expect(box(page, "Lightness")).to_be_enabled()


def test_a_workflow_without_inputs_invites_to_declare_some(editor: Editor) -> None:
    editor.press("Control+Shift+F")

    page = editor.page
    expect(page.get_by_text("This workflow has no inputs for a form yet")).to_be_visible()
    page.get_by_role("main").get_by_role("button", name="Inputs and outputs").click()
    expect(page.get_by_role("dialog", name="Inputs and outputs")).to_be_visible()


def test_an_address_that_names_nothing_says_so(editor: Editor) -> None:
    editor.faults.expect("status of 404")
    page = editor.page

    page.goto(page.url + "#/form/nothing")

    expect(page.get_by_role("alert").filter(has_text="nothing")).to_be_visible()
    expect(page.locator(".react-flow__pane")).to_be_visible()
