"""Saving: versions, conflicts, names; what would be lost is asked about."""

import json

import pytest
from playwright.sync_api import expect

from tests.server.processes import Server
from tests.web.conftest import OpenEditor
from tests.web.editor import Editor
from tests.web.keeping import (
    TEMPLATE,
    dialog,
    drafts,
    expect_steps,
    open_saved,
    save,
    save_as,
    set_steps,
    shown_tab,
    steps_of,
    stored,
    until_drafted,
)


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
    assert steps_of(stored(server, shared)["document"]) == 21

    dialog(second).get_by_role("button", name="Keep mine").click()

    expect(shown_tab(second)).to_have_attribute("data-unsaved", "false")
    assert stored(server, shared)["version"] == 3
    assert steps_of(stored(server, shared)["document"]) == 22
    assert steps_of(server.ask(f"api/editor/workflows/{shared}?version=2")[1]["document"]) == 21


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
    assert steps_of(stored(server, "mine")["document"]) == 22
    assert steps_of(stored(server, shared)["document"]) == 21


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
    before = steps_of(json.loads(TEMPLATE.read_text()))
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
    assert steps_of(stored(server, "folder/many")["document"]) == before


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
