"""Opening templates, files of any format, pictures; handing files out."""

import json
from io import BytesIO

from PIL import Image
from PIL.PngImagePlugin import PngInfo
from playwright.sync_api import FilePayload, expect

from tests.server.processes import Server
from tests.web.editor import Editor
from tests.web.keeping import TEMPLATE, dialog, save_as, set_steps, shown_tab, stored, tabs


def test_a_template_is_the_first_thing_to_choose(editor: Editor, server: Server) -> None:
    start = editor.page.get_by_role("region", name="Begin with a template")
    picture = start.get_by_role("button", name="Image to image").locator("img")
    expect(picture).to_be_visible()
    assert picture.evaluate("(image) => image.decode().then(() => image.naturalWidth)") == 192

    start.get_by_role("button", name="Image to image").click()

    expect(editor.node("sample")).to_be_attached()
    expect(start).to_have_count(0)
    expect(tabs(editor)).to_have_count(1)
    names = [one["name"] for one in server.ask("api/editor/inputs")[1]["files"]]
    assert "assets/img2img.png" in names


FOREIGN = {
    "type": "SomePack.Unheard of",
    "version": 7,
    "inputs": {
        "text": 'äöü \u2028 \\ " </script>',
        "big": 18446744073709551615,
        "small": 1e-07,
        "deep": {"list": [1, [True, None, {"x": []}]], "empty": {}},
        "from": {"node": "model", "output": "model", "extra": [1]},
    },
    "pack": {"author": "somebody", "rank": -0.5},
}


def test_a_node_that_nobody_knows_is_kept_as_it_is(editor: Editor, server: Server) -> None:
    document = json.loads(TEMPLATE.read_text())
    document["nodes"] = {"foreign": FOREIGN, **document["nodes"]}
    document["layout"]["foreign"] = {"x": -400, "y": 0, "shape": {"of": "theirs"}}
    document["theirs"] = {"anything": [1, 2]}
    editor.open(document)
    set_steps(editor, 7)

    save_as(editor, "foreign")

    document["nodes"]["sample"]["inputs"]["steps"] = 7
    kept = stored(server, "foreign")["document"]
    assert json.dumps(kept["nodes"]["foreign"]) == json.dumps(FOREIGN)
    assert kept == document
    assert [*kept] == [*document]
    assert [*kept["nodes"]] == [*document["nodes"]]


def test_files_of_others_are_opened_with_a_report(editor: Editor) -> None:
    prompt = {
        "3": {"class_type": "EmptyLatentImage", "inputs": {"width": 64, "height": 64}},
        "9": {"class_type": "Unheard Of", "inputs": {"samples": ["3", 0], "odd": 1}},
    }
    data = json.dumps(prompt).encode()

    editor.drop({"name": "theirs.json", "mimeType": "application/json", "buffer": data})

    expect(editor.nodes).to_have_count(2)
    expect(dialog(editor)).to_contain_text("theirs.json")
    expect(dialog(editor)).to_contain_text("API format")
    editor.page.keyboard.press("Escape")
    expect(shown_tab(editor)).to_contain_text("theirs")


def test_a_picture_brings_its_workflow_and_several_files_open_at_once(editor: Editor) -> None:
    made, info = BytesIO(), PngInfo()
    info.add_text("nodegraph", TEMPLATE.read_text())
    Image.new("RGB", (8, 8)).save(made, "PNG", pnginfo=info)
    with editor.page.expect_file_chooser() as chooser:
        # Drawn when the page listens to keys.
        expect(editor.page.get_by_role("region", name="Begin with a template")).to_be_visible()
        editor.press("Control+Shift+O")
    files: list[FilePayload] = [
        {"name": "made.png", "mimeType": "image/png", "buffer": made.getvalue()},
        {"name": "x.json", "mimeType": "application/json", "buffer": TEMPLATE.read_bytes()},
    ]
    chooser.value.set_files(files)

    expect(tabs(editor)).to_have_count(2)
    expect(editor.node("sample")).to_be_attached()

    editor.faults.expect("status of 422")
    bare = BytesIO()
    Image.new("RGB", (8, 8)).save(bare, "PNG")
    count = editor.nodes.count()
    editor.drop({"name": "bare.png", "mimeType": "image/png", "buffer": bare.getvalue()})
    expect(editor.nodes).to_have_count(count + 1)
    taken = editor.page.locator(".react-flow__node.selected")
    expect(taken.get_by_role("combobox", name="image")).to_contain_text("bare")
    editor.press("Control+z")
    expect(editor.nodes).to_have_count(count)

    editor.drop({"name": "red.png", "mimeType": "image/png", "buffer": b"not a picture"})
    expect(editor.page.get_by_role("alert")).to_contain_text("red.png")
    expect(editor.nodes).to_have_count(count)
    expect(tabs(editor)).to_have_count(2)


def test_what_is_open_is_downloaded(editor: Editor) -> None:
    editor.open(TEMPLATE)
    found = []
    for label in ("Download as JSON", "Download in API format"):
        expect(shown_tab(editor)).to_contain_text("Text to image")
        shown_tab(editor).click(button="right")
        with editor.page.expect_download() as download:
            editor.page.get_by_role("menuitem", name=label).click()
        found.append(json.loads(download.value.path().read_text()))

    ours, api = found
    assert ours == json.loads(TEMPLATE.read_text())
    assert {entry["class_type"] for entry in api.values()} >= {"KSampler", "SaveImage"}
