"""Nothing that somebody made is lost: not by reloading, not by crashes of either side."""

import os
import shutil
import signal
from pathlib import Path

import psutil
from playwright.sync_api import Browser, Page, expect

from tests.server.processes import Server
from tests.web.conftest import OpenEditor, OwnServer
from tests.web.editor import FLAGS, PATIENCE, Editor, Faults
from tests.web.keeping import (
    AWAY,
    LEAVES,
    LIGHT,
    TEMPLATE,
    drafts,
    expect_steps,
    set_steps,
    shown_tab,
    steps_of,
    stored,
    until_drafted,
)


def test_an_edit_is_in_the_journal_and_back_after_reloading(editor: Editor, server: Server) -> None:
    editor.open(TEMPLATE)
    expect(shown_tab(editor)).to_have_attribute("data-unsaved", "false")

    set_steps(editor, 7)
    until_drafted(server, 7)

    editor.page.reload()
    expect_steps(editor, 7)
    expect(shown_tab(editor)).to_have_attribute("data-unsaved", "true")
    assert len(drafts(server)) == 1


def test_the_last_job_of_a_tab_is_found_again(editor: Editor) -> None:
    editor.open(TEMPLATE)
    editor.finished(editor.run())

    editor.page.reload()

    editor.expect_done("sample")
    expect(editor.node("save").locator("img").first).to_be_visible()


def test_kill_9_of_the_server_loses_nothing(open_editor: OpenEditor, own_server: OwnServer) -> None:
    editor = open_editor(own_server.url)
    editor.faults.expect(AWAY)
    editor.open(LIGHT)
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
    assert steps_of(stored(own_server.now, "kept")["document"]) == 9
    editor.page.reload()
    expect_steps(editor, 9)


def test_edits_made_while_the_server_is_away_are_handed_over(
    open_editor: OpenEditor, own_server: OwnServer
) -> None:
    editor = open_editor(own_server.url)
    editor.faults.expect(AWAY)
    editor.open(LIGHT)
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
    assert sorted(steps_of(one) for one in drafts(server)) == [16, 17]


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
    assert sorted(steps_of(one) for one in drafts(server)) == [7, 8]
    page.close(run_before_unload=True)
    editor.page.reload()
    expect_steps(editor, 7)


def test_leaving_is_asked_about_only_where_nothing_keeps_the_edit(
    open_editor: OpenEditor, own_server: OwnServer
) -> None:
    editor = open_editor(own_server.url)
    editor.faults.expect(AWAY)
    editor.open(LIGHT)
    set_steps(editor, 7)
    until_drafted(own_server.now, 7)
    assert editor.page.evaluate(LEAVES)

    bare = open_editor(own_server.url)
    bare.page.add_init_script("Object.defineProperty(window, 'indexedDB', {value: undefined})")
    bare.page.reload()
    bare.open(LIGHT)
    own_server.kill()
    set_steps(bare, 8)
    set_steps(editor, 8)
    editor.page.wait_for_timeout(1000)

    assert not bare.page.evaluate(LEAVES)
    assert editor.page.evaluate(LEAVES)
