"""The page around the canvas: looks, languages, shortcuts, panels, messages, what it asks for."""

import re
import urllib.request

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.server.processes import Server
from tests.web.conftest import OpenEditor
from tests.web.editor import Editor

SIZES = {"desk": (1440, 900), "tablet": (1024, 768), "phone": (390, 844)}


def expect_theme(page: Page, name: str) -> None:
    expect(page.locator("html")).to_have_attribute("data-theme", name)


def begun(editor: Editor) -> None:
    editor.page.get_by_role("button", name=re.compile("^(Text to image|Batch)")).first.click()
    expect(editor.nodes.first).to_be_visible()


def dialog(editor: Editor) -> Locator:
    return editor.page.get_by_role("dialog")


def rail(editor: Editor, name: str) -> Locator:
    return editor.page.get_by_role("navigation", name="Panels").get_by_role("button", name=name)


# -- looks and languages -----------------------------------------------------------------------


def test_the_look_follows_the_system_until_one_is_chosen(open_editor: OpenEditor) -> None:
    editor = open_editor(color_scheme="dark")
    page = editor.page
    expect_theme(page, "dark")
    page.emulate_media(color_scheme="light")
    expect_theme(page, "light")
    page.emulate_media(contrast="more")
    expect_theme(page, "contrast")

    editor.press("Control+,")
    dialog(editor).get_by_role("radio", name="Dark").check()

    expect_theme(page, "dark")
    page.reload()
    editor.ready()
    expect_theme(page, "dark")


def test_the_language_is_that_of_the_browser_until_one_is_chosen(
    open_editor: OpenEditor,
) -> None:
    editor = open_editor(locale="de")
    page = editor.page
    expect(page.locator("html")).to_have_attribute("lang", "de")
    expect(page.get_by_role("menuitem", name="Bearbeiten")).to_be_visible()

    editor.press("Control+,")
    dialog(editor).get_by_role("radio", name="English").check()

    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(dialog(editor)).to_have_accessible_name("Settings")
    page.reload()
    editor.ready()
    expect(page.get_by_role("menuitem", name="Edit")).to_be_visible()


def test_settings_of_the_canvas_hold_at_once(editor: Editor) -> None:
    begun(editor)
    expect(editor.page.get_by_role("img", name="Overview map")).to_be_visible()

    editor.press("Control+,")
    dialog(editor).get_by_role("switch", name="Overview map").uncheck()

    expect(editor.page.get_by_role("img", name="Overview map")).to_have_count(0)


@pytest.mark.parametrize("size", SIZES)
def test_nothing_is_wider_than_the_screen(open_editor: OpenEditor, size: str) -> None:
    width, height = SIZES[size]
    editor = open_editor(width=width, height=height, has_touch=size == "phone")
    begun(editor)
    rail(editor, "Gallery").click()

    out = editor.page.evaluate(
        """() => [...document.querySelectorAll(".shell-bar *, .shell-rail *, .shell-panel *")]
             .filter((element) => element.getBoundingClientRect().right > innerWidth + 1)
             .map((element) => element.outerHTML.slice(0, 120))"""
    )

    assert out == []
    assert editor.page.evaluate("document.documentElement.scrollWidth") <= width


# -- shortcuts -----------------------------------------------------------------------------------


def test_shortcuts_are_changed_by_pressing_them(editor: Editor) -> None:
    editor.press("Control+/")
    dialog(editor).get_by_label("Find a command").fill("settings")
    row = dialog(editor).locator('[data-command="view.settings"]')
    row.get_by_role("button", name="change").click()

    editor.press("Alt+F9")

    expect(row).to_contain_text("Alt+F9")
    editor.press("Escape")
    expect(dialog(editor)).to_have_count(0)
    editor.press("Control+,")
    expect(dialog(editor)).to_have_count(0)
    editor.page.reload()
    editor.ready()
    editor.press("Alt+F9")
    expect(dialog(editor)).to_have_accessible_name("Settings")


def test_a_conflict_of_shortcuts_is_shown_and_taken_back(editor: Editor) -> None:
    editor.press("Control+/")
    row = dialog(editor).locator('[data-command="view.settings"]')
    row.get_by_role("button", name="change").click()

    editor.press("Control+s")

    expect(row).to_contain_text("Also: Save")
    row.get_by_role("button", name="Reset").click()
    expect(row).to_contain_text("Ctrl+,")
    expect(row).not_to_contain_text("Also")


# -- bars, panels, messages ----------------------------------------------------------------------


def test_the_menus_go_by_keys(editor: Editor) -> None:
    editor.page.get_by_role("menuitem", name="File").focus()
    editor.press("ArrowRight")
    editor.press("Enter")
    menu = editor.page.get_by_role("menu")
    expect(menu.get_by_role("menuitem", name="Undo")).to_be_visible()

    editor.press("Escape")

    expect(menu).to_have_count(0)
    expect(editor.page.get_by_role("menuitem", name="Edit")).to_be_focused()


def test_a_panel_is_opened_resized_and_closed_by_keys(editor: Editor) -> None:
    rail(editor, "Gallery").focus()
    editor.press("Enter")
    panel = editor.page.get_by_role("complementary", name="Gallery")
    before = panel.bounding_box()
    edge = panel.get_by_role("separator")
    edge.focus()

    editor.press("ArrowRight")
    editor.press("ArrowRight")

    after = panel.bounding_box()
    assert before is not None
    assert after is not None
    assert after["width"] == before["width"] + 48
    editor.press("Escape")
    expect(panel).to_have_count(0)


def test_panels_are_sheets_on_a_phone(open_editor: OpenEditor) -> None:
    editor = open_editor(width=390, height=844, has_touch=True, is_mobile=True)
    begun(editor)

    rail(editor, "History").click()

    box = editor.page.get_by_role("complementary", name="History").bounding_box()
    assert box is not None
    assert (box["x"], box["width"]) == (0, 390)
    assert box["y"] > 200
    expect(editor.nodes.first).to_be_visible()


def test_a_panel_that_does_not_load_leaves_the_rest(editor: Editor) -> None:
    editor.faults.expect("Failed to fetch|ERR_FAILED|dynamically imported")
    begun(editor)
    editor.page.route(re.compile(r"/assets/History.*\.js"), lambda route: route.abort())

    rail(editor, "History").click()

    panel = editor.page.get_by_role("complementary", name="History")
    expect(panel.get_by_role("alert")).to_contain_text("could not be loaded")
    expect(editor.nodes.first).to_be_visible()


# -- the door ------------------------------------------------------------------------------------


def test_nothing_is_asked_of_anybody_else(open_editor: OpenEditor, server: Server) -> None:
    editor = open_editor()
    asked: list[str] = []
    editor.page.on("request", lambda request: asked.append(request.url))
    editor.page.reload()
    begun(editor)
    for name in ("Workflows", "Queue", "History", "Gallery", "Problems"):
        rail(editor, name).click()
    editor.press("Control+Shift+F")
    expect(editor.page.get_by_role("heading", level=1)).to_be_visible()

    assert len(asked) > 10
    assert [url for url in asked if not url.startswith((server.url, "data:", "blob:"))] == []


def test_the_page_is_served_under_a_strict_policy(server: Server) -> None:
    with urllib.request.urlopen(server.url) as answer:
        policy = answer.headers["Content-Security-Policy"]

    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";") if " " in rule.strip())
    assert rules["script-src"] == "'self'"
    assert "unsafe-eval" not in policy
    assert "'self'" in rules["default-src"] or "'none'" in rules["default-src"]


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_errors_leave_the_canvas_and_what_zooms_it(
    open_editor: OpenEditor, size: tuple[int, int]
) -> None:
    editor = open_editor(width=size[0], height=size[1])
    editor.faults.expect("status of 422")
    begun(editor)
    for name in "abcde":
        editor.drop({"name": f"{name}.json", "mimeType": "application/json", "buffer": b"null"})
    errors = editor.page.get_by_role("region", name="Messages").locator(".toast")
    expect(errors).to_have_count(4)  # three, and what says that there are more
    bar = editor.page.get_by_role("toolbar", name="View").bounding_box()
    assert bar is not None
    for error in errors.all():
        box = error.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= size[0]
        assert box["y"] >= size[1] * 0.4
        assert box["y"] + box["height"] <= bar["y"]
    errors.get_by_role("button", name="Close all").click()
    expect(errors).to_have_count(0)
