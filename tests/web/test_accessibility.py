"""Nobody is shut out: axe-core on every main screen, the colours of each theme, keys alone."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.server.processes import Server
from tests.web.conftest import WEB, OpenEditor
from tests.web.editor import Editor

AXE = WEB / "node_modules/axe-core/axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
GRAVE = ("serious", "critical")

_RUN = """
async (tags) => {
  const {violations} = await axe.run(document, {runOnly: tags, resultTypes: ["violations"]});
  // Who needs what is on the canvas to be larger makes it so: it zooms.
  const zooms = ({target}) => document.querySelector(target[0])?.closest(".react-flow__viewport");
  return violations
    .map(({id, impact, help, nodes}) => ({
      id, impact, help,
      where: nodes.filter((node) => id !== "target-size" || !zooms(node)).slice(0, 4)
        .map(({target, failureSummary}) => `${target}: ${failureSummary.replace(/\\s+/g, " ")}`)}))
    .filter(({where}) => where.length > 0);
}
"""


def faults_of(page: Page) -> list[str]:
    """What axe-core finds that shuts somebody out, in words."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found: list[dict[str, Any]] = page.evaluate(_RUN, RULES)
    return [
        f"{one['id']} ({one['impact']}): {one['help']}\n    " + "\n    ".join(one["where"])
        for one in found
        if one["impact"] in GRAVE
    ]


def check(page: Page) -> None:
    faults = faults_of(page)
    assert not faults, "\n" + "\n".join(faults)


def begun(editor: Editor) -> None:
    """The first template is open."""
    editor.page.get_by_role("button", name="Text to image").click()
    expect(editor.nodes.first).to_be_visible()


def press(keys: str) -> Callable[[Editor], None]:
    return lambda editor: editor.press(keys)


def menu(editor: Editor) -> None:
    editor.page.get_by_role("menuitem", name="File").click()
    expect(editor.page.get_by_role("menu")).to_be_visible()


def about(editor: Editor) -> None:
    editor.page.get_by_role("menuitem", name="Help").click()
    editor.page.get_by_role("menuitem", name="About").click()


def panel(name: str) -> Callable[[Editor], None]:
    def show(editor: Editor) -> None:
        button = editor.page.get_by_role("navigation").get_by_role("button", name=name)
        button.click()
        expect(editor.page.get_by_role("complementary", name=name)).to_be_visible()

    return show


def declared(editor: Editor) -> None:
    editor.page.get_by_role("menuitem", name="File").click()
    editor.page.get_by_role("menuitem", name="Inputs and outputs").click()
    expect(editor.page.get_by_role("dialog")).to_be_visible()


def form(editor: Editor) -> None:
    editor.press("Control+Shift+F")
    expect(editor.page.get_by_role("heading", level=1)).to_be_visible()


SCREENS: dict[str, Callable[[Editor], None]] = {
    "graph": lambda editor: None,
    "menu": menu,
    "workflows": panel("Workflows"),
    "queue": panel("Queue"),
    "history": panel("History"),
    "gallery": panel("Gallery"),
    "problems": panel("Problems"),
    "palette": press("Space"),
    "commands": press("Control+k"),
    "settings": press("Control+,"),
    "shortcuts": press("Control+/"),
    "about": about,
    "declared": declared,
    "form": form,
}


@pytest.mark.parametrize("screen", SCREENS)
def test_axe_finds_no_serious_fault(editor: Editor, screen: str) -> None:
    begun(editor)
    SCREENS[screen](editor)

    check(editor.page)


def test_axe_finds_no_serious_fault_on_the_first_page(editor: Editor) -> None:
    expect(editor.page.get_by_role("button", name="Text to image")).to_be_visible()

    check(editor.page)


@pytest.mark.parametrize("theme", ["light", "dark", "contrast"])
@pytest.mark.parametrize(("width", "height"), [(1024, 768), (390, 844)])
def test_axe_finds_no_serious_fault_in_any_theme(
    open_editor: OpenEditor, theme: str, width: int, height: int
) -> None:
    asked = "more" if theme == "contrast" else "no-preference"
    scheme = "light" if theme == "contrast" else theme
    editor = open_editor(width=width, height=height, color_scheme=scheme, contrast=asked)
    begun(editor)
    assert editor.page.evaluate("document.documentElement.dataset.theme") == theme

    check(editor.page)
    form(editor)
    check(editor.page)


def test_motion_stops_where_the_system_asks(open_editor: OpenEditor) -> None:
    editor = open_editor(reduced_motion="reduce")
    begun(editor)

    longest = editor.page.evaluate(
        """() => Math.max(...[...document.querySelectorAll("*")].map((element) => {
             const {animationDuration, transitionDuration} = getComputedStyle(element);
             return Math.max(parseFloat(animationDuration), parseFloat(transitionDuration)) || 0;
           }))"""
    )

    assert longest < 0.001


def test_what_a_finger_meets_is_large_enough(open_editor: OpenEditor, server: Server) -> None:
    editor = open_editor(width=390, height=844, has_touch=True, is_mobile=True)
    begun(editor)

    small = editor.page.evaluate(
        """() => [...document.querySelectorAll("header button, nav button")]
             .map((button) => ({button, box: button.getBoundingClientRect()}))
             .filter(({box}) => box.width > 0 && (box.width < 24 || box.height < 24))
             .map(({button}) => button.outerHTML)"""
    )

    assert small == []  # WCAG 2.2, 2.5.8


def test_the_first_tab_stop_leads_past_the_bars(editor: Editor) -> None:
    editor.press("Tab")
    expect(editor.page.get_by_role("link", name="Skip to the canvas")).to_be_focused()

    editor.press("Enter")

    expect(editor.page.locator("#main")).to_be_focused()
    assert "#" not in editor.page.url


def test_axe_would_find_a_fault(editor: Editor) -> None:
    editor.page.evaluate("document.querySelector('main').append(document.createElement('button'))")

    assert any("button-name" in fault for fault in faults_of(editor.page))
