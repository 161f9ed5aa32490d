"""The nodes in the language of the page, by the texts that their pack brings along."""

from pathlib import Path

from playwright.sync_api import expect

from tests.web.conftest import OpenEditor
from tests.web.hands import items, marked, open_nodes, palette

ROOT = Path(__file__).resolve().parents[2]


def test_nodes_inputs_and_problems_are_german_and_found_in_both_languages(
    open_editor: OpenEditor,
) -> None:
    editor = open_editor(locale="de")
    open_nodes(editor, scale=("ImageScale", {"width": 1_000_000}, (0, 0)))

    expect(editor.node("scale")).to_contain_text("Bildgröße ändern")
    expect(editor.node("scale")).to_contain_text("Breite")
    editor.command("Auf Probleme prüfen")
    problems = editor.page.get_by_role("complementary", name="Probleme")
    expect(problems).to_contain_text("1000000 ist zu groß")

    for query in ("Bild laden", "Load Image"):
        editor.page.locator(".react-flow__pane").dblclick(position={"x": 500, "y": 750})
        editor.page.keyboard.type(query)
        expect(marked(editor)).to_contain_text("Bild laden")
        expect(items(editor).first).to_contain_text("Bild")
        editor.press("Escape")
        expect(palette(editor)).to_have_count(0)
