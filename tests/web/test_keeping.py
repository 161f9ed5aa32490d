"""Nothing that somebody made is lost: not by reloading, crashes, other tabs or other formats."""

import json
import os
import shutil
import signal
import time
import urllib.parse
from io import BytesIO
from pathlib import Path
from typing import Any

import psutil
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from playwright.sync_api import Browser, FilePayload, Locator, Page, expect

from tests.server.processes import ROOT, Server
from tests.web.conftest import OpenEditor, OwnServer
from tests.web.editor import FLAGS, PATIENCE, Editor, Faults

TEMPLATE = ROOT / "workflows" / "txt2img.json"
AWAY = "ERR_|Failed to load"
"""What the browser says of a server that is not there."""


def stored(server: Server, name: str, kind: str = "workflows") -> Any:
    """A workflow or a draft as the server has it."""
    return server.ask(f"api/editor/{kind}/{urllib.parse.quote(name, safe='')}")[1]


def drafts(server: Server) -> list[dict[str, Any]]:
    """The documents of the journal, the newest first."""
    found = server.ask("api/editor/drafts")[1]["drafts"]
    return [stored(server, one["name"], "drafts")["document"] for one in found]


def until_drafted(server: Server, steps: int) -> None:
    server.until(lambda: any(_steps(one) == steps for one in drafts(server)))


def _steps(document: dict[str, Any]) -> Any:
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


def test_an_edit_is_in_the_journal_within_two_seconds_and_back_after_reloading(
    editor: Editor, server: Server
) -> None:
    editor.open(TEMPLATE)
    expect(shown_tab(editor)).to_have_attribute("data-unsaved", "false")

    set_steps(editor, 7)
    edited = time.monotonic()
    until_drafted(server, 7)
    assert time.monotonic() - edited < 2 + 3  # what a busy machine takes on top

    editor.page.reload()
    expect_steps(editor, 7)
    expect(shown_tab(editor)).to_have_attribute("data-unsaved", "true")
    assert len(drafts(server)) == 1


def test_the_last_job_of_a_tab_is_found_again(editor: Editor, server: Server) -> None:
    editor.open(TEMPLATE)
    job = editor.run()
    server.finished(job["id"])
    expect(editor.node("sample").locator(".node-state").first).to_be_visible()

    editor.page.reload()

    expect(editor.node("sample").locator(".node-state").first).to_be_visible()
    assert editor.status("sample") in ("ran", "reused")
    expect(editor.node("save").locator("img").first).to_be_visible()


def test_kill_9_of_the_server_loses_nothing(open_editor: OpenEditor, own_server: OwnServer) -> None:
    editor = open_editor(own_server.url)
    editor.faults.expect(AWAY)
    editor.open(TEMPLATE)
    set_steps(editor, 7)
    until_drafted(own_server.now, 7)

    own_server.kill()
    expect(editor.page.get_by_text("The server does not answer")).to_be_visible()
    set_steps(editor, 9)
    save = editor.page.get_by_role("dialog")
    editor.press("Control+s")
    save.get_by_label("Name").fill("kept")
    save.get_by_role("button", name="Save").click()
    expect(editor.page.get_by_text("saved as soon as it is back")).to_be_visible()
    own_server.start()

    slow = PATIENCE * 1000
    expect(shown_tab(editor)).to_have_attribute("data-unsaved", "false", timeout=slow)
    expect(editor.page.get_by_text("The server does not answer")).to_have_count(0)
    assert _steps(stored(own_server.now, "kept")["document"]) == 9
    editor.page.reload()
    expect_steps(editor, 9)


def test_edits_made_while_the_server_is_away_are_handed_over(
    open_editor: OpenEditor, own_server: OwnServer
) -> None:
    editor = open_editor(own_server.url)
    editor.faults.expect(AWAY)
    editor.open(TEMPLATE)
    own_server.kill()
    expect(editor.page.get_by_text("The server does not answer")).to_be_visible()
    set_steps(editor, 11)

    own_server.start()

    until_drafted(own_server.now, 11)


def test_the_browser_is_killed(
    browser: Browser, server: Server, faults: Faults, tmp_path: Path
) -> None:
    def begin() -> Editor:
        context = browser.browser_type.launch_persistent_context(
            tmp_path, executable_path=shutil.which("chromium"), args=FLAGS, locale="en"
        )
        context.set_default_timeout(PATIENCE * 1000)
        page: Page = context.pages[0]
        page.goto(server.url)
        editor = Editor(page, faults)
        editor.ready()
        return editor

    editor = begin()
    editor.open(TEMPLATE)
    set_steps(editor, 13)
    until_drafted(server, 13)
    editor.page.wait_for_timeout(500)
    for process in psutil.Process().children(recursive=True):
        if f"--user-data-dir={tmp_path}" in " ".join(process.cmdline()):
            os.kill(process.pid, signal.SIGKILL)
            break
    for name in ("SingletonLock", "SingletonCookie", "SingletonSocket"):
        (tmp_path / name).unlink(missing_ok=True)

    editor = begin()
    expect_steps(editor, 13)
    expect(shown_tab(editor)).to_have_attribute("data-unsaved", "true")
    editor.page.context.close()


def test_another_browser_finds_the_edit_and_goes_on(
    open_editor: OpenEditor, server: Server
) -> None:
    first = open_editor()
    first.open(TEMPLATE)
    set_steps(first, 15)
    until_drafted(server, 15)

    second = open_editor()
    second.page.get_by_label("Messages").get_by_role("button", name="Show").click()
    second.page.get_by_role("button", name="Go on").click()

    expect_steps(second, 15)
    set_steps(second, 16)
    until_drafted(server, 16)
    set_steps(first, 17)
    until_drafted(server, 17)
    assert sorted(_steps(one) for one in drafts(server)) == [16, 17]


def test_two_windows_of_one_browser_do_not_fight(editor: Editor, server: Server) -> None:
    editor.open(TEMPLATE)
    set_steps(editor, 7)
    until_drafted(server, 7)

    page = editor.page.context.new_page()
    editor.faults.watch(page, server.url)
    page.goto(server.url)
    second = Editor(page, editor.faults)
    second.ready()

    expect(page.get_by_role("region", name="Begin with a template")).to_be_visible()
    second.open(TEMPLATE)
    set_steps(second, 8)
    until_drafted(server, 8)
    assert sorted(_steps(one) for one in drafts(server)) == [7, 8]
    page.close(run_before_unload=True)
    editor.page.reload()
    expect_steps(editor, 7)


@pytest.fixture
def shared(request: pytest.FixtureRequest) -> str:
    """The name of a workflow that no other test has: versions go on counting after deletion."""
    name: str = request.node.name
    return name


@pytest.fixture
def disagreeing(open_editor: OpenEditor, shared: str) -> tuple[Editor, Editor]:
    """Two browsers with the same workflow; the first saved 21 steps, the second has 22."""
    first = open_editor()
    first.open(TEMPLATE)
    save_as(first, shared)
    second = open_editor()
    open_saved(second, shared)
    set_steps(second, 22)
    set_steps(first, 21)
    save(first)
    second.faults.expect("status of 409")
    second.press("Control+s")
    expect(dialog(second)).to_contain_text("was saved elsewhere")
    expect(dialog(second)).to_contain_text("1 changed")
    return first, second


def test_a_conflict_is_shown_and_mine_is_kept(
    disagreeing: tuple[Editor, Editor], server: Server, shared: str
) -> None:
    _, second = disagreeing
    assert _steps(stored(server, shared)["document"]) == 21

    dialog(second).get_by_role("button", name="Keep mine").click()

    expect(shown_tab(second)).to_have_attribute("data-unsaved", "false")
    assert stored(server, shared)["version"] == 3
    assert _steps(stored(server, shared)["document"]) == 22
    assert _steps(server.ask(f"api/editor/workflows/{shared}?version=2")[1]["document"]) == 21


def test_a_conflict_is_shown_and_theirs_is_taken(
    disagreeing: tuple[Editor, Editor], server: Server, shared: str
) -> None:
    _, second = disagreeing

    dialog(second).get_by_role("button", name="Take theirs").click()

    expect_steps(second, 21)
    expect(shown_tab(second)).to_have_attribute("data-unsaved", "false")
    assert stored(server, shared)["version"] == 2
    second.button("Undo").first.click()
    expect_steps(second, 22)


def test_a_conflict_is_shown_and_mine_is_saved_as_another(
    disagreeing: tuple[Editor, Editor], server: Server, shared: str
) -> None:
    _, second = disagreeing

    dialog(second).get_by_role("button", name="Save mine as another").click()
    dialog(second).get_by_label("Name").fill("mine")
    dialog(second).get_by_role("button", name="Save").click()

    expect(shown_tab(second)).to_have_attribute("data-unsaved", "false")
    assert _steps(stored(server, "mine")["document"]) == 22
    assert _steps(stored(server, shared)["document"]) == 21


def test_a_clean_tab_follows_what_is_saved_elsewhere(
    open_editor: OpenEditor, server: Server
) -> None:
    first = open_editor()
    first.open(TEMPLATE)
    save_as(first, "followed")
    document = stored(server, "followed")["document"]
    document["nodes"]["sample"]["inputs"]["steps"] = 33
    body = {"document": document, "base_version": 1}
    assert server.ask("api/editor/workflows/followed", body, "PUT")[0] == 200

    first.page.reload()

    expect_steps(first, 33)


def test_versions_are_compared_and_gone_back_to(editor: Editor, server: Server) -> None:
    editor.open(TEMPLATE)
    before = _steps(json.loads(TEMPLATE.read_text()))
    save_as(editor, "folder/many")
    set_steps(editor, 5)
    save(editor)

    editor.page.get_by_role("button", name="File").or_(
        editor.page.get_by_role("menuitem", name="File")
    ).first.click()
    editor.page.get_by_role("menuitem", name="Versions").click()
    dialog(editor).get_by_role("button", name="Version 1").click()
    expect(dialog(editor)).to_contain_text("1 changed")
    dialog(editor).get_by_role("button", name="Go back to this").click()

    expect_steps(editor, before)
    server.until(lambda: stored(server, "folder/many")["version"] == 3)
    assert _steps(stored(server, "folder/many")["document"]) == before


def test_closing_asks_only_where_something_would_be_lost(editor: Editor, server: Server) -> None:
    editor.open(TEMPLATE)
    shown_tab(editor).click(button="middle")
    expect(editor.node("sample")).to_have_count(0)
    expect(dialog(editor)).to_have_count(0)

    editor.open(TEMPLATE)
    set_steps(editor, 7)
    until_drafted(server, 7)
    shown_tab(editor).click(button="middle")
    dialog(editor).get_by_role("button", name="Cancel").click()
    expect_steps(editor, 7)
    shown_tab(editor).click(button="middle")
    dialog(editor).get_by_role("button", name="Don't save").click()

    expect(editor.node("sample")).to_have_count(0)
    server.until(lambda: drafts(server) == [])


def test_a_workflow_is_renamed_and_deleted_with_time_to_undo(
    editor: Editor, server: Server
) -> None:
    editor.open(TEMPLATE)
    save_as(editor, "old")
    editor.page.get_by_role("button", name="Workflows").click()
    panel = editor.page.get_by_role("complementary", name="Workflows")
    panel.get_by_role("button", name="Actions for old").click()
    editor.page.get_by_role("menuitem", name="Rename").click()
    dialog(editor).get_by_label("Name").fill("folder/new")
    dialog(editor).get_by_role("button", name="Rename").click()
    expect(shown_tab(editor)).to_contain_text("new")

    panel.get_by_role("button", name="Actions for folder/new").click()
    editor.page.get_by_role("menuitem", name="Delete").click()
    expect(panel.get_by_role("button", name="Actions for folder/new")).to_have_count(0)
    editor.page.get_by_label("Messages").get_by_role("button", name="Undo").click()
    expect(panel.get_by_role("button", name="Actions for folder/new")).to_be_visible()
    assert stored(server, "folder/new")["version"] == 1

    panel.get_by_role("button", name="Actions for folder/new").click()
    editor.page.get_by_role("menuitem", name="Delete").click()
    server.until(lambda: server.ask("api/editor/workflows")[1]["total"] == 0)
    expect(shown_tab(editor)).to_have_attribute("data-unsaved", "true")
    expect(editor.node("sample")).to_be_attached()


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
    editor.drop({"name": "bare.png", "mimeType": "image/png", "buffer": bare.getvalue()})
    expect(editor.page.get_by_role("alert")).to_contain_text("bare.png could not be opened")
    expect(tabs(editor)).to_have_count(2)


def test_what_is_open_is_downloaded(editor: Editor) -> None:
    editor.open(TEMPLATE)
    found = []
    for label in ("Download as JSON", "Download in API format"):
        shown_tab(editor).click(button="right")
        with editor.page.expect_download() as download:
            editor.page.get_by_role("menuitem", name=label).click()
        found.append(json.loads(download.value.path().read_text()))

    ours, api = found
    assert ours == json.loads(TEMPLATE.read_text())
    assert {entry["class_type"] for entry in api.values()} >= {"KSampler", "SaveImage"}


LEAVES = "() => dispatchEvent(new Event('beforeunload', {cancelable: true}))"


def test_leaving_is_asked_about_only_where_nothing_keeps_the_edit(
    open_editor: OpenEditor, own_server: OwnServer
) -> None:
    editor = open_editor(own_server.url)
    editor.faults.expect(AWAY)
    editor.open(TEMPLATE)
    set_steps(editor, 7)
    until_drafted(own_server.now, 7)
    assert editor.page.evaluate(LEAVES)

    bare = open_editor(own_server.url)
    bare.page.add_init_script("Object.defineProperty(window, 'indexedDB', {value: undefined})")
    bare.page.reload()
    bare.open(TEMPLATE)
    own_server.kill()
    set_steps(bare, 8)
    set_steps(editor, 8)
    editor.page.wait_for_timeout(1000)

    assert not bare.page.evaluate(LEAVES)
    assert editor.page.evaluate(LEAVES)
