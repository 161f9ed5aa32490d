"""Input files in widgets: uploaded, dropped, pasted, chosen, refused, and given a mask."""

import io
import urllib.request

import pytest
from PIL import Image
from playwright.sync_api import Locator, expect

from tests.server.processes import Server
from tests.web.conftest import OpenEditor
from tests.web.editor import Editor
from tests.web.keeping import LEAVES
from tests.web.widgets import DOCUMENT, KINDS, drag, held, picture


@pytest.fixture
def page(open_editor: OpenEditor, widget_server: Server) -> Editor:
    """The editor with one node of each type of the pack."""
    editor = open_editor(widget_server.url)
    editor.open(DOCUMENT)
    return editor


def test_a_picture_is_uploaded_dropped_pasted_and_chosen(
    page: Editor, widget_server: Server
) -> None:
    widget = page.widget("files", "picture")
    with page.page.expect_file_chooser() as chooser:
        widget.get_by_label("Upload a file").click()
    chooser.value.set_files(
        {"name": "first.png", "mimeType": "image/png", "buffer": picture("red")}
    )
    chosen = page.field("files", "picture")
    expect(chosen).to_have_text("first.png")
    expect(widget.locator("img")).to_be_visible()

    put(widget.locator(".widget-picture"), "drop", "second.png", picture("blue"))
    expect(chosen).to_have_text("second.png")
    put(widget.locator(".widget-drop"), "paste", "first.png", picture("green"))
    expect(chosen).to_have_text("first (2).png")

    chosen.click()
    page.page.get_by_label("Search", exact=True).fill("second")
    page.page.get_by_role("option", name="second.png").click()
    expect(chosen).to_have_text("second.png")
    assert held(page)["files"]["picture"] == "second.png"
    expect(page.nodes).to_have_count(len(KINDS))


def put(place: Locator, how: str, name: str, content: bytes) -> None:
    """Drop or paste a file."""
    place.evaluate(
        """(place, [how, name, bytes]) => {
          const data = new DataTransfer();
          data.items.add(new File([new Uint8Array(bytes)], name, {type: "image/png"}));
          const options = {bubbles: true, cancelable: true};
          place.dispatchEvent(how === "drop"
            ? new DragEvent("drop", {...options, dataTransfer: data})
            : new ClipboardEvent("paste", {...options, clipboardData: data}));
        }""",
        [how, name, list(content)],
    )


def test_a_picture_goes_to_the_node_below_or_selected(page: Editor) -> None:
    page.faults.expect("status of 4(22|15)")
    chosen = page.field("files", "picture")
    put(page.node("files").locator(".node-title"), "drop", "first.png", picture("red"))
    expect(chosen).to_have_text("first.png")
    page.node("files").locator(".node-title").click()
    put(page.page.locator("body"), "paste", "second.png", picture("blue"))
    expect(chosen).to_have_text("second.png")
    expect(page.nodes).to_have_count(len(KINDS))

    # No type of this pack begins with a picture.
    put(page.page.locator(".react-flow__pane"), "drop", "third.png", picture("green"))
    error = page.page.get_by_role("alert")
    expect(error).to_contain_text("third.png could not be opened: this picture holds no workflow")
    put(page.widget("files", "picture").locator(".widget-picture"), "drop", "bad.png", b"no")
    expect(error).to_contain_text("bad.png: this is no picture that can be read")
    expect(chosen).to_have_text("second.png")


def test_a_file_of_another_kind_is_refused(page: Editor) -> None:
    widget = page.widget("files", "sound")
    put(widget.locator(".widget-file"), "drop", "picture.png", picture())

    expect(page.page.get_by_text("picture.png is no file of the kind")).to_be_visible()
    expect(page.field("files", "sound")).to_have_text("Choose")


def test_a_mask_is_painted_into_a_new_file(page: Editor, widget_server: Server) -> None:
    widget = page.widget("files", "picture")
    put(widget.locator(".widget-picture"), "drop", "cat.png", picture("#204060"))
    widget.get_by_label("Paint a mask").click()
    dialog = page.page.get_by_role("dialog")
    drag(page, dialog.get_by_role("application"), 100)
    dialog.get_by_role("application").focus()
    page.press("Alt+PageDown")
    page.press("Alt+w")
    page.page.set_viewport_size({"width": 300, "height": 240})
    expect(widget).to_have_count(0)
    page.page.set_viewport_size({"width": 1440, "height": 900})
    expect(widget).to_have_count(1)
    assert not page.page.evaluate(LEAVES), "strokes would be lost with the page"
    page.page.keyboard.press("Space")
    dialog.get_by_label("Undo the last stroke").click()
    dialog.get_by_label("Invert").click()
    dialog.get_by_role("button", name="Save as a new file").click()

    expect(page.field("files", "picture")).to_have_text("cat-mask.png")
    made = Image.open(read_input(widget_server, "cat-mask.png"))
    assert made.mode == "RGBA"
    alphas = made.getchannel("A").tobytes()
    assert 0 in alphas
    assert 255 in alphas
    assert alphas.count(0) > alphas.count(255), "inverted: all but the stroke is masked"
    assert made.convert("RGB").getcolors() == [(64 * 48, (0x20, 0x40, 0x60))]
    before = Image.open(read_input(widget_server, "cat.png"))
    assert before.mode == "RGB", "the file it was painted on is as it was"


def read_input(server: Server, name: str) -> io.BytesIO:

    with urllib.request.urlopen(f"{server.url}api/editor/inputs/{name}") as answer:
        return io.BytesIO(answer.read())
